"""`printstd certify`: the whole line, signed; or a re-check of somebody's program."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from printstd.adapters.certificate_files import sidecar as sidecar
from printstd.cli import options
from printstd.cli.attaching import Attaching
from printstd.cli.options import Format
from printstd.cli.speech import Language, translate
from printstd.words import said

if TYPE_CHECKING:
    from collections.abc import Sequence

    from printstd.certify.carriers.carried import Carried
    from printstd.certify.carriers.forms import Form
    from printstd.pipeline import Order, Prepared, Signed
    from printstd.ports import Cache, Clock, Signer
    from printstd.profiles.resolved import Resolved
    from printstd.report.document import Subject


def certify(
    sources: Annotated[
        list[Path],
        typer.Argument(
            metavar="MODEL...|OUT.gcode|STATEMENT.json",
            help="Models of one plate, or a finished program together with --model; told from the "
            "content. Statements, with an option that is about them.",
            show_default=False,
        ),
    ],
    key: options.Key = None,
    chain: options.Chain = None,
    output: options.Output = None,
    embed: options.EmbedIn = None,
    model: options.Model = None,
    svr: options.Svr = False,
    co_sign: options.CoSign = None,
    stamp: options.Stamp = None,
    export: options.ExportOf = None,
    revoke: options.Revoke = None,
    superseded_by: options.SupersededBy = None,
    list_revocations: options.ListRevocations = False,
    log: options.LogStore = None,
    log_key: options.LogKey = None,
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
    its recheck.json alone. Of a plate also OUT.gcode.part-LABEL.json, a statement about each
    part that tells nothing of the others. On a no nothing is written. OUT.bgcode and
    OUT.gcode.3mf are written with the certificates inside; so is OUT.gcode with --embed tail.
    With --log all of them are logged in the same run, and their proofs written beside them.
    Of statements that are there already: --co-sign, --stamp, --export, --revoke,
    --list-revocations.
    """
    from printstd.adapters.clock import FixedClock, SystemClock
    from printstd.adapters.files import read_file
    from printstd.adapters.signing import open_signer
    from printstd.cli.capability import with_capability
    from printstd.cli.carriers import form_asked, read_carried
    from printstd.cli.commands.slice_ import plate_title
    from printstd.cli.contents import check_kind
    from printstd.cli.kept_meshes import mesh_places
    from printstd.cli.logged import to_log
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

    clock = FixedClock(time) if time is not None else SystemClock()
    asked_of = Attaching(co_sign, stamp, export, revoke, superseded_by, list_revocations)
    logging = to_log(log, log_key, signs=asked_of.signs)
    if asked_of.tasks or superseded_by is not None:
        from printstd.cli.attaching import attached

        settle([report] if report else [], inputs=sources)
        subjects, products = attached(
            sources, asked_of, key=key, chain=chain, output=output, clock=clock
        )
        document = document_of("certify", subjects, None, clock)
        return deliver(
            document,
            form=form,
            file=report,
            quiet=quiet,
            products=products,
            redact=redact,
            log=logging,
        )
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
    from printstd.profiles.proof import require_proven

    pipeline.require_printer(resolved)
    require_proven(resolved)
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
    form_in = form_asked(embed, output)
    places = _product_paths(sources[0], models, output, svr, is_carried=form_in is not None)
    places += mesh_places(models or sources, output or sources[0])
    given = [*sources, key, *models, *drawing_files(characteristics)]
    inputs = given_files(given, order_record, feedstock, capability, chain)
    settle([*places, *([report] if report else [])], inputs=inputs)
    orders = orders_of(order, models or sources, extruder)
    job = CertifyJob(
        resolved,
        orders,
        open_signer(key, chain, clock.now_utc()),
        clock,
        workers,
        sign_failure,
        quiet,
        copies,
        cache_of(cache),
        form_in,
        svr,
    )

    def program(path: Path) -> Subject:
        data = read_file(path)
        check_kind(path, data, is_program=True)
        held = read_carried(path, plate=plate)
        return job.program(path, held, data, models, output or path, supports)

    def whole_plate(path: Path) -> Subject:
        return job.plate(sources, parts, path)

    if models:
        subjects = over_inputs(sources, program)
    else:
        for path in sources:
            if path.is_file():
                check_kind(path, read_file(path), is_program=False)
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
        log=logging,
    )


def _product_paths(
    source: Path, models: Sequence[Path], output: Path | None, svr: bool, *, is_carried: bool
) -> list[Path]:
    """The program and its sidecars, or a program's re-check alone; with `svr` the result too."""
    from printstd.errors import UsageError

    kinds = ["recheck", *(["svr"] if svr else [])]
    if models:
        carried = [output] if output is not None and is_carried else []
        return [*carried, *(sidecar(output or source, kind) for kind in kinds)]
    if output is None:
        raise UsageError(
            said("say where the program goes"),
            got=said("no -o"),
            wanted=said("-o OUT.gcode, or --model MODEL where this is a finished program"),
            hint=said("the certificates are written beside it"),
        )
    return [output, *(sidecar(output, kind) for kind in ("cert", *kinds))]


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
        form: Form | None = None,
        svr: bool = False,
    ) -> None:
        self.resolved, self.orders, self.signer, self.clock = resolved, orders, signer, clock
        self.workers, self.sign_failure, self.quiet = workers, sign_failure, quiet
        self.copies, self.cache, self.form, self.svr = copies, cache, form, svr
        self.products: dict[Path, bytes] = {}

    def plate(self, paths: list[Path], parts: list[Prepared], output: Path) -> Subject:
        from printstd import pipeline
        from printstd.adapters.progress import progress_for
        from printstd.adapters.surroundings import tool_facts
        from printstd.cli.carriers import Packing, filled
        from printstd.cli.certified import refused
        from printstd.cli.commands.slice_ import plate_title
        from printstd.cli.kept_meshes import kept_meshes
        from printstd.cli.running import executor_of
        from printstd.errors import SlicingError

        title = plate_title(paths)
        packing = Packing(self.form, output)
        try:
            with progress_for(quiet=self.quiet, translate=translate()) as progress:
                plate = pipeline.plate_of(parts, copies=self.copies)
                signed = pipeline.certify_plate(
                    plate,
                    program_name=packing.program_name,
                    signer=self.signer,
                    clock=self.clock,
                    tool=tool_facts(),
                    executor=executor_of(self.workers),
                    progress=progress,
                    sign_failure=self.sign_failure,
                    cache=self.cache,
                    container_of=packing.container_of,
                )
        except SlicingError as error:
            return refused(title, parts, error)
        self._add_parts(signed, output)
        if signed.recheck is not None:
            self._add_recheck(signed.recheck, output)
        if signed.generation is not None and signed.program is not None:
            # The program last: until it is there, nothing vouches for anything.
            self.products[sidecar(output, "cert")] = signed.generation
            self.products |= kept_meshes(plate.models, output)
            product = signed.program
            package = packing.package
            if package is not None and signed.recheck is not None:
                product = filled(package, output.name, [signed.generation, signed.recheck])
            self.products[output] = product
        return self._subject(title, plate.models, signed, paths, output)

    def program(
        self,
        path: Path,
        held: Carried,
        data: bytes,
        models: list[Path],
        output: Path,
        supports: bool,
    ) -> Subject:
        """data : of the file; held : what was found in it."""
        from printstd import pipeline
        from printstd.adapters.progress import progress_for
        from printstd.adapters.surroundings import tool_facts
        from printstd.cli.carriers import filled, repackaged
        from printstd.cli.kept_meshes import kept_meshes
        from printstd.cli.makers import generation_with
        from printstd.cli.running import executor_of, read_model_file, shown

        package = repackaged(data, held, self.form) if self.form is not None else None
        sha256 = package.sha256 if package is not None else held.container_sha256
        member = package.member if package is not None else held.member
        made = generation_with(path, held, sha256)
        parts = [
            part
            for model, order in zip(models, self.orders, strict=True)
            for part in pipeline.prepare_all(read_model_file(model), order, self.resolved)
            for _ in range(self.copies)
        ]
        with progress_for(quiet=self.quiet, translate=translate()) as progress:
            signed = pipeline.certify_program(
                held.program,
                parts,
                program_name=f"{shown(output.name)}#{member}" if member else shown(output.name),
                supports_allowed=supports,
                signer=self.signer,
                clock=self.clock,
                tool=tool_facts(),
                executor=executor_of(self.workers),
                progress=progress,
                generation=made.generation if made is not None else None,
                sign_failure=self.sign_failure,
                container_sha256=sha256,
            )
        self._add_parts(signed, output)
        if signed.recheck is not None:
            self._add_recheck(signed.recheck, output)
            self.products |= kept_meshes(parts, output)
            if package is not None:
                bundles = [*([made.bundle] if made is not None else []), signed.recheck]
                self.products[output] = filled(package, output.name, bundles)
        return self._subject(shown(path.name), parts, signed, models, output)

    def _add_parts(self, signed: Signed, output: Path) -> None:
        for label, bundle in signed.parts.items():
            self.products[part_sidecar(output, label)] = bundle

    def _add_recheck(self, bundle: bytes, output: Path) -> None:
        """The re-check, and where it is asked for and says yes, the result that repeats it."""
        self.products[sidecar(output, "recheck")] = bundle
        if self.svr:
            from printstd.certify.svr import sign_svr

            result = sign_svr(bundle, output.name, self.signer)
            if result is not None:
                self.products[sidecar(output, "svr")] = result

    def _subject(
        self,
        name: str,
        parts: Sequence[Prepared],
        signed: Signed,
        models: Sequence[Path],
        output: Path,
    ) -> Subject:
        from printstd.cli.certified import certified_subject

        return certified_subject(
            name,
            parts,
            signed,
            models,
            output,
            resolved=self.resolved,
            products=[*self.products],
            key_id=self.signer.key_id,
        )


def part_sidecar(program: Path, label: str) -> Path:
    """``OUT.gcode``, ``part_1b76ec9f`` -> ``OUT.gcode.part-1b76ec9f.json``."""
    return program.with_name(f"{program.name}.part-{label.removeprefix('part_')}.json")
