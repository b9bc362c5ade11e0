"""Who it is: faces to directions in space."""
