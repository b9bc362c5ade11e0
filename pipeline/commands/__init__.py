"""The command line `wnet`."""
