"""SRResNet, the generator of SRGAN (Ledig et al., arXiv 1609.04802), and SRGAN's discriminator."""
