"""Presets of makers that do not exist, written for these tests (CC0)."""

from __future__ import annotations

from collections.abc import Mapping

from printstd.importing.build import Imported, build
from printstd.importing.choose import choose
from printstd.importing.foreign import Choice, Kind, Library, SourceFile
from printstd.importing.hottest import hottest
from printstd.importing.read import read_library
from tests.unit.profiles.sources import BUNDLED

START = [
    "G90",
    "M83",
    "M104 S[first_layer_temperature]",
    "M140 S[first_layer_bed_temperature]",
    "M190 S[first_layer_bed_temperature]",
    "G28",
    "M109 S[first_layer_temperature]",
    "G1 X60 Y-2 Z0.3 F3000",
    "G1 X100 E4 F900",
]
END = [
    "{if max_layer_z < max_print_height}G1 Z{min(max_layer_z+5, max_print_height)} F720{endif}",
    "G1 X0 Y170 F6000",
    "M104 S0",
    "M140 S0",
    "M107",
    "M84",
]
BUNDLE = """
[vendor]
name = Acme
config_version = 1.0.0

[print:*common*]
layer_height = 0.2
first_layer_height = 0.25
perimeters = 2
extra_perimeters = 0
fill_density = 15%
fill_pattern = gyroid
perimeter_generator = classic
top_fill_pattern = rectilinear
bottom_fill_pattern = rectilinear
only_retract_when_crossing_perimeters = 1
perimeter_speed = 40
compatible_printers_condition = printer_model=="ONE" and nozzle_diameter[0]==0.4

[print:*fast*]
inherits = *common*
perimeter_speed = 60
external_perimeter_speed = 50%

[print:*fine*]
inherits = *common*
layer_height = 0.1

[print:Fast and fine]
inherits = *fast*; *fine*
infill_speed = 80

[print:Fine and fast]
inherits = *fine*; *fast*

[print:Other nozzle]
inherits = *common*
compatible_printers_condition = nozzle_diameter[0]==0.6

[filament:*PLA*]
filament_type = PLA
temperature = 210
first_layer_temperature = 215
bed_temperature = 60
first_layer_bed_temperature = 60
filament_max_volumetric_speed = 12
fan_always_on = 1
min_fan_speed = 100
disable_fan_first_layers = 1
full_fan_speed_layer = 4

[filament:Acme PLA]
inherits = *PLA*
filament_density = 1.24
start_filament_gcode = "M900 K{if nozzle_diameter[0]==0.6}0.02{else}0.04{endif} ; advance"
filament_retract_length = 1.5

[filament:Hot stuff]
inherits = *PLA*
filament_type = PC
temperature = 275
first_layer_temperature = 270
bed_temperature = 105
first_layer_bed_temperature = 105

[printer:*common*]
printer_model = ONE
gcode_flavor = marlin2
bed_shape = 0x0,200x0,200x180,0x180
max_print_height = 190
nozzle_diameter = 0.4
retract_length = 0.8
retract_speed = 35
machine_limits_usage = emit_to_gcode
start_gcode = {START}
end_gcode = {END}

[printer:Acme One]
inherits = *common*

[printer:Acme One 0.6]
inherits = *common*
nozzle_diameter = 0.6
""".replace("{START}", r"\n".join(START)).replace("{END}", r"\n".join(END))

PROCESS_ROOT = {
    "type": "process",
    "name": "fdm_process_root",
    "instantiation": "false",
    "layer_height": "0.2",
    "initial_layer_print_height": "0.2",
    "wall_loops": "2",
    "wall_generator": "classic",
    "inner_wall_speed": "300",
    "outer_wall_speed": "200",
    "line_width": "0.42",
    "sparse_infill_density": "15%",
    "sparse_infill_pattern": "grid",
    "brim_type": "no_brim",
    "compatible_printers": ["Acme Two 0.4 nozzle"],
}
PROCESS_MIDDLE = {
    "type": "process",
    "name": "fdm_process_middle",
    "inherits": "fdm_process_root",
    "instantiation": "false",
    "outer_wall_speed": "150",
}
PROCESS_LEAF = {
    "type": "process",
    "name": "0.20mm Standard @Acme Two",
    "inherits": "fdm_process_middle",
    "instantiation": "true",
    "sparse_infill_density": "20%",
}
MACHINE = {
    "type": "machine",
    "name": "Acme Two 0.4 nozzle",
    "instantiation": "true",
    "printer_model": "Acme Two",
    "gcode_flavor": "klipper",
    "nozzle_diameter": ["0.4"],
    "printable_area": ["0x0", "250x0", "250x250", "0x250"],
    "printable_height": "240",
    "machine_start_gcode": "PRINT_START EXTRUDER=[nozzle_temperature_initial_layer]",
    "machine_end_gcode": "PRINT_END",
    "machine_max_speed_x": ["500", "200"],
    "z_hop": ["0.4"],
    "z_hop_types": ["Normal Lift"],
}
FILAMENT = {
    "type": "filament",
    "name": "Acme PLA @Acme Two",
    "instantiation": "true",
    "filament_type": ["PLA"],
    "filament_density": ["1.24"],
    "nozzle_temperature": ["220"],
    "nozzle_temperature_initial_layer": ["220"],
    "hot_plate_temp": ["60"],
    "hot_plate_temp_initial_layer": ["60"],
    "filament_max_volumetric_speed": ["15"],
    "enable_pressure_advance": ["1"],
    "pressure_advance": ["0.03"],
    "compatible_printers": ["Acme Two 0.4 nozzle"],
}


def library(**files: str | bytes) -> Library:
    """Files by name; `__` stands for the dot."""
    return read_library(
        [
            SourceFile(name.replace("__", "."), text.encode() if isinstance(text, str) else text)
            for name, text in files.items()
        ]
    )


def chosen(
    lib: Library,
    printer: str | None = None,
    process: str | None = None,
    filament: str | None = None,
) -> Choice:
    names: Mapping[Kind, str | None] = {
        Kind.PRINTER: printer,
        Kind.PROCESS: process,
        Kind.MATERIAL: filament,
    }
    return choose(lib, names)


def built(lib: Library, choice: Choice) -> Imported:
    return build(choice, lib, BUNDLED, hottest(lib, choice))


def values_of(lib: Library, kind: Kind, name: str) -> Mapping[str, str]:
    return next(p.values for p in lib.of(kind) if p.name == name)
