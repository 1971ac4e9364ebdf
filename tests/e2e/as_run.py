"""A certified program printed on a real host while something is changed, and the record of it."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from printstd.adapters.clock import SystemClock
from printstd.adapters.hosts.opening import open_host
from printstd.adapters.keys import load_trusted
from printstd.artifacts.as_run import Aspect, AsRun, Departure
from printstd.certify.policy import trusting
from printstd.certify.verify import verify_program
from printstd.coordinator.as_run import CertifiedRun, RunRecorder, begin_recording, certified_run

ROOT = Path(__file__).parents[2]


def printstd(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "cli.py"), *(str(one) for one in arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)


@dataclass(frozen=True)
class Certified:
    """path : of the program, its certificate beside it. key : stem of the key's files."""

    path: Path
    key: Path
    what: CertifiedRun

    @property
    def data(self) -> bytes:
        return self.what.program


def certified(
    folder: Path, *, printer: str, host_kind: str, options: tuple[str, ...] = ()
) -> Certified:
    """A small cube, made and certified by the command line."""
    key = folder / "farm"
    assert printstd("keys", "new", key).returncode == 0
    path = folder / "cube.gcode"
    done = printstd(
        "certify",
        ROOT / "samples" / "cube20.stl",
        "--printer",
        printer,
        "-o",
        path,
        "--key",
        f"{key}.key",
        *options,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    data = path.read_bytes()
    verified = verify_program(
        data,
        generation=("cert", Path(f"{path}.cert.json").read_bytes()),
        recheck=("recheck", Path(f"{path}.recheck.json").read_bytes()),
        policy=trusting(load_trusted(Path(f"{key}.pub")), "test"),
        now=SystemClock().now_utc(),
    )
    assert verified.program is not None
    what = certified_run(
        verified.program, name="cube.gcode", printer="bench 1", host_kind=host_kind
    )
    return Certified(path, key, what)


def of_any_temperature(what: CertifiedRun) -> CertifiedRun:
    """Of a material that may have any: Kalico without a board measures 0.0 at every sensor."""
    material = replace(what.demand.material, nozzle_mc=(-1, 999_000), bed_mc=(-1, 999_000))
    return replace(what, demand=replace(what.demand, material=material))


@dataclass(frozen=True)
class Change:
    """When something was changed: bounds of the program's layer and of the time since the start."""

    layers: tuple[int, int]
    ms: tuple[float, float]


def layer_at(program: bytes, position: int) -> int:
    """By the markers between layers: not how the record finds it."""
    return program.count(b";LAYER_CHANGE", 0, position)


def run(
    what: CertifiedRun,
    address: str,
    secrets: dict[str, str],
    *,
    position: Callable[[], int | None],
    changes: Sequence[tuple[int, Callable[[], Any]]] = (),
    folder: Path,
    seconds: float = 240.0,
    watched_by: Callable[[RunRecorder], Any] = lambda recorder: None,
) -> tuple[AsRun, list[Change]]:
    """Upload, print, and make each change when the host has come to its layer. watched_by : is
    given what records it."""
    host = open_host(address, secrets, folder=folder)
    try:
        host.upload(what.run.program_name, what.program)
        recorder = begin_recording(
            host, address=address, secrets=secrets, what=what, clock=SystemClock()
        )
        watched_by(recorder)
        began = time.monotonic()
        host.start(what.run.program_name)
        recorder.started()
        made = []
        for layer, change in changes:
            while layer_at(what.program, position() or 0) < layer:
                assert not recorder.is_over, "the print was over before the change"
                assert time.monotonic() - began < seconds
                time.sleep(0.02)
            first, before = layer_at(what.program, position() or 0), time.monotonic()
            change()
            after, last = time.monotonic(), layer_at(what.program, position() or len(what.program))
            made.append(Change((first, last), (1000 * (before - began), 1000 * (after - began))))
        assert recorder.wait(seconds), "the print did not end"
        return recorder.record(), made
    finally:
        host.close()


def departures(record: AsRun, aspect: Aspect) -> list[Departure]:
    return [one for one in record.departures if one.aspect is aspect]
