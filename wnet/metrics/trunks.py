"""The networks of LPIPS, and the pretrained trunk of each."""

TRUNKS = {"alex": "alexnet", "vgg": "vgg16", "squeeze": "squeezenet"}
"""The keys in `weights` of params.yaml, by LPIPS's names of its networks."""
