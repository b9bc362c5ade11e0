"""Methods of parsing a face into 19 classes, one per module.

A module defines `LICENCE`, `LIBRARIES`, `GPU`, `WEIGHTS` (the keys of its files in params.yaml) and
`load`.
"""
