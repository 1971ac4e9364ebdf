"""The gate at Klipper: the component that Moonraker loads, and the macros that Klipper loads.

``printstd_gate.py`` is not imported from here: `printstd gate install-moonraker` puts it where
Moonraker looks for its components.
"""
