"""What a printer's profile is proven by, and when it no longer is."""

from __future__ import annotations

import functools

import pytest

from printstd import pipeline
from printstd.errors import ProfileError, UnprovenPrinterError
from printstd.gcode.values import placeholder_values
from printstd.profiles.machine_code import command_of, expand
from printstd.profiles.proof import (
    is_changed,
    proof_of,
    proof_text,
    proven_digest,
    require_proven,
)
from printstd.profiles.resolved import Request
from tests.proving import record
from tests.unit.profiles.sources import BUNDLED, Overlay, text_of

PRINTERS = record.printers(BUNDLED)
RESULTS = record.read()
OF_MK4S = PRINTERS["mk4s"].proven.of


@functools.cache
def resolved(text: str | None = None, **settings: str):
    source = BUNDLED if text is None else Overlay({"printers/mk4s": text})
    overrides = tuple((f"printer.{key.replace('__', '.')}", told) for key, told in settings.items())
    return pipeline.resolve(Request(printer="mk4s", overrides=overrides), source)


@pytest.mark.parametrize("name", PRINTERS)
def test_what_a_profile_says_of_its_proof_is_what_was_run(name: str) -> None:
    printer, found = PRINTERS[name], RESULTS.get(name)
    if found is None:
        assert printer.proven.how in ("parsed", "hardware")
        return
    assert found["of"] == printer.proven.of == proven_digest(printer)
    assert (printer.proven.how, printer.proven.by) == ("simulated", found["by"])
    assert printer.proven.on is not None
    assert (printer.proven.on.isoformat(), list(printer.proven.not_run)) == (
        found["on"],
        found["not_run"],
    )


def test_many_are_simulated_and_the_page_says_which() -> None:
    assert sum(proof_of(printer).how == "simulated" for printer in PRINTERS.values()) >= 12
    assert record.page(PRINTERS, RESULTS) == record.PAGE.read_text("utf-8")


@pytest.mark.parametrize("name", PRINTERS)
def test_every_printer_says_its_own_lines(name: str) -> None:
    printer, pla = PRINTERS[name], resolved().material
    values = placeholder_values(5000, printer, 0, pla, [pla], 5000)
    told = [expand(line, values) for line in (*printer.start_code, *printer.end_code)]
    assert not any("{" in line for line in told)
    assert {"G28"} <= {command_of(line) for line in told}
    hot = [line for line in told if line.startswith(("M104", "M109"))]
    assert hot[-1].endswith("S0")
    assert [line for line in told if line.startswith(("M140", "M190"))][-1].endswith("S0")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("max_nozzle_c", "300"),
        ("max_bed_c", "100"),
        ("volume__z_max_mm", "200.0"),
        ("volume__travel_y_min_mm", "-6.0"),
        ("motion__max_speed_mm_s__x", "400.0"),
        ("motion__max_accel_mm_s2__y", "5000.0"),
        ("start_code", '["G28", "M109 S{nozzle_c}"]'),
        ("end_code", '["M104 S0"]'),
        ("layer_change_code", "[]"),
    ],
)
def test_a_changed_printer_has_lost_its_proof(key: str, value: str) -> None:
    changed = resolved(**{key: value})
    assert is_changed(changed.printer)
    assert proof_of(changed.printer).how == "parsed"
    with pytest.raises(UnprovenPrinterError) as caught:
        require_proven(changed)
    assert caught.value.exit_code == 3
    # What a proof would have to name.
    assert proven_digest(changed.printer) in str(caught.value)


def test_what_is_no_limit_of_the_machine_may_change() -> None:
    changed = resolved(retraction__length_mm="0.5", clearance__radius_mm="70.0")
    assert not is_changed(changed.printer)
    require_proven(changed)
    assert proven_digest(changed.printer) == OF_MK4S


def test_a_proof_makes_no_other_program() -> None:
    parsed = resolved(text=_with('proven = "parsed"', ""))
    assert parsed.digests["printer"] == resolved().digests["printer"]
    assert parsed.printer.model_dump() == resolved().printer.model_dump()


def test_hardware_says_who_and_when() -> None:
    table = f'[proven]\nhow = "hardware"\nby = "A. Serikova"\non = 2026-11-25\nof = "{OF_MK4S}"\n'
    own = resolved(text=_with("", table))
    require_proven(own)
    assert str(proof_text(own.printer)) == "on hardware, by A. Serikova, 2026-11-25"


def test_parsed_is_refused_and_says_so() -> None:
    with pytest.raises(UnprovenPrinterError, match="not proven") as caught:
        require_proven(resolved(text=_with('proven = "parsed"', "")))
    assert OF_MK4S in str(caught.value)


@pytest.mark.parametrize(
    ("word", "table", "key", "wanted"),
    [
        ('proven = "printed"', "", "proven.how", "one of 'parsed', 'simulated', 'hardware'"),
        ('proven = "simulated"', "", "proven", "by, on and of"),
        ("", '[proven]\nhow = "hardware"\nby = "me"\n', "proven", "on beside"),
        ("", '[proven]\nhow = "parsed"\nby = "me"\n', "proven", "no by"),
        ("", '[proven]\nhow = "parsed"\nof = "12"\n', "proven.of", "match"),
        ("", '[proven]\nhow = "parsed"\nwho = "me"\n', "proven.who", "a key that a profile has"),
    ],
)
def test_half_a_proof_is_a_profile_error(word: str, table: str, key: str, wanted: str) -> None:
    with pytest.raises(ProfileError) as caught:
        resolved(text=_with(word, table))
    (problem,) = caught.value.problems
    assert problem.key == key
    assert wanted in problem.wanted


def _with(word: str, table: str) -> str:
    """mk4s with another proof: a line of the whole, or a table at the end."""
    text = text_of("printers", "mk4s")
    start = text.index("[proven]")
    head, _, rest = text[:start].partition('firmware = "prusa-buddy"\n')
    return f'{head}firmware = "prusa-buddy"\n{word}\n{rest}{table}'
