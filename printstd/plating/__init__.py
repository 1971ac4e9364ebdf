"""Which part stands where, which way up, and which is printed first."""
