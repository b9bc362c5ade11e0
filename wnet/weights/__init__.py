"""Files of pretrained weights."""
