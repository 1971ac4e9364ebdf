"""printstd for machines without a network: a folder of wheels, and what installs from it."""
