"""A declared spiral passes; one that was not declared, that is broken, uneven, off its outline, or
lacks a turn does not."""

from __future__ import annotations

import functools
import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from manifold3d import Manifold

from printstd import pipeline
from printstd.adapters.profile_files import default_source
from printstd.artifacts.demand import AuditDemand
from printstd.artifacts.finding import Status
from printstd.audit import audit_program
from printstd.profiles.resolved import Request
from tests.meshes import stl_binary
from tests.mutation.operators import Lines, Operator, inserted, moved, scaled_e, without
from tests.mutation.own_programs import made, tagged
from tests.mutation.test_mutants import failed_rules
from tests.mutation.tiny_slicer import as_bytes
from tests.shares import crossed
from tests.stacks import solid_mesh

VASE = (
    ("spiral_vase.is_on", "true"),
    ("walls.count", "1"),
    ("shells.top_layers", "0"),
    ("infill.density_ratio", "0.0"),
)
CENTRE = (110.0, 110.0)


def parts() -> dict[str, Manifold]:
    return {
        "box": Manifold.cube((24, 18, 6)),
        "cone": Manifold.cylinder(6, 10, 12, 60),
        "funnel": Manifold.cylinder(6, 11, 9.5, 60),
        # A smooth turn must not cut across its step.
        "stepped": Manifold.cube((24, 18, 3)) + Manifold.cube((22.8, 18, 6)),
        "steep": Manifold.cylinder(4, 8, 12, 60),
    }


@functools.cache
def vase(part: str, smooth: str = "false") -> tuple[bytes, bytes, AuditDemand]:
    settings = (*VASE, ("spiral_vase.is_smooth", smooth))
    request = Request(
        printer="ender3-v2", material="pla", process="standard-0.20", overrides=settings
    )
    resolved = pipeline.resolve(request, default_source())
    model = pipeline.ModelInput(stl_binary(solid_mesh(parts()[part])), "vase.stl")
    done = made(pipeline.prepare(model, pipeline.Order(), resolved))
    return done.program.data, model.data, done.demand


@pytest.mark.parametrize(("part", "smooth"), crossed(parts(), ["false", "true"], one_in=2))
def test_a_declared_spiral_passes(part: str, smooth: str) -> None:
    found = audit_program(*vase(part, smooth))
    assert failed_rules(found) == set()
    # So steep a wall is short of the model by all that its class allows, and U decides no more.
    open_ = {"G-05"} if part == "steep" else set()
    assert {f.rule_id for f in found.findings if f.status is Status.INDETERMINATE} == open_


def test_a_spiral_that_was_not_declared_fails() -> None:
    program, model, demand = vase("box")
    flat = replace(demand, layers=replace(demand.layers, spiral_from=0))
    assert {"M-11", "G-02"} <= failed_rules(audit_program(program, model, flat))


def test_flat_layers_are_no_spiral() -> None:
    program, model, demand = vase("box")
    lines = []
    for line in program.decode("ascii").splitlines():
        words = line.split()
        if line.startswith("G1 ") and any(w[0] == "E" and w[1] != "-" for w in words[1:]):
            # Each bead at the height of the layer that it ends in.
            words = [f"Z{-(-float(w[1:]) // 0.2) * 0.2:.3f}" if w[0] == "Z" else w for w in words]
        lines.append(" ".join(words))
    assert failed_rules(audit_program(as_bytes(lines), model, demand))


def stepped(lines: Lines, rng: random.Random) -> Lines:
    """Half of one turn's rise at its start."""
    del rng
    out, layer = [], -1
    for line in lines:
        layer += line.startswith(";LAYER:")
        words = line.split()
        if layer == 12 and line.startswith("G1 X") and any(w[0] == "Z" for w in words):
            words = [f"Z{float(w[1:]) + 0.02:.3f}" if w[0] == "Z" else w for w in words]
        out.append(" ".join(words))
    return out


def in_layer(number: int) -> Callable[..., bool]:
    return lambda row: row.layer == number and row.kind == "outer"


MUTANTS: dict[str, tuple[Operator, set[str]]] = {
    "one turn rises unevenly": (stepped, {"M-11"}),
    "one turn left out": (without(in_layer(15)), {"G-04", "G-08"}),
    "the spiral stops and draws back": (
        inserted("G1 E-0.8 F2100", "G1 E0.8 F2100", before_layer=14),
        {"M-11"},
    ),
    "the nozzle goes aside": (
        inserted("G1 X150 Y150 F9000", "G1 X110 Y110 F9000", before_layer=14),
        {"M-11"},
    ),
    "half a turn starved": (scaled_e(0.5, in_layer(14)), {"G-04"}),
    "everything fed at half": (scaled_e(0.5, lambda row: row.layer > 4), {"G-04"}),
    "one turn shifted": (moved(lambda x, y: (x + 0.3, y), in_layer(14)), {"G-03"}),
    "the spiral too wide": (
        moved(
            lambda x, y: (CENTRE[0] + (x - CENTRE[0]) * 1.03, CENTRE[1] + (y - CENTRE[1]) * 1.03),
            lambda row: row.layer > 4,
        ),
        {"G-03"},
    ),
}


@pytest.mark.parametrize(("name", "smooth"), crossed(MUTANTS, ["false", "true"], one_in=2))
def test_a_wrong_spiral_is_found(name: str, smooth: str) -> None:
    program, model, demand = vase("cone", smooth)
    operator, wanted = MUTANTS[name]
    mutant = as_bytes(operator(tagged(program), random.Random(1)))
    assert mutant != as_bytes(tagged(program))
    assert wanted <= failed_rules(audit_program(mutant, model, demand))


def test_the_same_turns_lie_off_where_smooth_ones_are_not_declared() -> None:
    program, model, demand = vase("steep", "true")
    stiff = replace(demand, layers=replace(demand.layers, is_smooth=False))
    assert "G-04" in failed_rules(audit_program(program, model, stiff))
