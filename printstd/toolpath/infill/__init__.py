"""Infill: lines that fill the surfaces of a layer."""
