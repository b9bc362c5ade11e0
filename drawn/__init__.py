"""Drawn faces with exact landmarks and parsing, to use the pipeline without photographs."""
