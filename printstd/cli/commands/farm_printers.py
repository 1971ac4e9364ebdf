"""`printstd farm add|set|list|status|ready`: the machines."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from printstd.cli import options
from printstd.cli.farm_place import HERE, Farm, FarmAt, at_farm, now_ms, who
from printstd.cli.options import Listing
from printstd.cli.speech import Language, in_words
from printstd.words import said

if TYPE_CHECKING:
    from printstd.artifacts.farm import FarmPrinter

Name = Annotated[
    str, typer.Argument(metavar="PRINTER", help="Its name in the farm.", show_default=False)
]
Host = Annotated[
    str | None,
    typer.Option(
        "--host",
        metavar="ADDRESS",
        help="octoprint+http://HOST:PORT and the like (docs/hosts.md).",
        show_default=False,
    ),
]
Secret = Annotated[
    Path | None,
    typer.Option(
        "--key-file",
        metavar="FILE",
        help="The key of its host, one line; or NAME=VALUE lines, where it wants several.",
        show_default=False,
    ),
]
Serial = Annotated[
    str | None,
    typer.Option("--serial", metavar="NUMBER", help="Serial number.", show_default=False),
]
Nozzle = Annotated[
    str | None,
    typer.Option(
        "--nozzle",
        metavar="ID",
        help="Name of the nozzle that is screwed in; a new one begins at zero hours.",
        show_default=False,
    ),
]
NozzleSize = Annotated[
    float | None,
    typer.Option(
        "--nozzle-mm", metavar="MM", min=0.05, max=5.0, help="Its size.", show_default=False
    ),
]
Tags = Annotated[
    list[str] | None,
    typer.Option("--tag", metavar="TAG", help="What else it offers.", show_default=False),
]
Group = Annotated[
    str | None,
    typer.Option("--group", metavar="NAME", help="Printers on one fuse.", show_default=False),
]
CapabilityFile = Annotated[
    Path | None,
    typer.Option(
        "--capability",
        metavar="FILE",
        help="Its signed record of capability, verified under the farm's policy.",
        show_default=False,
    ),
]
AutoClear = Annotated[
    bool | None,
    typer.Option(
        "--auto-clear/--no-auto-clear",
        help="It throws off what it printed: nobody confirms that the bed is clear.",
        show_default=False,
    ),
]


def add(
    name: Name,
    host: Host = None,
    printer: options.Printer = None,
    key_file: Secret = None,
    serial: Serial = None,
    nozzle: Nozzle = None,
    nozzle_mm: NozzleSize = None,
    tags: Tags = None,
    group: Group = None,
    capability: CapabilityFile = None,
    auto_clear: AutoClear = None,
    farm: FarmAt = HERE,
    lang: options.Lang = Language.EN,
) -> int:
    """Add a printer. Its bed is taken to be clear, and its nozzle to be the profile's."""
    from printstd.artifacts.farm import FarmPrinter, HostAddress
    from printstd.artifacts.farm import Nozzle as Screwed
    from printstd.errors import UsageError

    if host is None or printer is None:
        raise UsageError(
            said("say what it is and how it is reached"),
            got=said("no --printer") if printer is None else said("no --host"),
            wanted=said("--printer PROFILE and --host ADDRESS"),
            hint=said("`printstd profiles list` names profiles, docs/hosts.md shows addresses"),
        )
    _check_name(name)
    with at_farm(farm) as place:
        own = FarmPrinter(
            name=name,
            profile=printer,
            host=HostAddress(host, name if key_file is not None else ""),
            nozzle=Screwed(nozzle or "", _nozzle_um(printer)),
        )
        with place.store.reading() as rows:
            known = {one.name for one in rows.printers()}
        if name not in known:
            _keep_key(place, name, key_file)
        own = _with(
            place,
            own,
            serial=serial,
            nozzle_mm=nozzle_mm,
            tags=tags,
            group=group,
            capability=capability,
            auto_clear=auto_clear,
        )
        _try_address(place, own)
        with place.store.writing(who()) as rows:
            rows.add_printer(own, now_ms())
    typer.echo(in_words(said("added {name}", name=name)))
    return 0


def set_(
    name: Name,
    host: Host = None,
    key_file: Secret = None,
    serial: Serial = None,
    nozzle: Nozzle = None,
    nozzle_mm: NozzleSize = None,
    tags: Tags = None,
    group: Group = None,
    capability: CapabilityFile = None,
    auto_clear: AutoClear = None,
    retire: Annotated[
        bool | None,
        typer.Option(
            "--retire/--no-retire", help="It is gone; its history stays.", show_default=False
        ),
    ] = None,
    farm: FarmAt = HERE,
    lang: options.Lang = Language.EN,
) -> int:
    """Change what is known of a printer; what is not named stays. --tag replaces all tags."""
    with at_farm(farm) as place:
        with place.store.reading() as rows:
            own = rows.printer(name)
        if key_file is not None:
            _keep_key(place, name, key_file)
            own = replace(own, host=replace(own.host, secret=name))
        if host is not None:
            own = replace(own, host=replace(own.host, address=host))
        changed = _with(
            place,
            own,
            serial=serial,
            nozzle_mm=nozzle_mm,
            tags=tags,
            group=group,
            capability=capability,
            auto_clear=auto_clear,
        )
        if nozzle is not None and nozzle != changed.nozzle.id:
            changed = replace(changed, nozzle=replace(changed.nozzle, id=nozzle, printed_s=0))
        if retire is not None:
            changed = replace(changed, is_retired=retire)
        _try_address(place, changed)
        with place.store.writing(who()) as rows:
            # What was not asked for is as it is now, not as it was when we looked.
            now = rows.printer(name)
            rows.set_printer(
                replace(
                    changed,
                    needs_clear=now.needs_clear,
                    is_paused=now.is_paused,
                    loaded=now.loaded,
                    last_start_utc_ms=now.last_start_utc_ms,
                )
            )
            rows.tell(
                "printer changed",
                now_ms(),
                printer=name,
                nozzle=changed.nozzle.id,
                nozzle_um=changed.nozzle.diameter_um,
                tags=",".join(changed.tags),
                group=changed.group,
                capability=changed.capability_sha256,
                retired="yes" if changed.is_retired else "",
            )
    typer.echo(in_words(said("changed {name}", name=name)))
    return 0


def _check_name(name: str) -> None:
    import re

    from printstd.errors import UsageError

    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", name) or re.fullmatch(
        r"J?[0-9]+", name
    ):
        raise UsageError(
            said("a printer cannot be called so"),
            got=name,
            wanted=said("letters, digits, . _ -, and not a number or J and a number"),
            hint=said(
                "numbers are prints, J and a number is a job: pause, resume, cancel take all"
            ),
        )


def _nozzle_um(profile: str) -> int:
    """ProfileError where there is no such profile."""
    from printstd.cli.running import request_of, resolved_for
    from printstd.units import um

    request = request_of(
        pack=None,
        tolerance_class=None,
        material=None,
        process="standard-0.20",
        printer=profile,
        settings=None,
    )
    resolved = resolved_for(request)
    assert resolved.printer is not None
    return um(resolved.printer.nozzle_mm)


def _with(
    place: Farm,
    own: FarmPrinter,
    *,
    serial: str | None,
    nozzle_mm: float | None,
    tags: list[str] | None,
    group: str | None,
    capability: Path | None,
    auto_clear: bool | None,
) -> FarmPrinter:
    if nozzle_mm is not None:
        diameter = round(nozzle_mm * 1000)
        own = replace(own, nozzle=replace(own.nozzle, diameter_um=diameter))
    if capability is not None:
        sha256, until = _capability(place, own, capability)
        own = replace(own, capability_sha256=sha256, capability_until_utc_s=until)
    return replace(
        own,
        serial=own.serial if serial is None else serial,
        tags=own.tags if tags is None else tuple(sorted({tag for tag in tags if tag})),
        group=own.group if group is None else group,
        auto_clear=own.auto_clear if auto_clear is None else auto_clear,
    )


def _capability(place: Farm, own: FarmPrinter, file: Path) -> tuple[str, int]:
    """Digest of a record, and until when it counts; VerificationError where the farm's policy does
    not accept it, or it is of another machine."""
    import hashlib
    from datetime import UTC, datetime, timedelta

    from printstd.adapters.clock import SystemClock
    from printstd.adapters.files import read_file
    from printstd.certify.capability import capability_under
    from printstd.certify.dsse import MAX_BUNDLE_BYTES
    from printstd.certify.predicates import CAPABILITY
    from printstd.cli.sidecars import gather_alone
    from printstd.errors import VerificationError

    data = read_file(file, max_bytes=MAX_BUNDLE_BYTES)
    beside = gather_alone(file, CAPABILITY, place.trust, place.folder.policy)
    now = SystemClock().now_utc()
    record = capability_under(data, file.name, place.trust, now, beside)[0].record
    if record.machine.printer != own.profile:
        raise VerificationError(
            said("the record of capability is of another machine"),
            where=file.name,
            got=record.machine.printer,
            wanted=own.profile,
            hint=said("qualify this machine"),
        )
    until = datetime.fromisoformat(record.valid_until).replace(tzinfo=UTC) + timedelta(days=1)
    return hashlib.sha256(data).hexdigest(), int(until.timestamp()) - 1


def _keep_key(place: Farm, name: str, file: Path | None) -> None:
    from printstd.adapters.files import read_file
    from printstd.errors import InputError

    if file is None:
        return
    text = read_file(file, max_bytes=1 << 16).decode("utf-8", "replace").strip()
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) == 1 and "=" not in lines[0].rstrip("="):
        found = {"key": lines[0]}
    else:
        found = dict(line.split("=", 1) for line in lines if "=" in line)
        if not found or len(found) != len(lines):
            raise InputError(
                said("the key of the host cannot be read"),
                where=str(file),
                got=said("{count} lines", count=len(lines)),
                wanted=said("one line with the key, or NAME=VALUE lines"),
                hint=said("docs/hosts.md says what each kind of host wants"),
            )
    place.folder.keep_secrets(name, {k.strip(): v.strip() for k, v in found.items()})


def _try_address(place: Farm, own: FarmPrinter) -> None:
    """UsageError where it is no address. Nothing is sent: the printer may be off."""
    from printstd.cli.farm_place import open_host

    host = open_host(place, own)
    notice = host.abilities.notice
    host.close()
    if notice:
        typer.echo(in_words(notice), err=True)


def printer_rows(place: Farm) -> list[dict[str, Any]]:
    """All that is known of every printer, for lists and pages."""
    from printstd.cli.commands.farm_calibrations import calibration_rows
    from printstd.cli.farm_tables import moment

    with place.store.reading() as rows:
        printers = rows.printers()
        seen = rows.seen()
        ours = rows.on_printers([one.name for one in printers])
        spools = rows.spools()
        calibrations = rows.calibrations()
    found = []
    for one in printers:
        look, at = seen.get(one.name), ours.get(one.name)
        found.append(
            {
                "name": one.name,
                "profile": one.profile,
                "host": one.host.address,
                "serial": one.serial,
                "nozzle": one.nozzle.id,
                "nozzle_mm": one.nozzle.diameter_um / 1e3,
                "nozzle_hours": round(one.nozzle.printed_s / 3600, 1),
                "loaded": [
                    f"{loaded.spool} ({spools[loaded.spool].material})"
                    if loaded.spool in spools
                    else loaded.spool
                    for loaded in one.loaded
                ],
                "tags": list(one.tags),
                "group": one.group,
                "capability_until": moment(
                    None
                    if one.capability_until_utc_s is None
                    else one.capability_until_utc_s * 1000
                ),
                "calibrations": calibration_rows(calibrations.get(one.name, ()), now_ms() // 1000),
                "auto_clear": one.auto_clear,
                "paused": one.is_paused,
                "retired": one.is_retired,
                "needs_clear": one.needs_clear,
                "state": look.state if look is not None else "never seen",
                "seen": moment(look.at_utc_ms) if look is not None else None,
                "message": look.message if look is not None else "",
                "instance": at.number if at is not None else None,
                "instance_state": at.state.value if at is not None else None,
                "progress_percent": at.progress_permille / 10 if at is not None else None,
            }
        )
    return found


def list_(
    form: options.ListingFormat = Listing.TEXT,
    farm: FarmAt = HERE,
    lang: options.Lang = Language.EN,
) -> int:
    """The farm's printers, and what each is."""
    from printstd.cli.commands.farm_calibrations import in_short
    from printstd.cli.farm_tables import show

    with at_farm(farm) as place:
        rows = printer_rows(place)
    if form is Listing.TEXT:
        for row in rows:
            row["calibrated"] = in_short(row["calibrations"], of="spool")
    show(
        "printers",
        {
            "name": said("printer"),
            "profile": said("profile"),
            "nozzle_mm": said("nozzle"),
            "loaded": said("loaded"),
            "calibrated": said("calibrated"),
            "tags": said("tags"),
            "group": said("group"),
            "host": said("host"),
        },
        rows,
        form,
    )
    return 0


def status(
    form: options.ListingFormat = Listing.TEXT,
    farm: FarmAt = HERE,
    lang: options.Lang = Language.EN,
) -> int:
    """What printers were last seen doing, and how many prints stand where."""
    from printstd.cli.commands.farm_calibrations import in_short
    from printstd.cli.farm_tables import show

    with at_farm(farm) as place:
        rows = printer_rows(place)
        with place.store.reading() as found:
            counts = {state.value: count for state, count in sorted(found.counts().items())}
    if form is Listing.TEXT:
        for row in rows:
            expired = [one for one in row["calibrations"] if one["expired"]]
            row["to_calibrate"] = in_short(expired, of="spool")
    columns = {
        "name": said("printer"),
        "state": said("host says"),
        "instance": said("print"),
        "instance_state": said("is"),
        "progress_percent": said("%"),
        "needs_clear": said("to clear"),
        "paused": said("paused"),
        "seen": said("seen"),
        "message": said("its words"),
        "to_calibrate": said("to calibrate"),
    }
    show("printers", columns, rows, form, counts=counts)
    if form is Listing.TEXT:
        for state, count in counts.items():
            typer.echo(f"{state}: {count}")
    return 0


def ready(
    name: Name,
    bad: Annotated[
        str | None,
        typer.Option(
            "--bad",
            metavar="REASON",
            help="What lay on the bed is not good: the copy is recorded as failed.",
            show_default=False,
        ),
    ] = None,
    farm: FarmAt = HERE,
    lang: options.Lang = Language.EN,
) -> int:
    """Say that a printer's bed is clear: the next print may begin there."""
    from printstd.coordinator.deeds import make_ready

    with at_farm(farm) as place:
        for line in make_ready(place.store, name, bad, who(), now_ms()):
            typer.echo(in_words(line))
    return 0
