"""Methods to find 68 landmarks in the box of a face; each module is one.

Each holds `LICENCE`, `LIBRARIES` (distributions that its results depend on), `GPU` (whether it
wants one), `WEIGHTS` (roles of its files in params.yaml), `DETECTOR` (what finds its boxes unless
the settings name another) and `load`.
"""
