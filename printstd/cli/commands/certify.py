"""`printstd certify`: the whole line, signed; or a re-check of somebody's program."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from printstd.cli import options
from printstd.cli.options import Format
from printstd.cli.speech import Language, translate
from printstd.words import listed, said

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from printstd.errors import PrintstdError
    from printstd.pipeline import Generation, Order, Prepared, Signed
    from printstd.ports import Cache, Clock, Signer
    from printstd.profiles.resolved import Resolved
    from printstd.report.document import Fact, Section, Subject


def certify(
    sources: Annotated[
        list[Path],
        typer.Argument(
            metavar="MODEL...|OUT.gcode",
            help="Models of one plate, or a finished program together with --model; told from the "
            "content.",
            show_default=False,
        ),
    ],
    key: options.Key = None,
    output: options.Output = None,
    model: options.Model = None,
    sign_failure: Annotated[
        bool,
        typer.Option(
            "--sign-failure", help="On a no, write a statement that says FAILED (nothing else)."
        ),
    ] = False,
    supports: options.Supports = False,
    pack: options.Pack = None,
    tolerance_class: options.ToleranceClass = None,
    material: options.Material = None,
    process: options.Process = "standard-0.20",
    printer: options.Printer = None,
    settings: options.Set = None,
    units: options.Units = None,
    scale: options.Scale = 1.0,
    rotate: options.Rotate = None,
    orient: options.Orient = False,
    plate: options.Plate = None,
    extruder: options.Extruder = None,
    copies: options.Copies = 1,
    heal: options.Heal = False,
    order_record: options.Order = None,
    feedstock: options.Feedstock = None,
    capability: options.Capability = None,
    trust: options.CapabilityTrust = None,
    characteristics: options.Characteristics = None,
    allow_undecided: options.AllowUndecided = None,
    epoch: options.Epoch = None,
    time: options.Time = None,
    cache: options.Cache = None,
    workers: options.Workers = None,
    redact: options.Redact = None,
    report: options.ReportFile = None,
    form: options.ReportFormat = Format.TEXT,
    lang: options.Lang = Language.EN,
    quiet: options.Quiet = False,
) -> int:
    """Validate, slice, audit and sign a model, or a plate of several; or audit and sign a finished
    program.

    For models: OUT.gcode, OUT.gcode.cert.json and OUT.gcode.recheck.json. For a program:
    its recheck.json alone. On a no nothing is written.
    """
    from printstd.adapters.clock import FixedClock, SystemClock
    from printstd.adapters.files import read_file
    from printstd.adapters.keys import load_signer
    from printstd.cli.capability import with_capability
    from printstd.cli.commands.slice_ import plate_title
    from printstd.cli.kept_meshes import mesh_places
    from printstd.cli.pictures import drawing_together
    from printstd.cli.places import given_files, settle
    from printstd.cli.records import asked_with
    from printstd.cli.running import (
        cache_of,
        check_form,
        deliver,
        document_of,
        drawing_files,
        drawing_of,
        order_of,
        orders_of,
        over_inputs,
        prepared_parts,
        request_of,
        resolved_for,
    )
    from printstd.errors import UsageError

    if key is None:
        raise UsageError(
            said("a certificate needs a key"),
            got=said("no --key"),
            wanted=said("--key KEY"),
            hint=said("`printstd keys new NAME` makes NAME.key"),
        )
    check_form(form, characteristics)
    models = model or []
    if models and any(record is not None for record in (order_record, feedstock, capability)):
        raise UsageError(
            said("records go with a model that a program is to be made of"),
            got=said("a finished program, and --order, --feedstock or --capability"),
            wanted=said("MODEL -o OUT.gcode with them"),
            hint=said(
                "a program is judged by what it does; check the records with `printstd validate`"
            ),
        )
    asked = asked_with(
        order_record,
        feedstock,
        models=models or sources,
        pack=pack,
        tolerance_class=tolerance_class,
        material=material,
        units=units,
        rotate=rotate,
        orient=orient,
    )
    order = order_of(
        units=asked.units,
        scale=scale,
        rotate=asked.rotate,
        notation=asked.notation,
        orient=orient,
        plate=plate,
        is_healed=heal,
        allow_undecided=allow_undecided,
        drawing=drawing_of(characteristics, model or sources),
    )
    clock = FixedClock(time) if time is not None else SystemClock()
    resolved = resolved_for(
        request_of(
            pack=asked.pack,
            tolerance_class=asked.tolerance_class,
            material=material,
            process=process,
            printer=printer,
            settings=settings,
            epoch=epoch,
        ),
        with_capability(asked.records, capability, trust, clock),
    )
    from printstd import pipeline

    pipeline.require_printer(resolved)
    if models and len(sources) > 1:
        raise UsageError(
            said("one program is certified at a time"),
            got=said("{count} programs", count=len(sources)),
            wanted=said("OUT.gcode --model MODEL"),
            hint=said("name the models of a plate with a --model each"),
        )
    if models and epoch is not None:
        raise UsageError(
            said("a finished program is of the epoch that it is of"),
            got=said("--epoch {epoch} and a finished program", epoch=epoch),
            wanted=said("--epoch where the program is to be made"),
            hint=said("leave --epoch out: a program is judged by what it does"),
        )
    places = _product_paths(sources[0], models, output)
    places += mesh_places(models or sources, output or sources[0])
    given = [*sources, key, *models, *drawing_files(characteristics)]
    inputs = given_files(given, order_record, feedstock, capability)
    settle([*places, *([report] if report else [])], inputs=inputs)
    signer = load_signer(key)
    orders = orders_of(order, models or sources, extruder)
    job = CertifyJob(
        resolved, orders, signer, clock, workers, sign_failure, quiet, copies, cache_of(cache)
    )

    def program(path: Path) -> Subject:
        data = read_file(path)
        _check_kind(path, data, is_program=True)
        return job.program(path, data, models, output or path, supports)

    def whole_plate(path: Path) -> Subject:
        return job.plate(sources, parts, path)

    if models:
        subjects = over_inputs(sources, program)
    else:
        for path in sources:
            if path.is_file():
                _check_kind(path, read_file(path), is_program=False)
        parts, subjects = prepared_parts(sources, orders, resolved)
        if not subjects:
            subjects = over_inputs(places[:1], whole_plate, plate_title(sources))
    document = document_of("certify", subjects, resolved, clock)
    draw = drawing_together(models or sources, orders, resolved)
    return deliver(
        document,
        form=form,
        file=report,
        quiet=quiet,
        products=job.products,
        redact=redact,
        draw=draw,
    )


def _product_paths(source: Path, models: Sequence[Path], output: Path | None) -> list[Path]:
    """The program and its sidecars, or a program's re-check alone."""
    from printstd.errors import UsageError

    if models:
        return [sidecar(output or source, "recheck")]
    if output is None:
        raise UsageError(
            said("say where the program goes"),
            got=said("no -o"),
            wanted=said("-o OUT.gcode, or --model MODEL where this is a finished program"),
            hint=said("the certificates are written beside it"),
        )
    return [output, sidecar(output, "cert"), sidecar(output, "recheck")]


def _check_kind(path: Path, data: bytes, *, is_program: bool) -> None:
    """UsageError where the content is not what the call takes it for."""
    from printstd.errors import UsageError

    looks_so = looks_like_gcode(data[:65536])
    if looks_so and not is_program:
        raise UsageError(
            said("this is a program, and a program is certified against its model"),
            where=str(path),
            got=said("G-code, and no --model"),
            wanted=said("--model MODEL"),
            hint=said("name the file that it was sliced from"),
        )
    if is_program and not looks_so:
        raise UsageError(
            said("--model goes with a program"),
            where=str(path),
            got=said("something that is no G-code"),
            wanted=said("OUT.gcode --model MODEL, or MODEL -o OUT.gcode"),
            hint=said("`printstd inspect` says what a file is"),
        )


def looks_like_gcode(head: bytes) -> bool:
    """Is this the start of a G-code program: no byte is NUL, and it begins with lines of comment,
    or with a G, M or T word or a line number."""
    if b"\0" in head:
        return False
    first = head.split(None, 1)[:1]
    word = first[0].upper() if first else b""
    return word[:1] == b";" or (word[:1] in (b"G", b"M", b"T", b"N") and word[1:2].isdigit())


class CertifyJob:
    """One call's settings, for the two kinds of input; `products` is what is to be written."""

    def __init__(
        self,
        resolved: Resolved,
        orders: Sequence[Order],
        signer: Signer,
        clock: Clock,
        workers: int | None,
        sign_failure: bool,
        quiet: bool,
        copies: int,
        cache: Cache | None,
    ) -> None:
        self.resolved, self.orders, self.signer, self.clock = resolved, orders, signer, clock
        self.workers, self.sign_failure, self.quiet = workers, sign_failure, quiet
        self.copies, self.cache = copies, cache
        self.products: dict[Path, bytes] = {}

    def plate(self, paths: list[Path], parts: list[Prepared], output: Path) -> Subject:
        from printstd import pipeline
        from printstd.adapters.progress import progress_for
        from printstd.adapters.surroundings import tool_facts
        from printstd.cli.commands.slice_ import plate_title
        from printstd.cli.kept_meshes import kept_meshes
        from printstd.cli.running import executor_of, shown
        from printstd.errors import SlicingError

        title = plate_title(paths)
        try:
            with progress_for(quiet=self.quiet, translate=translate()) as progress:
                plate = pipeline.plate_of(parts, copies=self.copies)
                signed = pipeline.certify_plate(
                    plate,
                    program_name=shown(output.name),
                    signer=self.signer,
                    clock=self.clock,
                    tool=tool_facts(),
                    executor=executor_of(self.workers),
                    progress=progress,
                    sign_failure=self.sign_failure,
                    cache=self.cache,
                )
        except SlicingError as error:
            return _refused(title, parts, error)
        if signed.recheck is not None:
            self.products[sidecar(output, "recheck")] = signed.recheck
        if signed.generation is not None and signed.program is not None:
            # The program last: until it is there, nothing vouches for anything.
            self.products[sidecar(output, "cert")] = signed.generation
            self.products |= kept_meshes(plate.models, output)
            self.products[output] = signed.program
        return self._subject(title, plate.models, signed, paths, output)

    def program(
        self, path: Path, data: bytes, models: list[Path], output: Path, supports: bool
    ) -> Subject:
        from printstd import pipeline
        from printstd.adapters.progress import progress_for
        from printstd.adapters.surroundings import tool_facts
        from printstd.cli.kept_meshes import kept_meshes
        from printstd.cli.running import executor_of, read_model_file, shown

        parts = [
            part
            for model, order in zip(models, self.orders, strict=True)
            for part in pipeline.prepare_all(read_model_file(model), order, self.resolved)
            for _ in range(self.copies)
        ]
        with progress_for(quiet=self.quiet, translate=translate()) as progress:
            signed = pipeline.certify_program(
                data,
                parts,
                program_name=shown(output.name),
                supports_allowed=supports,
                signer=self.signer,
                clock=self.clock,
                tool=tool_facts(),
                executor=executor_of(self.workers),
                progress=progress,
                generation=_generation_beside(path, data),
                sign_failure=self.sign_failure,
            )
        if signed.recheck is not None:
            self.products[sidecar(output, "recheck")] = signed.recheck
            self.products |= kept_meshes(parts, output)
        return self._subject(shown(path.name), parts, signed, models, output)

    def _subject(
        self,
        name: str,
        parts: Sequence[Prepared],
        signed: Signed,
        models: Sequence[Path],
        output: Path,
    ) -> Subject:
        from printstd.cli.commands.audit import measured_rows
        from printstd.cli.commands.slice_ import way_up
        from printstd.cli.commands.validate import explain_hints, model_rows
        from printstd.cli.records import record_rows
        from printstd.cli.running import blocking_rules, shown
        from printstd.report.characteristics import predicted_of, rows_of
        from printstd.report.document import Fact, Subject

        facts = record_rows(self.resolved)
        facts += model_rows(parts[0].file) if len(parts) == 1 else ()
        facts += tuple(
            Fact(said("way up"), listed((part.model.name, way_up(part.orientation)), ": "))
            for part in parts
            if part.orientation is not None
        )
        if signed.checked is not None:
            facts += measured_rows(signed.checked)
        if self.products:
            facts += self._signature_rows(signed)
        decision = signed.decision
        blocking = blocking_rules(decision.blocking, decision.silent_rules)
        hints = explain_hints(blocking) or (_verify_hint(output, models, shown),)
        return Subject(
            name,
            parts[0].source.file_sha256 if len(parts) == 1 else None,
            facts,
            _sections(signed),
            tuple(shown(path) for path in reversed(self.products)),
            None,
            decision.exit_code,
            hints,
            characteristics=rows_of(
                signed.characteristics, signed.checked.audit.sizes if signed.checked else None
            ),
            predicted=predicted_of(signed.characteristics),
            source_format=parts[0].source.format if len(parts) == 1 else None,
        )

    def _signature_rows(self, signed: Signed) -> tuple[Fact, ...]:
        from printstd.report.document import Fact

        what = "level C2" if signed.decision.exit_code == 0 else "a statement that says FAILED"
        return (
            Fact(
                said("signed"), said("{what}, key {key_id}", what=what, key_id=self.signer.key_id)
            ),
        )


def _sections(signed: Signed) -> tuple[Section, ...]:
    from printstd.report.document import section_of

    sections = []
    if signed.report is not None and signed.report_decision is not None:
        found = signed.report
        sections.append(
            section_of("validate", found.findings, signed.report_decision, found.rules_run)
        )
    if signed.checked is not None:
        audit = signed.checked.audit
        sections.append(
            section_of("audit", audit.findings, signed.checked.decision, audit.rules_run)
        )
    return tuple(sections)


def _refused(name: str, parts: Sequence[Prepared], error: PrintstdError) -> Subject:
    """A model that passes its checks and of which yet no program can be made: a no."""
    from printstd.report.document import Problem, Subject

    digest = parts[0].source.file_sha256 if len(parts) == 1 else None
    return Subject(name, digest, (), (), (), Problem(error.in_full(), 1), 1)


def _verify_hint(output: Path, models: Sequence[Path], shown: Callable[[Path], str]) -> str:
    import shlex

    named = " ".join(f"--model {shlex.quote(shown(path))}" for path in dict.fromkeys(models))
    return f"printstd verify {shlex.quote(shown(output))} {named} --trust KEY.pub"


def _generation_beside(path: Path, program: bytes) -> Generation | None:
    """The statement of the program's maker that stands beside it. It is not trusted here, it is
    named: whoever verifies holds both against their own keys. InputError where it speaks of
    another file: a re-check beside it would be refused by every verifier."""
    import hashlib

    from printstd.adapters.files import read_if_present
    from printstd.certify.dsse import MAX_BUNDLE_BYTES, read_bundle
    from printstd.certify.predicates import GENERATION
    from printstd.certify.reading import read_statement
    from printstd.certify.strict_json import StrictJsonError
    from printstd.errors import InputError, VerificationError
    from printstd.pipeline import Generation

    file = sidecar(path, "cert")
    bundle = read_if_present(file, max_bytes=MAX_BUNDLE_BYTES)
    if bundle is None:
        return None
    try:
        envelope = read_bundle(bundle, file.name)
        stated = read_statement(envelope.payload)
        got: str = said(
            "{kind}, of a program with sha256 {sha256}",
            kind=stated.kind,
            sha256=stated.subject_sha256,
        )
    except VerificationError as error:
        stated, got = None, error.got or error.what
    except StrictJsonError as error:
        stated, got = None, str(error)
    if (
        stated is None
        or stated.kind != GENERATION
        or stated.demand is None
        or stated.subject_sha256 != hashlib.sha256(program).hexdigest()
    ):
        raise InputError(
            said("the certificate beside this program is not its own"),
            where=str(file),
            got=got,
            wanted=said("the generation certificate of this very program"),
            hint=said("move it away to certify the program as one that anybody made"),
        )
    return Generation(envelope.payload, stated.demand)


def sidecar(program: Path, kind: str) -> Path:
    """``OUT.gcode`` -> ``OUT.gcode.cert.json`` or ``OUT.gcode.recheck.json``."""
    return program.with_name(f"{program.name}.{kind}.json")
