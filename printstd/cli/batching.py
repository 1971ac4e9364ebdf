"""What `printstd batch` does with one file, in a worker: what the single commands do, and an answer
that says where what was made lies."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from printstd.batch.records import Ask
    from printstd.certify.carriers.forms import Form
    from printstd.certify.policy import TrustPolicy
    from printstd.certify.predicates import ToolFacts
    from printstd.cli.batch_asks import Judged
    from printstd.errors import PrintstdError
    from printstd.inputs import ModelInput
    from printstd.pipeline import Order
    from printstd.profiles.records import Records
    from printstd.profiles.resolved import Resolved
    from printstd.report.document import Subject


@cache
def tool() -> ToolFacts:
    """What runs here: found out once, because what runs is what was loaded."""
    from printstd.adapters.surroundings import tool_facts

    return tool_facts()


class OwnJob(NamedTuple):
    """What is asked of a model that has records of its own. judged : which of the job's
    variants. indication : of its class, where others of the run are judged by another."""

    order: Order
    judged: Judged
    records: Records
    indication: str | None = None


class ModelJob(NamedTuple):
    """What is asked of every model. with_failure, key_id, form, with_svr : of `certify`. variants :
    profiles under what the orders name, where files have their own."""

    order: Order
    resolved: Resolved
    copies: int = 1
    with_failure: bool = False
    key_id: str = ""
    form: Form | None = None
    with_svr: bool = False
    variants: Mapping[Judged, Resolved] = {}

    def of(self, ask: Ask) -> ModelJob:
        """With what is asked of this file alone."""
        own: OwnJob | None = ask.own
        if own is None:
            return self
        resolved = replace(self.variants[own.judged], records=own.records)
        return self._replace(order=own.order, resolved=resolved)


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

    job = job.of(ask)
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
    from printstd.batch.records import FILE
    from printstd.cli.carriers import product_bytes
    from printstd.cli.commands.slice_ import made_subject
    from printstd.errors import PrintstdError

    job = job.of(ask)
    model, sha256 = _read(ask)
    product = _product(ask)
    made_of: dict[Path, tuple[bytes, str]] = {}
    try:
        plate = pipeline.plate_of(
            pipeline.prepare_all(model, job.order, job.resolved), copies=job.copies
        )
        made = pipeline.make_plate(plate, executor=SerialExecutor(), progress=NoProgress())
        subject = made_subject(model.name, made, product, job.resolved)
        made_of[product] = product_bytes(made.program.data, product), FILE
    except PrintstdError as error:
        subject = _refused(ask, sha256, error)
    return _answer(ask, subject, sha256, made_of)


def stated(job: ModelJob, ask: Ask) -> bytes:
    """`printstd certify`, but for the key: what is to be signed goes back as it is, and a file that
    carries its certificates without them."""
    from printstd import pipeline
    from printstd.adapters.clock import GivenClock
    from printstd.adapters.executors import SerialExecutor
    from printstd.adapters.progress import NoProgress
    from printstd.batch.records import CARRIER, FILE, STATEMENT
    from printstd.cli.carriers import Packing
    from printstd.cli.certified import certified_subject, refused
    from printstd.cli.commands.certify import part_sidecar, sidecar
    from printstd.cli.kept_meshes import kept_meshes
    from printstd.errors import PrintstdError, SlicingError

    job = job.of(ask)
    model, sha256 = _read(ask)
    product = _product(ask)
    made: dict[Path, tuple[bytes, str]] = {}
    try:
        parts = pipeline.prepare_all(model, job.order, job.resolved)
        plate = pipeline.plate_of(parts, copies=job.copies)
        packing = Packing(job.form, product)
        try:
            found = pipeline.state_plate(
                plate,
                program_name=packing.program_name,
                clock=GivenClock(ask.now),
                tool=tool(),
                executor=SerialExecutor(),
                progress=NoProgress(),
                with_failure=job.with_failure,
                container_of=packing.container_of,
            )
        except SlicingError as error:
            return _answer(ask, refused(model.name, parts, error), sha256)
        for label, payload in found.parts.items():
            made[part_sidecar(product, label)] = payload, STATEMENT
        if found.recheck is not None:
            made[sidecar(product, "recheck")] = found.recheck, STATEMENT
        written = [*made]
        if found.generation is not None and found.program is not None:
            if job.with_svr:
                written.append(sidecar(product, "svr"))
            made[sidecar(product, "cert")] = found.generation, STATEMENT
            for place, mesh in kept_meshes(plate.models, product).items():
                made[place] = mesh, FILE
            # The program last: until it is there, nothing vouches for anything.
            package = packing.package
            made[product] = (package.container, CARRIER) if package else (found.program, FILE)
        subject = certified_subject(
            model.name,
            plate.models,
            found,
            [Path(ask.path)],
            product,
            resolved=job.resolved,
            products=[*written, *(place for place in made if place not in written)],
            key_id=job.key_id,
        )
    except PrintstdError as error:
        subject, made = _refused(ask, sha256, error), {}
    return _answer(ask, subject, sha256, made)


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
    made: Mapping[Path, tuple[bytes, str]] | None = None,
) -> bytes:
    """Leaves what was made in the staging folder, and packs the rest. made : place -> bytes and
    role, in the order in which they are to be put in their places."""
    from printstd.adapters.files import leave
    from printstd.batch.records import FILE, Answer, Product, staged_name
    from printstd.batch.run import in_short
    from printstd.cli.running import shown
    from printstd.report.document import Fact
    from printstd.reuse.packed import pack
    from printstd.words import said

    products = []
    for place, (data, role) in (made or {}).items():
        digest = hashlib.sha256(data).hexdigest()
        # What is signed or filled is written anew: only what is moved as it is must be durable.
        name = staged_name(str(place), digest)
        leave(Path(ask.staging or "") / name, data, is_durable=role == FILE)
        products.append(Product(str(place), digest, role))
    subject = replace(in_short(subject), name=shown(ask.name))
    if ask.own is not None and ask.own.indication is not None:
        by = Fact(said("tolerance class"), ask.own.indication)
        subject = replace(subject, facts=(by, *subject.facts))
    answer = Answer(subject, sha256, tool().sha256, tuple(products))
    return b"".join(pack(Answer, answer))
