"""``python -m tests.proving [PRINTER ...]``: prove these printers, or all that are not proven.

``--all`` proves all of them again; ``--page`` writes docs/printers.md alone. Ends with 1 where one
fails: its file then says ``parsed``.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from printstd.adapters.profile_files import default_source
from printstd.profiles.models import Printer
from printstd.profiles.proof import proven_digest
from tests.proving import record
from tests.proving.parts import samples_of
from tests.proving.proof import Run, run


def proven(name: str) -> tuple[Printer, list[Run]]:
    printer, samples = samples_of(name)
    with tempfile.TemporaryDirectory() as folder:
        return printer, [run(printer, one, Path(folder) / one.name) for one in samples]


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m tests.proving", description=__doc__)
    options.add_argument("printers", nargs="*")
    options.add_argument("--all", action="store_true")
    options.add_argument("--page", action="store_true")
    asked = options.parse_args()
    source = default_source()
    known, results = record.printers(source), record.read()
    results = {name: found for name, found in results.items() if name in known}
    names = asked.printers or [
        name
        for name, printer in known.items()
        if asked.all or results.get(name, {}).get("of") != proven_digest(printer)
    ]
    has_failed = False
    if not asked.page:
        today = datetime.now(tz=UTC).date()
        with ProcessPoolExecutor(os.cpu_count()) as pool:
            for name, (printer, runs) in zip(names, pool.map(proven, names), strict=True):
                wrong = [f"{one.sample}: {text}" for one in runs for text in one.wrong]
                sys.stdout.write(
                    "\n  ".join([f"{name}: {'FAILED' if wrong else 'simulated'}", *wrong])
                )
                sys.stdout.write("\n")
                sys.stdout.flush()
                has_failed |= bool(wrong)
                results.pop(name, None)
                if not wrong:
                    results[name] = record.entry(printer, runs, today)
                record.into_profile(name, results.get(name))
                record.write(results)
    record.write(results)
    record.PAGE.write_text(record.page(record.printers(source), results), "utf-8")
    return int(has_failed)


if __name__ == "__main__":
    sys.exit(main())
