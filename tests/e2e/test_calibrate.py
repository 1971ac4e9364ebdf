"""Calibration prints of every dialect: what they say to the machine, and that the auditor, who has
not been told that they are tests, passes them; from the filled-in form to a record."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from tests.integration.command import in_a_process as printstd
from tests.integration.command import listing, says

ADVANCE = {
    "ender3-v2": r"M900 K([\d.]+)",
    "mk4s": r"M572 S([\d.]+)",
    "voron-2.4-350": r"SET_PRESSURE_ADVANCE ADVANCE=([\d.]+)",
    "railcore-ii-300zl": r"M572 D0 S([\d.]+)",
}
FILLED = (
    'by = "A. Tester"\non = 2026-11-20\nprinter_serial = "SN1"\nnozzle_id = "N7"\nspool = "S-42"\n'
)


def made(kind: str, printer: str, folder: Path, *more: str) -> tuple[str, Path]:
    place = folder / f"{kind}.gcode"
    done = printstd("calibrate", kind, "--printer", printer, "-o", place, *more, cwd=folder)
    assert done.code == 0, done.out + done.err
    return place.read_text("utf-8"), place.with_name(f"{place.name}.calibration.toml")


def filled(form: Path, readings: str) -> Path:
    text = re.sub(r"\[who\].*?\n\n", f"[who]\n{FILLED}\n", form.read_text("utf-8"), flags=re.S)
    place = form.with_name("filled.toml")
    place.write_text(re.sub(r"^(wall_mm|best|best_height_mm) = \[\]$", readings, text, flags=re.M))
    return place


def taken(form: Path, readings: str) -> dict[str, object]:
    record = form.with_name("record.json")
    place = filled(form, readings)
    done = printstd(
        "calibrate", "take", place, "-o", record, "--time", "1796000000", cwd=form.parent
    )
    assert done.code == 0, done.out + done.err
    return dict(json.loads(record.read_bytes()))


def layers_of(program: str) -> list[str]:
    return program.split(";LAYER_CHANGE\n")[1:]


@pytest.mark.parametrize("printer", ADVANCE)
def test_each_band_has_its_pressure_advance_in_the_words_of_the_machine(
    printer: str, tmp_path: Path
) -> None:
    program, form = made("pa", printer, tmp_path, "--bands", "4", "--to", "0.06")
    found = [
        (number, float(value))
        for number, layer in enumerate(layers_of(program))
        for value in re.findall(ADVANCE[printer], layer)
    ]
    # 2 mm of base are ten layers, a band of 5 mm is 25.
    assert found == [(10, 0.0), (35, 0.02), (60, 0.04), (85, 0.06)]
    record = taken(form, "best_height_mm = [9.5, 8.0]")
    assert record["value_e6"] == 20000
    assert record["sets"] == "material.pressure_advance_s"


def test_temperatures_rise_within_the_window_and_are_waited_for(tmp_path: Path) -> None:
    program, form = made("temp", "mk4s", tmp_path)
    waits = [
        (number, int(value))
        for number, layer in enumerate(layers_of(program))
        for value in re.findall(r"^M109 S(\d+)$", layer, flags=re.M)
    ]
    assert [number for number, _ in waits] == [10, 50, 90, 130, 170, 210]
    assert [value for _, value in waits] == [185, 195, 205, 215, 225, 235]
    record = taken(form, "best = [3]")
    assert (record["value_e6"], record["unit"]) == (205_000_000, "degC")
    hot = printstd("calibrate", "temp", "--printer", "mk4s", "-o", "x", "--to", "240", cwd=tmp_path)
    assert hot.code == 2
    says(hot.err, "got", "wanted", "what to do")


def test_one_wall_is_laid_and_its_thickness_gives_the_flow(tmp_path: Path) -> None:
    program, form = made("flow", "mk4s", tmp_path)
    roles = set(re.findall(r";TYPE:(.*)", program))
    assert roles <= {"Custom", "Skirt/Brim", "External perimeter"}
    # Beyond the skirt's layers: one line around a square of 30 mm, in the middle of its wall.
    side = 4 * (30 - 0.45)
    for layer in layers_of(program)[4:]:
        fed = sum(map(float, re.findall(r"^G1 X\S+ Y\S+ E([\d.]+)", layer, flags=re.M)))
        assert fed * 2.405 / (0.2 * (0.45 - 0.2 * 0.2146)) == pytest.approx(side, rel=0.01)
    record = taken(form, "wall_mm = [0.47, 0.48, 0.47, 0.48]")
    assert record["value_e6"] == round(1e6 * 0.45 / 0.475)
    assert 0 < record["u_e6"] < 30_000
    assert record["spool"] == "S-42"
    assert record["printer_serial"] == "SN1"


@pytest.mark.parametrize("printer", ["mk4s", "voron-2.4-350"])
def test_squares_are_fed_alike_with_the_nozzle_at_their_heights(
    printer: str, tmp_path: Path
) -> None:
    program, form = made("first-layer", printer, tmp_path)
    (layer,) = layers_of(program)
    z, fed, laid = 0.0, 0.0, dict[float, float]()
    for line in layer.splitlines():
        words = {w[0]: float(w[1:]) for w in re.findall(r"[XYZE]-?[\d.]+", line)}
        if not line.startswith("G1"):
            continue
        z = words.get("Z", z)
        fed = words.get("E", 0.0)
        if fed > 0 and ("X" in words or "Y" in words):
            laid[z] = laid.get(z, 0.0) + fed
    values = tomllib.loads(form.read_text())["printed"]["values"]
    assert sorted(laid) == [pytest.approx(0.2 + value) for value in sorted(values)]
    assert max(laid.values()) == pytest.approx(min(laid.values()), rel=0.01)
    record = taken(form, "best = [4, 5]")
    assert record["value_e6"] == -10_000
    assert record["sets"] is None


def test_a_form_that_is_not_filled_in_or_says_nonsense_gives_no_record(tmp_path: Path) -> None:
    _, form = made("flow", "mk4s", tmp_path)
    before = listing(tmp_path)
    empty = printstd("calibrate", "take", form, "-o", "r.json", cwd=tmp_path)
    assert empty.code == 4
    for readings in ("wall_mm = [0.45]", "wall_mm = [0.9, 0.9, 0.9, 0.9]", "wall_mm = [45]"):
        place = filled(form, readings)
        assert printstd("calibrate", "take", place, "-o", "r.json", cwd=tmp_path).code == 4
    early = printstd(
        "calibrate", "take", filled(form, "wall_mm = [0.45, 0.45, 0.45, 0.45]"), "-o", "r.json",
        "--time", "1000000000", cwd=tmp_path,
    )  # fmt: skip
    assert early.code == 4
    (tmp_path / "filled.toml").unlink()
    assert listing(tmp_path) == before
