"""Shapes that a drawing would put a size on, found among the facets: arrays in, arrays out."""
