"""The API of printers, queue, filament and history."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from printstd.adapters.farm_store.pages import (
    counts_now,
    numbers_of_job,
    printers_page,
    prints_numbered,
    prints_page,
)
from printstd.cli.commands.farm_jobs import submit_files
from printstd.cli.farm_place import now_ms, rules_of
from printstd.coordinator.deeds import Deed, do_to, make_ready
from printstd.coordinator.why import why_waiting
from printstd.errors import UsageError
from printstd.farm.states import StepRefused
from printstd.service.access import Scope, Who
from printstd.service.app import Desk, desk_of, translate_of
from printstd.service.guard import allowed
from printstd.service.views import event_view, print_view, printer_view, spool_view
from printstd.words import said, text_of

router = APIRouter(prefix="/api/v1")
monitoring = APIRouter()
MOST_PROGRAM_BYTES: Final = 512 << 20

Offset = Annotated[int, Query(ge=0, le=10_000_000)]
Limit = Annotated[int, Query(ge=1, le=500)]


def may(scope: Scope) -> Any:
    """A route's dependency: who asks, once it is clear that they may."""

    def check(request: Request) -> Who:
        return allowed(
            desk_of(request).access, request.method, request.headers, request.cookies, scope
        )

    return Depends(check)


DeskNow = Annotated[Desk, Depends(desk_of)]
Reader = Annotated[Who, may(Scope.READ)]
Submitter = Annotated[Who, may(Scope.SUBMIT)]
Operator = Annotated[Who, may(Scope.OPERATE)]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Ready(Body):
    bad: Annotated[str, Field(max_length=200)] = ""
    """Why what lay there is not good; empty: it is."""


@router.get("/me")
def me(who: Reader) -> dict[str, Any]:
    return {"name": who.name, "scope": who.scope.value}


@router.get("/printers")
def printers(
    who: Reader, desk: DeskNow, offset: Offset = 0, limit: Limit = 50, holds: str = ""
) -> dict[str, Any]:
    with desk.farm.store.reading() as rows:
        total, found = printers_page(rows, offset=offset, limit=limit, holds=holds[:64])
        counts = counts_now(rows)
    return {
        "total": total,
        "printers": [printer_view(one) for one in found],
        "counts": {state.value: count for state, count in counts.items()},
    }


@router.post("/printers/{name}/ready")
def ready(who: Operator, desk: DeskNow, request: Request, name: str, body: Ready) -> dict[str, Any]:
    told = make_ready(desk.farm.store, name, body.bad or None, who.name, now_ms())
    return {"told": [text_of(line, translate_of(request)) for line in told]}


_DEEDS: Final = (Deed.PAUSE, Deed.RESUME, Deed.CANCEL)


@router.post("/do/{what}/{deed}")
def do(who: Operator, desk: DeskNow, request: Request, what: str, deed: str) -> dict[str, Any]:
    """what : a printer's name, a job (J3) or a print (12). deed : pause, resume or cancel."""
    if deed not in _DEEDS:
        raise UsageError(
            said("this cannot be done"),
            got=deed[:40],
            wanted=", ".join(_DEEDS),
            hint=said("docs/farm-page.md lists what can"),
        )
    try:
        told = do_to(desk.farm.store, what, Deed(deed), who.name, now_ms())
    except StepRefused as error:
        raise UsageError(
            error.what, where=what, got=error.got, wanted=error.wanted, hint=error.hint
        ) from error
    return {"told": [text_of(line, translate_of(request)) for line in told]}


@router.get("/prints")
def prints(
    who: Reader,
    desk: DeskNow,
    request: Request,
    offset: Offset = 0,
    limit: Limit = 50,
    ended: bool = False,
) -> dict[str, Any]:
    translate = translate_of(request)
    with desk.farm.store.reading() as rows:
        total, found = prints_page(rows, is_over=ended, offset=offset, limit=limit)
    return {"total": total, "prints": [print_view(one, translate) for one in found]}


@router.get("/jobs/{number}")
def job(
    who: Reader,
    desk: DeskNow,
    request: Request,
    number: int,
    offset: Offset = 0,
    limit: Limit = 50,
) -> dict[str, Any]:
    """A job, its first hundred prints, and one reason per printer why it takes none of it now;
    offset, limit : of the printers, by name."""
    translate = translate_of(request)
    with desk.farm.store.reading() as rows:
        own = rows.job(number)
        found = prints_numbered(rows, numbers_of_job(rows, number, limit=100))
        total, looked_at = printers_page(rows, offset=offset, limit=limit)
        states = {one.printer.name: one.seen.state for one in looked_at if one.seen is not None}
        printers = [one.printer for one in looked_at]
        why = why_waiting(
            rows,
            own,
            printers,
            states,
            rules_of(desk.farm.folder),
            now_ms(),
            calibrations_asked=desk.farm.folder.settings.calibration.required,
        )
    return {
        "job": own.number,
        "name": own.name,
        "by": own.by,
        "prints": [print_view(one, translate) for one in found],
        "printers": total,
        "reasons": [
            {"printer": one.printer, "could": one.could, "reason": text_of(one.reason, translate)}
            for one in why
        ],
    }


@router.post("/jobs", status_code=201)
async def submit(
    who: Submitter, desk: DeskNow, request: Request, copies: int = 1, priority: int = 0
) -> dict[str, Any]:
    """A certified program and its certificates, as files of one form (``multipart/form-data``), the
    program first; none of it is taken unless it verifies under the farm's policy."""
    from starlette.concurrency import run_in_threadpool
    from starlette.datastructures import UploadFile

    check_copies(copies, priority)
    files, size = [], 0
    async with request.form(max_files=16, max_fields=0) as form:
        for _, one in form.multi_items():
            assert isinstance(one, UploadFile)
            data = await one.read(MOST_PROGRAM_BYTES - size + 1)
            size += len(data)
            if size > MOST_PROGRAM_BYTES:
                raise UsageError(
                    said("these files are too large"),
                    got=said("more than {most} bytes", most=MOST_PROGRAM_BYTES),
                    wanted=said("at most {most} bytes", most=MOST_PROGRAM_BYTES),
                    hint=said("use `printstd farm submit`"),
                )
            files.append(((one.filename or "part.gcode").replace("\\", "/").split("/")[-1], data))
    if not files:
        raise UsageError(
            said("no program came"),
            wanted=said("the program and its certificates as files of a form"),
            hint=said("docs/farm-page.md shows the call"),
        )
    made = await run_in_threadpool(
        submit_files, desk.farm, files, who.name, copies=copies, priority=priority
    )
    return {"job": made.number, "name": made.name, "copies": made.copies}


def check_copies(copies: int, priority: int) -> None:
    if not 1 <= copies <= 10_000 or not -1000 <= priority <= 1000:
        raise UsageError(
            said("these copies or this priority cannot be"),
            got=f"{copies}, {priority}",
            wanted=said("1 to 10000 copies, priority -1000 to 1000"),
            hint=said("divide the order"),
        )


@router.get("/spools")
def spools(who: Reader, desk: DeskNow) -> dict[str, Any]:
    with desk.farm.store.reading() as rows:
        found = rows.spools()
    return {"spools": [spool_view(one) for one in found.values()]}


@monitoring.get("/metrics")
def metrics(who: Reader, desk: DeskNow) -> Response:
    """Prometheus' text form; the scraper sends an API key of scope read as its Bearer token."""
    from printstd.adapters.telemetry.prometheus import metrics_text
    from printstd.coordinator.telemetry import farm_now

    text = metrics_text(farm_now(desk.farm.store, now_ms()))
    return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")


@router.get("/history")
def history(
    who: Reader, desk: DeskNow, request: Request, last: Limit = 100, about: str | None = None
) -> dict[str, Any]:
    """about : ``printer NAME``, ``job 3``, ``instance 12``."""
    translate = translate_of(request)
    with desk.farm.store.reading() as rows:
        found = list(rows.events(about=about, last=last))
    return {"events": [event_view(one, translate) for one in reversed(found)]}
