"""Face parsing: the class of each pixel, one of 19."""
