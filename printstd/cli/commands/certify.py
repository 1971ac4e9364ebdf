"""`printstd certify`: the whole line, signed; or a re-check of somebody's program."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from printstd.cli import options
from printstd.cli.options import Format

if TYPE_CHECKING:
    from printstd.pipeline import Order, Prepared, Signed
    from printstd.ports import Clock, Signer
    from printstd.profiles.resolved import Resolved
    from printstd.report.document import Subject


def certify(
    source: Annotated[
        Path,
        typer.Argument(
            metavar="MODEL|OUT.gcode",
            help="A model, or a finished program together with --model; told from the content.",
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
    pack: options.Pack = "int",
    tolerance_class: options.ToleranceClass = None,
    material: options.Material = "pla",
    process: options.Process = "standard-0.20",
    printer: options.Printer = None,
    settings: options.Set = None,
    units: options.Units = None,
    scale: options.Scale = 1.0,
    rotate: options.Rotate = None,
    plate: options.Plate = None,
    allow_undecided: options.AllowUndecided = None,
    epoch: options.Epoch = None,
    workers: options.Workers = None,
    report: options.ReportFile = None,
    form: options.ReportFormat = Format.TEXT,
    quiet: options.Quiet = False,
) -> int:
    """Validate, slice, audit and sign a model; or audit and sign a finished program.

    For a model: OUT.gcode, OUT.gcode.cert.json and OUT.gcode.recheck.json. For a program:
    its recheck.json alone. On a no nothing is written.
    """
    from printstd.adapters.files import read_file
    from printstd.adapters.keys import load_signer
    from printstd.adapters.surroundings import FixedClock, SystemClock
    from printstd.cli.running import (
        deliver,
        document_of,
        order_of,
        over_inputs,
        request_of,
        resolved_for,
    )
    from printstd.errors import UsageError

    if key is None:
        raise UsageError(
            "a certificate needs a key", wanted="--key KEY", hint="`printstd keys new NAME`"
        )
    order = order_of(
        units=units, scale=scale, rotate=rotate, plate=plate, allow_undecided=allow_undecided
    )
    resolved = resolved_for(
        request_of(
            pack=pack,
            tolerance_class=tolerance_class,
            material=material,
            process=process,
            printer=printer,
            settings=settings,
        )
    )
    from printstd import pipeline

    pipeline.require_printer(resolved)
    signer = load_signer(key)
    clock = FixedClock(epoch) if epoch is not None else SystemClock()
    job = _Job(resolved, order, signer, clock, workers, sign_failure, quiet)
    is_program = looks_like_gcode(read_file(source)[:65536]) if source.is_file() else False
    if is_program and model is None:
        raise UsageError(
            "this is a program, and a program is certified against its model",
            got=str(source),
            wanted="--model MODEL",
        )
    if not is_program and model is not None:
        raise UsageError(
            "--model goes with a program; this is not one",
            got=str(source),
            wanted="OUT.gcode --model MODEL, or MODEL alone",
        )

    def one(path: Path) -> Subject:
        if model is not None:
            return job.program(path, model, output, supports)
        return job.model(path, output)

    subjects = over_inputs([source], one)
    return deliver(document_of("certify", subjects, resolved), form=form, file=report, quiet=quiet)


def looks_like_gcode(head: bytes) -> bool:
    """Is this the start of a G-code program: of its first lines that are no comments, one
    opens with a G, M or T word, and no byte is NUL."""
    if b"\0" in head:
        return False
    for raw in head.splitlines():
        line = raw.split(b";", 1)[0].strip()
        if line:
            word = line.split()[0].upper()
            is_word = word[:1] in (b"G", b"M", b"T") and word[1:].replace(b".", b"").isdigit()
            return is_word or (b";" in head and raw.lstrip()[:1] == b";")
    return head.lstrip()[:1] == b";"


class _Job:
    """One call's settings, for the two kinds of input."""

    def __init__(
        self,
        resolved: Resolved,
        order: Order,
        signer: Signer,
        clock: Clock,
        workers: int | None,
        sign_failure: bool,
        quiet: bool,
    ) -> None:
        self.resolved, self.order, self.signer, self.clock = resolved, order, signer, clock
        self.workers, self.sign_failure, self.quiet = workers, sign_failure, quiet

    def model(self, path: Path, output: Path | None) -> Subject:
        from printstd import pipeline
        from printstd.adapters.progress import progress_for
        from printstd.adapters.surroundings import tool_facts
        from printstd.cli.commands.slice_ import check_folder
        from printstd.cli.running import executor_of, read_model_file
        from printstd.errors import UsageError

        if output is None:
            raise UsageError("say where the program goes", wanted="-o OUT.gcode")
        check_folder(output.parent)
        model = read_model_file(path)
        prepared = pipeline.prepare(model, self.order, self.resolved)
        progress = progress_for(quiet=self.quiet)
        try:
            signed = pipeline.certify_model(
                prepared,
                program_name=output.name,
                signer=self.signer,
                clock=self.clock,
                tool=tool_facts(),
                executor=executor_of(self.workers, len(model.data)),
                progress=progress,
                sign_failure=self.sign_failure,
            )
        finally:
            progress.close()
        products = {}
        if signed.recheck is not None:
            products[sidecar(output, "recheck")] = signed.recheck
        if signed.generation is not None:
            products[sidecar(output, "cert")] = signed.generation
            products[output] = signed.program
        return self._subject(path.name, prepared, signed, products)

    def program(self, path: Path, model_path: Path, output: Path | None, supports: bool) -> Subject:
        from printstd import pipeline
        from printstd.adapters.files import read_file
        from printstd.adapters.surroundings import tool_facts
        from printstd.cli.running import executor_of, read_model_file

        data = read_file(path)
        prepared = pipeline.prepare(read_model_file(model_path), self.order, self.resolved)
        signed = pipeline.certify_program(
            data,
            prepared,
            program_name=(output or path).name,
            supports_allowed=supports,
            signer=self.signer,
            clock=self.clock,
            tool=tool_facts(),
            executor=executor_of(self.workers, len(data)),
            sign_failure=self.sign_failure,
        )
        products = {}
        if signed.recheck is not None:
            products[sidecar(output or path, "recheck")] = signed.recheck
        return self._subject(path.name, prepared, signed, products)

    def _subject(
        self, name: str, prepared: Prepared, signed: Signed, products: dict[Path, bytes]
    ) -> Subject:
        from printstd import pipeline
        from printstd.adapters.files import write_all
        from printstd.cli.commands.audit import measured_rows
        from printstd.cli.commands.validate import model_rows
        from printstd.report.document import Subject, section_of

        sections = []
        decisions = [signed.checked.decision]
        if signed.report is not None and signed.report_decision is not None:
            decisions.insert(0, signed.report_decision)
            sections.append(
                section_of(
                    "validate",
                    signed.report.findings,
                    signed.report_decision,
                    signed.report.rules_run,
                )
            )
        found = signed.checked.audit
        sections.append(
            section_of("audit", found.findings, signed.checked.decision, found.rules_run)
        )
        write_all(products)
        return Subject(
            name,
            prepared.file.mesh.source.sha256,
            (*model_rows(prepared.file), *measured_rows(signed.checked)),
            tuple(sections),
            tuple(str(path) for path in sorted(products, key=lambda p: (len(p.name), p.name))),
            None,
            pipeline.combine(*decisions).exit_code,
        )


def sidecar(program: Path, kind: str) -> Path:
    """``OUT.gcode`` -> ``OUT.gcode.cert.json`` or ``OUT.gcode.recheck.json``."""
    return program.with_name(f"{program.name}.{kind}.json")
