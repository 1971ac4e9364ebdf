"""STEP (ISO 10303-21) to a mesh: the file's own text read strictly, the triangles by a library, and
what it gave measured against the surfaces that the file names."""
