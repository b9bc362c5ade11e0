"""Drawn faces with exact landmarks and parsing: photographs for whoever has none."""
