"""UFSRNet (Wang et al., https://doi.org/10.1007/s11042-024-18284-y)."""
