"""What is claimed of speed, accuracy and sameness, measured: ``make bench``."""
