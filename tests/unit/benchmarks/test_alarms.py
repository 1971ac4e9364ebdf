"""Alarms and real faults are told apart by rule and by what was measured."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.alarms import PRINTERS, PROCESSES, SLICERS, Case, Fault, known_faults
from printstd.adapters.profile_files import default_source
from printstd.audit import all_rules
from printstd.pipeline import resolve
from printstd.profiles.resolved import Request

CASE = Case(Path("part.stl"), "slic3r", "draft-0.30", "marlin")


@pytest.mark.parametrize(
    ("finding", "is_known"),
    [
        ({"rule_id": "G-03", "measured": 0.248}, True),
        ({"rule_id": "G-03", "measured": 0.258}, True),
        ({"rule_id": "G-03", "measured": 0.5}, False),
        ({"rule_id": "G-03", "measured": None}, False),
        ({"rule_id": "G-04", "measured": 0.248}, False),
    ],
)
def test_a_known_fault_is_the_same_rule_and_value(
    finding: dict[str, object], is_known: bool
) -> None:
    fault = Fault("part.stl", "slic3r", "draft-0.30", "G-03", 0.248, "a line outside")
    assert fault.is_about(CASE, finding) is is_known
    for other in (
        Case(CASE.model, "cura", CASE.process, "marlin"),
        Case(CASE.model, CASE.slicer, "fine-0.12", "marlin"),
        Case(Path("other.stl"), CASE.slicer, CASE.process, "marlin"),
    ):
        assert not fault.is_about(other, finding)


def test_every_known_fault_is_argued_and_about_something_that_is_run() -> None:
    faults = known_faults()
    assert len(set(faults)) == len(faults)
    for fault in faults:
        assert fault.slicer in SLICERS[1:]
        assert fault.process in PROCESSES
        assert fault.rule in all_rules()
        assert len(fault.reason) > 20


@pytest.mark.parametrize("dialect", PRINTERS)
@pytest.mark.parametrize("slicer", SLICERS)
def test_every_case_names_profiles_that_there_are(slicer: str, dialect: str) -> None:
    for process in PROCESSES:
        case = Case(Path("part.stl"), slicer, process, dialect)
        words = iter(case.declared)
        settings = tuple(next(words).partition("=")[::2] for word in words if word == "--set")
        options = dict(zip(case.profiles[::2], case.profiles[1::2], strict=True))
        resolved = resolve(
            Request(
                printer=options["--printer"],
                material=options["--material"],
                process=options["--process"],
                overrides=settings,
            ),
            default_source(),
        )
        assert resolved.printer is not None
