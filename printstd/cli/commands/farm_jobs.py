"""`printstd farm submit|queue|explain|pause|resume|cancel|again|history`: what is printed."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from printstd.cli import options
from printstd.cli.farm_place import HERE, Farm, FarmAt, at_farm, facts_of, files_of, now_ms, who
from printstd.cli.options import Listing
from printstd.cli.speech import Language, in_words
from printstd.words import said

if TYPE_CHECKING:
    from printstd.artifacts.job import Instance, Job
    from printstd.farm.explain import Reason


class CalibrationOf(StrEnum):
    """`artifacts.calibration.CalibrationKind`, as a choice."""

    FLOW = "flow"
    PRESSURE_ADVANCE = "pressure_advance"
    TEMPERATURE = "temperature"
    FIRST_LAYER = "first_layer"


What = Annotated[
    str,
    typer.Argument(
        metavar="PRINTER|JOB|PRINT",
        help="A printer's name, a job (J3) or a single print (12).",
        show_default=False,
    ),
]
Due = Annotated[
    str | None,
    typer.Option(
        "--due",
        metavar="TIME",
        help="When it should be there: 2026-12-01 or 2026-12-01T08:00Z (UTC).",
        show_default=False,
    ),
]


def submit(
    programs: Annotated[
        list[Path],
        typer.Argument(metavar="OUT.gcode...", help="Certified programs.", show_default=False),
    ],
    copies: Annotated[
        int, typer.Option("--copies", metavar="N", min=1, max=10_000, help="Good copies wanted.")
    ] = 1,
    priority: Annotated[
        int,
        typer.Option("--priority", metavar="N", min=-1000, max=1000, help="Higher is sooner."),
    ] = 0,
    due: Due = None,
    tags: Annotated[
        list[str] | None,
        typer.Option("--tag", metavar="TAG", help="The printer must offer it.", show_default=False),
    ] = None,
    on: Annotated[
        list[str] | None,
        typer.Option("--on", metavar="PRINTER", help="Only on this printer.", show_default=False),
    ] = None,
    group: Annotated[
        str,
        typer.Option("--group", metavar="NAME", help="Only there.", show_default=False),
    ] = "",
    capability: Annotated[
        bool,
        typer.Option(
            "--needs-capability", help="Only where a record of capability is still valid."
        ),
    ] = False,
    calibrations: Annotated[
        list[CalibrationOf] | None,
        typer.Option(
            "--needs-calibration",
            metavar="KIND",
            help="Only where a calibration of that kind (flow, pressure_advance, temperature or "
            "first_layer) is still valid; may be repeated.",
            show_default=False,
        ),
    ] = None,
    hold: Annotated[
        bool, typer.Option("--hold", help="It waits until `farm resume` says go.")
    ] = False,
    form: options.ListingFormat = Listing.TEXT,
    farm: FarmAt = HERE,
    lang: options.Lang = Language.EN,
) -> int:
    """Put certified programs into the queue. Each is verified under the farm's policy now, with
    what lies beside it, and again before it is sent to a printer."""
    from printstd.cli.farm_tables import show

    due_s = due_of(due)
    told = []
    with at_farm(farm) as place:
        for program in programs:
            files = files_of(program)
            job = submit_files(
                place,
                files,
                who(),
                copies=copies,
                priority=priority,
                due_utc_s=due_s,
                tags=tuple(tags or ()),
                names=tuple(on or ()),
                group=group,
                needs_capability=capability,
                needs_calibration=tuple(one.value for one in calibrations or ()),
                is_held=hold,
            )
            told.append({"job": f"J{job.number}", "name": job.name, "copies": job.copies})
    show(
        "jobs",
        {"job": said("job"), "name": said("program"), "copies": said("copies")},
        told,
        form,
    )
    return 0


def submit_files(
    place: Farm,
    files: Sequence[tuple[str, bytes]],
    by: str,
    *,
    copies: int = 1,
    priority: int = 0,
    due_utc_s: int | None = None,
    tags: tuple[str, ...] = (),
    names: tuple[str, ...] = (),
    group: str = "",
    needs_capability: bool = False,
    needs_calibration: tuple[str, ...] = (),
    is_held: bool = False,
) -> Job:
    """A job of a program and of what vouches for it; VerificationError where that does not."""
    from printstd.coordinator.facts import requirements
    from printstd.farm.states import Event

    facts = facts_of(place, files)
    needs = requirements(
        facts,
        tags=tags,
        names=names,
        group=group,
        needs_capability=needs_capability,
        needs_calibration=needs_calibration,
    )
    with place.store.writing(by) as rows:
        for name in names:
            rows.printer(name)
        rows.add_program(facts, files)
        job = rows.submit(
            name=facts.name,
            program_sha256=facts.sha256,
            needs=needs,
            at_utc_ms=now_ms(),
            copies=copies,
            priority=priority,
            due_utc_s=due_utc_s,
            mg=facts.mg,
        )
        if is_held:
            for one in rows.instances(job=job.number):
                rows.move(one.number, Event.HOLD, now_ms(), reason=said("held when submitted"))
    return job


def due_of(text: str | None) -> int | None:
    from datetime import UTC, datetime

    from printstd.errors import UsageError

    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError as error:
        raise UsageError(
            said("this is no time"),
            where="--due",
            got=text,
            wanted="2026-12-01, 2026-12-01T08:00Z",
            hint=said("times without a zone are UTC"),
        ) from error
    return int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())


def instance_row(one: Instance, job: Job) -> dict[str, Any]:
    from printstd.cli.farm_tables import moment

    return {
        "print": one.number,
        "job": f"J{one.job}",
        "copy": one.copy,
        "of": job.copies,
        "name": job.name,
        "state": one.state.value,
        "printer": one.printer,
        "progress_percent": one.progress_permille / 10 if one.printer else None,
        "priority": job.priority,
        "due": moment(None if job.due_utc_s is None else job.due_utc_s * 1000),
        "since": moment(one.since_utc_ms),
        "wish": one.wish,
        "reason": one.reason,
        "file": one.file,
        "program_sha256": job.program_sha256,
    }


def queue(
    everything: Annotated[
        bool, typer.Option("--all", help="What is done, cancelled and failed too.")
    ] = False,
    limit: Annotated[
        int, typer.Option("--limit", metavar="N", min=1, max=1_000_000, help="At most so many.")
    ] = 200,
    form: options.ListingFormat = Listing.TEXT,
    farm: FarmAt = HERE,
    lang: options.Lang = Language.EN,
) -> int:
    """Every print that is not over, in the order of the queue."""
    from printstd.artifacts.job import JobState
    from printstd.cli.farm_tables import show
    from printstd.farm.states import ENDED

    states = None if everything else [state for state in JobState if state not in ENDED]
    with at_farm(farm) as place, place.store.reading() as rows:
        found = rows.instances(states=states, limit=limit)
        counts = {state.value: count for state, count in sorted(rows.counts().items())}
        jobs = {number: rows.job(number) for number in {one.job for one in found}}
    show(
        "prints",
        {
            "print": said("print"),
            "job": said("job"),
            "copy": said("copy"),
            "name": said("program"),
            "state": said("state"),
            "printer": said("printer"),
            "progress_percent": said("%"),
            "due": said("due"),
            "reason": said("reason"),
        },
        [instance_row(one, jobs[one.job]) for one in found],
        form,
        counts=counts,
    )
    return 0


def explained(place: Farm, number: int) -> tuple[Job, list[Instance], tuple[Reason, ...]]:
    """A job, what became of its prints, and one reason per printer why it takes none of it now."""
    from printstd.cli.farm_place import rules_of
    from printstd.coordinator.why import why_waiting

    with place.store.reading() as rows:
        job = rows.job(number)
        states = {name: one.state for name, one in rows.seen().items()}
        rules = rules_of(place.folder)
        asked = place.folder.settings.calibration.required
        found = why_waiting(
            rows, job, rows.printers(), states, rules, now_ms(), calibrations_asked=asked
        )
        return job, rows.instances(job=number), found


def explain(
    job: Annotated[str, typer.Argument(metavar="JOB", help="J3.", show_default=False)],
    form: options.ListingFormat = Listing.TEXT,
    farm: FarmAt = HERE,
    lang: options.Lang = Language.EN,
) -> int:
    """Why a job is not printing: one reason for every printer of the farm."""
    from printstd.cli.farm_tables import show
    from printstd.coordinator.deeds import job_number

    with at_farm(farm) as place:
        asked, prints, reasons = explained(place, job_number(job))
    found = [
        {"printer": r.printer, "could": r.could, "reason": in_words(r.reason)} for r in reasons
    ]
    states = [
        {"print": one.number, "state": one.state.value, "reason": one.reason} for one in prints
    ]
    if form is Listing.TEXT:
        typer.echo(f"J{asked.number}  {asked.name}")
        for one in prints:
            typer.echo(f"  {one.number}  {one.state.value}  {in_words(one.reason)}".rstrip())
    columns = {"printer": said("printer"), "could": said("could"), "reason": said("reason")}
    show("printers", columns, found, form, job=f"J{asked.number}", prints=states)
    return 0


def pause(what: What, farm: FarmAt = HERE, lang: options.Lang = Language.EN) -> int:
    """Pause a printer (it gets nothing new), hold what waits of a job, pause what prints of it."""
    return _each(farm, what, "pause")


def resume(what: What, farm: FarmAt = HERE, lang: options.Lang = Language.EN) -> int:
    """Let a printer, a job or a print go on."""
    return _each(farm, what, "resume")


def cancel(
    what: What,
    give_up: Annotated[
        bool,
        typer.Option(
            "--give-up",
            help="Of a print that is lost or starting: nobody will ever know what became of it.",
        ),
    ] = False,
    farm: FarmAt = HERE,
    lang: options.Lang = Language.EN,
) -> int:
    """Cancel a job or a print. What prints already is cancelled by its host as soon as the
    coordinator comes by."""
    return _each(farm, what, "give up" if give_up else "cancel")


def again(
    number: Annotated[
        int, typer.Argument(metavar="PRINT", help="A print's number.", show_default=False)
    ],
    farm: FarmAt = HERE,
    lang: options.Lang = Language.EN,
) -> int:
    """Put another try into the queue at a copy that failed or was cancelled."""
    with at_farm(farm) as place, place.store.writing(who()) as rows:
        new = rows.again(number, now_ms())
    typer.echo(in_words(said("print {new} instead of {old}", new=new.number, old=number)))
    return 0


def _each(farm: Path, what: str, deed: str) -> int:
    from printstd.coordinator.deeds import Deed, do_to

    with at_farm(farm) as place:
        for line in do_to(place.store, what, Deed(deed), who(), now_ms()):
            typer.echo(in_words(line))
    return 0
