"""Where files are and how they are written. Nothing in here can change a result."""
