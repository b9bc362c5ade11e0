"""Methods of finding the 68 landmarks of a face in its box, one per module.

A module defines `LICENCE`, `LIBRARIES` (the packages that its results depend on), `GPU` (whether it
uses one), `WEIGHTS` (the keys of its files in params.yaml), `DETECTOR` (the detector unless the
settings name another) and `load`.
"""
