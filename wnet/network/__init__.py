"""The network of arXiv 2406.00676, block by block, and its losses."""
