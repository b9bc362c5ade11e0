"""The networks of LPIPS, and the pretrained trunk of each."""

TRUNKS = {"alex": "alexnet", "vgg": "vgg16", "squeeze": "squeezenet"}
"""Roles in `weights` of params.yaml, by the names that LPIPS gives its networks."""
