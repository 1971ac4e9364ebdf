"""A data dictionary and a printer.cfg for Kalico without a board: its planner is the real one.

The dictionary is written from the published protocol; a firmware's build would make it otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

_COMMANDS = """identify offset=%u count=%c
get_uptime
get_clock
emergency_stop
clear_shutdown
config_reset
allocate_oids count=%c
finalize_config crc=%u
get_config
debug_nop
config_stepper oid=%c step_pin=%u dir_pin=%u invert_step=%c step_pulse_ticks=%u
queue_step oid=%c interval=%u count=%hu add=%hi
set_next_step_dir oid=%c dir=%c
reset_step_clock oid=%c clock=%u
stepper_get_position oid=%c
stepper_stop_on_trigger oid=%c trsync_oid=%c
config_endstop oid=%c pin=%u pull_up=%c
endstop_home oid=%c clock=%u sample_ticks=%u sample_count=%c rest_ticks=%u pin_value=%c trsync_oid=%c trigger_reason=%c
endstop_query_state oid=%c
config_trsync oid=%c
trsync_start oid=%c report_clock=%u report_ticks=%u expire_reason=%c
trsync_set_timeout oid=%c clock=%u
trsync_trigger oid=%c reason=%c
config_analog_in oid=%c pin=%u
query_analog_in oid=%c clock=%u sample_ticks=%u sample_count=%c rest_ticks=%u min_value=%hu max_value=%hu range_check_count=%c
config_digital_out oid=%c pin=%u value=%c default_value=%c max_duration=%u
set_digital_out pin=%u value=%c
update_digital_out oid=%c value=%c
queue_digital_out oid=%c clock=%u on_ticks=%u
set_digital_out_pwm_cycle oid=%c cycle_ticks=%u
config_pwm_out oid=%c pin=%u cycle_ticks=%u value=%hu default_value=%hu max_duration=%u
queue_pwm_out oid=%c clock=%u value=%hu
set_pwm_out pin=%u cycle_ticks=%u value=%hu""".splitlines()  # noqa: E501

_RESPONSES = """identify_response offset=%u data=%.*s
uptime high=%u clock=%u
clock clock=%u
config is_config=%c crc=%u is_shutdown=%c move_count=%hu
stats count=%u sum=%u sumsq=%u
shutdown clock=%u static_string_id=%hu
is_shutdown static_string_id=%hu
starting
stepper_position oid=%c pos=%i
endstop_state oid=%c homing=%c next_clock=%u pin_value=%c
trsync_state oid=%c can_trigger=%c trigger_reason=%c clock=%u
analog_in_state oid=%c next_clock=%u value=%hu""".splitlines()


def dictionary() -> str:
    """JSON for ``kalico -d``."""
    commands = {text: number for number, text in enumerate(_COMMANDS, 1)}
    responses = {
        text: number + len(commands) if number else 0 for number, text in enumerate(_RESPONSES)
    }
    return json.dumps(
        {
            "app": "no board at all",
            "version": "0",
            "build_versions": "",
            "config": {
                "ADC_MAX": 4095,
                "CLOCK_FREQ": 16000000,
                "MCU": "batch",
                "PWM_MAX": 255,
                "STATS_SUMSQ_BASE": 256,
            },
            "enumerations": {"pin": {"P0": [0, 64], "A0": [64, 16]}, "static_string_id": {}},
            "commands": commands,
            "responses": responses,
        }
    )


_SENSOR = {"sensor_type": "EPCOS 100K B57560G104F", "min_temp": 0}


def sections(
    *,
    size_mm: Sequence[float] = (250.0, 250.0, 250.0),
    velocity_mm_s: float = 300.0,
    accel_mm_s2: float = 3000.0,
    z_velocity_mm_s: float = 25.0,
    z_accel_mm_s2: float = 100.0,
    square_corner_velocity_mm_s: float = 5.0,
    max_nozzle_c: float = 300.0,
    max_bed_c: float = 120.0,
    nozzle_mm: float = 0.4,
) -> dict[str, dict[str, Any]]:
    """A cartesian machine's printer.cfg by section; change it before it is written."""
    config: dict[str, dict[str, Any]] = {
        "mcu": {"serial": "/dev/null"},
        "printer": {
            "kinematics": "cartesian",
            "max_velocity": velocity_mm_s,
            "max_accel": accel_mm_s2,
            "max_z_velocity": z_velocity_mm_s,
            "max_z_accel": z_accel_mm_s2,
            "square_corner_velocity": square_corner_velocity_mm_s,
        },
    }
    for number, axis in enumerate("xyz"):
        first = 1 + 4 * number
        config[f"stepper_{axis}"] = {
            "step_pin": f"P{first}",
            "dir_pin": f"P{first + 1}",
            "enable_pin": f"!P{first + 2}",
            "endstop_pin": f"^P{first + 3}",
            "microsteps": 16,
            "rotation_distance": 8 if axis == "z" else 40,
            "position_endstop": 0,
            "position_max": size_mm[number],
        }
    config["extruder"] = {
        "step_pin": "P13",
        "dir_pin": "P14",
        "enable_pin": "!P15",
        "microsteps": 16,
        "rotation_distance": 33.5,
        "nozzle_diameter": nozzle_mm,
        "filament_diameter": 1.75,
        "heater_pin": "P16",
        "sensor_pin": "A0",
        "control": "pid",
        "pid_Kp": 22.2,
        "pid_Ki": 1.08,
        "pid_Kd": 114,
        "max_temp": max_nozzle_c,
        **_SENSOR,
    }
    config["heater_bed"] = {
        "heater_pin": "P18",
        "sensor_pin": "A1",
        "control": "watermark",
        "max_temp": max_bed_c,
        **_SENSOR,
    }
    config["fan"] = {"pin": "P20"}
    return config


def printer_cfg(config: Mapping[str, Mapping[str, Any]]) -> str:
    """The text of printer.cfg; lines of a value are indented as Klipper wants it."""
    lines = []
    for section, values in config.items():
        lines.append(f"[{section}]")
        for key, value in values.items():
            lines.append(f"{key}: " + str(value).replace("\n", "\n  "))
        lines.append("")
    return "\n".join(lines)
