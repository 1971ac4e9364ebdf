"""A machine's own calibrations against what a program was certified for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printstd.artifacts.calibration import CALIBRATION_KINDS, UNITS
from printstd.artifacts.farm import Calibration, Loaded, Nozzle, Spool
from printstd.artifacts.job import Requirements, ToolWindow
from printstd.cli.commands.farm_jobs import CalibrationOf
from printstd.farm.advances import advances_of
from printstd.farm.calibrated import KIND_NAMES, day_of, newest
from printstd.farm.matching import Offer, why_not
from tests.small_farm import facts, printer

NOW_S = 1_790_000_000
PLA = Spool("s1", "pla", 50_000)
NEEDS = Requirements(
    printer="mk4s",
    nozzle_um=400,
    materials=((0, "pla"),),
    flow_permille=1000,
    windows=(ToolWindow(0, 1000, (185_000, 235_000), (40_000,)),),
    first_layer_um=200,
)


def measured(kind: str, value: float, **changes: object) -> Calibration:
    given: dict[str, object] = {
        "printer": "a",
        "serial": "SN1",
        "nozzle": "n1",
        "kind": kind,
        "spool": "s1",
        "material": "pla",
        "value_e6": round(value * 1e6),
        "u_e6": 1,
        "on": "2026-09-01",
        "until_utc_s": NOW_S,
        "is_applied": False,
        "by": "A",
        "sha256": "0" * 64,
    }
    return Calibration(**{**given, **changes})  # type: ignore[arg-type]


def told(
    *known: Calibration, asked: tuple[str, ...] = (), needs: Requirements = NEEDS, **own: object
):
    machine = printer("a", serial="SN1", **{"loaded": (Loaded(0, "s1"),), **own})
    spools = {0: (PLA, PLA.left_mg)}
    offer = Offer(machine, spools, "idle", calibrations=known, asked=asked)
    return why_not(needs, facts().feeds, offer, NOW_S)


@pytest.mark.parametrize(
    ("kind", "value", "reason"),
    [
        ("flow", 0.950, ""),
        ("flow", 1.050, ""),
        ("flow", 1.051, "s1 flows 1.051 there, the program is certified for 1.000"),
        ("flow", 0.949, "s1 flows 0.949 there"),
        ("pressure_advance", 0.020, ""),
        ("pressure_advance", 0.060, ""),
        ("pressure_advance", 0.061, "advance of 0.061 s there, the program sets 0.040 s"),
        ("pressure_advance", 0.019, "advance of 0.019 s there"),
        ("temperature", 185, ""),
        ("temperature", 235, ""),
        ("temperature", 236, "best at 236 degC there, the program is certified for 185 to 235"),
        ("temperature", 184, "best at 184 degC there"),
        ("first_layer", 0.020, ""),
        ("first_layer", -0.020, ""),
        ("first_layer", 0.021, "its Z is +0.021 mm off"),
        ("first_layer", -0.040, "its Z is -0.040 mm off"),
    ],
)
def test_windows(kind: str, value: float, reason: str) -> None:
    for asked in ((), (kind,)):
        for until in (NOW_S, NOW_S - 1):
            found = told(measured(kind, value, until_utc_s=until), asked=asked)
            if asked and until < NOW_S:
                assert "has expired" in found
            else:
                assert (reason in found) if reason else found == ""


@pytest.mark.parametrize("kind", CALIBRATION_KINDS)
def test_what_is_asked_for_is_never_taken_for_granted(kind: str) -> None:
    assert told() == ""
    good = {"flow": 1.0, "pressure_advance": 0.04, "temperature": 210, "first_layer": 0.0}[kind]
    mine = measured(kind, good)
    by_job = replace(NEEDS, needs_calibration=(kind,))
    for asked, needs in (((kind,), NEEDS), ((), by_job)):
        missing = f"it has no calibration ({KIND_NAMES[kind]}) with s1"
        assert told(asked=asked, needs=needs) == missing
        assert told(mine, asked=asked, needs=needs) == ""
        # Of another machine, with another nozzle: not this individual's.
        for other in ({"serial": "SN2"}, {"nozzle": "n2"}):
            assert told(replace(mine, **other), asked=asked, needs=needs) == missing
        with_other_spool = told(replace(mine, spool="s2"), asked=asked, needs=needs)
        assert with_other_spool == ("" if kind == "first_layer" else missing)
        assert "expired" in told(replace(mine, until_utc_s=NOW_S - 1), asked=asked, needs=needs)
        assert told(mine, asked=asked, needs=needs, nozzle=Nozzle("n2", 400)) == missing
    # A flow that somebody only said is no calibration.
    said_by_hand = told(asked=("flow",), loaded=(Loaded(0, "s1", flow_permille=1000),))
    assert said_by_hand == "it has no calibration (flow) with s1"


def test_a_record_is_believed_over_what_was_said_when_the_spool_was_loaded() -> None:
    wrong = (Loaded(0, "s1", flow_permille=1200),)
    assert "flows 1.200" in told(loaded=wrong)
    assert told(measured("flow", 1.0), loaded=wrong) == ""


def test_a_first_layer_that_was_set_in_the_machine_is_not_off() -> None:
    assert told(measured("first_layer", 0.08, is_applied=True), asked=("first_layer",)) == ""


def test_the_last_measurement_counts() -> None:
    old, new = measured("flow", 1.2), measured("flow", 1.0, on="2026-09-02")
    assert newest((new, old), printer("a", serial="SN1"), "flow", "s1") is new
    assert told(old, new) == ""


def test_programs_of_old_jobs_are_held_to_the_flow_that_they_tell() -> None:
    old = replace(NEEDS, windows=(), first_layer_um=0)
    assert "flows 1.060" in told(measured("flow", 1.06), needs=old)
    others = [measured(kind, 9.0) for kind in CALIBRATION_KINDS if kind != "flow"]
    assert told(*others, needs=old) == ""


def test_a_program_that_sets_no_advance_leaves_it_to_the_machine() -> None:
    silent = replace(NEEDS, windows=(replace(NEEDS.windows[0], advance_e6=()),))
    assert told(measured("pressure_advance", 1.0), asked=("pressure_advance",), needs=silent) == ""


def test_advances_by_tool() -> None:
    program = b"""; M900 K9
N3 M900 K0.04*17
M900 K0.05 ; again
T1
m900 K0
M572 D0 S0.03
M572 S0.07
ACTIVATE_EXTRUDER EXTRUDER=extruder
SET_PRESSURE_ADVANCE ADVANCE=0.0425 SMOOTH_TIME=0.04
SET_PRESSURE_ADVANCE EXTRUDER=extruder2 ADVANCE=0.1
TUNE X1
G1 X1 E1
"""
    assert advances_of(program) == {
        0: (30_000, 40_000, 42_500, 50_000),
        1: (0, 70_000),
        2: (100_000,),
    }


@given(st.datetimes(datetime(1970, 1, 1), datetime(2999, 12, 31)))
def test_days_are_those_of_the_calendar(moment: datetime) -> None:
    assert day_of(int(moment.replace(tzinfo=UTC).timestamp())) == moment.strftime("%Y-%m-%d")


def test_every_kind_has_a_name_and_a_unit() -> None:
    assert set(KIND_NAMES) == set(UNITS) == set(CALIBRATION_KINDS)
    assert {one.value for one in CalibrationOf} == set(CALIBRATION_KINDS)
