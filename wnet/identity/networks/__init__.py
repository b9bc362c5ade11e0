"""Identity networks; each module is one.

Each holds `LICENCE`, `LIBRARIES`, `WEIGHTS` (its roles in params.yaml) and `load`.
"""
