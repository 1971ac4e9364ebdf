"""Supports and raft: what is laid under a part and taken off it again.

`contacts` finds what must be held; a style (`plan`) turns that into areas, one per layer; `pattern`
turns areas into lines. Source: facts of slicers 2.9, E1-E7, F4.
"""
