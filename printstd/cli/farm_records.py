"""Where a farm keeps the signed records of its prints: ``records/`` in its folder, each beside the
certificate of its program, and a line of each in its history."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from printstd.adapters.farm_store.store import FarmStore
    from printstd.artifacts.as_run import AsRun
    from printstd.artifacts.certificate import CertifiedProgram
    from printstd.artifacts.farm import FarmPrinter
    from printstd.artifacts.job import Instance
    from printstd.certify.keys import PublicKey
    from printstd.cli.farm_place import Farm
    from printstd.coordinator.recording import RunKeeper

RECORDS: Final = "records"
_TOLD: Final = "as-run"


def record_name(program: str, instance: int) -> str:
    """``part.gcode`` and 17 -> ``part.gcode.17.asrun.json``."""
    from printstd.certify.as_run_statement import SUFFIX

    return f"{program}.{instance}{SUFFIX}"


def record_folder(folder: Path, program_sha256: str) -> Path:
    return folder / RECORDS / program_sha256[:16]


@dataclass(frozen=True, slots=True, eq=False)
class RecordFolder:
    """path : of the farm. owner : by its name in the history. key : that its records are signed
    with."""

    path: Path
    store: FarmStore
    owner: str
    key: PublicKey

    def keep(
        self,
        printer: FarmPrinter,
        one: Instance,
        program: CertifiedProgram,
        record: AsRun,
        bundle: bytes,
    ) -> None:
        """The file first and then its line, so that a line never speaks of a file that is not."""
        from printstd.adapters.files import make_folder, write_all

        with self.store.reading() as rows:
            sha256 = rows.job(one.job).program_sha256
            files = rows.program_files(sha256)
        folder = record_folder(self.path, sha256)
        make_folder(folder)
        products = {folder / record_name(files[0][0], one.number): bundle}
        for name, data in files[1:]:
            if not (folder / name).exists():
                products[folder / name] = data
        write_all(products)
        self._tell(one, record, bundle)

    def is_kept(self, one: Instance) -> bool:
        """A file without its line is what a kill between the two leaves: it is the record of a
        print that was watched, so it is told of, and not made anew by somebody who saw less."""
        from printstd.adapters.files import read_if_present
        from printstd.certify.as_run_statement import read_as_run
        from printstd.certify.dsse import MAX_BUNDLE_BYTES
        from printstd.errors import VerificationError

        with self.store.reading() as rows:
            sha256 = rows.job(one.job).program_sha256
            name = record_name(rows.program_files(sha256)[0][0], one.number)
            about = rows.events(about=f"instance {one.number}")
            is_told = any(event.kind == _TOLD for event in about)
        file = record_folder(self.path, sha256) / name
        bundle = read_if_present(file, max_bytes=MAX_BUNDLE_BYTES)
        if bundle is None:
            return is_told
        try:
            record = read_as_run(bundle, name, (self.key,)).record
        except VerificationError:
            return is_told
        if record.run.program_name != one.file:
            return is_told
        if not is_told:
            self._tell(one, record, bundle)
        return True

    def _tell(self, one: Instance, record: AsRun, bundle: bytes) -> None:
        from printstd.cli.farm_place import now_ms

        with self.store.writing(self.owner) as rows:
            rows.tell(
                _TOLD,
                now_ms(),
                job=one.job,
                instance=one.number,
                printer=one.printer,
                verdict=record.verdict.value,
                sha256=hashlib.sha256(bundle).hexdigest(),
            )


def record_keeper(farm: Farm, owner: str) -> RunKeeper | None:
    """None where farm.toml names no ``record_key``: then no records are made."""
    from printstd.adapters.clock import SystemClock
    from printstd.adapters.keys import load_signer
    from printstd.adapters.surroundings import tool_facts
    from printstd.cli.farm_place import patience_of, verifier
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

    signer = load_signer(farm.folder.record_key)
    kept = RecordFolder(farm.folder.path, farm.store, owner, signer.public)
    return RunKeeper(
        signer=signer,
        tool=tool_facts(),
        clock=clock,
        keep=kept.keep,
        secrets=secrets,
        program_of=program_of,
        is_kept=kept.is_kept,
        poll_s=patience_of(farm.folder).poll_s,
    )
