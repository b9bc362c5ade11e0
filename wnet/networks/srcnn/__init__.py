"""SRCNN (Dong et al., arXiv 1501.00092)."""
