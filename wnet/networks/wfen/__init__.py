"""WFEN (Li et al., arXiv 2407.19768)."""
