"""The API of models: dropped, held against the standard, looked at, certified, queued."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from printstd.cli.commands.farm_jobs import submit_files
from printstd.errors import UsageError
from printstd.service.api import Body, DeskNow, Reader, Submitter, check_copies
from printstd.service.app import language_of
from printstd.service.choices import classes_of
from printstd.service.making import MOST_BYTES, Made, Wanted
from printstd.words import said

router = APIRouter(prefix="/api/v1")

_REPORT_POLICY: Final = (
    "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; "
    "style-src 'unsafe-inline'; img-src data:; font-src data:; frame-ancestors 'self'"
)
"""The report is one file with its own scripts: it runs in an origin of nobody's, so it can neither
read the page nor send anything."""


class Choice(Body):
    printer: Annotated[str, Field(max_length=64)]
    pack: Annotated[str, Field(max_length=64)] = "int"
    tolerance_class: Annotated[str, Field(max_length=64, alias="class")] = "m"
    material: Annotated[str, Field(max_length=64)] = "pla"
    process: Annotated[str, Field(max_length=64)] = "standard-0.20"
    order: Annotated[str, Field(max_length=1 << 18)] = ""


class Enqueue(Body):
    copies: int = 1
    priority: int = 0


def _view(made: Made) -> dict[str, Any]:
    return {
        "id": made.id,
        "name": made.name,
        "stage": made.stage,
        "exit_code": made.code,
        "verdict": {0: "PASSED", 1: "FAILED", 8: "UNDECIDED"}.get(made.code or 0)
        if made.code is not None
        else None,
        "told": made.said,
        "findings": made.findings,
    }


@router.get("/profiles")
def profiles(who: Reader, desk: DeskNow) -> dict[str, Any]:
    """What can be chosen: of printers those that the farm has."""
    from printstd.cli.running import profile_source

    source = profile_source()
    with desk.farm.store.reading() as rows:
        own = [one for one in rows.printers() if not one.is_retired]
        spools = rows.spools()
    # What is loaded is what a part is most likely made of.
    printers: dict[str, list[str]] = {one.profile: [] for one in own}
    for one in own:
        materials = {spools[on.spool].material for on in one.loaded if on.spool in spools}
        printers[one.profile] = sorted({*printers[one.profile], *materials})
    return {
        "printers": dict(sorted(printers.items())),
        "packs": {name: classes_of(source, name) for name in sorted(source.names("packs"))},
        "materials": sorted(source.names("materials")),
        "processes": sorted(source.names("processes")),
        "can_certify": desk.workshop.key is not None,
    }


@router.post("/models", status_code=201)
async def drop(who: Submitter, desk: DeskNow, request: Request, name: str) -> dict[str, Any]:
    """The file's bytes are the body, its name stands in the address."""
    data = bytearray()
    async for piece in request.stream():
        data += piece
        if len(data) > MOST_BYTES:
            raise UsageError(
                said("this file cannot be taken"),
                where=name[:200],
                got=said("more than {most} bytes", most=MOST_BYTES),
                wanted=said("1 to {most} bytes", most=MOST_BYTES),
                hint=said("use the command line for larger ones"),
            )
    return _view(await run_in_threadpool(desk.workshop.take, name, bytes(data)))


@router.get("/models/{model}")
def model(who: Reader, desk: DeskNow, model: str) -> dict[str, Any]:
    return _view(desk.workshop.get(model))


@router.post("/models/{model}/check", status_code=202)
def check(
    who: Submitter, desk: DeskNow, request: Request, model: str, choice: Choice
) -> dict[str, Any]:
    made = desk.workshop.get(model)
    desk.workshop.check(made, Wanted(**choice.model_dump(), language=language_of(request)))
    return _view(made)


@router.get("/models/{model}/report")
def report(who: Reader, desk: DeskNow, model: str) -> Response:
    """Findings with the model in 3D, one page."""
    data = desk.workshop.report(desk.workshop.get(model))
    return Response(
        data, media_type="text/html", headers={"Content-Security-Policy": _REPORT_POLICY}
    )


@router.post("/models/{model}/certify", status_code=202)
def certify(who: Submitter, desk: DeskNow, model: str) -> dict[str, Any]:
    made = desk.workshop.get(model)
    desk.workshop.certify(made)
    return _view(made)


@router.get("/models/{model}/program")
def program(who: Reader, desk: DeskNow, model: str) -> Response:
    """The certified program, to take along."""
    _, data = desk.workshop.program_files(desk.workshop.get(model))[0]
    return Response(
        data,
        media_type="text/x.gcode",
        headers={"Content-Disposition": 'attachment; filename="part.gcode"'},
    )


@router.post("/models/{model}/queue", status_code=201)
def enqueue(who: Submitter, desk: DeskNow, model: str, body: Enqueue) -> dict[str, Any]:
    check_copies(body.copies, body.priority)
    files = desk.workshop.program_files(desk.workshop.get(model))
    made = submit_files(desk.farm, files, who.name, copies=body.copies, priority=body.priority)
    return {"job": made.number, "name": made.name, "copies": made.copies}
