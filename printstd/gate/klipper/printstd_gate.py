# printstd's gate as a component of Moonraker. Apache-2.0.
#
# `printstd gate install-moonraker FOLDER` puts this file into moonraker/components; moonraker.conf:
#
#     [printstd_gate]
#     settings: ~/printer_data/config/gate.toml
#
# All that it does is in printstd.gate.moonraker. Where that cannot be imported the component fails
# to load, and then the macros of printstd_gate.cfg start nothing.
from printstd.gate.moonraker import MoonrakerGate


def load_component(config):
    return MoonrakerGate(config)
