"""A batch that signs, keeps and logs, until it is killed: everything of `printstd batch certify
--log` but the making of programs, which is a line here.

Called: python -m tests.killing.batch_writer FOLDER NOW. See `tests.killing.log_writer`.
"""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from printstd.adapters.clock import FixedClock
from printstd.adapters.keys import load_signer
from printstd.adapters.log_store import open_log
from printstd.adapters.progress import NoProgress
from printstd.adapters.result_files import ResultFolder, staging
from printstd.batch import placing
from printstd.batch.entering import Entering
from printstd.batch.inputs import MODELS, find_inputs, program_places
from printstd.batch.records import FILE, STATEMENT, Answer, Ask, Product, staged_name
from printstd.batch.run import Batch, Wanted
from printstd.certify.predicates import ToolFacts
from printstd.certify.strict_json import canonical
from printstd.errors import PrintstdError
from printstd.report.document import Subject
from printstd.reuse.packed import pack
from tests.killing.log_writer import watched

TOOL = ToolFacts("1", "5" * 64, "3", "here", (("numpy", "2"),))


class Here:
    """A crew of this very process."""

    workers = 1

    def each(self, function: Any, tasks: Any, *, shared: Any, done: Any) -> None:
        for number, task in enumerate(tasks):
            done(number, function(shared, task))


def work(is_named_by_base: bool, ask: Ask) -> bytes:
    """A program, and two statements about this file at this time, as a worker leaves them."""
    name = Path(ask.name).name if is_named_by_base else ask.name
    data = Path(ask.path).read_bytes()
    sha256 = hashlib.sha256(data).hexdigest()
    assert ask.staging is not None
    assert ask.product is not None
    made = {ask.product: (b"; " + data, FILE)}
    for kind in ("cert", "recheck"):
        statement = {
            "_type": "https://in-toto.io/Statement/v1",
            "subject": [],
            "predicateType": f"https://printstd.example/gcode-{kind}/v1",
            "predicate": {"name": name, "issuedAt": ask.now},
        }
        made = {f"{ask.product}.{kind}.json": (canonical(statement), STATEMENT), **made}
    products = []
    for place, (content, role) in made.items():
        digest = hashlib.sha256(content).hexdigest()
        (Path(ask.staging) / staged_name(place, digest)).write_bytes(content)
        products.append(Product(place, digest, role))
    subject = Subject(ask.name, sha256, (), (), (), None, 0)
    return b"".join(pack(Answer, Answer(subject, sha256, TOOL.sha256, tuple(products))))


def certify(
    folder: Path, now: int, *, with_log: bool = True, is_named_by_base: bool = False
) -> tuple[int, list[int]]:
    """Files that were done before, and the exit code of each."""
    files = find_inputs([folder / "parts"], [], MODELS)
    places = program_places(files, folder / "out")
    log = Entering(open_log(str(folder / "l.sqlite")), load_signer(folder / "log.key"), "the log")
    with staging(folder / "out") as left:
        batch = Batch(
            Wanted(work, is_named_by_base, "r", TOOL, None),
            files,
            ResultFolder(folder / "kept"),
            clock=FixedClock(now),
            progress=NoProgress(),
            places=places,
            staging=left,
            signer=load_signer(folder / "k.key"),
            log=log if with_log else None,
        )
        outcome = batch.run(Here())
    return outcome.kept, [subject.exit_code for subject in outcome.subjects]


def take_statements_as_they_are() -> None:
    """Whether a statement is what was asked for is looked at elsewhere (`batch.vouching`)."""
    placing._check = lambda *_: None  # type: ignore[assignment]


def main() -> None:
    take_statements_as_they_are()
    for owner, name in (
        (os, "fsync"),
        (Path, "replace"),
        (sa.engine.default.DefaultDialect, "do_commit"),
    ):
        watched(owner, name, is_stepped=True)
    try:
        certify(Path(sys.argv[1]), int(sys.argv[2]))
    except PrintstdError as error:
        sys.exit(str(error))
    sys.stdout.write("DONE\n")


if __name__ == "__main__":
    main()
