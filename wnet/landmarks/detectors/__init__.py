"""Face detectors, one per module.

A module defines `LIBRARIES` (the packages that its results depend on), `GPU` (whether it uses one),
`WEIGHTS` (the keys of its files in params.yaml) and `load`.
"""
