"""Negative volumes of projects: read by both readers, cut by both sides, each for itself."""

from __future__ import annotations

import functools
from dataclasses import replace

import numpy as np
import pytest
from manifold3d import Manifold

from printstd import pipeline
from printstd.adapters.executors import SerialExecutor
from printstd.artifacts.finding import Status
from printstd.audit import audit_program
from printstd.audit.model import read_solid
from printstd.errors import InputError, SlicingError
from printstd.kernels.rings import Rings, area_mm2
from printstd.kernels.solid import signed_volume_mm3
from printstd.profiles.decision import Outcome, decide
from printstd.profiles.resolved import Request
from printstd.slicing import slice_mesh
from tests import meshes
from tests.meshes import Triangles, mesh_xml, model_xml, zip_3mf
from tests.stacks import Silent
from tests.unit.profiles.sources import BUNDLED

SERIAL, SILENT = SerialExecutor(), Silent()
BLOCK = meshes.box((30, 20, 6))
HOLE = meshes.moved(meshes.cylinder(radius=4, height=8, n_sides=40), (10, 10, 2))
NOTCH = meshes.box((8, 30, 3), (24, -5, 4))
"""A blind hole of round section, and a step that takes a corner of the block away."""


def prusa(material: Triangles, *cuts: Triangles, last: int | None = None) -> bytes:
    """One mesh, its volumes ranges of triangles."""
    whole = meshes.merged(material, *cuts)
    rows, first = [], 0
    for number, part in enumerate((material, *cuts)):
        end = first + len(part[1]) - 1
        kind = "NegativeVolume" if number else "ModelPart"
        rows.append(
            f'<volume firstid="{first}" lastid="{end if last is None else last}">'
            f'<metadata type="volume" key="volume_type" value="{kind}"/></volume>'
        )
        first = end + 1
    config = f'<?xml version="1.0"?><config><object id="1">{"".join(rows)}</object></config>'
    return zip_3mf(
        model_xml(
            f'<object id="1" type="model">{mesh_xml(whole)}</object>', '<item objectid="1"/>'
        ),
        {"Metadata/Slic3r_PE_model.config": config},
    )


def bambu(material: Triangles, *cuts: Triangles, other: Triangles | None = None) -> bytes:
    """Every volume an object of its own, parts of one."""
    parts = (material, *cuts)
    objects = "".join(
        f'<object id="{n}" type="model">{mesh_xml(part)}</object>'
        for n, part in enumerate(parts, 1)
    )
    uses = "".join(f'<component objectid="{n}"/>' for n in range(1, len(parts) + 1))
    objects += f'<object id="90" type="model"><components>{uses}</components></object>'
    items = '<item objectid="90"/>'
    if other is not None:
        objects += f'<object id="91" type="model">{mesh_xml(other)}</object>'
        items += '<item objectid="91"/>'
    rows = "".join(
        f'<part id="{n}" subtype="{"negative_part" if n > 1 else "normal_part"}"/>'
        for n in range(1, len(parts) + 1)
    )
    config = f'<?xml version="1.0"?><config><object id="90">{rows}</object></config>'
    return zip_3mf(model_xml(objects, items), {"Metadata/model_settings.config": config})


def solid(*parts: Triangles) -> Manifold:
    """The first less the others: the oracle."""
    whole, *others = (Manifold.hull_points(points) for points, _ in parts)
    for other in others:
        whole = whole - other
    return whole


@functools.cache
def prepared(data: bytes) -> pipeline.Prepared:
    resolved = pipeline.resolve(Request(printer="mk4s"), BUNDLED)
    return pipeline.prepare(pipeline.ModelInput(data, "p.3mf"), pipeline.Order(), resolved)


formats = pytest.mark.parametrize("project", [prusa, bambu])


@formats
def test_both_readers_keep_material_and_cuts_apart(project) -> None:
    data = project(BLOCK, HOLE, NOTCH)
    file, audited = prepared(data).file, read_solid(data)
    assert file.cut is not None
    assert audited.cut is not None
    for mesh, own, parts in (
        (file.mesh, audited, [BLOCK]),
        (file.cut, audited.cut, [HOLE, NOTCH]),
    ):
        wanted = sum(meshes.signed_volume(part) for part in parts)
        assert signed_volume_mm3(mesh.vertices_mm, mesh.faces) == pytest.approx(wanted, rel=1e-5)
        assert own.signed_volume == pytest.approx(wanted, rel=1e-5)
    assert "3MF-036" in str(file.findings)


@formats
def test_layers_are_those_of_the_difference(project) -> None:
    own = prepared(project(BLOCK, HOLE, NOTCH))
    assert own.placement is not None
    cut = slice_mesh(
        own.file.mesh, own.placement, own.resolved, executor=SERIAL, progress=SILENT,
        cut=own.file.cut,
    )  # fmt: skip
    whole = solid(BLOCK, HOLE, NOTCH)
    for layer, z_nm in enumerate(cut.slice_z_nm.tolist()):
        wanted = whole.slice(z_nm / 1e6).area()
        assert area_mm2(Rings(*cut.rings_of(layer))) == pytest.approx(wanted, abs=0.6)
    assert cut.n_layers == 30


@formats
def test_the_program_of_the_difference_passes_and_every_other_fails(project) -> None:
    """Made with the cuts it is this part; made without them, or with one of them, it is not."""
    data = project(BLOCK, HOLE, NOTCH)
    made = pipeline.make_program(prepared(data), executor=SERIAL, progress=SILENT)

    def outcome(program: bytes) -> Outcome:
        audit = audit_program(program, data, made.demand)
        return decide(
            audit.findings, rules_run=audit.rules_run, mandatory=made.demand.mandatory_rules
        ).outcome

    assert outcome(made.program.data) is Outcome.PASSED
    for fewer in ((), (HOLE,), (NOTCH,)):
        other = project(BLOCK, *fewer) if fewer else meshes.stl_binary(BLOCK)
        wrong = pipeline.make_program(prepared(other), executor=SERIAL, progress=SILENT)
        assert outcome(wrong.program.data) is Outcome.FAILED


def test_a_size_that_a_cut_takes_away_is_judged_as_it_is_left() -> None:
    """The block loses a whole end: 30 mm long as filed, 22 as printed."""
    end = meshes.box((10, 30, 10), (22, -5, -2))
    data = bambu(BLOCK, end)
    made = pipeline.make_program(prepared(data), executor=SERIAL, progress=SILENT)
    audit = audit_program(made.program.data, data, made.demand)
    assert audit.measured.extents_um is not None
    assert audit.measured.extents_um[0] == pytest.approx(22_000, abs=60)
    assert not [f.message for f in audit.findings if f.status is Status.FAIL]


def test_what_cannot_be_cut_is_refused() -> None:
    beside = meshes.moved(BLOCK, (28, 0, 0))
    with pytest.raises(InputError) as reaches:
        prepared(bambu(BLOCK, NOTCH, other=beside))
    assert reaches.value.code == "3MF-043"
    with pytest.raises(InputError) as absent:
        prepared(prusa(BLOCK, HOLE, last=10_000))
    assert absent.value.code == "3MF-044"
    with pytest.raises(InputError):
        read_solid(prusa(BLOCK, HOLE, last=10_000))
    all_of_it = prepared(bambu(BLOCK, meshes.box((40, 40, 20), (-5, -5, -5))))
    with pytest.raises(SlicingError, match="nothing printable"):
        pipeline.make_program(all_of_it, executor=SERIAL, progress=SILENT)
    open_hole = prepared(bambu(BLOCK, meshes.without(HOLE, [0])))
    with pytest.raises(SlicingError, match="open"):
        pipeline.make_program(open_hole, executor=SERIAL, progress=SILENT)


TALL = meshes.box((30, 30, 10.13))


@pytest.mark.parametrize("bound", [{}, {"layers__max_surface_error_um": "60"}])
@pytest.mark.parametrize(
    ("cut", "top_um"),
    [
        (meshes.box((40, 40, 20), (-5, -5, 9.9)), 9_900),
        (meshes.box((30, 30, 20), (0, 0, 9.0)), 9_000),
        (meshes.box((40, 40, 20), (-5, -5, 5.07)), 5_070),
        (meshes.box((40, 40, 20), (-5, -5, 3.33)), 3_330),
        (meshes.box((40, 40, 0.2), (-5, -5, 10.0)), 10_000),
        (meshes.box((20, 40, 20), (-5, -5, 4.0)), 10_130),
        (meshes.moved(meshes.cylinder(6, 20), (15, 15, 4.07)), 10_130),
    ],
    ids=["high", "flush", "low", "lower", "lid", "half", "hole"],
)
def test_an_exact_top_is_that_of_what_is_left(
    cut: Triangles, top_um: int, bound: dict[str, str]
) -> None:
    from tests.projects import audited, failed, made

    data = prusa(TALL, cut)
    own = made(data, layers__exact_top="true", **bound)
    assert own.demand.layers.top_um[-1] == top_um
    audit, outcome = audited(own.program.data, data, own.demand)
    assert outcome is Outcome.PASSED, failed(audit)
    # A program that ends elsewhere is told so.
    shifted = made(prusa(TALL, meshes.moved(cut, (0, 0, -0.6))), layers__exact_top="true", **bound)
    if shifted.demand.layers.top_um[-1] != top_um:
        wrong = replace(own.demand, layers=shifted.demand.layers)
        said = failed(audited(shifted.program.data, data, wrong)[0])
        assert any(message.startswith("G-02") and "the plan ends" in message for message in said)


def test_an_exact_top_where_slopes_meet() -> None:
    """A roof cut out of a block by two wedges: its ridge is no vertex of either."""
    from tests.projects import audited, failed, made

    left = meshes.prism([(-5, 1), (20, 11), (20, 20), (-5, 20)], 40)
    right = meshes.prism([(35, 1), (35, 20), (10, 20), (10, 11)], 40)
    upright = [(np.stack([v[:, 0], 35 - v[:, 2], v[:, 1]], axis=1), f) for v, f in (left, right)]
    data = prusa(TALL, *upright)
    own = made(data, layers__exact_top="true")
    assert abs(own.demand.layers.top_um[-1] - 9_000) <= 2
    audit, outcome = audited(own.program.data, data, own.demand)
    assert outcome is Outcome.PASSED, failed(audit)
