"""Identity embeddings of faces."""
