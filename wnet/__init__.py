"""W-Net face super-resolution: faces, data, network and metrics, independent of DVC."""
