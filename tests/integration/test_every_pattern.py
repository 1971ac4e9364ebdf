"""Every pattern, on a real part where there are some, passes its own audit."""

from __future__ import annotations

from pathlib import Path

import pytest

from printstd import pipeline
from printstd.adapters.executors import SerialExecutor
from printstd.adapters.profile_files import default_source
from printstd.adapters.progress import NoProgress
from printstd.artifacts.finding import Status
from printstd.audit import audit_program
from printstd.profiles.infill_models import InfillPattern
from printstd.profiles.resolved import Request
from tests.meshes import box, stl_binary
from tests.shares import crossed

SMALL, LARGE = "voron_tensioner_right.stl", "voron_z_drive_main_a.stl"
"""A part full of walls and holes, and one with roofs and bridges inside."""


def failures(model: bytes, *overrides: tuple[str, str]) -> list[str]:
    request = Request(printer="mk4s", overrides=overrides)
    resolved = pipeline.resolve(request, default_source())
    prepared = pipeline.prepare(pipeline.ModelInput(model, "part.stl"), pipeline.Order(), resolved)
    made = pipeline.make_program(prepared, executor=SerialExecutor(), progress=NoProgress())
    audit = audit_program(made.program.data, model, made.demand)
    return [f"{f.rule_id}: {f.message}" for f in audit.findings if f.status is Status.FAIL]


@pytest.mark.parametrize(("pattern", "density"), crossed(InfillPattern, ["0.1", "0.3"], one_in=2))
def test_a_block_of_every_pattern_passes(pattern: InfillPattern, density: str) -> None:
    model = stl_binary(box((40, 30, 7), (0, 0, 0)))
    assert not failures(model, ("infill.pattern", pattern.value), ("infill.density_ratio", density))


@pytest.mark.parametrize(
    ("pattern", "part"),
    [*((pattern, SMALL) for pattern in InfillPattern), (InfillPattern.LIGHTNING, LARGE)],
)
def test_a_real_part_of_every_pattern_passes(
    pattern: InfillPattern, part: str, corpus: Path
) -> None:
    model = (corpus / "good" / part).read_bytes()
    assert not failures(model, ("infill.pattern", pattern.value), ("ironing.surfaces", "top"))


@pytest.mark.parametrize("pattern", ["rectilinear", "cubic"])
def test_a_real_part_with_combined_layers_passes(pattern: str, corpus: Path) -> None:
    model = (corpus / "good" / SMALL).read_bytes()
    assert not failures(model, ("infill.pattern", pattern), ("infill.combine_layers", "2"))
