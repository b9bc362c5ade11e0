"""SISN (Lu et al., arXiv 2010.11575)."""
