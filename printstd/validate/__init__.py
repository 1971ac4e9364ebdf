"""Mesh -> Report: may this model be made under these demands?

`registry` has all checks, `blockers` the few that stand before slicing.
"""
