"""Face detectors; each module is one.

Each holds `LIBRARIES` (distributions that its results depend on), `GPU` (whether it wants one),
`WEIGHTS` (roles of its files in params.yaml) and `load`.
"""
