"""A process that writes what was signed and logs it, as `certify --log` ends, until it is killed.

Called: python -m tests.killing.certifier FOLDER. See `tests.killing.log_writer`.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import sqlalchemy as sa

from printstd.cli.logged import to_log
from printstd.cli.options import Format
from printstd.cli.running import deliver, document_of
from tests.killing.certifying import PROGRAM, PROGRAM_BYTES, STATEMENTS
from tests.killing.log_writer import watched


def main() -> None:
    folder = Path(sys.argv[1])
    products = {folder / name: (folder / "signed" / name).read_bytes() for name in STATEMENTS}
    products[folder / PROGRAM] = PROGRAM_BYTES
    log = to_log(str(folder / "l.sqlite"), folder / "log.key")
    for owner, name in (
        (os, "fsync"),
        (Path, "replace"),
        (sa.engine.default.DefaultDialect, "do_commit"),
    ):
        watched(owner, name, is_stepped=True)
    document = document_of("certify", (), None)
    deliver(document, form=Format.TEXT, file=None, quiet=True, products=products, log=log)
    sys.stdout.write("DONE\n")


if __name__ == "__main__":
    main()
