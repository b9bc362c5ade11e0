"""SPARNet (Chen et al., arXiv 2012.01211)."""
