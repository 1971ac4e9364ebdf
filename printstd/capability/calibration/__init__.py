"""Test prints for one machine with one spool, and from their measurements to its settings."""
