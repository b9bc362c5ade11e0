"""VDSR (Kim et al., arXiv 1511.04587)."""
