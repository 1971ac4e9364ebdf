"""What is begun in other processes changes nothing of what is said."""

from __future__ import annotations

import pytest

from printstd.adapters.executors import ProcessExecutor, SerialExecutor
from printstd.adapters.profile_files import default_source
from printstd.intake import read_model
from printstd.pipeline import resolve
from printstd.profiles.resolved import Request
from printstd.validate import run
from printstd.validate.registry import validate_model
from tests import meshes


def test_round_shapes_and_contacts_found_beside_give_the_same_report(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(run, "_WORTH_FACETS", 1)
    data = meshes.stl_binary(meshes.merged(meshes.tube(10, 5, 20, 32), meshes.torus()))
    model, demands = read_model(data, name="part.stl"), resolve(Request(), default_source())
    alone = validate_model(model, demands, executor=SerialExecutor())
    beside = validate_model(model, demands, executor=ProcessExecutor(2))
    assert beside.findings == alone.findings
    assert beside.features == alone.features
    assert alone.features is not None
    assert {one.kind.value for one in alone.features.features} >= {"hole", "rounding"}
