"""Where a farm keeps the signed records of its prints: ``records/`` in its folder, each beside the
certificate of its program, and a line of each in its history."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from printstd.artifacts.as_run import AsRun
    from printstd.artifacts.certificate import CertifiedProgram
    from printstd.artifacts.farm import FarmPrinter
    from printstd.artifacts.job import Instance
    from printstd.cli.farm_place import Farm
    from printstd.coordinator.recording import RunKeeper

RECORDS: Final = "records"


def record_name(program: str, instance: int) -> str:
    """``part.gcode`` and 17 -> ``part.gcode.17.asrun.json``."""
    from printstd.certify.as_run_statement import SUFFIX

    return f"{program}.{instance}{SUFFIX}"


def record_folder(folder: Path, program_sha256: str) -> Path:
    return folder / RECORDS / program_sha256[:16]


def record_keeper(farm: Farm, owner: str) -> RunKeeper | None:
    """None where farm.toml names no ``record_key``: then no records are made."""
    from printstd.adapters.clock import SystemClock
    from printstd.adapters.keys import load_signer
    from printstd.adapters.surroundings import tool_facts
    from printstd.cli.farm_place import now_ms, patience_of, verifier
    from printstd.coordinator.recording import RunKeeper

    if farm.folder.record_key is None:
        return None
    clock = SystemClock()
    verify = verifier(farm)

    def program_of(one: Instance) -> CertifiedProgram:
        with farm.store.reading() as rows:
            files = rows.program_files(rows.job(one.job).program_sha256)
        return verify(files, clock.now_utc()).program

    def secrets(printer: FarmPrinter) -> Mapping[str, str]:
        return farm.folder.secrets(printer.host.secret)

    def keep(
        printer: FarmPrinter,
        one: Instance,
        program: CertifiedProgram,
        record: AsRun,
        bundle: bytes,
    ) -> None:
        from printstd.adapters.files import write_all

        with farm.store.reading() as rows:
            sha256 = rows.job(one.job).program_sha256
            files = rows.program_files(sha256)
        folder = record_folder(farm.folder.path, sha256)
        folder.mkdir(parents=True, exist_ok=True)
        products = {folder / record_name(files[0][0], one.number): bundle}
        for name, data in files[1:]:
            if not (folder / name).exists():
                products[folder / name] = data
        write_all(products)
        with farm.store.writing(owner) as rows:
            rows.tell(
                "as-run",
                now_ms(),
                job=one.job,
                instance=one.number,
                printer=printer.name,
                verdict=record.verdict.value,
                sha256=hashlib.sha256(bundle).hexdigest(),
            )

    return RunKeeper(
        signer=load_signer(farm.folder.record_key),
        tool=tool_facts(),
        clock=clock,
        keep=keep,
        secrets=secrets,
        program_of=program_of,
        poll_s=patience_of(farm.folder).poll_s,
    )
