"""`printstd farm`: certified programs on the farm's printers, none lost and none twice."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from printstd.cli import options
from printstd.cli.commands.farm_archive import export, import_
from printstd.cli.commands.farm_calibrations import calibrate
from printstd.cli.commands.farm_history import history
from printstd.cli.commands.farm_jobs import (
    again,
    cancel,
    explain,
    pause,
    queue,
    resume,
    submit,
)
from printstd.cli.commands.farm_metrics import metrics
from printstd.cli.commands.farm_printers import add, list_, ready, set_, status
from printstd.cli.commands.farm_service import keys, serve, users
from printstd.cli.commands.farm_spools import spools
from printstd.cli.farm_place import HERE, FarmAt, at_farm
from printstd.cli.speech import Language, in_words
from printstd.words import said

app = typer.Typer(
    no_args_is_help=True,
    help="Certified programs on the farm's printers, none lost and none printed twice.",
    rich_markup_mode=None,
)
app.command("add", short_help="Add a printer.")(add)
app.command("set", short_help="Change what is known of a printer.")(set_)
app.command("list", short_help="The farm's printers.")(list_)
app.command("status", short_help="What printers and queue are doing.")(status)
app.command("submit", short_help="Put a certified program into the queue.")(submit)
app.command("queue", short_help="What waits, prints and is done.")(queue)
app.command("explain", short_help="Why a job is not printing: one reason per printer.")(explain)
app.command("ready", short_help="The bed is clear; what lay on it is good, or not.")(ready)
app.command("pause", short_help="Pause a printer, a job or a print.")(pause)
app.command("resume", short_help="Let it go on.")(resume)
app.command("cancel", short_help="Cancel a job or a print.")(cancel)
app.command("again", short_help="Another try at a copy that failed or was cancelled.")(again)
app.command("history", short_help="What happened, line by line.")(history)
app.command("spools", short_help="Filament: add, load, weigh.")(spools)
app.command("calibrate", short_help="Take what a machine was measured to need.")(calibrate)
app.command("serve", short_help="The farm's page and API, with a coordinator.")(serve)
app.add_typer(users, name="user")
app.add_typer(keys, name="key")
app.command("metrics", short_help="The farm as Prometheus reads it.")(metrics)
app.command("export", short_help="All of the farm as one JSON file.")(export)
app.command("import", short_help="Such a file into a new farm, or printers from a CSV.")(import_)


@app.command("init", short_help="Begin a farm.")
def init(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="The farm's own folder.", show_default=False)
    ],
    trust: Annotated[
        Path | None,
        typer.Option(
            "--trust",
            metavar="KEY|FOLDER",
            help="Public keys whose certificates the farm accepts; they are copied.",
            show_default=False,
        ),
    ] = None,
    policy: options.Policy = None,
    store: Annotated[
        str | None,
        typer.Option(
            "--store",
            metavar="postgresql://USER@HOST/DATABASE",
            help="A database that several coordinators share.",
            show_default="a file in the folder",
        ),
    ] = None,
    lang: options.Lang = Language.EN,
) -> int:
    """Begin a farm: a folder with farm.toml, its database, and the keys or the policy that every
    program must verify under before it is sent to a printer."""
    import os

    from printstd.adapters.databases import is_postgresql
    from printstd.adapters.farm_folder import (
        DATABASE,
        RECORD_KEY,
        SETTINGS,
        TRUST,
        FarmSettings,
        new_folder,
    )
    from printstd.adapters.farm_store.store import new_store
    from printstd.adapters.keys import new_key
    from printstd.certify.keys import public_pem
    from printstd.cli.commands.verify import load_policy
    from printstd.errors import UsageError

    if (folder / SETTINGS).exists():
        raise UsageError(
            said("a farm is never begun anew"),
            where=str(folder),
            got=said("a farm is there already"),
            wanted=said("a new folder"),
            hint=said("choose another name, or remove the old farm yourself"),
        )
    rules = load_policy(trust, policy)
    if rules is None:
        raise UsageError(
            said("a farm prints what it trusts"),
            got=said("neither --trust nor --policy"),
            wanted=said("public keys, or a trust policy"),
            hint=said("`printstd keys new NAME` makes a key pair; give --trust NAME.pub"),
        )
    if store is not None and not is_postgresql(store):
        raise UsageError(
            said("this is no database that can be shared"),
            got=store,
            wanted="postgresql://USER@HOST/DATABASE",
            hint=said("leave --store out: the farm then has a file of its own"),
        )
    keys = {}
    if trust is not None:
        keys = {f"{key.key_id[:16]}.pub": public_pem(key) for key in rules.recheck_keys}
    folder.mkdir(parents=True, exist_ok=True)
    made = new_store(store or str(folder / DATABASE))
    made.close()
    settings = FarmSettings(
        store=store or DATABASE,
        trust=TRUST if trust is not None else "",
        policy=os.path.relpath(policy, folder) if policy is not None else "",
        record_key=RECORD_KEY,
    )
    # What signs the records of its prints: it certifies nothing.
    new_key(folder / Path(RECORD_KEY).stem, algorithm="p256", passphrase=None)
    new_folder(folder, settings, keys)
    typer.echo(in_words(said("began a farm in {folder}", folder=str(folder))))
    return 0


@app.command("run", short_help="Look after the printers, until it is stopped.")
def run(
    farm: FarmAt = HERE,
    once: Annotated[
        bool, typer.Option("--once", help="One look at every printer, and no more.")
    ] = False,
    owner: Annotated[
        str | None,
        typer.Option(
            "--owner",
            metavar="NAME",
            help="This coordinator's name, where several run.",
            show_default="host and process",
        ),
    ] = None,
    lang: options.Lang = Language.EN,
) -> int:
    """The coordinator without a page: it verifies, sends, starts, watches and records. It may be
    stopped and killed at any time; begun again, it goes on from what is on record."""
    import logging
    import signal
    import sys
    import threading

    from printstd.cli.farm_place import coordinator_of
    from printstd.cli.farm_telemetry import telling

    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s"
    )
    logging.getLogger("httpx").setLevel(logging.WARNING)
    with at_farm(farm) as place:
        coordinator = coordinator_of(place, owner=owner)
        if once:
            coordinator.tick()
            coordinator.close()
            return 0
        stop = threading.Event()
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, lambda *_: stop.set())
        with telling(place):
            coordinator.run(stop)
    return 0
