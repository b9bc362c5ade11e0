"""Photographs in, shards on disk, batches out."""
