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
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from printstd.adapters.files import read_file
from printstd.adapters.result_files import ResultFolder
from printstd.artifacts.finding import Status
from printstd.batch.inputs import InputFile
from printstd.batch.keeping import Keeper
from printstd.batch.placing import Finish, foreign, placed
from printstd.batch.records import STATEMENT, Answer, Ask, Product
from printstd.batch.vouching import Asked
from printstd.certify.predicates import ToolFacts
from printstd.errors import InputError, PrintstdError, UsageError
from printstd.profiles.decision import Outcome as Verdict
from printstd.profiles.resolved import Resolved
from printstd.report.document import Problem, Section, Subject
from printstd.reuse.packed import NotPacked, pack, unpack
from printstd.words import said

if TYPE_CHECKING:
    from printstd.batch.entering import Entering
    from printstd.certify.carriers.forms import Form
    from printstd.ports import Clock, Crew, Progress, Signer

_KEY_VERSION: Final = "batch 1"
_LOUD: Final = (Status.FAIL, Status.NOT_EVALUATED, Status.INDETERMINATE, Status.WARN)

_IN_FULL: Final = 10_000
"""Files of a run whose summary tells of those that pass more than that they do."""

Work = Callable[[Any, Ask], bytes]
"""A module-level function: (what the call asks of every file, one file) to a packed `Answer`."""


class Own(NamedTuple):
    """What is asked of one file. job : for the worker, beside what is asked of all; None where that
    is everything. request : digest of all of it. resolved : the profiles that its statements must
    name, None where nothing is stated."""

    job: Any
    request: str
    resolved: Resolved | None


class Wanted(NamedTuple):
    """What a run is for. request : digest of all that is asked of every file. resolved : the
    profiles that statements must name, None where nothing is stated. with_failure,
    allowed_undecided : of statements. is_kept : whether a result of an earlier run counts: a
    verdict about today does not. own : where files have records of their own, what is asked of
    each in place of `request` and `resolved`. form, with_svr : what certified programs are carried
    in, and whether a result for other engines is written."""

    work: Work
    job: Any
    request: str
    tool: ToolFacts
    resolved: Resolved | None
    with_failure: bool = False
    allowed_undecided: tuple[str, ...] = ()
    is_kept: bool = True
    own: Callable[[InputFile], Own] | None = None
    form: Form | None = None
    with_svr: bool = False


class Outcome(NamedTuple):
    """subjects : in the order of the files. kept : how many were done before this run."""

    subjects: tuple[Subject, ...]
    kept: int


class Batch:
    """One run. places : where the program of each file goes. staging : where workers leave what
    they make, a folder that nobody else has. signer : of statements. results : None where nothing
    is kept. log : that statements go into, those of an earlier run too."""

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
        log: Entering | None = None,
    ) -> None:
        self._wanted, self._files, self._results = wanted, files, results
        self._clock, self._progress = clock, progress
        self._places, self._staging, self._signer = places, staging, signer
        self._log = log
        self._subjects: list[Subject | None] = [None] * len(files)
        self._asked: dict[int, tuple[int, Ask, Own]] = {}
        """Of what is under way: number of the task -> number of the file, and what was asked."""
        self._keeper: Keeper | None = None
        self._of_all = Own(None, wanted.request, wanted.resolved)
        self._kept = 0

    def run(self, crew: Crew) -> Outcome:
        """Raises OutsideError where the crew is lost, or a result cannot be kept."""
        self._progress.stage(said("files"), len(self._files))
        with ExitStack() as stack:
            if self._results is not None:
                self._keeper = stack.enter_context(Keeper(self._results))
            if self._log is not None:
                stack.enter_context(self._log)
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
                own = self._wanted.own(file) if self._wanted.own is not None else self._of_all
            except UsageError:
                raise  # about the call
            except PrintstdError as error:
                self._settle(number, _refused(file.name, None, error))
                continue
            place = self._places[number] if self._places is not None else None
            staging = os.fspath(self._staging) if self._staging is not None else None
            path = os.path.abspath(file.path)
            ask = Ask(path, file.name, sha256, place, staging, self._clock.now_utc(), own.job)
            known = self._known(ask, own)
            if known is not None:
                self._settle(number, self._known_subject(ask, known))
                continue
            self._asked[n_tasks] = (number, ask, own)
            n_tasks += 1
            yield ask

    def _settle(self, number: int, subject: Subject) -> None:
        short = in_short(subject)
        if len(self._files) > _IN_FULL and not short.exit_code:
            short = in_line(short)
        self._subjects[number] = short
        self._progress.advance()

    # ----------------------------------------------------------------------- what was done before

    def _key(self, ask: Ask, own: Own) -> str:
        parts = (_KEY_VERSION, own.request, ask.sha256, ask.name, ask.product or "")
        text = "\0".join([*parts, repr(self._wanted.tool)])
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

    def _known(self, ask: Ask, own: Own) -> Answer | None:
        """None where there is no result, or a product of it is not as it was."""
        if self._results is None:
            return None
        content = self._results.get(self._key(ask, own))
        if content is None:
            return None
        try:
            answer = unpack(Answer, content)
            for product in answer.products:
                if _sha256(product.place) != product.sha256:
                    return None
        except (NotPacked, PrintstdError):
            return None
        return answer

    def _known_subject(self, ask: Ask, answer: Answer) -> Subject:
        """A run that was stopped, or one without a log, may have left statements out of it."""
        try:
            statements = _statements(answer.products)
            if self._log is not None and self._signer is not None and statements:
                for path, data in statements.items():
                    self._log.settled(path, data, self._signer)
                self._log.add(statements, None)
        except InputError as error:
            return _refused(ask.name, ask.sha256, error)
        self._kept += 1
        return answer.subject

    # ------------------------------------------------------------------------------ what was done

    def _done(self, task: int, found: bytes | PrintstdError) -> None:
        number, ask, own = self._asked.pop(task)
        try:
            if isinstance(found, PrintstdError):
                raise found
            answer = self._checked(found, ask)
            in_place = self._placed(answer, ask, own)
        except PrintstdError as error:
            self._settle(number, _refused(ask.name, ask.sha256, error))
            return
        kept = None
        if self._keeper is not None:
            if in_place == answer.products:
                kept = self._keeper.put(self._key(ask, own), [found])
            else:
                kept = self._keep(self._keeper, ask, own, replace(answer, products=in_place))
        if self._log is not None:
            self._log.add(_statements(in_place), kept)
        self._settle(number, answer.subject)

    def _checked(self, found: bytes, ask: Ask) -> Answer:
        try:
            answer = unpack(Answer, found)
        except NotPacked as error:
            raise foreign(str(error), said("an answer")) from error
        if answer.tool_sha256 != self._wanted.tool.sha256:
            raise foreign(
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

    def _placed(self, answer: Answer, ask: Ask, own: Own) -> tuple[Product, ...]:
        """The products in their places, signed where they are statements."""
        if not answer.products:
            return ()
        if self._staging is None or ask.product is None:
            raise foreign(said("products"), said("none"))
        asked = None
        if own.resolved is not None:
            asked = Asked(
                ask.sha256,
                own.resolved,
                self._wanted.tool,
                ask.now,
                self._wanted.with_failure,
                self._wanted.allowed_undecided,
            )
        finish = Finish(asked, self._signer, self._wanted.form, self._wanted.with_svr, self._log)
        return placed(answer.products, Path(ask.product), self._staging, finish)

    def _keep(self, keeper: Keeper, ask: Ask, own: Own, answer: Answer) -> Future[None] | None:
        try:
            pieces = pack(Answer, answer)
        except TypeError:
            return None  # a sentence that cannot be told again from bytes: the file is done anew
        return keeper.put(self._key(ask, own), pieces)


def _statements(products: Sequence[Product]) -> dict[Path, bytes]:
    """Of products in their places, those that were signed."""
    own = [Path(product.place) for product in products if product.role == STATEMENT]
    return {path: read_file(path) for path in own}


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
