"""The farm's page and its API: ``printstd farm serve``."""
