"""The square of a photograph that is cropped as a face."""
