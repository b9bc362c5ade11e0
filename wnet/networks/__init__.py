"""The super-resolution networks: W-Net, and what it is compared with."""
