"""What flows between the stages: frozen records, one file per hand-over.

A record checks its form (dtype, shape, finiteness) and never policy; its arrays are
C-contiguous and read-only. Import each record from its own module: this package imports
none, so that the auditor can take its records without seeing the generator's.
"""
