"""Printers proven by simulation: programs for each of them run to their end in firmware's planners.

``python -m tests.proving [PRINTER ...]`` runs the proof and writes what it found into the profiles,
into ``results.json`` and into docs/printers.md (`make prove-printers`).
"""
