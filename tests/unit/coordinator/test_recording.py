"""The keeper of records beside a coordinator, on a host that pushes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from printstd.adapters.clock import FixedClock
from printstd.adapters.surroundings import tool_facts
from printstd.artifacts.as_run import Aspect, AsRun, Conformance
from printstd.artifacts.certificate import CertifiedProgram
from printstd.artifacts.farm import HostAddress
from printstd.artifacts.host import RunOutcome
from printstd.artifacts.job import Instance, JobState
from printstd.certify.as_run_statement import read_as_run
from printstd.certify.policy import trusting
from printstd.certify.verify import verify_program
from printstd.coordinator.recording import RunKeeper
from printstd.errors import OutsideError, VerificationError
from tests import small_part
from tests.simulated_host import SimulatedHost
from tests.small_farm import printer
from tests.unit.certify.carriers import cases

FILE = "abcd1234-x1-1.gcode"
ONE = Instance(7, 3, 1, JobState.PRINTING, 0, printer="p", attempt=1, file=FILE)
SERIAL = replace(printer("p"), host=HostAddress("serial:///dev/nothing"))


def certified() -> CertifiedProgram:
    pair = cases.pair()
    verified = verify_program(
        pair.program,
        generation=("g", pair.generation),
        recheck=("r", pair.recheck),
        policy=trusting((cases.key().public,), "test"),
        now=small_part.NOW,
    )
    assert verified.program is not None
    return verified.program


class Kept:
    def __init__(self) -> None:
        self.bundles: list[bytes] = []
        self.fails = 0

    def __call__(self, *about: object) -> None:
        if self.fails:
            self.fails -= 1
            raise OutsideError("the disk is full")
        record, bundle = about[-2:]
        assert isinstance(record, AsRun)
        assert isinstance(bundle, bytes)
        self.bundles.append(bundle)

    @property
    def record(self) -> AsRun:
        (bundle,) = self.bundles
        return read_as_run(bundle, "r", (cases.key().public,)).record


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
def keeper(kept: Kept) -> Iterator[RunKeeper]:
    made = RunKeeper(
        signer=cases.key(),
        tool=tool_facts(),
        clock=FixedClock(small_part.EPOCH_S),
        keep=kept,
        secrets=lambda printer: {},
        program_of=lambda one: certified(),
        is_kept=lambda one: False,
        poll_s=1.0,
    )
    yield made
    made.close()


def started(clock: list[float], data: bytes | None = None) -> SimulatedHost:
    host = SimulatedHost(lambda: clock[0])
    host.upload(FILE, data or small_part.program())
    return host


def test_a_print_that_was_only_asked_for(keeper: RunKeeper, kept: Kept) -> None:
    clock = [0.0]
    host = started(clock)
    keeper.starting(SERIAL, ONE, host, certified())
    host.start(FILE)
    keeper.began(SERIAL, ONE, host, certified())
    for second in range(0, 60, 6):
        clock[0] = float(second)
        keeper.saw(SERIAL, ONE, host, host.status(), 0)
    clock[0] = 61.0
    kept.fails = 1
    with pytest.raises(OutsideError, match="full"):
        keeper.ended(SERIAL, ONE, host, 0)
    # It is called again, and the record is the same one.
    keeper.ended(SERIAL, ONE, host, 0)
    record = kept.record
    assert record.verdict is Conformance.CONFORMS
    assert (record.watched, record.interval_ms, record.looks) == ("polled", 1000, 10)
    assert record.run.host_kind == "serial"
    assert record.outcome == "completed"
    told = {Aspect.PROGRAM, Aspect.COMPLETION, Aspect.PAUSES}
    assert {one.aspect for one in record.observations} - told == {
        one.aspect for one in record.not_evaluated
    }


def test_what_became_of_a_failed_print_and_of_its_file(keeper: RunKeeper, kept: Kept) -> None:
    clock = [0.0]
    host = started(clock)
    keeper.starting(SERIAL, ONE, host, certified())
    host.start(FILE)
    keeper.saw(SERIAL, ONE, host, host.status(), 0)
    host.files[FILE] = small_part.program() + b"\n"
    host.end(RunOutcome.FAILED)
    keeper.ended(SERIAL, ONE, host, 0)
    told = {one.aspect for one in kept.record.departures}
    assert told == {Aspect.PROGRAM, Aspect.COMPLETION}


def test_a_print_that_another_coordinator_began(keeper: RunKeeper, kept: Kept) -> None:
    clock = [0.0]
    host = started(clock)
    host.start(FILE)
    clock[0] = 30.0
    keeper.saw(SERIAL, ONE, host, host.status(), 0)
    clock[0] = 61.0
    keeper.ended(SERIAL, ONE, host, 0)
    assert kept.record.of(Aspect.PAUSES).reason == "it was watched only after it had begun"
    assert kept.record.outcome == "completed"


def test_an_attempt_that_came_to_nothing_leaves_no_record(keeper: RunKeeper, kept: Kept) -> None:
    host = started([0.0])
    keeper.starting(SERIAL, ONE, host, certified())
    keeper.starting(SERIAL, replace(ONE, attempt=2, file="other.gcode"), host, certified())
    keeper.close()
    assert not kept.bundles


def test_a_program_that_verifies_no_more_has_no_record(keeper: RunKeeper, kept: Kept) -> None:
    def refuse(one: Instance) -> CertifiedProgram:
        raise VerificationError("revoked")

    keeper.program_of = refuse
    host = started([0.0])
    keeper.saw(SERIAL, ONE, host, host.status(), 0)
    keeper.ended(SERIAL, ONE, host, 0)
    assert not kept.bundles
