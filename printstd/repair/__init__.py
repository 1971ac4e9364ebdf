"""Mesh -> repaired mesh, what was done, what was refused, and what is proved of it."""
