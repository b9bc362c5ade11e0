"""FSRNet and FSRGAN (Chen et al., arXiv 1711.10703)."""
