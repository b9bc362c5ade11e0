"""Identity networks, one per module.

A module defines `LICENCE`, `LIBRARIES`, `WEIGHTS` (the keys of its files in params.yaml) and
`load`.
"""
