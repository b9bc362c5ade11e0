"""68 landmarks of a face, by dlib or FAN."""
