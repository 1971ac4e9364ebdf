"""How parts and features are dealt, and what is done to models for them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from benchmarks import generated, sameness
from benchmarks.features import FEATURES
from benchmarks.interpreters import ROOT, dispatched
from benchmarks.slice_shuffled import without_a_facet
from printstd.adapters.profile_files import default_source
from printstd.intake import read_model
from printstd.kernels.edges import edge_table
from printstd.profiles.infill_models import InfillPattern
from printstd.profiles.resolve import resolve
from printstd.profiles.resolved import Request


def test_every_feature_comes_on_several_of_thirty_parts() -> None:
    chosen = sameness.dealt(list(FEATURES), sameness.N_PARTS, sameness.EACH_PART_HAS)
    counts = Counter(name for names in chosen for name in names)
    assert set(counts) == set(FEATURES)
    assert min(counts.values()) >= 3
    assert all(len(names) == sameness.EACH_PART_HAS for names in chosen)


def test_twenty_surroundings_are_twenty_and_mix() -> None:
    found = sameness.variants()
    assert len({tuple(sorted(one.items())) for one in found}) == 20
    for key, values in (("WORKERS", 3), ("PYTHONHASHSEED", 4), ("LC_ALL", 2)):
        assert len({one[key] for one in found}) == values
    assert 0 < sum("NPY_DISABLE_CPU_FEATURES" in one for one in found) < 20


@pytest.mark.parametrize("name", FEATURES)
def test_features_are_settings_that_there_are(name: str) -> None:
    assert resolve(Request(printer="mk4s", overrides=FEATURES[name].settings), default_source())


def test_all_infill_patterns_are_among_them() -> None:
    patterns = {dict(one.settings).get("infill.pattern") for one in FEATURES.values()}
    assert patterns >= {str(pattern) for pattern in InfillPattern}


def test_a_facet_taken_out_leaves_a_hole_of_three_edges() -> None:
    data = generated.stl_bytes(generated.ball(300))
    mesh = read_model(without_a_facet(data), name="part.stl").mesh
    edges = edge_table(mesh.faces)
    assert len(mesh.faces) == len(read_model(data, name="part.stl").mesh.faces) - 1
    assert int(np.count_nonzero(edges.counts == 1)) == 3
    assert without_a_facet(b"solid x") == b"solid x"


def test_limiting_what_numpy_dispatches_to_is_heard() -> None:
    """Names of CPU features change from release to release, and wrong ones are passed over."""
    python = Path(sys.executable)
    code = "from benchmarks.slice_shuffled import surroundings; print(surroundings())"
    told = {}
    for without in ("", dispatched(python)):
        environment = {**os.environ, "NPY_DISABLE_CPU_FEATURES": without, "PYTHONPATH": str(ROOT)}
        call = [str(python), "-W", "error::ImportWarning:numpy", "-c", code]
        done = subprocess.run(call, env=environment, capture_output=True, text=True, check=True)
        told[without] = done.stdout.strip()
    assert dispatched(python)
    assert told[dispatched(python)].endswith("dispatching to nothing")
