"""Pictures and tables of results: grids of faces, curves, the paper's own figures."""
