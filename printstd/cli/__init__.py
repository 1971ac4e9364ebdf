"""The command line: options in, pipeline called, report out, one error boundary."""

import gc

# Imports make many objects that stay, and nearly no cycles: looking for them each 700 objects takes
# a twentieth of a small part's time. Here, as it is read before anything large is imported.
gc.set_threshold(100_000)
