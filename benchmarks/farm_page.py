"""The farm's page over a large farm: 1,000 printers, 100,000 jobs in the queue."""

from __future__ import annotations

import asyncio
import time
from statistics import median
from typing import TYPE_CHECKING, Any, Final

from benchmarks.tables import show

if TYPE_CHECKING:
    from benchmarks.__main__ import Setting

PRINTERS: Final = 1_000
JOBS: Final = 100_000
WANTED_MS: Final = 200.0
ASKED: Final = {
    "the page": "/",
    "printers": "/api/v1/printers?limit=50",
    "the last printers": "/api/v1/printers?limit=50&offset=950",
    "queue": "/api/v1/prints?limit=50",
    "the middle of the queue": "/api/v1/prints?limit=50&offset=50000",
    "why a job waits": "/api/v1/jobs/{job}",
    "history": "/api/v1/history?last=100",
    "metrics": "/metrics",
}


def measure(setting: Setting) -> dict[str, Any]:
    from printstd.adapters.farm_folder import TRUST, FarmSettings, new_folder
    from printstd.adapters.farm_store.store import new_store
    from printstd.adapters.keys import new_key
    from printstd.artifacts.farm import FarmPrinter, HostAddress, Loaded, Nozzle, Seen, Spool
    from printstd.certify.keys import public_pem
    from printstd.cli.farm_place import Farm, now_ms, policy_of
    from printstd.coordinator.facts import requirements
    from printstd.service.access import Access, Scope
    from printstd.service.app import Desk, make_app
    from printstd.service.making import Workshop
    from tests.small_farm import facts

    folder = setting.scratch / "farm"
    folder.mkdir()
    public = new_key(folder / "maker", algorithm="p256", passphrase=None)
    store = new_store(str(folder / "farm.sqlite"))
    made = new_folder(folder, FarmSettings(trust=TRUST), {"maker.pub": public_pem(public)})
    names = [f"printer-{number:04}" for number in range(PRINTERS)]
    own = facts()
    with store.writing("benchmark") as rows:
        for name in names:
            rows.add_spool(Spool(f"s-{name}", "pla", 1_000_000), now_ms())
            host = HostAddress("octoprint+http://127.0.0.1:9")
            loaded = (Loaded(0, f"s-{name}"),)
            rows.add_printer(
                FarmPrinter(name, "mk4s", host, Nozzle("n", 400), loaded=loaded), now_ms()
            )
        rows.set_seen([Seen(name, now_ms(), "printing") for name in names])
        rows.add_program(own, [("part.gcode", b"G1\n")])
        for _ in range(JOBS):
            job = rows.submit(
                name=own.name,
                program_sha256=own.sha256,
                needs=requirements(own),
                at_utc_ms=now_ms(),
                mg=own.mg,
            )
        rows.submit(
            name=own.name,
            program_sha256=own.sha256,
            needs=requirements(own),
            at_utc_ms=now_ms(),
        )
    access = Access(folder, time.time)
    access.set_user("a", "correct horse battery", Scope.ADMIN)
    who = access.by_password("a", "correct horse battery")
    assert who is not None
    cookie = access.begin_session(who)
    workshop = Workshop(folder, key=None, at_once=1)
    app = make_app(Desk(Farm(made, store, policy_of(made)), access, workshop, is_secure=False))
    try:
        found = asyncio.run(_asked(app, cookie, job.number + 1, max(setting.runs, 20)))
    finally:
        workshop.close()
        store.close()
    table: list[list[object]] = []
    for name, times in found.items():
        table.append([name, median(times), max(times), WANTED_MS, max(times) <= WANTED_MS])
    print(f"{PRINTERS} printers, {JOBS:,} jobs in the queue")
    show(["asked for", "median ms", "worst ms", "wanted", "holds"], table)
    return {
        "ms": {name: {"median": median(t), "worst": max(t)} for name, t in found.items()},
        "holds": all(row[-1] for row in table),
    }


async def _asked(app: Any, cookie: str, job: int, runs: int) -> dict[str, list[float]]:
    import httpx

    from printstd.service.guard import COOKIE

    found: dict[str, list[float]] = {name: [] for name in ASKED}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app), base_url="http://farm", cookies={COOKIE: cookie}
    ) as client:
        for run in range(runs + 1):
            for name, path in ASKED.items():
                began = time.perf_counter()
                answer = await client.get(path.format(job=job))
                took = 1000 * (time.perf_counter() - began)
                assert answer.status_code == 200, (path, answer.text)
                if run:  # the first reads templates and modules
                    found[name].append(took)
    return found
