"""Sample records that users write: of spools, orders, a passport."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

_SPOOL = """# A spool of PLA, as its maker's papers and our own gauge say.
[filament]
manufacturer = "Example Filaments"
polymer = "PLA"
filler = "none"
colour = "natural"
lot = "PL-2026-0917"
standard = "ISO 5425:2023"
production_date = 2026-09-17
use_by = 2028-09-17
used_on = 2026-11-20
regrind_percent = 0

[geometry]
nominal_diameter_mm = 1.75
tolerance_mm = 0.03
least_diameter_mm = 1.738
mean_diameter_mm = 1.752
greatest_diameter_mm = 1.765
out_of_roundness_mm = 0.021
out_of_roundness_limit_mm = 0.05
points_per_section = 5
sections = 3
specimens = 5
gauge_mm = 0.001

[mass]
net_kg = 1.0
tolerance_kg = 0.02

[moisture]
moisture_ppm = 180
measured_on = 2026-11-19

[melt_flow]
mfr_g_10min = 6.0
temperature_c = 210
load_kg = 2.16

[physical]
density_g_cm3 = 1.24
glass_transition_c = 60
melting_c = 165

[strand]
tensile_load_n = 110
elongation_percent = 4

[drying]
way = "spool"
temperature_c = 45
hours = 6
on = 2026-11-18

[papers]
migratable_elements = "EN 71-3, report 26-114"
drying_conditions = "45 degC, 6 h"
storage = "dry, below 30 degC"
packaging = "sealed with desiccant"
conformance = "EF-26-0917"
"""

_BAD_SPOOL = """# Another spool: too thick, oval, wet, too old, of no lot and not PLA.
[filament]
manufacturer = "Example Filaments"
polymer = "PETG"
standard = "GB/T 42620-2023"
production_date = 2023-05-02
use_by = 2025-05-02
used_on = 2026-11-20

[geometry]
nominal_diameter_mm = 3.0
tolerance_mm = 0.1
mean_diameter_mm = 2.88
out_of_roundness_mm = 0.09
points_per_section = 2

[moisture]
moisture_ppm = 900
"""

_ORDER = """# An order of one bracket.
documentation = ["report", "certificates of program"]

[order]
id = "PO-2026-0117"
customer = "Example Machines"
supplier = "Example Prints"
part_name = "Motor bracket"
quantity = 4
delivery_address = "1 Example Street"
packaging = "bagged one by one"

[part.geometry]
file = "bracket.stl"
format = "STL"
version = "3"
sha256 = "{sha256}"
units = "mm"

[part.drawing]
number = "KB-0417"
index = "C"

[part.tolerances]
general = "ISO 2768-m"

[[part.functional_zones]]
name = "bore"
min_mm = [21.0, 12.0, -0.5]
max_mm = [31.0, 22.0, 14.5]

[[part.cosmetic_zones]]
name = "front"
min_mm = [-0.5, 3.5, 0.0]
max_mm = [0.5, 30.5, 14.5]

[part.surface_texture]
parameter = "Ra"
max_um = 25.0
zones = ["front"]

[part.orientation]
notation = "XYZ"

[feedstock]
spec = "PLA"
lot = "PL-2026-0917"
storage = "dry"
reuse = "none"

[process]
designation = "MEX-TRB/P"
post_processing = ["deburr the bore"]
control = "audit of every program"

[acceptance]
repair_allowed = false
acceptable_imperfections = ["stringing below 0.2 mm"]

[inspection]
first_production_part = true
"""

_BAD_ORDER = """# An order that cannot be made: of another file, without a change index, with a
# zone beside the part, an orientation that contradicts itself, another process and feedstock.
[order]
id = "PO-2026-0118"

[part.geometry]
sha256 = "{sha256}"

[part.drawing]
number = "KB-0417"

[[part.functional_zones]]
name = "bore"
min_mm = [1000.0, 0.0, 0.0]
max_mm = [1010.0, 10.0, 10.0]

[part.orientation]
notation = "ZXY"
rotate_deg = [0.0, 0.0, 0.0]

[feedstock]
spec = "PA12"

[process]
designation = "PBF-LB/P"
"""


_PASSPORT = """# What the owner of a printed bracket tells for its passport.

[part]
serial = "A-000123"
gtin = "04006381333931"
batch = "2026-11"

[link]
resolver = "id.example.org"

[time]
started_at = "2026-11-26T08:00:00Z"
finished_at = "2026-11-26T08:41:10Z"

[cost]
currency = "KZT"
total = "1250.00"
items = [
  { name = "material", amount = "310.00" },
  { name = "machine", amount = "640.00" },
  { name = "labour", amount = "300.00" },
]

[procurement]
delivered_on = 2026-12-01

[machine]
serial = "MK4S-0042"
site = "Цех 3, Алматы"

[maintenance]
last_service_on = 2026-10-01
next_service_on = 2027-01-01
counters = [
  { name = "printing", value = "1284.5", unit = "h" },
  { name = "nozzle", value = "212.0", unit = "h" },
]
"""


def records(models: Mapping[str, bytes]) -> dict[str, bytes]:
    """File name to bytes, for every sample of a record. models : the parts that they are of."""
    ordered, other = (
        hashlib.sha256(models[name]).hexdigest() for name in ("bracket.stl", "cube20.stl")
    )
    texts = {
        "feedstock_pla.toml": _SPOOL,
        "feedstock_bad.toml": _BAD_SPOOL,
        "order_bracket.toml": _ORDER.replace("{sha256}", ordered),
        "passport_bracket.toml": _PASSPORT,
        "order_bad.toml": _BAD_ORDER.replace("{sha256}", other),
    }
    return {name: text.encode("utf-8") for name, text in texts.items()}
