"""--heal over the whole line: what is refused without it, and what may be said of it after."""

from __future__ import annotations

import json

import numpy as np
import pytest
from manifold3d import Manifold

from printstd import pipeline
from printstd.adapters.executors import SerialExecutor
from printstd.adapters.profile_files import default_source
from printstd.adapters.progress import NoProgress
from printstd.artifacts.finding import Status
from printstd.audit import audit_program
from printstd.profiles.resolved import Request
from tests.integration.command import printstd
from tests.meshes import stl_binary
from tests.mutation.test_mutants import failed_rules
from tests.stacks import solid_mesh

MK4S = ("--printer", "mk4s")


def ball(*, lost: int) -> bytes:
    """The upper two thirds of a ball, with so many facets gone from its sides."""
    solid = Manifold.sphere(9.0, 60).trim_by_plane((0, 0, 1), -4.0)
    vertices, faces = solid_mesh(solid)
    middle = vertices[faces].mean(axis=1)
    side = np.flatnonzero((middle[:, 2] > -2.5) & (middle[:, 2] < 4.0))
    gone = side[:: max(1, len(side) // max(lost, 1))][:lost]
    return stl_binary((vertices, np.delete(faces, gone, axis=0)))


def made(data: bytes, *overrides: tuple[str, str]) -> pipeline.Made:
    resolved = pipeline.resolve(Request(printer="mk4s", overrides=overrides), default_source())
    prepared = pipeline.prepare(
        pipeline.ModelInput(data, "ball.stl"), pipeline.Order(is_healed=True), resolved
    )
    return pipeline.make_program(prepared, executor=SerialExecutor(), progress=NoProgress())


def test_a_surface_with_holes_is_refused_and_healed_when_told_to(tmp_path) -> None:
    (tmp_path / "ball.stl").write_bytes(ball(lost=9))
    done = printstd("slice", "ball.stl", *MK4S, "-o", "a.gcode", cwd=tmp_path)
    assert done.code == 5
    assert "--heal" in done.err
    assert not (tmp_path / "a.gcode").exists()
    done = printstd(
        *("slice", "ball.stl", *MK4S, "--heal", "-o", "a.gcode", "--format", "json"), cwd=tmp_path
    )
    assert done.code == 0
    findings = json.loads(done.out)["subjects"][0]["sections"][0]["findings"]
    (told,) = (f for f in findings if f["rule_id"] == "GEO-02")
    assert told["status"] == "WARN"
    details = dict(told["details"])
    assert int(details["gaps"]) >= 9
    assert 0 < told["measured"] < 2.0 == told["limit"]
    assert details["layers"]
    assert told["where"][0]["layer"] is not None


def test_no_layer_is_lost_and_every_closure_is_told() -> None:
    one = made(ball(lost=9))
    whole = made(ball(lost=0))
    assert one.program.totals.n_layers == whole.program.totals.n_layers
    fed = one.program.totals.filament_um / whole.program.totals.filament_um
    assert fed == pytest.approx(1.0, abs=0.01)
    (told, _) = one.notices
    assert (told.rule_id, told.status) == ("GEO-02", Status.WARN)
    (clean, _) = whole.notices
    assert (clean.rule_id, clean.status) == ("GEO-02", Status.PASS)


def test_healing_a_sound_model_changes_no_byte() -> None:
    data = ball(lost=0)
    resolved = pipeline.resolve(Request(printer="mk4s"), default_source())
    prepared = pipeline.prepare(pipeline.ModelInput(data, "b.stl"), pipeline.Order(), resolved)
    plain = pipeline.make_program(prepared, executor=SerialExecutor(), progress=NoProgress())
    assert made(data).program.data == plain.program.data


def test_the_audit_heals_by_itself_within_the_bound_and_says_so() -> None:
    one = made(ball(lost=9))
    found = audit_program(one.program.data, one.plate.models[0].model.data, one.demand)
    assert failed_rules(found) == set()
    (place,) = (f for f in found.findings if f.rule_id == "G-01")
    assert place.status is Status.WARN
    assert place.measured is not None
    assert 0.02 < place.measured < 2.0
    assert {f.status for f in found.findings if f.rule_id == "G-03"} <= {Status.PASS, Status.WARN}
    # A program for another ball is still another part.
    other = made(ball(lost=0), ("compensation.xy_mm", "0.1"))
    wrong = audit_program(other.program.data, one.plate.models[0].model.data, one.demand)
    assert {"G-03"} <= failed_rules(wrong)


def test_what_is_closed_over_more_than_the_bound_is_not_judged() -> None:
    one = made(ball(lost=9), ("heal_gap_mm", "0.1"))
    found = audit_program(one.program.data, one.plate.models[0].model.data, one.demand)
    assert failed_rules(found) == set()
    statuses = {f.rule_id: f.status for f in found.findings}
    assert statuses["G-01"] is Status.INDETERMINATE
    assert {statuses[f"G-{n:02}"] for n in (3, 4, 5, 7, 8)} == {Status.NOT_EVALUATED}
    (why,) = {f.message for f in found.findings if f.rule_id == "G-03"}
    assert "not closed" in why


def test_a_healed_model_is_undecided_until_its_user_says_that_it_may_be(tmp_path) -> None:
    (tmp_path / "ball.stl").write_bytes(ball(lost=9))
    assert printstd("keys", "new", "k", cwd=tmp_path).code == 0
    call = ("certify", "ball.stl", *MK4S, "--heal", "--key", "k.key", "-o", "a.gcode")
    done = printstd(*call, cwd=tmp_path)
    assert done.code == 8, done.out + done.err
    assert "GEO-02" in done.out
    assert not list(tmp_path.glob("a.gcode*"))
    allowed = [
        word
        for rule in ("GEO-02", "PRN-01", "THK-01", "GEO-08")
        for word in ("--allow-undecided", rule)
    ]
    done = printstd(*call, *allowed, cwd=tmp_path)
    assert done.code == 0, done.out + done.err
    done = printstd("verify", "a.gcode", "--model", "ball.stl", "--trust", "k.pub", cwd=tmp_path)
    assert done.code == 0, done.out + done.err
    assert "--heal" in printstd("inspect", "a.gcode.cert.json", cwd=tmp_path).out


def test_a_facet_turned_over_is_turned_back() -> None:
    vertices, faces = solid_mesh(Manifold.cube((10, 10, 4)))
    faces = faces.copy()
    faces[3] = faces[3, ::-1]
    one = made(stl_binary((vertices, faces)))
    assert dict(one.notices[0].details)["facets turned over"] == "1"
    sound = made(stl_binary(solid_mesh(Manifold.cube((10, 10, 4)))))
    strip = one.program.totals.filament_um, sound.program.totals.filament_um
    assert strip[0] == strip[1]
