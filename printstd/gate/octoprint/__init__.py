"""The gate at OctoPrint: a plugin of one file, and what it does.

``printstd_gate.py`` is not imported from here: `printstd gate install-octoprint` puts it where
OctoPrint looks for plugins.
"""
