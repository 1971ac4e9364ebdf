"""A farm's prints on a real Moonraker: each of them leaves a signed record beside the certificate,
and a line of it in the history."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from printstd.artifacts.as_run import Aspect, AsRun, Conformance
from printstd.artifacts.job import JobState, Wish
from printstd.certify.as_run_statement import read_as_run
from printstd.cli.farm_place import Farm, at_farm, coordinator_of, facts_of, now_ms
from printstd.coordinator.facts import requirements
from printstd.coordinator.recording import RunKeeper
from tests.e2e import farms
from tests.e2e.as_run import printstd
from tests.hosts.klipper import Klipper, klipper

_CODE = """
[gcode_macro M107]
rename_existing: M107.1
gcode:
  M107.1
  RUN_SHELL_COMMAND CMD=wait
[gcode_shell_command wait]
command: sleep 1.5
verbose: False
"""


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Klipper]:
    with klipper(tmp_path_factory.mktemp("klipper"), include=_CODE) as server:
        yield server


@pytest.fixture
def farm(host: Klipper, tmp_path: Path) -> Iterator[tuple[Farm, farms.TestFarm]]:
    made = farms.begin_farm(tmp_path / "farm", [("bench", f"moonraker+{host.url}", "")])
    made.store.close()
    settings = made.folder / "farm.toml"
    settings.write_text(f'record_key = "maker.key"\n{settings.read_text()}')
    with at_farm(made.folder) as place:
        yield place, made


def submitted(place: Farm, made: farms.TestFarm) -> int:
    facts = facts_of(place, made.files)
    with place.store.writing("test") as rows:
        rows.add_program(facts, made.files)
        job = rows.submit(
            name="part",
            program_sha256=facts.sha256,
            needs=requirements(facts),
            at_utc_ms=now_ms(),
        )
    return job.number


def record_of(made: farms.TestFarm) -> tuple[Path, AsRun]:
    (file,) = (made.folder / "records").glob("*/part.gcode.1.asrun.json")
    return file, read_as_run(file.read_bytes(), "r", None).record


def told(place: Farm) -> dict[str, str]:
    with place.store.reading() as rows:
        (line,) = (dict(one.about) for one in rows.events() if one.kind == "as-run")
    return line


def test_a_print_of_the_farm(farm: tuple[Farm, farms.TestFarm]) -> None:
    place, made = farm
    submitted(place, made)
    coordinator = coordinator_of(place, owner="test")
    try:
        farms.until(coordinator.tick, lambda: farms.all_in(place.store, JobState.AWAITING_CLEAR))
    finally:
        coordinator.close()
    file, record = record_of(made)
    assert record.outcome == "completed"
    assert record.run.job == "1"
    assert record.run.printer == "bench"
    assert record.run.program_sha256 == hashlib.sha256(made.files[0][1]).hexdigest()
    assert record.of(Aspect.PROGRAM).result is Conformance.CONFORMS
    # Kalico without a board measures 0.0 and nothing else is off.
    assert {one.aspect for one in record.departures} <= {Aspect.NOZZLE, Aspect.BED}
    program = made.folder / "part.gcode"
    program.write_bytes(made.files[0][1])
    for name, data in made.files[1:]:
        assert (file.parent / name).read_bytes() == data
        (program.parent / name).write_bytes(data)
    done = printstd("verify", program, "--as-run", file, "--trust", made.folder / "maker.pub")
    assert done.returncode == (1 if record.departures else 0), done.stdout + done.stderr
    line = told(place)
    assert line["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert line["verdict"] == record.verdict.value


def test_a_print_that_was_cancelled_is_recorded_too(farm: tuple[Farm, farms.TestFarm]) -> None:
    place, made = farm
    submitted(place, made)
    coordinator = coordinator_of(place, owner="test")
    try:
        farms.until(coordinator.tick, lambda: farms.all_in(place.store, JobState.PRINTING))
        with place.store.writing("test") as rows:
            rows.wish(1, Wish.CANCEL, now_ms())
        farms.until(coordinator.tick, lambda: farms.all_in(place.store, JobState.CANCELLED))
    finally:
        coordinator.close()
    _, record = record_of(made)
    assert record.verdict is Conformance.DEVIATES
    assert record.outcome == "cancelled"
    assert record.of(Aspect.COMPLETION).result is Conformance.DEVIATES
    assert told(place)["verdict"] == "deviates"


def test_a_coordinator_killed_after_a_cancelled_end_leaves_its_record_to_the_next(
    farm: tuple[Farm, farms.TestFarm], monkeypatch: pytest.MonkeyPatch
) -> None:
    place, made = farm
    submitted(place, made)
    first = coordinator_of(place, owner="first")
    farms.until(first.tick, lambda: farms.all_in(place.store, JobState.PRINTING))
    with place.store.writing("test") as rows:
        rows.wish(1, Wish.CANCEL, now_ms())

    def killed(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(RunKeeper, "ended", killed)
        with pytest.raises(SystemExit):
            farms.until(first.tick, lambda: False)
    first.close()
    assert farms.all_in(place.store, JobState.CANCELLED)
    assert list(made.folder.glob("records/*/*.asrun.json")) == []
    second = coordinator_of(place, owner="second")
    try:
        farms.until(second.tick, lambda: list(made.folder.glob("records/*/*.asrun.json")) != [])
        farms.until(second.tick, lambda: _owed(place) == {})
    finally:
        second.close()
    _, record = record_of(made)
    assert record.outcome == "cancelled"
    assert told(place)["verdict"] == "deviates"
    # It says what it did not see.
    assert record.of(Aspect.SPEED).result is Conformance.NOT_EVALUATED


def _owed(place: Farm) -> object:
    with place.store.reading() as rows:
        return rows.owed(["bench"])


def test_a_coordinator_that_begins_anew_says_what_it_did_not_see(
    farm: tuple[Farm, farms.TestFarm],
) -> None:
    place, made = farm
    submitted(place, made)
    first = coordinator_of(place, owner="first")
    try:
        farms.until(first.tick, lambda: farms.all_in(place.store, JobState.PRINTING))
    finally:
        first.close()
    second = coordinator_of(place, owner="second")
    try:
        farms.until(second.tick, lambda: farms.all_in(place.store, JobState.AWAITING_CLEAR))
    finally:
        second.close()
    _, record = record_of(made)
    assert record.outcome == "completed"
    # Nobody can say what the speed was all the time.
    assert record.of(Aspect.SPEED).result is Conformance.NOT_EVALUATED
    assert record.of(Aspect.PROGRAM).result is Conformance.CONFORMS
