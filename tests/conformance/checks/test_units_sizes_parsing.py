"""UNT-01, DIM-01 and PAR-01."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from printstd.artifacts.finding import Status
from printstd.units import LengthUnit
from tests import meshes
from tests.conformance.checks.judging import judged, only_of, resolved, validated

# --- UNT-01 ----------------------------------------------------------------------------------


def stepped(unit_mm: float, grid: list[float]) -> meshes.Triangles:
    """Blocks side by side whose heights lie on a grid, drawn in a unit of `unit_mm` mm."""
    blocks = [
        meshes.box((grid[0] * 8, grid[0] * 8, height), (k * grid[0] * 10, 0.0, 0.0))
        for k, height in enumerate(grid)
    ]
    mesh = meshes.merged(*blocks)
    return mesh[0] / unit_mm, mesh[1]


METRIC = stepped(1.0, [3.0, 4.2, 5.35, 7.1, 9.65, 11.2])
IMPERIAL_MM = stepped(1.0, [25.4 * k / 64 for k in (9, 11, 13, 19, 23, 27)])
IMPERIAL_INCH = stepped(25.4, [25.4 * k / 64 for k in (9, 11, 13, 19, 23, 27)])
IN_METRES = stepped(1000.0, [3.0, 4.2, 5.35, 7.1, 9.65, 11.2])


@pytest.mark.parametrize("unit", [LengthUnit.MILLIMETER, LengthUnit.INCH, LengthUnit.METER])
def test_a_unit_that_the_user_states_is_taken(unit: LengthUnit) -> None:
    finding = only_of("UNT-01", IMPERIAL_INCH, unit=unit)
    assert finding.status is Status.PASS
    assert unit.value in finding.message


@pytest.mark.parametrize("unit", list(LengthUnit))
def test_a_unit_that_the_file_states_is_taken(unit: LengthUnit) -> None:
    data = meshes.three_mf(meshes.cube(0.5), unit.value)
    finding = only_of("UNT-01", data, name="part.3mf", unit=None)
    assert finding.status is Status.PASS
    assert unit.value in finding.message


@pytest.mark.parametrize(
    "mesh",
    [METRIC, IMPERIAL_MM, meshes.bracket(), meshes.torus(), meshes.cube(20.0), meshes.cube(250.0)],
)
def test_usual_sizes_are_millimetres(mesh: meshes.Triangles) -> None:
    assert only_of("UNT-01", mesh, unit=None).status is Status.PASS


@pytest.mark.parametrize(
    ("mesh", "unit"),
    [
        (IMPERIAL_INCH, "inch"),
        (IN_METRES, "meter"),
        (meshes.torus(1.0, 0.3), "inch"),
    ],
)
def test_numbers_that_look_like_another_unit_leave_it_open(
    mesh: meshes.Triangles, unit: str
) -> None:
    finding = only_of("UNT-01", mesh, unit=None)
    assert finding.status is Status.INDETERMINATE
    assert f"look like {unit}" in finding.message
    assert f"--units {unit}" in finding.message
    sizes = dict(finding.details)
    extent = float(np.ptp(mesh[0], axis=0).max())
    assert sizes["if inch"] == f"{extent * 25.4:g} mm"
    assert sizes["if meter"] == f"{extent * 1000:g} mm"


@pytest.mark.parametrize("size", [5.0, 6.0, 6.8])
def test_small_parts_without_further_evidence_are_warned_about(size: float) -> None:
    finding = only_of("UNT-01", meshes.torus(size / 2.6, size * 0.3 / 2.6), unit=None)
    assert finding.status is Status.WARN
    assert "nearly as likely" in finding.message
    assert f"{size:g} mm long" in finding.message
    assert finding.measured is not None
    assert -0.5 < finding.measured <= 1.0


@pytest.mark.parametrize("size", [2.0, 3.0, 4.0, 5.0, 7.0, 10.0, 14.0, 20.0, 50.0])
def test_the_grid_speaks_for_its_unit_at_every_size(size: float) -> None:
    """The same outline scaled so that either every height or none lies on the inch's own grid."""

    def lead(heights: list[float]) -> float:
        mesh = meshes.merged(
            *(meshes.box((size, size / 9, h), (0, k * size / 8, 0)) for k, h in enumerate(heights))
        )
        measured = only_of("UNT-01", mesh, unit=None).measured
        assert measured is not None
        return measured

    odd = [k / 64 * 1.0 for k in (1, 3, 5, 7, 9, 11)]
    metric = [0.05, 0.15, 0.25, 0.35, 0.45, 0.55]
    if size <= 14:
        assert lead(odd) > lead(metric)
    assert lead(odd) >= lead(metric)


def test_nothing_is_ever_rescaled() -> None:
    assert only_of("UNT-01", IMPERIAL_INCH, unit=None).status is Status.INDETERMINATE
    report = validated(IMPERIAL_INCH, only=("PRN-07",), unit=None)
    box = report.of_rule("PRN-07")[0].where[0].box_mm
    assert box is not None
    assert np.subtract(box[3:], box[:3]) == pytest.approx(
        np.ptp(IMPERIAL_INCH[0], axis=0), rel=1e-6
    )


@pytest.mark.parametrize(
    ("name", "lead"), [("part.stl", 0.0), ("part_inch.stl", 2.0), ("part (mm).stl", -2.0)]
)
def test_a_unit_in_the_name_is_evidence(name: str, lead: float) -> None:
    bare, named = (
        only_of("UNT-01", meshes.torus(1.5, 0.45), unit=None, name=file)
        for file in ("part.stl", name)
    )
    assert bare.measured is not None
    assert named.measured == pytest.approx(bare.measured + lead, abs=2e-3)


def test_a_unit_in_which_no_axis_can_hold_the_part_is_less_likely() -> None:
    """20 mm: as inches, 508 mm, longer than the axes of 250 mm."""
    with_bed, without = (
        only_of("UNT-01", meshes.torus(7.7, 2.3), unit=None, demands=resolved(printer=printer))
        for printer in ("mk4s", None)
    )
    assert with_bed.status is Status.PASS
    assert with_bed.measured is not None
    assert without.measured is not None
    # Inches led; now centimetres do, by less.
    assert without.unit == "nats for inch"
    assert with_bed.measured < without.measured - 0.3


SIZE_CHECKS = (
    *("THK-01", "THK-02", "THK-03", "THK-04"),
    *("FEA-03", "FEA-04", "FEA-05", "FEA-06", "FEA-07"),
)


@pytest.mark.parametrize("rule", SIZE_CHECKS)
def test_no_size_is_judged_while_the_unit_is_in_doubt(rule: str) -> None:
    finding = only_of(rule, IMPERIAL_INCH, unit=None)
    assert finding.status is Status.NOT_EVALUATED
    assert "UNT-01" in finding.message
    assert only_of(rule, METRIC, unit=None).status is not Status.NOT_EVALUATED


# --- UNT-02 ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "status"),
    [
        (0.0, Status.PASS),
        (300.0, Status.PASS),
        (500.0, Status.INFO),
        (131_000.0, Status.INFO),
        (140_000.0, Status.WARN),
    ],
)
def test_unt_02_far_from_the_origin(at: float, status: Status) -> None:
    """Class m: 0.1 mm, a tenth of it 0.01 mm; float32 has steps of 2^-6 mm beyond 131,072 mm."""
    mesh = meshes.cube(20.0, (at, 0.0, 0.0))
    finding = only_of("UNT-02", meshes.stl_binary(mesh))
    assert finding.status is status
    assert finding.measured == pytest.approx(float(np.spacing(np.float32(at + 20.0))), abs=1e-9)
    assert finding.limit == pytest.approx(0.01)
    coarse = only_of("UNT-02", meshes.stl_binary(mesh), demands=resolved(tolerance_class="v"))
    assert coarse.status is (Status.INFO if status is Status.WARN else status)


def test_unt_02_is_of_the_part_as_it_is_made() -> None:
    small, scaled = (
        only_of("UNT-02", meshes.stl_binary(meshes.cube(20.0)), scale=scale) for scale in (1.0, 3.0)
    )
    assert small.measured is not None
    assert scaled.measured == pytest.approx(3 * small.measured, abs=2e-9)
    assert only_of("UNT-02", meshes.bracket()).status is Status.PASS


# --- DIM-01 ----------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(0.5, 20, 20), (4.0, 0.51, 300), (20, 20, 20)])
def test_sizes_in_the_table_pass(size: tuple[float, float, float]) -> None:
    finding = only_of("DIM-01", meshes.box(size))
    assert (finding.status, finding.limit) == (Status.PASS, 0.5)
    assert finding.measured == pytest.approx(min(size))


@pytest.mark.parametrize(
    ("size", "axes"),
    [((20, 20, 0.3), "Z"), ((0.49, 20, 0.1), "XZ"), ((20, 0.499, 20), "Y"), ((4001, 20, 20), "X")],
)
def test_sizes_outside_the_table_are_warned_about(
    size: tuple[float, float, float], axes: str
) -> None:
    findings = judged("DIM-01", meshes.box(size))
    assert [f.status for f in findings] == [Status.WARN] * len(axes)
    for finding, axis in zip(findings, axes, strict=True):
        extent = size["XYZ".index(axis)]
        assert f"extent in {axis}" in finding.message
        assert finding.measured == pytest.approx(extent)
        assert finding.limit == (0.5 if extent < 1 else 4000)
        assert finding.source == "ISO 2768-m"


def test_the_class_has_its_own_first_row() -> None:
    coarse = resolved(tolerance_class="v")
    finding = only_of("DIM-01", meshes.box((2.9, 20, 20)), demands=coarse)
    assert (finding.status, finding.limit) == (Status.WARN, 3.0)
    assert only_of("DIM-01", meshes.box((2.9, 20, 20))).status is Status.PASS


def test_without_a_table_it_does_not_apply() -> None:
    bare = replace(resolved(), bands=())
    for rule in ("DIM-01", "FEA-02"):
        assert only_of(rule, meshes.cube(), demands=bare).status is Status.NOT_APPLICABLE


# --- PAR-01 ----------------------------------------------------------------------------------


def test_a_file_without_remarks_passes() -> None:
    finding = only_of("PAR-01", meshes.stl_binary(meshes.cube()))
    assert (finding.status, finding.measured) == (Status.PASS, 0)


def test_remarks_are_counted_and_passed_on() -> None:
    data = meshes.stl_binary(meshes.cube()) + b"tail"
    summary, remark = judged("PAR-01", data, name="part.ply")[:1] + [
        f
        for f in judged("PAR-01", data, name="part.ply")
        if dict(f.details).get("code") == "STL-005"
    ]
    assert (summary.status, summary.measured) == (Status.INFO, 2)
    assert remark.status is Status.WARN
    assert remark.where[0].byte == len(data) - 4


def test_every_remark_has_its_code() -> None:
    data = b"\xef\xbb\xbf" + meshes.stl_ascii(meshes.cube()).replace(b"endsolid part", b"")
    findings = judged("PAR-01", data)
    assert [dict(f.details).get("code") for f in findings] == [None, "STL-023", "STL-021"]
