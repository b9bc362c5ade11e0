"""Files of any kind to upright RGB pictures, and what lists say of them."""
