"""`certify` finds out whether a model may be made while it makes it, and nobody can tell."""

from __future__ import annotations

import functools
from collections.abc import Callable

import pytest

from printstd import pipeline
from printstd.adapters.clock import FixedClock
from printstd.adapters.executors import ProcessExecutor, SerialExecutor
from printstd.adapters.profile_files import default_source
from printstd.adapters.progress import NoProgress
from printstd.adapters.surroundings import tool_facts
from printstd.errors import SlicingError
from printstd.ports import Executor
from printstd.profiles.decision import Outcome
from printstd.profiles.resolved import Request
from tests.meshes import box, merged, stl_binary
from tests.small_part import EPOCH_S
from tests.unit.certify.signing import signer

SIGNER = signer("ed25519")
VASE = (
    ("spiral_vase.is_on", "true"),
    ("walls.count", "1"),
    ("shells.top_layers", "0"),
    ("infill.density_ratio", "0"),
)
EXECUTORS = pytest.mark.parametrize(
    "executor", [SerialExecutor(), ProcessExecutor(2)], ids=["one after the other", "beside"]
)


def certified(
    model: bytes, executor: Executor, *overrides: tuple[str, str], sign_failure: bool = False
) -> pipeline.Signed:
    request = Request(material="peer", process="peer-0.20", printer="peer", overrides=overrides)
    resolved = pipeline.resolve(request, default_source())
    return pipeline.certify_model(
        pipeline.prepare(pipeline.ModelInput(model, "part.stl"), pipeline.Order(), resolved),
        program_name="part.gcode",
        signer=SIGNER,
        clock=FixedClock(EPOCH_S),
        tool=tool_facts(),
        executor=executor,
        progress=NoProgress(),
        sign_failure=sign_failure,
    )


@functools.cache
def block() -> bytes:
    return stl_binary(box((12, 9, 3)))


def far_apart() -> bytes:
    """Sound, and larger than the machine."""
    return stl_binary(merged(box((9, 9, 2)), box((9, 9, 2), (900, 0, 0))))


def thin() -> bytes:
    """It can be sliced, and no wall of it is thick enough."""
    return stl_binary(box((12, 0.3, 3)))


def test_the_same_bytes_are_signed() -> None:
    one, two = (certified(block(), executor) for executor in (SerialExecutor(), ProcessExecutor(2)))
    assert one.decision.outcome is Outcome.PASSED
    assert (one.program, one.generation, one.recheck) == (two.program, two.generation, two.recheck)
    assert one.recheck is not None


@EXECUTORS
@pytest.mark.parametrize("model", [far_apart, thin], ids=["not to be sliced", "not to be made"])
def test_of_a_refused_model_there_is_no_program_whatever_slicing_says(
    model: Callable[[], bytes], executor: Executor
) -> None:
    signed = certified(model(), executor, sign_failure=True)
    assert signed.decision.outcome is Outcome.FAILED
    assert (signed.checked, signed.program, signed.generation) == (None, None, None)
    assert signed.recheck == certified(model(), SerialExecutor(), sign_failure=True).recheck


@EXECUTORS
def test_what_slicing_alone_refuses_is_raised(executor: Executor) -> None:
    with pytest.raises(SlicingError, match="vase"):
        certified(stl_binary(merged(box((9, 9, 3)), box((9, 9, 3), (20, 0, 0)))), executor, *VASE)
