"""Paths of files, and atomic writes. Nothing in here can change a result."""
