"""Scores of reconstructed faces against the originals."""
