"""Methods to find 68 landmarks; each module is one.

Each holds `LICENCE`, `LIBRARIES` (distributions that its results depend on), `GPU` (whether it
wants one), what its settings choose beside it (`detector`, `parts`: modules, `weights`: roles in
params.yaml), and `load`.
"""
