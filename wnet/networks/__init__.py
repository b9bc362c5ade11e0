"""The super-resolution networks: W-Net and those that it is compared with."""
