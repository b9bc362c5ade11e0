"""WIPA (https://github.com/hamidreza-dastmalchi/WIPA-Face-Super-Resolution)."""
