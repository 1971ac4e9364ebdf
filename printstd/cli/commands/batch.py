"""`printstd batch`: thousands of files in one run, on one machine or many."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from printstd.cli import batch_options as own
from printstd.cli import options
from printstd.cli.batch_call import Report, Where, asked, inputs_of, models_of, run_batch, wanted_of
from printstd.cli.options import Format
from printstd.cli.speech import Language
from printstd.words import said

app = typer.Typer(
    no_args_is_help=True,
    help="Thousands of files in one run, on one machine or many.",
    rich_markup_mode=None,
)


@app.command("validate", short_help="May these models be made under the standard?")
def validate(
    places: own.Places = None,
    files_from: own.FilesFrom = None,
    results: own.Results = Path(".printstd-batch"),
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
    heal: options.Heal = False,
    feedstock: options.Feedstock = None,
    capability: options.Capability = None,
    trust: options.CapabilityTrust = None,
    allow_undecided: options.AllowUndecided = None,
    workers: own.Workers = None,
    timeout: own.Timeout = 3600.0,
    memory_limit: own.MemoryLimit = None,
    cluster: own.Cluster = None,
    cluster_credentials: own.Credentials = None,
    cluster_unprotected: own.Unprotected = False,
    redact: options.Redact = None,
    report: options.ReportFile = None,
    form: options.ReportFormat = Format.TEXT,
    lang: options.Lang = Language.EN,
    quiet: options.Quiet = False,
) -> int:
    """Check all models against the pack's standards, the material and the machine."""
    from printstd.cli.batching import ModelJob, checked

    where = Where(
        places,
        files_from,
        results,
        workers,
        timeout,
        memory_limit,
        cluster,
        cluster_credentials,
        cluster_unprotected,
    )
    order, resolved = asked(
        pack=pack,
        tolerance_class=tolerance_class,
        material=material,
        process=process,
        printer=printer,
        settings=settings,
        units=units,
        scale=scale,
        rotate=rotate,
        orient=orient,
        heal=heal,
        feedstock=feedstock,
        capability=capability,
        trust=trust,
        allow_undecided=allow_undecided,
        epoch=None,
    )
    files = models_of(where)
    job = ModelJob(order, resolved)
    wanted = wanted_of("validate", checked, job, resolved)
    return run_batch(
        "validate", where, files, wanted, resolved, Report(form, report, redact, quiet)
    )


@app.command("slice", short_help="Make a program of each model.")
def slicemodels_of(
    outdir: own.OutDir,
    places: own.Places = None,
    files_from: own.FilesFrom = None,
    results: own.Results = Path(".printstd-batch"),
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
    copies: options.Copies = 1,
    heal: options.Heal = False,
    feedstock: options.Feedstock = None,
    capability: options.Capability = None,
    trust: options.CapabilityTrust = None,
    epoch: options.Epoch = None,
    workers: own.Workers = None,
    timeout: own.Timeout = 3600.0,
    memory_limit: own.MemoryLimit = None,
    cluster: own.Cluster = None,
    cluster_credentials: own.Credentials = None,
    cluster_unprotected: own.Unprotected = False,
    redact: options.Redact = None,
    report: options.ReportFile = None,
    form: options.ReportFormat = Format.TEXT,
    lang: options.Lang = Language.EN,
    quiet: options.Quiet = False,
) -> int:
    """Slice all models: DIR/a/b.stl into OUTDIR/a/b.gcode. The bytes are those of
    `printstd slice`, whoever made them."""
    from printstd import pipeline
    from printstd.cli.batching import ModelJob, sliced

    where = Where(
        places,
        files_from,
        results,
        workers,
        timeout,
        memory_limit,
        cluster,
        cluster_credentials,
        cluster_unprotected,
    )
    order, resolved = asked(
        pack=pack,
        tolerance_class=tolerance_class,
        material=material,
        process=process,
        printer=printer,
        settings=settings,
        units=units,
        scale=scale,
        rotate=rotate,
        orient=orient,
        heal=heal,
        feedstock=feedstock,
        capability=capability,
        trust=trust,
        allow_undecided=None,
        epoch=epoch,
        with_fits=False,
    )
    pipeline.require_printer(resolved)
    files = models_of(where)
    wanted = wanted_of("slice", sliced, ModelJob(order, resolved, copies), resolved)
    told = Report(form, report, redact, quiet)
    return run_batch("slice", where, files, wanted, resolved, told, outdir=outdir)


@app.command("certify", short_help="Validate, slice, audit and sign each model.")
def certify(
    outdir: own.OutDir,
    key: options.Key = None,
    chain: options.Chain = None,
    places: own.Places = None,
    files_from: own.FilesFrom = None,
    results: own.Results = Path(".printstd-batch"),
    sign_failure: Annotated[
        bool,
        typer.Option(
            "--sign-failure", help="On a no, write a statement that says FAILED (nothing else)."
        ),
    ] = False,
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
    heal: options.Heal = False,
    feedstock: options.Feedstock = None,
    capability: options.Capability = None,
    trust: options.CapabilityTrust = None,
    allow_undecided: options.AllowUndecided = None,
    epoch: options.Epoch = None,
    time: options.Time = None,
    workers: own.Workers = None,
    timeout: own.Timeout = 3600.0,
    memory_limit: own.MemoryLimit = None,
    cluster: own.Cluster = None,
    cluster_credentials: own.Credentials = None,
    cluster_unprotected: own.Unprotected = False,
    redact: options.Redact = None,
    report: options.ReportFile = None,
    form: options.ReportFormat = Format.TEXT,
    lang: options.Lang = Language.EN,
    quiet: options.Quiet = False,
) -> int:
    """Validate, slice and audit all models, and sign what was found of each: OUTDIR/a/b.gcode with
    b.gcode.cert.json and b.gcode.recheck.json.

    The key stays in this process: workers give back statements, and what is signed is looked at
    here first. Nothing is written for a model on a no.
    """
    from printstd import pipeline
    from printstd.adapters.clock import FixedClock, SystemClock
    from printstd.adapters.signing import open_signer
    from printstd.cli.batching import ModelJob, stated
    from printstd.errors import UsageError

    if key is None:
        raise UsageError(
            said("a certificate needs a key"),
            got=said("no --key"),
            wanted=said("--key KEY"),
            hint=said("`printstd keys new NAME` makes NAME.key"),
        )
    where = Where(
        places,
        files_from,
        results,
        workers,
        timeout,
        memory_limit,
        cluster,
        cluster_credentials,
        cluster_unprotected,
    )
    order, resolved = asked(
        pack=pack,
        tolerance_class=tolerance_class,
        material=material,
        process=process,
        printer=printer,
        settings=settings,
        units=units,
        scale=scale,
        rotate=rotate,
        orient=orient,
        heal=heal,
        feedstock=feedstock,
        capability=capability,
        trust=trust,
        allow_undecided=allow_undecided,
        epoch=epoch,
    )
    pipeline.require_printer(resolved)
    files = models_of(where)
    clock = FixedClock(time) if time is not None else SystemClock()
    with open_signer(key, chain) as signer:
        job = ModelJob(order, resolved, with_failure=sign_failure, key_id=signer.key_id)
        wanted = wanted_of("certify", stated, job, resolved)
        wanted = wanted._replace(
            resolved=resolved,
            with_failure=sign_failure,
            allowed_undecided=order.allowed_undecided,
        )
        told = Report(form, report, redact, quiet)
        return run_batch(
            "certify",
            where,
            files,
            wanted,
            resolved,
            told,
            outdir=outdir,
            signer=signer,
            clock=clock,
            read=[key, *([chain] if chain else [])],
        )


@app.command("verify", short_help="Do these certified programs still stand? Offline.")
def verify(
    places: own.Places = None,
    files_from: own.FilesFrom = None,
    trust: Annotated[
        Path | None,
        typer.Option(
            "--trust",
            metavar="KEY|FOLDER",
            help="Public key, or folder of keys: level C2 under them, no log.",
            show_default=False,
        ),
    ] = None,
    policy: options.Policy = None,
    time: options.Time = None,
    workers: own.Workers = None,
    timeout: own.Timeout = 3600.0,
    memory_limit: own.MemoryLimit = None,
    cluster: own.Cluster = None,
    cluster_credentials: own.Credentials = None,
    cluster_unprotected: own.Unprotected = False,
    redact: options.Redact = None,
    report: options.ReportFile = None,
    form: options.ReportFormat = Format.TEXT,
    lang: options.Lang = Language.EN,
    quiet: options.Quiet = False,
) -> int:
    """Check the certificates of all programs in folders. Every run looks at all of them: whether a
    certificate stands is a question about today."""
    from printstd.adapters.clock import FixedClock, SystemClock
    from printstd.batch.inputs import PROGRAMS
    from printstd.batch.run import Wanted
    from printstd.cli.batching import VerifyJob, tool, verified
    from printstd.cli.commands.verify import load_policy
    from printstd.errors import UsageError

    where = Where(
        places,
        files_from,
        Path(),
        workers,
        timeout,
        memory_limit,
        cluster,
        cluster_credentials,
        cluster_unprotected,
    )
    if load_policy(trust, policy) is None:
        raise UsageError(
            said("a signature by nobody whom you trust proves nothing"),
            got=said("neither --trust nor --policy"),
            wanted=said("--trust KEY_OR_FOLDER or --policy FILE"),
            hint=said("get the signer's public key from the signer"),
        )
    files = inputs_of(where, PROGRAMS)
    clock = FixedClock(time) if time is not None else SystemClock()
    job = VerifyJob(*(path.absolute() if path else None for path in (trust, policy)))
    wanted = Wanted(verified, job, "", tool(), None, is_kept=False)
    told = Report(form, report, redact, quiet)
    return run_batch("verify", where, files, wanted, None, told, clock=clock)
