"""Paths of files, and atomic writes. Nothing in this package can change a result."""
