"""Methods to parse a face into 19 classes; each module is one.

Each holds `LICENCE`, `LIBRARIES`, `GPU`, `WEIGHTS` (its roles in params.yaml) and `load`.
"""
