"""Face detectors by networks; each module is one.

Each holds `WEIGHTS` (its role in params.yaml), `LIBRARIES` and `load`.
"""
