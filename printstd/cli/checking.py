"""One file of a repository judged as its rule demands, or taken from the cache where exactly that
was judged before.

A verdict in the cache stands under a digest of all that it was made of: the file's bytes and path,
the rule's demands, the resolved profiles, the bytes of every record, drawing and model beside it,
the day where a record of capability is held against it, and the tool with its wheels and machine
(`adapters.cache_files`). Certificates are verified every time: keys and policies know a day.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from printstd.errors import InputError, PrintstdError, UsageError
from printstd.words import listed, said

if TYPE_CHECKING:
    from printstd.adapters.cache_files import FolderCache
    from printstd.cli.spreading import Answer
    from printstd.pipeline import Order, Prepared
    from printstd.ports import Executor, Progress
    from printstd.profiles.repository import Governed
    from printstd.profiles.resolved import Request, Resolved
    from printstd.report.document import Fact, Section, Subject

_KEY_VERSION: Final = "check 1"


class Task(NamedTuple):
    """A file, and what it is judged with. root : the repository's folder. sha256 : of the file's
    bytes when the key was made. key : of its verdict in the cache."""

    root: Path
    config_name: str
    governed: Governed
    resolved: Resolved
    order: Order
    sha256: str
    key: str
    cache: FolderCache | None


class Planner:
    """Makes tasks; what several files demand alike is resolved once."""

    def __init__(self, root: Path, config_name: str, cache: FolderCache | None) -> None:
        self._root, self._config_name, self._cache = root, config_name, cache
        self._resolved: dict[Request, tuple[Resolved, str]] = {}
        self._digests: dict[str, str] = {}

    def task(self, governed: Governed) -> Task:
        """Raises ProfileError where the rule asks for what no profile says; RuleError where it
        contradicts itself, the file or a record; InputError where a file cannot be read."""
        try:
            return self._task(governed)
        except UsageError as error:
            raise _rule_error(self._config_name, governed, error) from error

    def _task(self, governed: Governed) -> Task:
        from printstd.cli.capability import with_capability
        from printstd.cli.records import asked_with
        from printstd.cli.running import drawing_of, order_of

        asks = governed.demands
        path = self._root / governed.path
        self._inside(governed.path)
        for place in governed.references():
            if place != "recognised":
                self._inside(place)
        _check_kind(governed)
        rotate = ",".join(map(repr, asks.rotate)) if asks.rotate is not None else None
        material = [asks.material] if isinstance(asks.material, str) else asks.material
        asked = asked_with(
            self._at(asks.order),
            self._at(asks.feedstock),
            models=[path],
            pack=asks.pack,
            tolerance_class=asks.class_,
            material=material,
            units=asks.units,
            rotate=rotate,
            orient=bool(asks.orient),
        )
        is_recognised = asks.characteristics == "recognised"
        drawing = Path("recognised") if is_recognised else self._at(asks.characteristics)
        order = order_of(
            units=asked.units,
            scale=asks.scale or 1.0,
            rotate=asked.rotate,
            notation=asked.notation,
            orient=bool(asks.orient),
            plate=asks.plate,
            is_healed=bool(asks.heal),
            allow_undecided=list(asks.allow_undecided or ()),
            drawing=drawing_of(drawing, [self._root / name for name in governed.models] or [path]),
        )
        if asks.extruder is not None:
            order = replace(order, extruder=asks.extruder)
        resolved, of_profiles = self._resolve(governed, asked.pack, asked.tolerance_class)
        records = with_capability(
            asked.records, self._at(asks.capability), self._at(asks.capability_trust)
        )
        sha256 = self._sha256(governed.path)
        key = self._key(governed, of_profiles, sha256, records.capability)
        whole = replace(resolved, records=records)
        return Task(self._root, self._config_name, governed, whole, order, sha256, key, self._cache)

    def _resolve(
        self, governed: Governed, pack: str | None, tolerance_class: str | None
    ) -> tuple[Resolved, str]:
        from printstd.cli.running import request_of, resolved_for
        from printstd.reuse.fingerprint import fingerprint

        asks = governed.demands
        material = [asks.material] if isinstance(asks.material, str) else asks.material
        request = request_of(
            pack=pack,
            tolerance_class=tolerance_class,
            material=list(material) if material else None,
            process=asks.process or "standard-0.20",
            printer=asks.printer,
            settings=[f"{key}={_toml(value)}" for key, value in (asks.set or {}).items()],
        )
        known = self._resolved.get(request)
        if known is None:
            resolved = resolved_for(request)
            content = {name: getattr(resolved, name) for name in resolved.__dataclass_fields__}
            # Where a value comes from is for messages; that is worked out when somebody asks.
            content.pop("origins")
            content.pop("records")
            known = (resolved, fingerprint(content))
            self._resolved[request] = known
        if asks.printer is None and (governed.is_program or asks.stage in ("slice", "audit")):
            from printstd.pipeline import require_printer

            require_printer(known[0])
        return known

    def _key(self, governed: Governed, of_profiles: str, sha256: str, capability: object) -> str:
        asks = governed.demands.model_dump(mode="json", exclude={"expect", "trust", "policy"})
        beside = [(place, self._sha256(place)) for place in self._rested_on(governed)]
        today = getattr(capability, "today", None)
        key_id = getattr(capability, "key_id", None)
        parts = (_KEY_VERSION, governed.path, asks, of_profiles, sha256, beside, today, key_id)
        text = json.dumps(parts, ensure_ascii=True, sort_keys=True)
        return hashlib.sha256(text.encode("ascii")).hexdigest()

    def _rested_on(self, governed: Governed) -> Iterator[str]:
        """Files whose bytes are part of the verdict: keys say only whether a record is taken."""
        asks = governed.demands
        yield from governed.models
        for place in (asks.characteristics, asks.order, asks.feedstock, asks.capability):
            if place is not None and place != "recognised":
                yield place

    def _sha256(self, place: str) -> str:
        known = self._digests.get(place)
        if known is None:
            from printstd.adapters.files import read_file

            path = self._root / place
            if not os.path.lexists(path):
                raise InputError(
                    said("the file is not on the disk"),
                    where=place,
                    got=said("nothing"),
                    wanted=said("a file that the repository has, or that a rule names"),
                    hint=said(
                        "`git checkout -- FILE` brings it back, a sparse or shallow checkout "
                        "leaves files out; `git rm` it where it is meant to be gone"
                    ),
                )
            known = hashlib.sha256(read_file(path)).hexdigest()
            self._digests[place] = known
        return known

    def sha256_of(self, place: str) -> str | None:
        """Where it was read."""
        return self._digests.get(place)

    def _at(self, place: str | None) -> Path | None:
        return None if place is None else self._root / place

    def _inside(self, place: str) -> None:
        """InputError where a link leads out of the repository: a change of it is in no diff."""
        real = os.path.realpath(self._root / place)
        top = os.path.join(os.path.realpath(self._root), "")
        if not real.startswith(top):
            raise InputError(
                said("the file lies outside the repository"),
                where=place,
                got=real,
                wanted=said("a file within it"),
                hint=said("put the file itself there, not a link to it"),
            )


class RuleError(PrintstdError):
    """A rule of printstd.toml that cannot be followed for a file."""

    exit_code = 3


def _check_kind(governed: Governed) -> None:
    """UsageError where a rule that is for models governs a program, or the other way round."""
    if governed.is_program == bool(governed.models):
        return
    if governed.is_program:
        raise UsageError(
            said("a program is audited against its model"),
            got=said("a rule without `model`"),
            wanted=said('e.g. model = "{{folder}}/{{stem}}.stl"'),
            hint=said("write a rule for programs before this one, or ignore the file"),
        )
    raise UsageError(
        said("`model` is of a program's rule"),
        got=said("a rule with `model`, and a model file"),
        wanted=said("a rule of its own for models"),
        hint=said("write it before this one"),
    )


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else repr(value)


# ---------------------------------------------------------------------------------------- judging


def judged(task: Task, path: Path, executor: Executor, progress: Progress) -> Answer:
    """A module-level function for `spreading.spread`."""
    from printstd.cli.spreading import Answer

    governed = task.governed
    try:
        make = _program if governed.is_program else _model
        subject = make(task, path, executor, progress)
        _keep(task, subject)
        subject = _with_certificates(task, subject)
    except UsageError as error:
        raise _rule_error(task.config_name, governed, error) from error
    except PrintstdError as error:
        error.where = seen_from(task.root, error.where) or governed.path
        raise
    return Answer(subject, {})


def seen_from(root: Path, where: str | None) -> str | None:
    """A place without the folder that the repository happens to lie in."""
    return where.replace(os.path.join(root, ""), "") if where else None


def _rule_error(config_name: str, governed: Governed, error: UsageError) -> RuleError:
    place = f"{config_name}:{governed.line}" if governed.line else config_name
    where = listed((place, error.where)) if error.where else place
    return RuleError(error.what, where=where, got=error.got, wanted=error.wanted, hint=error.hint)


def kept(task: Task) -> Subject | None:
    """The verdict that stands in the cache, with what its certificates say now. Raises as `judged`
    does."""
    subject = _kept(task)
    if subject is None:
        return None
    try:
        return _with_certificates(task, subject)
    except UsageError as error:
        raise _rule_error(task.config_name, task.governed, error) from error


def _kept(task: Task) -> Subject | None:
    if task.cache is None:
        return None
    from printstd.report.document import Subject
    from printstd.reuse.packed import NotPacked, unpack

    found = task.cache.get(task.key)
    if found is None:
        return None
    try:
        return unpack(Subject, found)
    except NotPacked:
        return None


def _keep(task: Task, subject: Subject) -> None:
    """What was judged of other bytes than the key is of is not kept: the file was changed
    meanwhile."""
    if task.cache is None or subject.sha256 != task.sha256:
        return
    from printstd.report.document import Subject
    from printstd.reuse.packed import pack

    # A sentence may hold what cannot be told again from bytes: then it is told anew each time.
    with contextlib.suppress(TypeError):
        task.cache.put(task.key, pack(Subject, subject))


def _model(task: Task, path: Path, executor: Executor, progress: Progress) -> Subject:
    from printstd import pipeline
    from printstd.cli.commands.validate import model_subject
    from printstd.cli.running import read_model_file
    from printstd.profiles.decision import Outcome

    prepared = pipeline.prepare(read_model_file(path), task.order, task.resolved)
    found, decision = pipeline.validate(prepared, progress=progress, executor=executor)
    subject = model_subject(prepared, found, decision)
    stage = task.governed.demands.stage or "validate"
    if stage != "validate" and decision.outcome is not Outcome.FAILED:
        subject = _made(prepared, subject, stage == "audit", executor, progress)
    return _named(task, subject)


def _made(
    prepared: Prepared, subject: Subject, is_audited: bool, executor: Executor, progress: Progress
) -> Subject:
    """The subject with what making a program showed, and what its audit found."""
    from printstd import pipeline
    from printstd.cli.commands.audit import measured_rows
    from printstd.cli.commands.slice_ import notices_section, total_rows
    from printstd.errors import SlicingError
    from printstd.report.characteristics import rows_of
    from printstd.report.document import Fact, Problem, overall_exit_code, section_of

    try:
        made = pipeline.make_plate(pipeline.alone(prepared), executor=executor, progress=progress)
    except SlicingError as error:
        problem = Problem(error.in_full(), error.exit_code)
        return replace(subject, problem=problem, exit_code=error.exit_code)
    digest = hashlib.sha256(made.program.data).hexdigest()
    facts = (*subject.facts, *total_rows(made.program.totals, prepared.resolved))
    facts = (*facts, Fact(said("SHA-256 of the program"), digest))
    sections = (*subject.sections, notices_section(made.notices))
    if not is_audited:
        return replace(subject, facts=facts, sections=sections)
    checked = pipeline.audit(
        made.program.data,
        pipeline.distinct_models([prepared]),
        made.demand,
        allowed_undecided=prepared.order.allowed_undecided,
        executor=executor,
        progress=progress,
    )
    audit = checked.audit
    section = section_of("audit", audit.findings, checked.decision, audit.rules_run)
    rows = rows_of(pipeline.characteristics_of([prepared], audit.sizes), audit.sizes)
    return replace(
        subject,
        facts=(*facts, *measured_rows(checked)),
        sections=(*sections, section),
        exit_code=overall_exit_code([subject.exit_code, checked.decision.exit_code]),
        characteristics=rows or subject.characteristics,
    )


def _program(task: Task, path: Path, executor: Executor, progress: Progress) -> Subject:
    from printstd import pipeline
    from printstd.adapters.files import read_file
    from printstd.cli.commands.audit import audit_subject
    from printstd.cli.running import read_model_file

    asks = task.governed.demands
    data = read_file(path)
    parts = [
        part
        for name in task.governed.models
        for part in pipeline.prepare_all(
            read_model_file(task.root / name), task.order, task.resolved
        )
        for _ in range(asks.copies or 1)
    ]
    demand = pipeline.foreign_demand(parts, supports_allowed=bool(asks.supports))
    checked = pipeline.audit(
        data,
        pipeline.distinct_models(parts),
        demand,
        allowed_undecided=task.order.allowed_undecided,
        executor=executor,
        progress=progress,
    )
    drawing = pipeline.characteristics_of(parts, checked.audit.sizes)
    return _named(task, audit_subject(task.governed.path, checked, drawing))


def _with_certificates(task: Task, subject: Subject) -> Subject:
    """A program's subject with what its certificates say under the rule's keys; where the rule
    names none, that those beside it were not looked at."""
    if not task.governed.is_program:
        return subject
    from printstd.cli.commands.certify import sidecar
    from printstd.cli.commands.verify import verified_subject
    from printstd.errors import VerificationError
    from printstd.report.document import Fact, Problem, overall_exit_code

    asks, path = task.governed.demands, task.root / task.governed.path
    if asks.trust is None and asks.policy is None:
        if not any(os.path.lexists(sidecar(path, kind)) for kind in ("cert", "recheck")):
            return subject
        told = said("not verified: the rule names neither trust nor policy")
        return replace(subject, facts=(*subject.facts, Fact(said("certificates"), told)))
    trust = task.root / asks.trust if asks.trust else None
    policy = task.root / asks.policy if asks.policy else None
    try:
        verified = verified_subject(path, trust, policy)
    except VerificationError as error:
        problem = Problem(error.in_full(), error.exit_code)
        return replace(subject, problem=problem, exit_code=error.exit_code)
    sections: tuple[Section, ...] = (*subject.sections, *verified.sections)
    code = overall_exit_code([subject.exit_code, verified.exit_code])
    facts: tuple[Fact, ...] = (*subject.facts, *verified.facts)
    return replace(
        subject, sections=sections, facts=facts, problem=verified.problem, exit_code=code
    )


def _named(task: Task, subject: Subject) -> Subject:
    """Under its path, with what was demanded of it, and without hints for a person at work on this
    one file."""
    from printstd.cli.running import shown

    return replace(
        subject,
        name=shown(task.governed.path),
        facts=(*_demand_rows(task), *subject.facts),
        hints=tuple(hint for hint in subject.hints if hint.startswith("printstd explain ")),
    )


def _demand_rows(task: Task) -> Iterator[Fact]:
    from printstd.report.document import Fact

    resolved = task.resolved
    request = resolved.request
    yield Fact(said("class"), resolved.indication)
    yield Fact(said("pack"), request.pack)
    yield Fact(said("material"), ", ".join((request.material, *request.more_materials)))
    yield Fact(said("process"), request.process)
    yield Fact(said("printer"), request.printer or said("none was named"))
    for key, value in request.overrides:
        yield Fact(said("set"), said("{key} = {value}", key=key, value=value))
