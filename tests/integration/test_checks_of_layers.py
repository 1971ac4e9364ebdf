"""PRN-01 looks at the layers that are printed: of their heights, without negative volumes, each
object by its own settings. It says what `slice` says."""

from __future__ import annotations

import pytest

from printstd import pipeline
from printstd.artifacts.finding import Finding, Status
from printstd.profiles.resolved import Request
from tests import meshes
from tests.meshes import Triangles
from tests.projects import CUT, SILENT, Thing, Volume, made, prepared, prusa
from tests.unit.profiles.sources import BUNDLED

LEDGE = meshes.box((30, 10, 12))
UNDER_IT = meshes.box((20, 20, 20), (12, -5, -12))
"""Cut out of the ledge it leaves an arm, 18 x 10 mm, 8 mm above the bed."""


def hangs(own: pipeline.Prepared) -> Finding:
    report, _ = pipeline.validate(own, progress=SILENT)
    (finding,) = (f for f in report.findings if f.rule_id == "PRN-01")
    return finding


def told_by_slice(data: bytes, **overrides: str) -> Status:
    return next(f.status for f in made(data, **overrides).notices if f.rule_id == "PRN-01")


def wedge(rise: float) -> Triangles:
    """A roof upside down: its lower side rises by `rise` a mm of its way, 5 mm above the bed."""
    outline = [(0, 0), (10, 0), (10, 5), (30, 5 + 20 * rise), (30, 14), (0, 14)]
    return meshes.prism(outline, 10)


def upright(mesh: Triangles) -> Triangles:
    points, faces = mesh
    return points[:, [2, 0, 1]], faces


def test_what_a_negative_volume_leaves_in_the_air() -> None:
    whole, cut = prusa(Thing([Volume(LEDGE)])), Thing([Volume(LEDGE), Volume(UNDER_IT, CUT)])
    assert hangs(prepared(whole)).status is Status.PASS
    finding = hangs(prepared(prusa(cut)))
    assert finding.status is Status.WARN
    assert finding.measured == pytest.approx(10 * (18 - 0.2), rel=0.02)
    place = finding.where[0]
    assert place.frame == "bed"
    assert place.box_mm is not None
    assert place.box_mm[2::3] == pytest.approx((8.0, 8.2))
    assert told_by_slice(prusa(cut)) is Status.WARN


def test_what_a_negative_volume_takes_away() -> None:
    """An arm that hangs, and is cut off."""
    tee = meshes.merged(meshes.box((10, 10, 8)), meshes.box((30, 10, 4), (0, 0, 8)))
    gone = meshes.box((30, 20, 20), (10.1, -5, 5))
    assert hangs(prepared(prusa(Thing([Volume(tee)])))).status is Status.WARN
    assert hangs(prepared(prusa(Thing([Volume(tee), Volume(gone, CUT)])))).status is Status.PASS


def test_without_a_printer_places_are_those_of_the_file() -> None:
    data = prusa(Thing([Volume(LEDGE), Volume(UNDER_IT, CUT)]))
    resolved = pipeline.resolve(Request(), BUNDLED)
    own = pipeline.prepare(pipeline.ModelInput(data, "p.3mf"), pipeline.Order(), resolved)
    finding = hangs(own)
    assert finding.status is Status.WARN
    box = finding.where[0].box_mm
    assert finding.where[0].frame == "model"
    assert box is not None
    assert box == pytest.approx((12.2, 0, 8, 30, 10, 8.2), abs=0.05)


def test_layers_of_the_heights_that_are_printed() -> None:
    """A slope of 14 degrees: steps of 0.2 mm hang, low ones rest."""
    slope = prusa(Thing([Volume(upright(wedge(0.25)))]))
    fine = {"layers__max_surface_error_um": "35", "layer_height_mm": "0.2"}
    assert hangs(prepared(slope)).status is Status.WARN
    assert told_by_slice(slope) is Status.WARN
    assert hangs(prepared(slope, **fine)).status is Status.PASS
    assert told_by_slice(slope, **fine) is Status.PASS


def test_objects_by_their_own_supports() -> None:
    arm = meshes.merged(meshes.box((5, 5, 10)), meshes.box((20, 5, 3), (0, 0, 10)))
    held = {"support_material": "1", "support_material_auto": "1"}
    own = Thing([Volume(meshes.moved(arm, (0, 20, 0)))], held)
    assert hangs(prepared(prusa(own))).status is Status.INFO
    both = prepared(prusa(Thing([Volume(arm)]), own))
    assert hangs(both).status is Status.WARN
    assert hangs(both).measured == pytest.approx(5 * (15 - 0.2), rel=0.05)
