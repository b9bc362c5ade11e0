"""EDSR (Lim et al., arXiv 1707.02921)."""
