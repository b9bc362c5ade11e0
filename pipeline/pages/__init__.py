"""What the report's pages are made of."""
