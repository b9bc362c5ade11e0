"""Whether, where and how fast a stage runs. Nothing in this package can change a result."""
