"""DIC and DICGAN (Ma et al., arXiv 2003.13063)."""
