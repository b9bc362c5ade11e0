"""Which pixel of a face belongs to what: 19 classes."""
