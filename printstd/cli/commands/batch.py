"""`printstd batch`: thousands of files in one run, on one machine or many."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from printstd.cli import batch_options as own
from printstd.cli import options
from printstd.cli.batch_asks import Asking, Asks
from printstd.cli.batch_call import Call, inputs_of, models_of, run_batch, run_models, wanted_of
from printstd.cli.groups import Machine, Stance, Standard, Told, grouped
from printstd.words import said

app = typer.Typer(
    no_args_is_help=True,
    help="Thousands of files in one run, on one machine or many.",
    rich_markup_mode=None,
)
_RESULTS = Path(".printstd-batch")


@app.command("validate", short_help="May these models be made under the standard?")
@grouped
def validate(
    where: own.Files,
    standard: Standard,
    machine: Machine,
    stance: Stance,
    records: own.Records,
    by: own.Crew,
    told: Told,
    results: own.Results = _RESULTS,
    allow_undecided: options.AllowUndecided = None,
) -> int:
    """Check all models against the pack's standards, the material and the machine."""
    from printstd.cli.batching import ModelJob, checked

    files = models_of(where)
    asking = Asking(Asks(standard, machine, stance, records, allow_undecided), files)
    job = ModelJob(asking.order, asking.resolved)
    wanted = wanted_of("validate", checked, job, asking)
    return run_models(Call("validate", by, told, results), files, wanted, asking)


@app.command("slice", short_help="Make a program of each model.")
@grouped
def slice_models(
    where: own.Files,
    outdir: own.OutDir,
    standard: Standard,
    machine: Machine,
    stance: Stance,
    given: own.Plain,
    by: own.Crew,
    told: Told,
    product: own.ProductOf = own.Product.GCODE,
    results: own.Results = _RESULTS,
    copies: options.Copies = 1,
    epoch: options.Epoch = None,
) -> int:
    """Slice all models: DIR/a/b.stl into OUTDIR/a/b.gcode. The bytes are those of
    `printstd slice`, whoever made them."""
    from printstd import pipeline
    from printstd.cli.batching import ModelJob, sliced

    files = models_of(where)
    records = own.Records(*given)
    asks = Asks(standard, machine, stance, records, epoch=epoch, with_fits=False)
    asking = Asking(asks, files)
    pipeline.require_printer(asking.resolved)
    job = ModelJob(asking.order, asking.resolved, copies)
    wanted = wanted_of("slice", sliced, job, asking)
    call = Call("slice", by, told, results, outdir, product.value)
    return run_models(call, files, wanted, asking)


@app.command("certify", short_help="Validate, slice, audit and sign each model.")
@grouped
def certify(
    where: own.Files,
    outdir: own.OutDir,
    standard: Standard,
    machine: Machine,
    stance: Stance,
    records: own.Records,
    by: own.Crew,
    told: Told,
    key: options.Key = None,
    chain: options.Chain = None,
    log: options.LogStore = None,
    log_key: options.LogKey = None,
    product: own.ProductOf = own.Product.GCODE,
    embed: options.EmbedIn = None,
    svr: options.Svr = False,
    results: own.Results = _RESULTS,
    sign_failure: Annotated[
        bool,
        typer.Option(
            "--sign-failure", help="On a no, write a statement that says FAILED (nothing else)."
        ),
    ] = False,
    copies: options.Copies = 1,
    allow_undecided: options.AllowUndecided = None,
    epoch: options.Epoch = None,
    time: options.Time = None,
) -> int:
    """Validate, slice and audit all models, and sign what was found of each: OUTDIR/a/b.gcode with
    b.gcode.cert.json and b.gcode.recheck.json.

    The key stays in this process: workers give back statements, and what is signed is looked at
    here first. Nothing is written for a model on a no. With --log, this process enters what it
    signed in a log, and what an earlier run of the same call left out of it.
    """
    from contextlib import ExitStack

    from printstd import pipeline
    from printstd.adapters.clock import FixedClock, SystemClock
    from printstd.adapters.signing import open_signer
    from printstd.cli.batching import ModelJob, stated
    from printstd.cli.carriers import form_asked
    from printstd.cli.logged import to_log
    from printstd.errors import UsageError
    from printstd.profiles.proof import require_proven

    if key is None:
        raise UsageError(
            said("a certificate needs a key"),
            got=said("no --key"),
            wanted=said("--key KEY"),
            hint=said("`printstd keys new NAME` makes NAME.key"),
        )
    form = form_asked(embed, Path(f"b.{product.value}"))
    files = models_of(where)
    clock = FixedClock(time) if time is not None else SystemClock()
    asks = Asks(standard, machine, stance, records, allow_undecided, epoch, clock=clock)
    asking = Asking(asks, files)
    pipeline.require_printer(asking.resolved)
    require_proven(asking.resolved)
    with ExitStack() as stack:
        signer = stack.enter_context(open_signer(key, chain, clock.now_utc()))
        logging = to_log(log, log_key)
        if logging is not None:
            stack.enter_context(logging.signer)
        job = ModelJob(
            asking.order, asking.resolved, copies, sign_failure, signer.key_id, form, svr
        )
        wanted = wanted_of("certify", stated, job, asking)._replace(
            resolved=asking.resolved,
            with_failure=sign_failure,
            allowed_undecided=asking.order.allowed_undecided,
            form=form,
            with_svr=svr,
        )
        call = Call("certify", by, told, results, outdir, product.value, signer, clock)
        read = [key, *([chain] if chain else []), *(logging.files if logging else [])]
        call = call._replace(read=read, log=logging)
        return run_models(call, files, wanted, asking)


@app.command("verify", short_help="Do these certified programs still stand? Offline.")
@grouped
def verify(
    where: own.Files,
    by: own.Crew,
    told: Told,
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
) -> int:
    """Check the certificates of all programs in folders. Every run looks at all of them: whether a
    certificate stands is a question about today."""
    from printstd.adapters.clock import FixedClock, SystemClock
    from printstd.batch.inputs import PROGRAMS
    from printstd.batch.run import Wanted
    from printstd.cli.batching import VerifyJob, tool, verified
    from printstd.cli.commands.verify import load_policy
    from printstd.errors import UsageError

    given: list[Path] = []
    if load_policy(trust, policy, given) is None:
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
    return run_batch(Call("verify", by, told, clock=clock, read=given), files, wanted)
