"""What `printstd batch` does with one file, in a worker: what the single commands do, and an answer
that says where what was made lies."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from printstd.batch.records import Ask
    from printstd.certify.policy import TrustPolicy
    from printstd.certify.predicates import ToolFacts
    from printstd.errors import PrintstdError
    from printstd.inputs import ModelInput
    from printstd.pipeline import Order
    from printstd.profiles.resolved import Resolved
    from printstd.report.document import Subject


@cache
def tool() -> ToolFacts:
    """What runs here: found out once, because what runs is what was loaded."""
    from printstd.adapters.surroundings import tool_facts

    return tool_facts()


class ModelJob(NamedTuple):
    """What is asked of every model. with_failure, key_id : of `certify`."""

    order: Order
    resolved: Resolved
    copies: int = 1
    with_failure: bool = False
    key_id: str = ""


class VerifyJob(NamedTuple):
    """What every program is held against: keys and certificates are read where they are used.
    trust, policy : paths as every machine of the run finds them; one of the two is None."""

    trust: Path | None
    policy: Path | None


def checked(job: ModelJob, ask: Ask) -> bytes:
    """`printstd validate`."""
    from printstd import pipeline
    from printstd.adapters.executors import SerialExecutor
    from printstd.adapters.progress import NoProgress
    from printstd.cli.commands.validate import model_subject
    from printstd.errors import PrintstdError

    model, sha256 = _read(ask)
    try:
        prepared = pipeline.prepare(model, job.order, job.resolved)
        found, decision = pipeline.validate(
            prepared, progress=NoProgress(), executor=SerialExecutor()
        )
        subject = model_subject(prepared, found, decision)
    except PrintstdError as error:
        subject = _refused(ask, sha256, error)
    return _answer(ask, subject, sha256)


def sliced(job: ModelJob, ask: Ask) -> bytes:
    """`printstd slice`."""
    from printstd import pipeline
    from printstd.adapters.executors import SerialExecutor
    from printstd.adapters.progress import NoProgress
    from printstd.cli.commands.slice_ import made_subject
    from printstd.errors import PrintstdError

    model, sha256 = _read(ask)
    product = _product(ask)
    files: dict[Path, bytes] = {}
    try:
        plate = pipeline.plate_of(
            pipeline.prepare_all(model, job.order, job.resolved), copies=job.copies
        )
        made = pipeline.make_plate(plate, executor=SerialExecutor(), progress=NoProgress())
        subject = made_subject(model.name, made, product, job.resolved)
        files[product] = made.program.data
    except PrintstdError as error:
        subject = _refused(ask, sha256, error)
    return _answer(ask, subject, sha256, files)


def stated(job: ModelJob, ask: Ask) -> bytes:
    """`printstd certify`, but for the key: what is to be signed goes back as it is."""
    from printstd import pipeline
    from printstd.adapters.clock import GivenClock
    from printstd.adapters.executors import SerialExecutor
    from printstd.adapters.progress import NoProgress
    from printstd.cli.certified import certified_subject, refused
    from printstd.cli.commands.certify import part_sidecar, sidecar
    from printstd.cli.kept_meshes import kept_meshes
    from printstd.cli.running import shown
    from printstd.errors import PrintstdError, SlicingError

    model, sha256 = _read(ask)
    product = _product(ask)
    statements: dict[Path, bytes] = {}
    files: dict[Path, bytes] = {}
    try:
        parts = pipeline.prepare_all(model, job.order, job.resolved)
        plate = pipeline.plate_of(parts, copies=job.copies)
        try:
            found = pipeline.state_plate(
                plate,
                program_name=shown(product.name),
                clock=GivenClock(ask.now),
                tool=tool(),
                executor=SerialExecutor(),
                progress=NoProgress(),
                with_failure=job.with_failure,
            )
        except SlicingError as error:
            return _answer(ask, refused(model.name, parts, error), sha256)
        for label, payload in found.parts.items():
            statements[part_sidecar(product, label)] = payload
        if found.recheck is not None:
            statements[sidecar(product, "recheck")] = found.recheck
        if found.generation is not None and found.program is not None:
            statements[sidecar(product, "cert")] = found.generation
            files |= kept_meshes(plate.models, product)
            # The program last: until it is there, nothing vouches for anything.
            files[product] = found.program
        subject = certified_subject(
            model.name,
            parts,
            found,
            [Path(ask.path)],
            product,
            resolved=job.resolved,
            products=[*statements, *files],
            key_id=job.key_id,
        )
    except PrintstdError as error:
        subject, statements, files = _refused(ask, sha256, error), {}, {}
    return _answer(ask, subject, sha256, files, statements)


def verified(job: VerifyJob, ask: Ask) -> bytes:
    """`printstd verify`, under one policy, at the time that the coordinator says."""
    from printstd.adapters.files import read_file
    from printstd.cli.commands.verify import subject_under
    from printstd.errors import PrintstdError

    path = Path(ask.path)
    sha256 = hashlib.sha256(read_file(path)).hexdigest()
    try:
        subject = subject_under(path, _rules(job), ask.now, job.policy)
    except PrintstdError as error:
        subject = _refused(ask, sha256, error)
    return _answer(ask, subject, sha256)


@cache
def _rules(job: VerifyJob) -> TrustPolicy:
    from printstd.cli.commands.verify import load_policy

    rules = load_policy(job.trust, job.policy)
    if rules is None:
        raise AssertionError("the coordinator asked for one")
    return rules


def _read(ask: Ask) -> tuple[ModelInput, str]:
    from printstd.cli.running import read_model_file

    model = read_model_file(Path(ask.path))
    return model, hashlib.sha256(model.data).hexdigest()


def _product(ask: Ask) -> Path:
    if ask.product is None:
        raise AssertionError("programs have places")
    return Path(ask.product)


def _refused(ask: Ask, sha256: str, error: PrintstdError) -> Subject:
    """A problem of this very file, which is its result."""
    from printstd.report.document import Problem, Subject

    error.where = error.where or ask.name
    problem = Problem(error.in_full(), error.exit_code)
    return Subject(ask.name, sha256, (), (), (), problem, error.exit_code)


def _answer(
    ask: Ask,
    subject: Subject,
    sha256: str,
    files: Mapping[Path, bytes] | None = None,
    statements: Mapping[Path, bytes] | None = None,
) -> bytes:
    """Leaves what was made in the staging folder, and packs the rest."""
    from dataclasses import replace

    from printstd.adapters.files import write_all
    from printstd.batch.records import FILE, STATEMENT, Answer, Product
    from printstd.batch.run import in_short
    from printstd.cli.running import shown
    from printstd.reuse.packed import pack

    products = []
    own = [(place, data, STATEMENT) for place, data in (statements or {}).items()]
    own += [(place, data, FILE) for place, data in (files or {}).items()]
    for place, data, role in own:
        digest = hashlib.sha256(data).hexdigest()
        write_all({Path(ask.staging or "") / digest: data})
        products.append(Product(str(place), digest, role))
    subject = replace(in_short(subject), name=shown(ask.name))
    answer = Answer(subject, sha256, tool().sha256, tuple(products))
    return b"".join(pack(Answer, answer))
