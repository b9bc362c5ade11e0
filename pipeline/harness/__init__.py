"""Whether, where and how fast a stage runs. Nothing in here can change a result."""
