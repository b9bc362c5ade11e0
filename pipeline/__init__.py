"""DVC stages that bind the `wnet` library to files, parameters and the command line."""
