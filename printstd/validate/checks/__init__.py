"""One file per check. A module's docstring is the check's page in the manual."""
