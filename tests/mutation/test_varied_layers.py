"""Layers of different heights and ranges of settings: honest programs pass their own audit, and
fail one that asks for more of a single range or of the plan itself."""

from __future__ import annotations

import functools
from dataclasses import replace

import numpy as np
import pytest
from manifold3d import Manifold

from printstd import pipeline
from printstd.adapters.executors import SerialExecutor
from printstd.adapters.profile_files import default_source
from printstd.adapters.progress import NoProgress
from printstd.artifacts.audit import Audit
from printstd.artifacts.demand import AuditDemand
from printstd.artifacts.finding import Status
from printstd.artifacts.layer_plan import LayerPlan
from printstd.audit import audit_program
from printstd.profiles.resolved import Request
from tests.meshes import stl_binary
from tests.mutation.test_mutants import failed_rules
from tests.stacks import solid_mesh

PRINTER = "mk4s"
"""Its start code purges at 0.3 mm."""


def part() -> Manifold:
    """A block with a sloped roof over a tenth of its height, and a step."""
    block = Manifold.cube((24, 20, 6.13))
    return block + Manifold.cylinder(1.43, 8.0, 5.0, 40).translate((12, 10, 6.13))


@functools.cache
def made(*overrides: tuple[str, str]) -> pipeline.Made:
    request = Request(printer=PRINTER, overrides=overrides)
    resolved = pipeline.resolve(request, default_source())
    model = pipeline.ModelInput(stl_binary(solid_mesh(part())), "part.stl")
    prepared = pipeline.prepare(model, pipeline.Order(), resolved)
    return pipeline.make_program(prepared, executor=SerialExecutor(), progress=NoProgress())


def audited(one: pipeline.Made, demand: AuditDemand | None = None) -> Audit:
    return audit_program(one.program.data, one.plate.models[0].model.data, demand or one.demand)


def ranges(text: str) -> tuple[str, str]:
    return ("ranges", f"[{{from_mm=2.0, to_mm=4.4, {text}}}]")


HONEST = {
    "plain": (),
    "exact top": (("layers.exact_top", "true"),),
    "bounded": (("layers.max_surface_error_um", "60"),),
    "a layer at the purge's height": (
        ("ranges", "[{from_mm=0.2, to_mm=0.5, layer_height_mm=0.1}]"),
    ),
    "heights": (ranges("layer_height_mm=0.12"),),
    "walls": (ranges("walls={count=4}"),),
    "fewer walls": (ranges("walls={count=1}"),),
    "denser": (ranges("infill={density_ratio=0.4}"),),
    "hollow": (ranges("infill={density_ratio=0.0}"),),
    "full": (ranges("infill={density_ratio=1.0}"),),
    "shells": (ranges("shells={top_layers=14}"),),
    "all of it": (
        ("layers.max_surface_error_um", "60"),
        ("layers.exact_top", "true"),
        ranges('layer_height_mm=0.25, walls={count=3}, infill={density_ratio=0.3, pattern="grid"}'),
    ),
}


@pytest.mark.parametrize("name", list(HONEST))
def test_an_honest_program_passes(name: str) -> None:
    one = made(*HONEST[name])
    assert failed_rules(audited(one)) == set()
    assert one.demand.layers.is_varied == (name != "plain")
    if name != "plain":
        tops = one.demand.layers.top_um
        assert len(set(np.diff([0, *tops]).tolist())) > 1 or "ranges" in dict(HONEST[name])


@pytest.mark.parametrize(
    ("program", "asked", "rule"),
    [
        ("fewer walls", "walls", "G-08"),
        ("walls", "walls={count=6}", "G-08"),
        ("walls", "infill={density_ratio=0.4}", "G-09"),
        ("hollow", "infill={density_ratio=0.15}", "G-09"),
        ("walls", "infill={density_ratio=1.0}", "G-09"),
        ("walls", "shells={top_layers=14}", "G-07"),
        ("walls", "shells={top_min_thickness_mm=2.9}", "G-07"),
    ],
)
def test_what_one_range_asks_for_is_asked_of_it(program: str, asked: str, rule: str) -> None:
    """The rest of the part is as everywhere; only the range's own layers have less than this."""
    text = dict(HONEST[asked])["ranges"] if asked in HONEST else ranges(asked)[1]
    one = made(*HONEST[program])
    # A range of its own height would have other layers: the plan stays the program's.
    other = replace(made(("ranges", text)).demand, layers=one.demand.layers)
    assert rule in failed_rules(audited(one, other))


@pytest.mark.parametrize("name", ["exact top", "bounded", "heights", "all of it"])
def test_a_program_whose_plan_nobody_declared_is_read_for_it(name: str) -> None:
    one = made(*HONEST[name])
    asked = replace(one.demand.layers, count=None, top_um=())
    found = audited(one, replace(one.demand, layers=asked))
    assert failed_rules(found) == set()
    assert found.measured.layers == len(one.demand.layers.top_um)


def test_a_layer_left_out_of_such_a_program_is_found() -> None:
    one = made(*HONEST["bounded"])
    asked = replace(one.demand, layers=replace(one.demand.layers, count=None, top_um=()))
    lines = lines_of(one.program.data)
    starts = [i for i, line in enumerate(lines) if line == b";LAYER_CHANGE"]
    for layer in (12, len(starts) - 1):
        rest = lines[starts[layer + 1] :] if layer + 1 < len(starts) else lines[-40:]
        cut = b"\n".join([*lines[: starts[layer]], *rest])
        assert "G-02" in failed_rules(audit_program(cut, one.plate.models[0].model.data, asked))


def test_a_range_does_not_make_up_for_another() -> None:
    """Dense below, too thin above: on the whole there is more than enough."""
    dense = "{from_mm=0.0, to_mm=3.0, infill={density_ratio=0.6}}"
    one = made(("ranges", f"[{dense}, {{from_mm=3.0, to_mm=9.0, infill={{density_ratio=0.08}}}}]"))
    other = made(("ranges", f"[{dense}]"))
    assert failed_rules(audited(one)) == set()
    assert "G-09" in failed_rules(audited(one, other.demand))


def plans(layers: LayerPlan) -> dict[str, LayerPlan]:
    """Plans that are not what was asked for, though the program keeps them."""
    return {
        "thicker than the nozzle lays": replace(layers, window_um=(70, 240)),
        "thinner than the nozzle lays": replace(layers, window_um=(250, 300)),
        "nearer to the surface": replace(layers, max_error_um=50),
    }


@pytest.mark.parametrize("name", list(plans(LayerPlan(0, 0, None))))
def test_a_plan_that_is_not_what_was_asked_for_fails(name: str) -> None:
    one = made(("layers.max_surface_error_um", "60"))
    assert failed_rules(audited(one)) == set()
    wrong = replace(one.demand, layers=plans(one.demand.layers)[name])
    assert failed_rules(audited(one, wrong)) == {"G-02"}


def test_a_top_that_was_to_be_exact_is() -> None:
    off = made(ranges("walls={count=2}"))
    assert failed_rules(audited(off)) == set()
    exact = replace(off.demand, layers=replace(off.demand.layers, is_top_exact=True))
    (finding,) = (f for f in audited(off, exact).findings if f.status is Status.FAIL)
    assert finding.rule_id == "G-02"
    assert finding.measured == pytest.approx(0.04)
    on = made(("layers.exact_top", "true"))
    assert on.demand.layers.is_top_exact
    assert failed_rules(audited(on)) == set()
    assert on.demand.layers.top_um[-1] == 7560


def lines_of(program: bytes) -> list[bytes]:
    return program.split(b"\n")


def test_a_layer_laid_before_the_first_is_no_purge() -> None:
    one = made(("layers.exact_top", "true"))
    lines = lines_of(one.program.data)
    starts = [i for i, line in enumerate(lines) if line == b";LAYER_CHANGE"]
    first, second, third = starts[:3]
    swapped = [*lines[:first], *lines[second:third], *lines[first:second], *lines[third:]]
    early = audit_program(b"\n".join(swapped), one.plate.models[0].model.data, one.demand)
    assert "G-02" in failed_rules(early)
    twice = [*lines[:first], *lines[second:third], *lines[first:]]
    doubled = audit_program(b"\n".join(twice), one.plate.models[0].model.data, one.demand)
    assert "G-02" in failed_rules(doubled)


def test_the_certificate_of_other_ranges_is_not_taken_over() -> None:
    from printstd.errors import UsageError
    from printstd.profiles.demand import declared_demand

    one, other = made(*HONEST["walls"]), made(*HONEST["fewer walls"])
    source = one.plate.models[0].file.mesh.source
    assert declared_demand(one.plate.models[0].resolved, [source], one.demand) == one.demand
    with pytest.raises(UsageError, match="another request"):
        declared_demand(other.plate.models[0].resolved, [source], one.demand)
    bounded = made(*HONEST["bounded"])
    with pytest.raises(UsageError, match="another request"):
        declared_demand(one.plate.models[0].resolved, [source], bounded.demand)
