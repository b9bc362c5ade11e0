"""From files of any kind to upright RGB pictures, and the lists that describe them."""
