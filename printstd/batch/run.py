"""The batch itself: what is done already is taken from the folder of results, the rest is given to
a crew, and each answer is put in its place as soon as it is there.

A result stands under a digest of all that it was made of: the file's bytes and name, what was asked
(`request`), and the tool with its wheels. It is written after the products, so what it says is
there was there; a run that is stopped at any moment leaves whole files, and the next one does what
is missing. However many files there are, this process holds of each no more than its line of the
report.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from printstd.adapters.files import move, read_file, write_all
from printstd.adapters.result_files import ResultFolder
from printstd.artifacts.finding import Status
from printstd.batch.inputs import InputFile
from printstd.batch.records import STATEMENT, Answer, Ask, Product
from printstd.batch.vouching import Asked, check_statements
from printstd.certify.dsse import sign_bundle
from printstd.certify.predicates import ToolFacts
from printstd.errors import InputError, OutsideError, PrintstdError
from printstd.profiles.decision import Outcome as Verdict
from printstd.profiles.resolved import Resolved
from printstd.report.document import Problem, Section, Subject
from printstd.reuse.packed import NotPacked, pack, unpack
from printstd.words import said

if TYPE_CHECKING:
    from printstd.ports import Clock, Crew, Progress, Signer

_KEY_VERSION: Final = "batch 1"
_LOUD: Final = (Status.FAIL, Status.NOT_EVALUATED, Status.INDETERMINATE, Status.WARN)

_IN_FULL: Final = 10_000
"""Files of a run whose summary tells of those that pass more than that they do."""

Work = Callable[[Any, Ask], bytes]
"""A module-level function: (what the call asks of every file, one file) to a packed `Answer`."""


class Wanted(NamedTuple):
    """What a run is for. request : digest of all that is asked of every file. resolved : the
    profiles that statements must name, None where nothing is stated. with_failure,
    allowed_undecided : of statements. is_kept : whether a result of an earlier run counts: a
    verdict about today does not."""

    work: Work
    job: Any
    request: str
    tool: ToolFacts
    resolved: Resolved | None
    with_failure: bool = False
    allowed_undecided: tuple[str, ...] = ()
    is_kept: bool = True


class Outcome(NamedTuple):
    """subjects : in the order of the files. kept : how many were done before this run."""

    subjects: tuple[Subject, ...]
    kept: int


class Batch:
    """One run. places : where the program of each file goes. staging : where workers leave what
    they make, a folder that nobody else has. signer : of statements. results : None where nothing
    is kept."""

    def __init__(
        self,
        wanted: Wanted,
        files: Sequence[InputFile],
        results: ResultFolder | None,
        *,
        clock: Clock,
        progress: Progress,
        places: Sequence[str] | None = None,
        staging: Path | None = None,
        signer: Signer | None = None,
    ) -> None:
        self._wanted, self._files, self._results = wanted, files, results
        self._clock, self._progress = clock, progress
        self._places, self._staging, self._signer = places, staging, signer
        self._subjects: list[Subject | None] = [None] * len(files)
        self._asked: dict[int, tuple[int, Ask]] = {}
        """Of what is under way: number of the task -> number of the file, and what was asked."""
        self._kept = 0

    def run(self, crew: Crew) -> Outcome:
        """Raises OutsideError where the crew is lost, or a result cannot be kept."""
        self._progress.stage(said("files"), len(self._files))
        crew.each(self._wanted.work, self._tasks(), shared=self._wanted.job, done=self._done)
        subjects = tuple(subject for subject in self._subjects if subject is not None)
        if len(subjects) != len(self._files):
            raise AssertionError("a file was neither done nor refused")
        return Outcome(subjects, self._kept)

    def _tasks(self) -> Iterator[Ask]:
        """Files that are left to do, the largest first, so that nobody waits long for the last."""
        n_tasks = 0
        for number in sorted(
            range(len(self._files)), key=lambda n: (-_size(self._files[n].path), n)
        ):
            file = self._files[number]
            try:
                sha256 = _sha256(file.path)
            except PrintstdError as error:
                self._settle(number, _refused(file.name, None, error))
                continue
            place = self._places[number] if self._places is not None else None
            staging = os.fspath(self._staging) if self._staging is not None else None
            path = os.path.abspath(file.path)
            ask = Ask(path, file.name, sha256, place, staging, self._clock.now_utc())
            subject = self._known(ask)
            if subject is not None:
                self._kept += 1
                self._settle(number, subject)
                continue
            self._asked[n_tasks] = (number, ask)
            n_tasks += 1
            yield ask

    def _settle(self, number: int, subject: Subject) -> None:
        short = in_short(subject)
        if len(self._files) > _IN_FULL and not short.exit_code:
            short = in_line(short)
        self._subjects[number] = short
        self._progress.advance()

    # ----------------------------------------------------------------------- what was done before

    def _key(self, ask: Ask) -> str:
        parts = (_KEY_VERSION, self._wanted.request, ask.sha256, ask.name, ask.product or "")
        text = "\0".join([*parts, repr(self._wanted.tool)])
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

    def _known(self, ask: Ask) -> Subject | None:
        """None where there is no result, or a product of it is not as it was."""
        if self._results is None:
            return None
        content = self._results.get(self._key(ask))
        if content is None:
            return None
        try:
            answer = unpack(Answer, content)
            for product in answer.products:
                if _sha256(product.place) != product.sha256:
                    return None
        except (NotPacked, PrintstdError):
            return None
        return answer.subject

    # ------------------------------------------------------------------------------ what was done

    def _done(self, task: int, found: bytes | PrintstdError) -> None:
        number, ask = self._asked.pop(task)
        try:
            if isinstance(found, PrintstdError):
                raise found
            answer = self._checked(found, ask)
            placed = self._placed(answer, ask)
        except PrintstdError as error:
            self._settle(number, _refused(ask.name, ask.sha256, error))
            return
        if self._results is not None:
            self._keep(self._results, ask, replace(answer, products=placed))
        self._settle(number, answer.subject)

    def _checked(self, found: bytes, ask: Ask) -> Answer:
        try:
            answer = unpack(Answer, found)
        except NotPacked as error:
            raise _foreign(str(error), said("an answer")) from error
        if answer.tool_sha256 != self._wanted.tool.sha256:
            raise _foreign(
                said("modules with sha256 {sha256}", sha256=answer.tool_sha256),
                said("{sha256}, as here", sha256=self._wanted.tool.sha256),
            )
        if answer.input_sha256 != ask.sha256:
            raise InputError(
                said("the file was changed while it was worked on"),
                where=ask.path,
                got=answer.input_sha256,
                wanted=ask.sha256,
                hint=said("run the batch again"),
            )
        return answer

    def _placed(self, answer: Answer, ask: Ask) -> tuple[Product, ...]:
        """The products in their places, signed where they are statements."""
        if not answer.products:
            return ()
        if self._staging is None or ask.product is None:
            raise _foreign(said("products"), said("none"))
        home = os.path.dirname(ask.product)
        lying = []
        for product in answer.products:
            name = os.path.basename(product.place)
            is_own = name.startswith(os.path.basename(ask.product))
            if (
                os.path.dirname(product.place) != home
                or not is_own
                or not _is_digest(product.sha256)
            ):
                raise _foreign(product.place, said("products beside {place}", place=ask.product))
            path = self._staging / product.sha256
            data = read_file(path)
            if hashlib.sha256(data).hexdigest() != product.sha256:
                raise _foreign(said("other bytes at {place}", place=path.name), product.sha256)
            lying.append((product, path, data))
        stated = [data for product, _, data in lying if product.role == STATEMENT]
        if stated:
            self._check(stated, [(p, data) for p, _, data in lying if p.place == ask.product], ask)
        _make_folder(home)
        placed = []
        for product, path, data in lying:
            if product.role == STATEMENT:
                if self._signer is None:
                    raise _foreign(said("a statement"), said("none: there is no key"))
                data = sign_bundle(data, self._signer)
                write_all({Path(product.place): data})
                path.unlink(missing_ok=True)
            else:
                move(path, Path(product.place))
            placed.append(Product(product.place, hashlib.sha256(data).hexdigest()))
        return tuple(placed)

    def _check(
        self, stated: Sequence[bytes], program: Sequence[tuple[Product, bytes]], ask: Ask
    ) -> None:
        if self._wanted.resolved is None:
            raise _foreign(said("a statement"), said("none"))
        asked = Asked(
            ask.sha256,
            self._wanted.resolved,
            self._wanted.tool,
            ask.now,
            self._wanted.with_failure,
            self._wanted.allowed_undecided,
        )
        check_statements(stated, program[0][1] if program else None, asked)

    def _keep(self, results: ResultFolder, ask: Ask, answer: Answer) -> None:
        try:
            pieces = pack(Answer, answer)
        except TypeError:
            return  # a sentence that cannot be told again from bytes: the file is done anew
        results.put(self._key(ask), pieces)


def in_short(subject: Subject) -> Subject:
    """What the summary says of a file: what keeps it from passing, and warnings. The single
    command has the rest."""
    sections = tuple(
        replace(
            section,
            findings=tuple(f for f in section.findings if f.status in _LOUD),
            rules_run=(),
        )
        for section in subject.sections
    )
    return replace(subject, sections=sections, features=(), layers=(), predicted=())


def in_line(subject: Subject) -> Subject:
    """Of a file that passes, one of very many: that it does, and what was written."""
    sections = tuple(_outcome(section.stage, section.outcome) for section in subject.sections)
    return Subject(subject.name, subject.sha256, (), sections, subject.outputs, None, 0)


@cache
def _outcome(stage: str, outcome: Verdict | None) -> Section:
    """The same one for all files."""
    return Section(stage, outcome, (), (), (), ())


def _refused(name: str, sha256: str | None, error: PrintstdError) -> Subject:
    error.where = error.where or name
    problem = Problem(error.in_full(), error.exit_code)
    return Subject(name, sha256, (), (), (), problem, error.exit_code)


def _sha256(path: str) -> str:
    """Of a file's bytes, without having them all at once. Raises as `read_file` does."""
    try:
        with open(path, "rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return hashlib.sha256(read_file(Path(path))).hexdigest()


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except (OSError, ValueError):
        return 0


def _is_digest(text: str) -> bool:
    return len(text) == 64 and not text.strip("0123456789abcdef")


def _make_folder(folder: str) -> None:
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise OutsideError(
            said("the folder cannot be made"),
            where=folder,
            got=error.strerror or str(error),
            wanted=said("a folder that can be written to, with enough space"),
            hint=said("check its rights and the disk"),
        ) from error


def _foreign(got: str, wanted: str) -> OutsideError:
    return OutsideError(
        said("a worker answered with something that it was not asked for"),
        got=got,
        wanted=wanted,
        hint=said("the same printstd with the same wheels must be installed for every worker"),
    )
