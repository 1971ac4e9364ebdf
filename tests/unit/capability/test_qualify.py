"""From rows to a record: figures by hand, what is refused, what a range holds."""

from __future__ import annotations

from datetime import date

import pytest

from printstd.adapters.profile_files import default_source
from printstd.artifacts.capability import CapabilityRecord, MeasuredRow, MeasuredTable
from printstd.capability.qualify import qualify
from printstd.errors import InputError
from printstd.profiles.capability_models import (
    MeasuredMachine,
    MeasuredMaterial,
    MeasuredProcess,
    MeasurementHeader,
    Measuring,
    MeasuringInstrument,
)
from printstd.profiles.resolve import resolve
from printstd.profiles.resolved import Request, Resolved

# Fifteen offsets, twice over.
OFFS_UM = (0, 20, -10, 30, 10, 10, 40, -20, 10, 10, 0, 20, -30, 50, 10) * 2


@pytest.fixture(scope="module")
def resolved() -> Resolved:
    return resolve(Request(printer="mk4s"), default_source())


def header(measured_on: date = date(2026, 11, 20), **instrument: object) -> MeasurementHeader:
    given = {
        "id": "a",
        "calibrated_on": date(2026, 1, 1),
        "calibration_due": date(2027, 12, 31),
        "u_mm": 0.02,
    } | instrument
    return MeasurementHeader(
        machine=MeasuredMachine(printer="mk4s", serial="1", nozzle_mm=0.4),
        material=MeasuredMaterial(name="pla", lot="x"),
        process=MeasuredProcess(name="standard-0.20"),
        measuring=Measuring(measured_on=measured_on, temperature_c=20.0),
        instrument=(MeasuringInstrument.model_validate(given),),
    )


def table(*groups: tuple[str, str, float, int]) -> MeasuredTable:
    """(characteristic, sense, nominal in mm, offset of all values in um)."""
    rows = [
        MeasuredRow(
            2,
            name,
            sense,
            "xy",
            round(nominal * 1e6),
            str(part),
            round(nominal * 1e6) + (off + shift) * 1000,
            None,
            "",
        )
        for name, sense, nominal, shift in groups
        for part, off in enumerate(OFFS_UM)
    ]
    return MeasuredTable("t.csv", "0" * 64, tuple(rows))


def record(resolved: Resolved, *groups: tuple[str, str, float, int]) -> CapabilityRecord:
    return qualify(table(*groups), header(), resolved)


def test_figures_by_hand(resolved: Resolved) -> None:
    (one,) = record(resolved, ("b", "outside", 20.0, 0)).characteristics
    mean = sum(OFFS_UM) / 30
    s = (sum((off - mean) ** 2 for off in OFFS_UM) / 29) ** 0.5
    assert (one.parts, one.bias_nm, one.spread_nm) == (30, round(mean * 1000), round(s * 1000))
    assert (one.least_nm, one.greatest_nm) == (19_970_000, 20_050_000)
    by_class = {row.tolerance_class: row for row in one.classes}
    assert [row.tolerance_class for row in one.classes] == ["f", "m", "c", "v"]
    assert [row.tolerance_nm for row in one.classes] == [100_000, 200_000, 500_000, 1_000_000]
    medium = by_class["m"]
    assert medium.cp_e4 == int(200 / (3 * s) * 10_000)
    assert medium.cpk_e4 == int((200 - mean) / (3 * s) * 10_000)
    # chi-square of 29 degrees of freedom at 5 %: 17.708, from printed tables.
    assert medium.cp_lower_e4 == pytest.approx(200 / (3 * s) * (17.708 / 29) ** 0.5 * 1e4, abs=2)
    assert medium.verdict == "PASS"


def test_a_range_holds_what_its_worst_characteristic_holds(resolved: Resolved) -> None:
    good, off = ("a", "outside", 20.0, -10), ("b", "outside", 25.0, 90)
    (alone,) = record(resolved, good).ranges
    (both,) = record(resolved, good, off).ranges
    assert (alone.tolerance_class, both.tolerance_class) == ("f", "m")
    assert both.characteristics == ("a", "b")
    apart = record(resolved, good, ("b", "inside", 25.0, 90)).ranges
    assert [(r.sense, r.tolerance_class) for r in apart] == [("outside", "f"), ("inside", "m")]


def test_a_mean_beyond_the_limits_holds_nothing_and_has_no_bound(resolved: Resolved) -> None:
    (one,) = record(resolved, ("a", "outside", 5.0, 400)).characteristics
    rows = {row.tolerance_class: row for row in one.classes}
    assert rows["m"].verdict == "FAIL"
    assert rows["m"].cpk_e4 is not None
    assert rows["m"].cpk_e4 < 0
    assert rows["m"].cpk_lower_e4 is None


def test_rows_of_one_characteristic_must_agree(resolved: Resolved) -> None:
    groups = (("a", "outside", 20.0, 0), ("a", "outside", 21.0, 0))
    with pytest.raises(InputError, match="contradict"):
        record(resolved, *groups)


def test_twelve_months_after_a_leap_day(resolved: Resolved) -> None:
    one = table(("a", "outside", 20.0, 0))
    on = header(date(2028, 2, 29), calibration_due=date(2029, 1, 1))
    assert qualify(one, on, resolved).valid_until == "2029-02-28"


def test_u_of_a_quarter_is_enough_and_more_is_not(resolved: Resolved) -> None:
    one = table(("a", "outside", 20.0, 0))
    for u, verdict in ((0.025, "PASS"), (0.025001, "NOT_EVALUATED")):
        (found,) = qualify(one, header(u_mm=u), resolved).characteristics
        assert found.classes[0].verdict == verdict
        assert found.classes[1].verdict == "PASS"
