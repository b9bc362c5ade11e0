"""Which square of a photograph is a face."""
