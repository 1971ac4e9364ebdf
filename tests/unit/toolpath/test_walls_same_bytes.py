"""The same walls in any process, whatever its hash seed and its CPU features."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.dispatch import DISPATCHED

PROGRAM = """
import hashlib
from dataclasses import replace
import numpy as np
from printstd.kernels import clip
from printstd.kernels.rings import concat
from printstd.toolpath.compensate import compensate
from printstd.toolpath.paths import PathSet
from printstd.toolpath.spec import Beading
from printstd.toolpath.walls import plan_walls_of
from tests.layer_specs import layer_spec
from tests.oracles.areas import hole, rings_of, star

rng = np.random.default_rng(5)
spec = layer_spec(elephant_foot_nm=150_000, hole_nm=40_000)
sections = []
for _ in range(6):
    parts = [star(rng, 9, 18, depth=0.5), rings_of(hole(-3, -2, 1.5, 2), hole(0.3, -2, 1.5, 2))]
    sections.append(compensate(clip.clean(concat(parts)), spec))
digest = hashlib.sha256()
variable = replace(spec, beading=Beading(240_000, 800_000, 200_000))
below = [None, *sections[:-1]]
narrow = [clip.difference(one, clip.offset(one, -1_000_000)) for one in sections]
for walls in [
    *plan_walls_of(sections, [spec] * 6, below, sections),
    *plan_walls_of(sections, [variable] * 6, below, sections),
    *plan_walls_of(narrow, [variable] * 6, [None] * 6, narrow),
]:
    for name in PathSet.__slots__:
        digest.update(getattr(walls.paths, name).tobytes())
    digest.update(walls.fill.xy_nm.tobytes())
print(digest.hexdigest())
"""


def digest(**environment: str) -> str:
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=root,
        env=os.environ | {"PYTHONPATH": str(root)} | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_one_digest_over_processes() -> None:
    found = {
        digest(PYTHONHASHSEED="1"),
        digest(PYTHONHASHSEED="2"),
        digest(NPY_DISABLE_CPU_FEATURES=DISPATCHED),
    }
    assert len(found) == 1
    assert len(found.pop().strip()) == 64
