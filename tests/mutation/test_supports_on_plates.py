"""Supports and rafts of several parts: clear of all parts, under all of them, and judged so."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable

import numpy as np
import pytest
import shapely

from printstd import pipeline
from printstd.adapters.executors import ProcessExecutor
from printstd.artifacts.audit import ClaimedRole
from printstd.artifacts.demand import AuditDemand
from printstd.artifacts.finding import Status
from printstd.audit import read_motion
from printstd.audit.beads import Beads
from printstd.audit.regions import within
from printstd.audit.sorting import sort_beads
from printstd.errors import SlicingError
from printstd.profiles.decision import Outcome
from printstd.profiles.resolved import Request
from tests import meshes
from tests.projects import (
    BLOCKER,
    ENFORCER,
    SERIAL,
    SILENT,
    Thing,
    Volume,
    audited,
    failed,
    made,
    orca,
    prusa,
)
from tests.shares import share
from tests.unit.profiles.sources import BUNDLED

TEE = meshes.merged(meshes.box((10, 10, 12)), meshes.box((40, 10, 4), (0, 0, 12)))
"""Its arm hangs 12 mm above the bed from X 10 to 40."""
LOW = meshes.box((12, 8, 5), (20, 1, 0))
"""Stands under the arm."""
HELD = {"support_material": "1", "support_material_auto": "1"}
STYLES = ("grid", "snug", "tree")
SUPPORTS = (ClaimedRole.SUPPORT, ClaimedRole.SUPPORT_INTERFACE)
PLATE = (("process.supports.enabled", "true"), ("process.supports.style", "snug"))


@functools.cache
def over_another(style: str, **more: str) -> tuple[bytes, pipeline.Made]:
    """Two objects of one file, the lower one under the arm of the other."""
    data = prusa(Thing([Volume(TEE)]), Thing([Volume(LOW)], {"perimeters": "3"}))
    return data, made(data, supports__enabled="true", supports__style=style, **more)


def lines(own: pipeline.Made, *roles: ClaimedRole) -> tuple[np.ndarray, np.ndarray]:
    """((n,) linestrings, mm, frame of the model; (n,) Z) of the beads of some roles."""
    motion = read_motion(own.program.data, own.demand)
    chosen = (motion.width_um > 0) & np.isin(motion.claimed_role, roles)
    place = np.array((own.demand.parts or (own.demand,))[0].placement.translation_um)
    ends = np.stack([motion.start_um[chosen], motion.end_um[chosen]], axis=1) - place
    return shapely.linestrings(ends[:, :, :2] / 1000), ends[:, 1, 2] / 1000


@pytest.mark.parametrize("style", STYLES)
def test_clear_of_what_stands_below(style: str) -> None:
    data, own = over_another(style)
    audit, outcome = audited(own.program.data, data, own.demand)
    assert outcome is Outcome.PASSED, failed(audit)
    (hangs,) = (f for f in own.notices if f.rule_id == "PRN-01")
    assert hangs.status is Status.PASS
    beads, z = lines(own, *SUPPORTS)
    block, process = shapely.box(20, 1, 32, 9), own.plate.resolved.process
    supports, widths = process.supports, process.widths
    gap = supports.xy_gap_ratio * widths.external_perimeter_mm
    beside = (z > 0.3) & (z < 5.0)
    assert beside.any()
    near = shapely.distance(beads[beside], block).min() - widths.support_mm / 2
    assert near > gap - 0.03
    # Over it they stand on it, their distance apart.
    over = shapely.intersects(beads, shapely.box(21, 2, 31, 8))
    lowest = z[over].min() - process.layer_height_mm
    assert lowest >= 5.0 + supports.bottom_distance_mm - 1e-6
    if style != "tree":
        assert lowest < 5.0 + supports.bottom_distance_mm + 2 * process.layer_height_mm


def test_each_copy_has_its_supports() -> None:
    resolved = pipeline.resolve(Request(printer="mk4s", overrides=PLATE), BUNDLED)
    model = pipeline.ModelInput(meshes.stl_binary(TEE), "tee.stl")
    one = pipeline.prepare(model, pipeline.Order(), resolved)
    alone = pipeline.make_program(one, executor=SERIAL, progress=SILENT)
    plate = pipeline.plate_of([one], copies=3)
    own = pipeline.make_plate(plate, executor=SERIAL, progress=SILENT)
    same = pipeline.make_plate(plate, executor=ProcessExecutor(2), progress=SILENT)
    assert own.program.data == same.program.data
    audit, outcome = audited(own.program.data, model.data, own.demand)
    assert outcome is Outcome.PASSED, failed(audit)
    (beads, _), (single, _) = lines(own, *SUPPORTS), lines(alone, *SUPPORTS)
    assert shapely.length(beads).sum() == pytest.approx(3 * shapely.length(single).sum(), rel=0.02)
    # A machine that gives up a part gives up its supports with it, and no other's.
    for number, length in enumerate(_support_of_objects(own)):
        assert length == pytest.approx(shapely.length(single).sum(), rel=0.05), number


def _support_of_objects(own: pipeline.Made) -> list[float]:
    """Length of the supports between the labels of each object, mm."""
    motion = read_motion(own.program.data, own.demand)
    text = own.program.data.decode().splitlines()
    label = np.zeros(len(text) + 1, int)
    current = -1
    for number, line in enumerate(text, 1):
        if found := re.fullmatch(r"M486 S(-?\d+)", line):
            current = int(found[1])
        label[number] = current
    chosen = (motion.width_um > 0) & np.isin(motion.claimed_role, SUPPORTS)
    length = np.hypot(*(motion.end_um - motion.start_um)[chosen, :2].T) / 1000
    return np.bincount(label[motion.line[chosen]] + 1, length, 4)[1:].tolist()


@pytest.mark.parametrize("supports", ["false", "true"])
def test_a_raft_under_all(supports: str) -> None:
    data = prusa(Thing([Volume(TEE)]), Thing([Volume(LOW)], {"perimeters": "3"}))
    own = made(data, supports__enabled=supports, raft__layers="3")
    audit, outcome = audited(own.program.data, data, own.demand)
    assert outcome is Outcome.PASSED, failed(audit)
    beads, z = lines(own, *SUPPORTS)
    floor = own.demand.layers.floor_um / 1000
    tops = sorted({round(float(top), 3) for top in z if top < -0.01})
    assert len(tops) == 3
    upper = shapely.union_all(shapely.buffer(beads[np.abs(z - tops[-1]) < 0.01], 0.3))
    for foot in (shapely.box(0, 0, 10, 10), shapely.box(20, 1, 32, 9)):
        assert shapely.difference(foot, upper).area < 0.01 * foot.area
    # Without the raft under one of them.
    gone = _without_support(own, lambda x, y, z: (z < floor - 0.01) & (x > 15))
    audit, outcome = audited(gone, data, own.demand)
    assert outcome is Outcome.FAILED
    said = [message for message in failed(audit) if message.startswith("G-02")]
    assert said
    assert all("_object_2: " in message for message in said)


def _edited(own: pipeline.Made, change: Callable[[str, float, float, float], str]) -> bytes:
    """The program with every line of its supports changed: (line, X, Y, Z) in mm, X and Y in the
    frame of the model."""
    dx, dy, _ = (um / 1000 for um in own.demand.parts[0].placement.translation_um)
    x = y = z = 0.0
    is_support, found = False, []
    for line in own.program.data.decode().splitlines():
        if line.startswith(";TYPE:"):
            is_support = line.startswith(";TYPE:Support")
        words = dict(re.findall(r"([XYZ])(-?[\d.]+)", line)) if line.startswith("G1 ") else {}
        x, y = float(words.get("X", x)), float(words.get("Y", y))
        z = float(words.get("Z", z))
        found.append(change(line, x - dx, y - dy, z) if is_support and words else line)
    return "\n".join([*found, ""]).encode()


def _without_support(own: pipeline.Made, gone: Callable[[float, float, float], bool]) -> bytes:
    return _edited(
        own, lambda line, x, y, z: re.sub(r" E[\d.]+", "", line) if gone(x, y, z) else line
    )


def test_supports_that_cut_through_another_part_are_told() -> None:
    """Every line beside the block is drawn on into it."""
    data, own = over_another("snug")

    def into_block(line: str, x: float, y: float, z: float) -> str:
        if not 1 < z < 4 or not 32 < x < 36 or " E" not in line:
            return line
        return re.sub(r"X[\d.]+", lambda word: f"X{float(word[0][1:]) - 5:.3f}", line)

    wrong = _edited(own, into_block)
    assert wrong != own.program.data
    audit, outcome = audited(wrong, data, own.demand)
    assert outcome is Outcome.FAILED
    assert any("_object_2: " in message for message in failed(audit))


def test_a_bead_beside_one_part_that_enters_another() -> None:
    """Its middle lies beside both: nearer to the first, whose beads are judged."""
    ends = np.array([[[-4.0, 0.5], [12.0, 0.5]], [[-4.0, 0.5], [-1.0, 0.5]]]) * 1000
    n = len(ends)
    columns = {name: np.zeros(n) for name in Beads.__dataclass_fields__}
    columns |= {
        "start_um": ends[:, 0],
        "end_um": ends[:, 1],
        "middle_um": ends.mean(axis=1),
        "width_um": np.full(n, 400.0),
        "layer_offsets": np.array([0, n]),
    }
    known = {name: columns[name] for name in Beads.__dataclass_fields__}
    beads = Beads(**known)
    own, other = shapely.box(-9000, 0, -6000, 1000), shapely.box(9000, 0, 20000, 1000)
    is_in = within(own, beads.middle_um)
    asked = []

    def others(box: tuple[float, float, float, float]) -> list[object]:
        asked.append(box)
        return [other]

    found = sort_beads(beads, slice(0, n), own, is_in, others)
    assert found.outside.tolist() == [0, 1]
    assert found.entering_um[0] == pytest.approx(3160, abs=1)
    assert found.entering_um[1] == 0
    assert asked == [(-4000, 500, 12000, 500)]
    assert not sort_beads(beads, slice(0, n), own, is_in, lambda _: []).entering_um.any()


def test_supports_for_one_object_alone() -> None:
    beside = meshes.moved(TEE, (0, 14, 0))
    data = prusa(Thing([Volume(TEE)], HELD), Thing([Volume(beside)]))
    own = made(data)
    audit, outcome = audited(own.program.data, data, own.demand)
    assert outcome is Outcome.PASSED, failed(audit)
    beads, z = lines(own, *SUPPORTS)
    high = shapely.get_coordinates(beads[z > 0.3])[:, 1]
    assert high.min() > -2
    assert high.max() < 12
    (hangs,) = (f for f in own.notices if f.rule_id == "PRN-01")
    assert hangs.status is Status.WARN
    assert hangs.measured == pytest.approx(290, rel=0.03)


def test_supports_of_two_kinds_keep_clear_of_each_other() -> None:
    beside = meshes.moved(TEE, (0, 11, 0))
    other = HELD | {"support_material_style": "organic"}
    data = prusa(Thing([Volume(TEE)], HELD), Thing([Volume(beside)], other))
    own = made(data)
    audit, outcome = audited(own.program.data, data, own.demand)
    assert outcome is Outcome.PASSED, failed(audit)
    beads, z = lines(own, *SUPPORTS)
    width = own.plate.resolved.process.widths.support_mm
    for top in share(np.unique(z.round(3)), 4):
        layer = beads[np.abs(z - top) < 0.01]
        covered = shapely.union_all(shapely.buffer(layer, width / 2, cap_style="flat")).area
        assert shapely.length(layer).sum() * width < 1.25 * covered + 1.0, top


@pytest.mark.parametrize("project", [prusa, orca])
def test_blockers(project: Callable[..., bytes]) -> None:
    """Of the arm, 30 mm long, the outer half is not to be held."""
    blocker = Volume(meshes.box((40, 30, 30), (25, -10, -5)), BLOCKER)
    data = project(Thing([Volume(TEE), blocker]))
    on = {"supports__enabled": "true", "supports__style": "snug"}
    own = made(data, **on)
    audit, outcome = audited(own.program.data, data, own.demand)
    assert outcome is Outcome.PASSED, failed(audit)
    beads, z = lines(own, *SUPPORTS)
    along = shapely.get_coordinates(beads[z > 0.3])[:, 0]
    assert along.max() < 25.0
    assert along.max() > 24.0
    told = [f for f in own.notices if f.rule_id == "PAR-01"]
    assert ["1 support blocker" in f.message for f in told] == [True]


@pytest.mark.parametrize("project", share([prusa, orca], 2))
def test_enforcers_hold_what_hardly_hangs(project: Callable[..., bytes]) -> None:
    """In an enforcer alone."""
    on = {"supports__enabled": "true", "supports__style": "snug"}
    slope = (meshes.prism([(0, 0), (20, 0), (29, 10), (0, 10)], 20)[0][:, [0, 2, 1]],)
    leaning = slope[0], meshes.inside_out(meshes.prism([(0, 0), (20, 0), (29, 10), (0, 10)], 20))[1]
    enforcer = Volume(meshes.box((40, 8, 20), (-5, 6, -5)), ENFORCER)
    steep = {**on, "supports__angle_deg": "30"}
    assert not len(lines(made(project(Thing([Volume(leaning)])), **steep), *SUPPORTS)[0])
    data = project(Thing([Volume(leaning), enforcer]))
    own = made(data, **steep)
    audit, outcome = audited(own.program.data, data, own.demand)
    assert outcome is Outcome.PASSED, failed(audit)
    beads, z = lines(own, *SUPPORTS)
    across = shapely.get_coordinates(beads[z > 0.3])[:, 1]
    assert across.min() > 5.0
    assert across.max() < 15.0
    (left,) = (f for f in made(data).notices if f.rule_id == "PAR-01")
    assert left.status is Status.WARN
    assert "1 support enforcer (supports are off" in left.message


def test_one_after_the_other_they_are_refused() -> None:
    resolved = pipeline.resolve(
        Request(printer="mk4s", overrides=(*PLATE, ("process.plate.by_object", "true"))), BUNDLED
    )
    model = pipeline.ModelInput(meshes.stl_binary(meshes.box((10, 10, 4))), "box.stl")
    own = pipeline.plate_of([pipeline.prepare(model, pipeline.Order(), resolved)], copies=2)
    with pytest.raises(SlicingError) as refused:
        pipeline.make_plate(own, executor=SERIAL, progress=SILENT)
    assert refused.value.code == "SLICE-12"


def test_the_demand_lets_supports_lie_beside_every_part() -> None:
    data = prusa(Thing([Volume(TEE)], HELD), Thing([Volume(LOW)], {"perimeters": "3"}))
    own = made(data)
    limits = [part.integrity for part in own.demand.parts]
    assert own.demand.integrity.supports_allowed
    assert all(one is None or one.supports_allowed for one in limits)
    plain = made(prusa(Thing([Volume(TEE)]), Thing([Volume(LOW)], {"perimeters": "3"})))
    assert not plain.demand.integrity.supports_allowed
    audit, outcome = audited(own.program.data, data, _with_models(plain.demand, own.demand))
    assert outcome is Outcome.FAILED
    assert any(message.startswith("G-11") for message in failed(audit))


def _with_models(demand: AuditDemand, other: AuditDemand) -> AuditDemand:
    from dataclasses import replace

    return replace(
        demand,
        parts=tuple(
            replace(part, model_sha256=of.model_sha256)
            for part, of in zip(demand.parts, other.parts, strict=True)
        ),
    )
