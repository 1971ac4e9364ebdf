"""Tips that end in a point: the last layers are too narrow for any bead, and there are layers all
the same."""

from __future__ import annotations

import numpy as np

from printstd import pipeline
from printstd.adapters.executors import SerialExecutor
from printstd.adapters.profile_files import default_source
from printstd.adapters.progress import NoProgress
from printstd.profiles.resolved import Request
from tests.meshes import stl_binary


def test_a_pyramid_is_sliced_to_its_tip() -> None:
    turn = np.arange(4) * np.pi / 2
    foot = np.stack([8 * np.cos(turn), 8 * np.sin(turn), np.zeros(4)], axis=1)
    points = np.vstack([foot, [[0, 0, 30.0]]])
    sides = [(i, (i + 1) % 4, 4) for i in range(4)]
    faces = np.array([*sides, (0, 2, 1), (0, 3, 2)], np.int32)
    resolved = pipeline.resolve(
        Request(printer="peer", material="peer", process="peer-0.20"), default_source()
    )
    model = pipeline.ModelInput(stl_binary((points, faces)), "pyramid.stl")
    prepared = pipeline.prepare(model, pipeline.Order(), resolved)
    made = pipeline.make_program(prepared, executor=SerialExecutor(), progress=NoProgress())
    tops = [line for line in made.program.data.splitlines() if line.startswith(b";Z:")]
    assert len(tops) > 140
