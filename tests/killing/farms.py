"""Killing a farm's coordinator from outside, cutting its wires and its servers' power; and what the
hosts themselves then tell of what was printed."""

from __future__ import annotations

import contextlib
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from printstd.adapters.farm_folder import SETTINGS
from printstd.artifacts.job import Instance, JobState, Wish
from printstd.cli.commands.farm_jobs import submit_files
from printstd.cli.farm_place import at_farm, now_ms
from printstd.coordinator.deeds import make_ready
from printstd.farm.chain import broken
from printstd.farm.states import AT_WORK, ENDED
from tests import small_part
from tests.e2e.farms import TestFarm, begin_farm, certified
from tests.hosts.cutting import Wire, wire
from tests.hosts.klipper import Klipper, klipper
from tests.hosts.octoprint import OctoPrint, octoprint

ROOT = Path(__file__).parents[2]
HOT = {"ambientTemperature": 215.0}
"""Of OctoPrint's virtual printer: nothing waits for heat."""
PATIENCE = """
[patience]
poll_s = 0.1
settle_s = 3.0
silent_s = 8.0
lease_s = 60.0
at_once = 1
most_attempts = 100
is_tidy = false
"""
MOST_PRINT_S = 20.0
AHEAD = 2
"""Prints that wait for each printer in a campaign of random kills: there is always something that a
kill can hit."""
_OCTO_STARTED = re.compile(r"Print job started - origin: local, path: (\S+?),")
_NAME = re.compile(r"[0-9a-f]{8}-[a-z]{4}([0-9]+)-([0-9]+)\.gcode$")


def many_moves(count: int = 10_000) -> bytes:
    """For Kalico, which prints as fast as it plans: Moonraker looks four times a second and may
    miss a shorter one. The moves go to and fro over the bed, and lay nothing."""
    moves = b"".join(b"G1 X%d F7800\n" % (100 + n % 2) for n in range(count))
    mark = b";LAYER:0\n"
    return small_part.program().replace(mark, moves + mark, 1)


@dataclass
class FarmTrial:
    """A farm under attack. workers : begins coordinators. submitted : prints asked for, by host."""

    farm: TestFarm
    octo: OctoPrint
    klip: Klipper
    wires: dict[str, Wire]
    workers: subprocess.Popen[str]
    submitted: Counter[str] = field(default_factory=Counter)
    programs: dict[str, list[tuple[str, bytes]]] = field(default_factory=dict)
    kills: int = 0
    counting: threading.Lock = field(default_factory=threading.Lock)
    faults: Counter[str] = field(default_factory=Counter)

    def submit(self, *names: str, are_long: bool = False) -> None:
        if not self.programs:
            long = certified(self.farm.folder, many_moves())
            short = certified(self.farm.folder, small_part.fast_program())
            self.programs.update({"octo": short, "klip": long})
        if are_long and "long" not in self.programs:
            self.programs["long"] = certified(self.farm.folder, many_moves(60_000))
        with at_farm(self.farm.folder) as place:
            for name in names:
                files = self.programs["long" if are_long else name]
                submit_files(place, files, "test", names=(name,))
                self.submitted[name] += 1

    def set_leases(self, seconds: float) -> None:
        """For coordinators that begin from now on."""
        file = self.farm.folder / SETTINGS
        file.write_text(re.sub(r"lease_s = [0-9.]+", f"lease_s = {seconds:.2f}", file.read_text()))

    def keep_waiting(self, count: int) -> None:
        """So many prints in the queue for each printer."""
        with self.farm.store.reading() as rows:
            queued = rows.instances(states=[JobState.QUEUED])
            names = Counter(name for one in queued for name in rows.job(one.job).requirements.names)
        self.submit(*(name for name in self.wires for _ in range(count - names[name])))

    def ready(self) -> None:
        """A person clears what was left on beds."""
        with at_farm(self.farm.folder) as place:
            with place.store.reading() as rows:
                soiled = [one.name for one in rows.printers() if one.needs_clear]
                busy = rows.busy()
            for name in soiled:
                if name not in busy:
                    make_ready(place.store, name, None, "person", now_ms())

    def run(
        self,
        *,
        kill_at: int | None = None,
        after_s: float | None = None,
        frozen_s: float = 0.0,
        limit_s: float = 90.0,
        workers: subprocess.Popen[str] | None = None,
    ) -> bool:
        """A coordinator, killed at a point or a time after it was ready. Was it? frozen_s : it
        stands still for so long, goes on, and is killed a second later."""
        workers = workers or self.workers
        assert workers.stdout is not None
        _send(workers, f"{'run' if kill_at is None else 'step'} {limit_s}")
        points, child, timer = 0, 0, None
        for line in workers.stdout:
            if line.startswith("PID"):
                child = int(line.split()[1])
            if line == "READY\n" and after_s is not None:
                timer = threading.Timer(after_s, _stop, [child, frozen_s])
                timer.start()
            if line.startswith("POINT") and kill_at is not None:
                if points == kill_at:
                    os.kill(child, signal.SIGKILL)
                elif points < kill_at:
                    _send(workers, "go")
                points += 1
            if line.startswith("ENDED"):
                break
        else:
            raise AssertionError("the workers ended")
        if timer is not None:
            # It waits for its parent, so that its number is still its own.
            timer.cancel()
            timer.join()
        code = int(line.split()[1])
        with self.counting:
            self.kills += code == -signal.SIGKILL
        assert code in (0, -signal.SIGKILL), code
        return code == -signal.SIGKILL

    def prints(self) -> list[Instance]:
        with self.farm.store.reading() as rows:
            return sorted(rows.instances(), key=lambda one: one.number)

    def is_over(self) -> bool:
        return all(one.state in ENDED for one in self.prints())

    def finish(self, tries: int = 6) -> None:
        """Left alone, with somebody who clears beds."""
        for _ in range(tries):
            self.ready()
            self.run()
            if self.is_over():
                return
        raise AssertionError([one for one in self.prints() if one.state not in ENDED])

    # The hosts' own words

    def told_by_octoprint(self) -> Counter[str]:
        """File -> how often its log says that a print of it began."""
        logs = sorted((self.octo.folder / "logs").glob("octoprint.log*"))
        text = "".join(log.read_text(errors="replace") for log in logs)
        return Counter(_OCTO_STARTED.findall(text))

    def heard_by_the_board(self) -> int:
        """Prints that began, by what went over the virtual serial line."""
        logs = sorted((self.octo.folder / "logs").glob("plugin_virtual_printer_serial.log*"))
        return sum(log.read_text(errors="replace").count("M140 S60") for log in logs)

    def told_by_moonraker(self) -> Counter[str]:
        found: Counter[str] = Counter()
        start = 0
        while True:
            path = f"/server/history/list?limit=100&order=asc&start={start}"
            jobs = self.klip.ask(path)[1]["result"]["jobs"]
            found.update(job["filename"] for job in jobs)
            start += len(jobs)
            if len(jobs) < 100:
                return found

    def begun_by_klippy(self) -> int:
        logs = sorted((self.klip.folder / "logs").glob("klippy.log*"))
        text = "".join(log.read_text(errors="replace") for log in logs)
        return text.count("Starting SD card print (position 0)")

    def check(self, *, all_done: bool = False) -> Counter[JobState]:
        """By the hosts' histories: no print twice, what is done once, nothing else at all; by the
        store: no job vanished, and its history is unbroken. How many ended how."""
        octo, klip = self.told_by_octoprint(), self.told_by_moonraker()
        began = Counter[int]()
        for files in (octo, klip):
            for file, count in files.items():
                named = _NAME.search(file)
                assert named is not None, f"{file} is none of the farm's"
                assert count == 1, f"{file} was printed {count} times"
                began[int(named[1])] += count
        # A print of which the board or Klipper knows and its server does not would be one too many.
        assert self.heard_by_the_board() == sum(octo.values())
        assert self.begun_by_klippy() == sum(klip.values())
        prints = self.prints()
        assert len(prints) == sum(self.submitted.values())
        for one in prints:
            count = began[one.number]
            assert count <= 1, f"print {one.number} was printed {count} times"
            if one.state in (JobState.DONE, JobState.AWAITING_CLEAR, JobState.FINISHING):
                assert count == 1, f"print {one.number} is {one.state} and was never printed"
            if one.state in (JobState.QUEUED, JobState.HELD, JobState.MATCHED):
                assert count == 0, f"print {one.number} is {one.state} and was printed"
            if one.state in (JobState.FAILED, JobState.LOST, JobState.CANCELLED):
                assert one.reason, f"print {one.number} does not say why it is {one.state}"
        assert set(began) <= {one.number for one in prints}
        with self.farm.store.reading() as rows:
            assert broken(rows.events()) == ""
            assert not all_done or rows.reservations() == []
            owed = {one.number for of_it in rows.owed(["octo", "klip"]).values() for one in of_it}
            told = [dict(e.about) for e in rows.events() if e.kind == "as-run"]
        self._check_records(prints, owed, Counter(int(line["instance"]) for line in told))
        if all_done:
            wrong = [one for one in prints if one.state is not JobState.DONE]
            assert not wrong, wrong
        return Counter(one.state for one in prints)

    def _check_records(self, prints: list[Instance], owed: set[int], told: Counter[int]) -> None:
        """Every print that began and is over has one signed record, or it is on record that it is
        owed."""
        files = Counter(
            int(file.name.split(".")[-3])
            for file in self.farm.folder.glob("records/*/*.asrun.json")
        )
        assert max(told.values(), default=0) <= 1, told
        assert not owed - {one.number for one in prints if one.state in ENDED}
        for one in prints:
            is_over = one.state in (*ENDED, JobState.AWAITING_CLEAR)
            if is_over and one.did_begin and one.number not in owed:
                assert (told[one.number], files[one.number]) == (1, 1), one


def _send(workers: subprocess.Popen[str], line: str) -> None:
    assert workers.stdin is not None
    workers.stdin.write(line + "\n")
    workers.stdin.flush()


def _stop(child: int, frozen_s: float) -> None:
    if frozen_s:
        os.kill(child, signal.SIGSTOP)
        time.sleep(frozen_s)
        os.kill(child, signal.SIGCONT)
        time.sleep(1.0)
    # It may have ended by itself meanwhile.
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)


@contextmanager
def coordinators(folder: Path, owner: str) -> Iterator[subprocess.Popen[str]]:
    """What begins coordinators of this name over the farm in a folder, one at a time."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.killing.farm_worker", str(folder), owner],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as workers:
        try:
            yield workers
        finally:
            assert workers.stdin is not None
            workers.stdin.close()


@contextmanager
def farm_trial(folder: Path, place: str | None = None) -> Iterator[FarmTrial]:
    """A farm with an OctoPrint and a Moonraker with Kalico, each behind a wire that can be cut."""
    with (
        octoprint(folder / "octo", virtual=HOT) as octo,
        klipper(folder / "klip") as klip,
        wire(octo.port) as to_octo,
        wire(klip.port) as to_klip,
    ):
        hosts = [
            ("octo", f"octoprint+http://127.0.0.1:{to_octo.port}", octo.key),
            ("klip", f"moonraker+http://127.0.0.1:{to_klip.port}", ""),
        ]
        farm = begin_farm(
            folder / "farm", hosts, place, auto_clear=True, record_key="maker.key", more=PATIENCE
        )
        with coordinators(farm.folder, "worker") as workers:
            try:
                yield FarmTrial(farm, octo, klip, {"octo": to_octo, "klip": to_klip}, workers)
            finally:
                farm.store.close()


def at_every_point(
    trial: FarmTrial,
    first: int = 0,
    every: int = 1,
    most: int = 10_000,
    say: Callable[[str], None] = lambda line: None,
) -> int:
    """Kill before and after each durable operation and each call of a host, with a new print on
    each of the hosts every time; how many points there were."""
    point, count = first, 0
    while count < most:
        trial.submit("octo", "klip")
        was_killed = trial.run(kill_at=point)
        trial.finish()
        trial.check(all_done=True)
        if not was_killed:
            break
        point += every
        count += 1
        if count % 10 == 0:
            say(f"  {count} points, the last of them {point - every}")
    return count


def at_every_point_of_an_end(
    trial: FarmTrial,
    first: int = 0,
    every: int = 1,
    most: int = 10_000,
    say: Callable[[str], None] = lambda line: None,
) -> int:
    """Kill likewise from the moment on at which prints that are on are cancelled; how many points
    there were. Each print has its signed record afterwards, once."""
    point, count = first, 0
    while count < most:
        trial.submit("octo", "klip", are_long=True)
        began = [one.number for one in trial.prints()][-2:]
        for seconds in range(1, 20):
            # Long enough to be verified, sent and begun.
            trial.run(after_s=seconds)
            if any(one.state is JobState.PRINTING for one in trial.prints()):
                break
        with trial.farm.store.writing("person") as rows:
            for number in began:
                if rows.instance(number).state in AT_WORK:
                    rows.wish(number, Wish.CANCEL, now_ms())
        was_killed = trial.run(kill_at=point)
        trial.finish()
        trial.check()
        with trial.farm.store.reading() as rows:
            assert rows.owed(["octo", "klip"]) == {}
        if not was_killed:
            break
        point += every
        count += 1
        if count % 10 == 0:
            say(f"  {count} points, the last of them {point - every}")
    return count


def at_random_times(
    trial: FarmTrial,
    kills: int,
    seed: int,
    *,
    faults: bool = True,
    rival: subprocess.Popen[str] | None = None,
    restart_store: Callable[[], None] | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> None:
    """Kill coordinators at random times of as long as a print takes on this machine, each going on
    where the last one was; meanwhile answers are lost on the wires, and servers lose their power
    and come back.

    rival : begins a second coordinator beside the first, which is killed likewise; leases are half
    as long as a print, so that each takes what the other was at, and now and then one of the two is
    frozen for longer than its leases and goes on as if nothing had been.
    restart_store : cuts the power of the database's server too.
    """
    rng = random.Random(seed)
    began = time.monotonic()
    trial.submit(*trial.wires)
    trial.finish()
    print_s = min(time.monotonic() - began, MOST_PRINT_S)
    lease_s = print_s / 2
    if rival is not None:
        trial.set_leases(lease_s)
    end = trial.kills + kills
    if faults:
        for name, one in trial.wires.items():
            own = random.Random(f"{seed} {name}")
            one.drops = lambda request, own=own: (  # type: ignore[misc]
                not request.startswith(b"GET") and own.random() < 0.15
            )
    cuts = [trial.octo.restart, trial.klip.restart_moonraker, trial.klip.restart_klippy]
    if restart_store is not None:
        cuts.append(restart_store)
    rounds, pool = 0, ThreadPoolExecutor(1)
    while trial.kills < end:
        rounds += 1
        trial.keep_waiting(AHEAD)
        trial.ready()
        fault = None
        if faults and rounds % 10 == 0:
            fault = threading.Thread(target=_power_cut, args=(trial, rng.choice(cuts)))
            delay_s = rng.uniform(0.0, 1.5)
            timer = threading.Timer(delay_s, fault.start)
            timer.start()
        frozen_s = 2 * lease_s if rival is not None and rounds % 7 == 3 else 0.0
        beside = None
        if rival is not None:
            after_s = rng.uniform(0.0, print_s + frozen_s)
            beside = pool.submit(trial.run, after_s=after_s, workers=rival)
        trial.run(after_s=rng.uniform(0.0, print_s), frozen_s=frozen_s)
        trial.faults["frozen"] += frozen_s > 0
        if beside is not None:
            beside.result()
        if fault is not None:
            timer.join()
            fault.join()
        if rounds % 25 == 0:
            states = trial.check()
            say(f"  {trial.kills} kills, {dict(trial.faults)}, {_told(states)}")
    pool.shutdown()
    for name, one in trial.wires.items():
        trial.faults[f"answers of {name} lost"] = one.lost
        one.drops = lambda request: False
    trial.finish(20)
    trial.check()


def _power_cut(trial: FarmTrial, cut: Callable[[], None]) -> None:
    trial.faults[getattr(cut, "__qualname__", "store")] += 1
    cut()
    time.sleep(0.1)


def _told(states: Counter[JobState]) -> str:
    return ", ".join(f"{count} {state.value}" for state, count in sorted(states.items()))
