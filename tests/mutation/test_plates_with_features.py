"""Plates with all that one part can have: honest programs pass, one without walls does not."""

from __future__ import annotations

import functools
import re

import numpy as np
import pytest

from printstd import pipeline
from printstd.errors import SlicingError
from printstd.profiles.decision import Outcome, decide
from tests import plates
from tests.plates import audited, dried, failures, made
from tests.shares import share

BY_OBJECT = (("plate.by_object", "true"),)
VARIABLE = (("walls.generator", "variable"),)
ARCS = (("arcs.max_deviation_mm", "0.0125"),)
RAMPS = (("printer.retraction.hop_slope_deg", "5"),)
RANGES = (("ranges", "[{from_mm=1.0, to_mm=1.8, walls={count=3}, infill={density_ratio=0.4}}]"),)
HEIGHTS = (("ranges", "[{from_mm=1.0, to_mm=1.8, layer_height_mm=0.1}]"),)
BOUNDED = (("layers.max_surface_error_um", "60"), ("layers.exact_top", "true"))
WALLS = (
    ("overhangs.is_dynamic", "true"),
    ("fuzzy_skin.walls", "outer"),
    ("walls.one_on_top", "true"),
)
INFILL = (
    ("infill.pattern", "lightning"),
    ("ironing.surfaces", "top"),
)
DIFFERENT, ALIKE = ("block", "low", "post"), ("post", "post", "post")
HONEST = {
    "variable walls and arcs": (DIFFERENT, (*VARIABLE, *ARCS)),
    "polygons": (DIFFERENT, (("compensation.circle_chord_mm", "0"),)),
    "ranges": (DIFFERENT, RANGES),
    "layers of other heights in a range": (DIFFERENT, HEIGHTS),
    "bounded heights": (ALIKE, BOUNDED),
    "walls": (DIFFERENT, WALLS),
    "infill": (DIFFERENT, INFILL),
    "thick infill": (
        DIFFERENT,
        (("infill.pattern", "grid"), ("infill.combine_layers", "2"), ("layer_height_mm", "0.15")),
    ),
    "one by one": (DIFFERENT, (*BY_OBJECT, *VARIABLE, *ARCS, *RAMPS, *RANGES)),
    "one by one, walls and infill": (DIFFERENT, (*BY_OBJECT, *WALLS, *INFILL)),
    "one by one, bounded heights": (ALIKE, (*BY_OBJECT, *BOUNDED, *RAMPS)),
}


@functools.cache
def plate(names: tuple[str, ...], overrides: tuple[tuple[str, str], ...]) -> pipeline.Plate:
    return pipeline.plate_of([plates.part(name, *overrides) for name in names])


@functools.cache
def made_of(kind: str) -> pipeline.Made:
    return made(plate(*HONEST[kind]))


def outcome(own: pipeline.Made, demand=None) -> Outcome:
    demand = demand or own.demand
    found = audited(own.program.data, own.plate, demand)
    return decide(
        found.findings, rules_run=found.rules_run, mandatory=demand.mandatory_rules
    ).outcome


@pytest.mark.parametrize("kind", HONEST)
def test_an_honest_plate_passes_and_one_without_a_parts_beads_fails(kind):
    own = made_of(kind)
    assert outcome(own) is Outcome.PASSED
    if kind not in share(HONEST, 2):
        return
    label = own.plate.stands[1].label
    cut = dried(own.program.data, 1, ["External perimeter"])
    found = failures(audited(cut, own.plate, own.demand))
    assert ("G-04", label) in found
    assert not {part for rule, part in found if rule == "G-04"} - {label}


# Of rough walls the place is only known where it is declared.
@pytest.mark.parametrize(
    "kind", share((kind for kind, (_, own) in HONEST.items() if WALLS[1] not in own), 3)
)
def test_a_plate_of_an_unknown_maker_passes_too(kind):
    own = made_of(kind)
    parts = [own.plate.models[stand.model] for stand in own.plate.stands]
    assert outcome(own, pipeline.foreign_demand(parts, supports_allowed=False)) is Outcome.PASSED


@pytest.mark.parametrize("kind", HONEST)
def test_labels_cover_each_objects_moves_and_no_others(kind):
    """Every bead between an object's labels lies over its model, and all of its beads do."""
    own = made_of(kind)
    boxes = []
    for stand in own.plate.stands:
        vertices = own.plate.models[stand.model].file.mesh.vertices_mm
        place = np.array(stand.placement.translation_um) / 1000
        boxes.append((vertices.min(axis=0) + place - 0.3, vertices.max(axis=0) + place + 0.3))
    current, kind_of, laid = -1, "", np.zeros(len(boxes))
    for line in own.program.data.decode("ascii").splitlines():
        if line.startswith("M486 S"):
            current = int(line.removeprefix("M486 S"))
        elif line.startswith(";TYPE:"):
            kind_of = line.removeprefix(";TYPE:")
        elif match := re.match(r"G[123] X([-\d.]+) Y([-\d.]+).* E([\d.]+)", line):
            if kind_of == "Custom":
                continue
            assert (current < 0) == (kind_of == "Skirt/Brim"), line
            if current >= 0:
                low, high = boxes[current]
                at = np.array([float(match[1]), float(match[2])])
                assert ((at >= low[:2]) & (at <= high[:2])).all(), line
                laid[current] += float(match[3])
    assert (laid > 10).all()


def test_widened_walls_of_copies_hold_what_the_part_alone_does():
    """Widenings go along with their paths, whichever part comes first."""
    volumes = []
    for n in (1, 3):
        own = made(plate(("angle",) * n, VARIABLE))
        found = audited(own.program.data, own.plate, own.demand).findings
        volumes += [finding.measured for finding in found if finding.rule_id == "G-13"]
    assert len(volumes) == 4
    assert volumes == pytest.approx([volumes[0]] * 4, rel=1e-4)


def test_a_ramp_never_leads_to_another_object():
    """On the way from a finished part the head rises before it goes anywhere."""
    own = made_of("one by one")
    lines = own.program.data.decode("ascii").splitlines()
    begun = set()
    for at, line in enumerate(lines):
        if match := re.match(r"M486 S(\d+)$", line):
            number = int(match[1])
            if begun and number not in begun:
                ways = [one for one in lines[at - 12 : at + 12] if re.match(r"G1 .*X.*Z", one)]
                assert not ways, ways
            begun.add(number)
    assert len(begun) == 3


def test_parts_whose_surfaces_want_other_layers_are_refused():
    for overrides in (BOUNDED, (*BY_OBJECT, *BOUNDED)):
        with pytest.raises(SlicingError, match="same layers") as refused:
            made(plate(("block", "post"), overrides))
        assert refused.value.code == "SLICE-09"


def test_a_plate_of_spirals_is_refused():
    overrides = (
        ("spiral_vase.is_on", "true"),
        ("walls.count", "1"),
        ("shells.top_layers", "0"),
        ("infill.density_ratio", "0"),
    )
    with pytest.raises(SlicingError, match="spiral vase") as refused:
        made(plate(("post", "post"), overrides))
    assert refused.value.code == "SLICE-11"
