"""Thousands of files: divided among processes or machines, resumed, summed up."""
