"""A farm on real hosts: programs that are certified, and short enough for a test."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from printstd.adapters.farm_folder import SETTINGS, TRUST, FarmSettings, new_folder
from printstd.adapters.farm_store.store import FarmStore, new_store
from printstd.adapters.keys import load_signer, new_key
from printstd.artifacts.farm import FarmPrinter, HostAddress, Loaded, Nozzle, Spool
from printstd.artifacts.job import Instance, JobState
from printstd.certify.keys import public_pem
from printstd.cli.farm_place import now_ms
from tests.small_part import pair

PROFILE = "peer"
MATERIAL = "peer"


@dataclass(frozen=True)
class TestFarm:
    """folder : of the farm. files : a certified program and its certificates."""

    __test__ = False

    folder: Path
    place: str
    store: FarmStore
    files: list[tuple[str, bytes]]


def certified(folder: Path, data: bytes | None = None) -> list[tuple[str, bytes]]:
    """A small program with certificates of the key in the folder."""
    made = pair(load_signer(folder / "maker.key"), data)
    return [
        ("part.gcode", made.program),
        ("part.gcode.cert.json", made.generation),
        ("part.gcode.recheck.json", made.recheck),
    ]


def begin_farm(
    folder: Path,
    hosts: Sequence[tuple[str, str, str]],
    place: str | None = None,
    *,
    auto_clear: bool = False,
    record_key: str = "",
    more: str = "",
) -> TestFarm:
    """hosts : (name, address, key). record_key : ``maker.key``, where prints are to be recorded.
    more : at the end of farm.toml."""
    folder.mkdir(parents=True, exist_ok=True)
    public = new_key(folder / "maker", algorithm="p256", passphrase=None)
    store = new_store(place or str(folder / "farm.sqlite"))
    settings = FarmSettings(store=place or "farm.sqlite", trust=TRUST, record_key=record_key)
    made = new_folder(folder, settings, {"maker.pub": public_pem(public)})
    with (folder / SETTINGS).open("a") as stream:
        stream.write(more)
    with store.writing("test") as rows:
        for name, address, key in hosts:
            if key:
                made.keep_secrets(name, {"key": key})
            rows.add_spool(Spool(f"s-{name}", MATERIAL, 1_000_000), now_ms())
            rows.add_printer(
                FarmPrinter(
                    name=name,
                    profile=PROFILE,
                    host=HostAddress(address, name if key else ""),
                    nozzle=Nozzle("n", 400),
                    loaded=(Loaded(0, f"s-{name}"),),
                    auto_clear=auto_clear,
                ),
                now_ms(),
            )
    return TestFarm(folder, place or str(folder / "farm.sqlite"), store, certified(folder))


def until(
    tick: Callable[[], object],
    is_so: Callable[[], bool],
    seconds: float = 180.0,
    step_s: float = 0.1,
) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it did not come to that in time"
        tick()
        time.sleep(step_s)


def prints(store: FarmStore, job: int | None = None) -> list[Instance]:
    with store.reading() as rows:
        return sorted(rows.instances(job=job), key=lambda one: one.number)


def all_in(store: FarmStore, *states: JobState) -> bool:
    return all(one.state in states for one in prints(store))
