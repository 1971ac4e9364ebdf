"""Whatever stands in a cache, nothing is signed that the audit does not find: it never asks it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from printstd import pipeline
from printstd.adapters.clock import FixedClock
from printstd.adapters.executors import SerialExecutor
from printstd.adapters.keys import load_signer, new_key
from printstd.adapters.progress import NoProgress
from printstd.adapters.surroundings import tool_facts
from printstd.artifacts.layers import LayerStack
from printstd.artifacts.mesh import ModelFile
from printstd.errors import InternalError
from printstd.gcode.body import Body
from printstd.profiles.decision import Outcome
from printstd.reuse.packed import NotPacked, unpack
from printstd.toolpath.sequence import Paced
from tests.caches import MemoryCache, packed_bytes
from tests.mutation.own_programs import prepared


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("key")
    new_key(folder / "k", algorithm="p256", passphrase=None)
    return folder / "k.key"


def certified(key: Path, cache: MemoryCache | None) -> pipeline.Signed:
    return pipeline.certify_model(
        prepared("ender3-v2"),
        program_name="plate.gcode",
        signer=load_signer(key),
        clock=FixedClock(1_790_000_000),
        tool=tool_facts(),
        executor=SerialExecutor(),
        progress=NoProgress(),
        cache=cache,
    )


def sliced(cache: MemoryCache) -> bytes:
    """As `slice` does, which takes all from the cache."""
    part = prepared("ender3-v2")
    own = pipeline.prepare(part.model, part.order, part.resolved, cache=cache)
    return pipeline.make_program(
        own, executor=SerialExecutor(), progress=NoProgress(), cache=cache
    ).program.data


def entry(cache: MemoryCache, kind: type) -> tuple[str, object]:
    """The one entry that is such a record."""
    found = []
    for name, data in cache.entries.items():
        try:
            found.append((name, unpack(kind, data)))
        except NotPacked:
            continue
    assert len(found) == 1
    return found[0]


def test_a_warm_cache_gives_the_same_certificate(key: Path) -> None:
    cache = MemoryCache()
    program = sliced(cache)
    warm, cold = certified(key, cache), certified(key, None)
    assert warm.program == cold.program == program
    assert warm.checked is not None
    assert cold.checked is not None
    assert warm.checked.demand == cold.checked.demand
    assert warm.checked.audit.findings == cold.checked.audit.findings
    assert warm.report.findings == cold.report.findings
    assert warm.decision.outcome is Outcome.PASSED


def test_a_forged_text_is_made_and_not_signed(key: Path) -> None:
    cache = MemoryCache()
    honest = sliced(cache)
    name, body = entry(cache, Body)
    assert isinstance(body, Body)
    text = body.text.tobytes()
    forged = text.replace(b" E0.0", b" E0.1")
    assert len(forged) == len(text)
    cache.entries[name] = packed_bytes(Body, replace(body, text=np.frombuffer(forged, np.uint8)))
    assert sliced(cache) != honest
    signed = certified(key, cache)
    assert signed.checked is not None
    assert signed.checked.decision.outcome is Outcome.FAILED
    assert signed.generation is None
    assert signed.recheck is None


def test_forged_moves_are_made_and_not_signed(key: Path) -> None:
    cache = MemoryCache()
    sliced(cache)
    name, paced = entry(cache, Paced)
    assert isinstance(paced, Paced)
    moves = replace(paced.toolpath, xy_um=paced.toolpath.xy_um + np.array([80, 0]))
    cache.entries[name] = packed_bytes(Paced, paced._replace(toolpath=moves))
    del cache.entries[entry(cache, Body)[0]]
    signed = certified(key, cache)
    assert signed.checked is not None
    assert signed.checked.decision.outcome is Outcome.FAILED
    assert signed.recheck is None


def test_forged_sections_and_models_are_not_looked_at(key: Path) -> None:
    """What is said of the model, and what is demanded, rest on the file."""
    cache = MemoryCache()
    honest = sliced(cache)
    name, stack = entry(cache, LayerStack)
    assert isinstance(stack, LayerStack)
    cache.entries[name] = packed_bytes(LayerStack, replace(stack, top_um=stack.top_um + 40))
    name, file = entry(cache, ModelFile)
    assert isinstance(file, ModelFile)
    larger = replace(file.mesh, vertices_mm=file.mesh.vertices_mm * 1.01)
    cache.entries[name] = packed_bytes(ModelFile, replace(file, mesh=larger))
    signed = certified(key, cache)
    assert signed.program == honest
    assert signed.decision.outcome is Outcome.PASSED


def test_a_model_out_of_a_cache_cannot_be_certified(key: Path) -> None:
    part = prepared("ender3-v2")
    own = pipeline.prepare(part.model, part.order, part.resolved, cache=MemoryCache())
    with pytest.raises(InternalError, match="rests on the models"):
        pipeline.certify_model(
            own,
            program_name="plate.gcode",
            signer=load_signer(key),
            clock=FixedClock(1_790_000_000),
            tool=tool_facts(),
            executor=SerialExecutor(),
            progress=NoProgress(),
        )
