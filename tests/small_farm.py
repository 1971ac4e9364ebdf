"""A farm in a folder of a test, its hosts simulated, its clock by hand."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from printstd.adapters.farm_store.store import FarmStore, new_store, open_store
from printstd.artifacts.certificate import Certificate, CertifiedProgram
from printstd.artifacts.farm import FarmPrinter, HostAddress, Loaded, Nozzle, Spool
from printstd.artifacts.job import Feed, Instance, Job, JobState, ProgramFacts
from printstd.coordinator.coordinator import Coordinator
from printstd.coordinator.facts import requirements
from printstd.coordinator.printing import Checked, Printing, Verify, Watcher
from printstd.coordinator.settings import Patience
from printstd.farm.dispatch import GroupRules
from tests.simulated_host import SimulatedHost

T0_MS = 1_790_000_000_000
PATIENCE = Patience(poll_s=1.0, settle_s=5.0, silent_s=30.0, at_once=1, is_tidy=False)


def facts(sha256: str = "ab" * 32, mg: int | None = 10_000, material: str = "pla") -> ProgramFacts:
    return ProgramFacts(
        sha256=sha256,
        name="part.gcode",
        printer="mk4s",
        nozzle_um=400,
        feeds=(Feed(0, material, mg),),
        nozzle_mc=(185_000, 235_000),
        bed_mc=(40_000, 65_000),
        flow_permille=1000,
        layers=10,
        print_time_ms=60_000,
        filament_um=3_000_000,
        pack="int",
        indication="",
        level="C2",
    )


def printer(name: str, **changes: object) -> FarmPrinter:
    given: dict[str, object] = {
        "name": name,
        "profile": "mk4s",
        "host": HostAddress(f"octoprint+http://{name}"),
        "nozzle": Nozzle("n1", 400),
        "loaded": (Loaded(0, f"s-{name}"),),
    }
    return FarmPrinter(**{**given, **changes})  # type: ignore[arg-type]


@dataclass
class SmallFarm:
    store: FarmStore
    hosts: dict[str, SimulatedHost]
    now_ms: int = T0_MS
    verify: Verify | None = None
    rules: dict[str, GroupRules] = field(default_factory=dict)
    patience: Patience = PATIENCE

    def coordinator(self, owner: str = "c", *watchers: Watcher) -> Coordinator:
        printing = Printing(
            store=self.store,
            verify=self.verify or trusting,
            now_ms=lambda: self.now_ms,
            now_utc=lambda: "2026-09-21T14:13:20Z",
            owner=owner,
            patience=self.patience,
            watchers=watchers,
        )
        return Coordinator(printing, lambda one: self.hosts[one.name], self.rules)

    def submit(self, **more: object) -> Job:
        own = facts()
        with self.store.writing("test") as rows:
            rows.add_program(own, [("part.gcode", b"G1\n")])
            return rows.submit(
                name=own.name,
                program_sha256=own.sha256,
                needs=requirements(own),
                at_utc_ms=self.now_ms,
                mg=own.mg,
                **more,  # type: ignore[arg-type]
            )

    def prints(self) -> list[Instance]:
        with self.store.reading() as rows:
            return sorted(rows.instances(), key=lambda one: one.number)

    def states(self) -> list[JobState]:
        return [one.state for one in self.prints()]

    def later(self, seconds: float) -> None:
        self.now_ms += round(1000 * seconds)


def trusting(files: Sequence[tuple[str, bytes]], now: str) -> Checked:
    """Stands for a program that verified; verifying itself is tested where it is at home."""
    signed = Certificate(b"", b"", "", "")
    return Checked(CertifiedProgram(files[0][1], None, signed, "C2"), files[0][1])


@functools.cache
def _empty_farm() -> bytes:
    with tempfile.TemporaryDirectory() as name:
        file = Path(name) / "farm.sqlite"
        store = new_store(str(file))
        with store.engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        store.close()
        return file.read_bytes()


def _careless(connection: Any, _: Any) -> None:
    connection.execute("PRAGMA synchronous=OFF").close()


def small_farm(
    folder: Path, printers: Sequence[FarmPrinter], place: str | None = None
) -> SmallFarm:
    if place is None:
        # Its tables are made once, and nothing is synced: no test here pulls the plug.
        (folder / "farm.sqlite").write_bytes(_empty_farm())
        store = open_store(str(folder / "farm.sqlite"))
        sa.event.listen(store.engine, "connect", _careless)
    else:
        store = new_store(place)
    farm = SmallFarm(store, {})
    with store.writing("test") as rows:
        for one in printers:
            for loaded in one.loaded:
                rows.add_spool(Spool(loaded.spool, "pla", 1_000_000), T0_MS)
            rows.add_printer(one, T0_MS)
    farm.hosts = {one.name: SimulatedHost(lambda: farm.now_ms / 1000) for one in printers}
    return farm
