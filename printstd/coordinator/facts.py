"""What a farm needs to know of a program, from certificates that were just verified."""

from __future__ import annotations

from printstd.artifacts.codec import from_plain
from printstd.artifacts.demand import AuditDemand
from printstd.artifacts.job import Feed, ProgramFacts, Requirements, ToolWindow
from printstd.artifacts.program import Totals
from printstd.certify.fields import object_of, statement_of
from printstd.certify.predicates import GENERATION
from printstd.certify.reading import Said
from printstd.certify.strict_json import StrictJsonError
from printstd.certify.verify import Statement, Verified
from printstd.errors import InputError
from printstd.farm.advances import advances_of
from printstd.farm.holding import windows_of
from printstd.words import said


def totals_of(generation: Statement | None) -> Totals | None:
    """Of the statement of whoever made the program; a finished program of another slicer has
    none."""
    if generation is None:
        return None
    predicate = object_of(statement_of(generation.certificate.payload, GENERATION), "predicate")
    try:
        return from_plain(Totals, predicate.get("totals"), "totals")
    except ValueError as error:
        raise StrictJsonError(str(error)) from error


def program_facts(verified: Verified, name: str) -> ProgramFacts:
    """InputError where the certificates name no printer or demand nothing: no farm can place it."""
    statement = verified.recheck or verified.generation
    stated = statement.said if statement is not None else None
    ids = {row.role: row.id for row in stated.profiles} if stated is not None else {}
    printer = ids.get("printer")
    if stated is None or stated.demand is None or printer is None:
        raise InputError(
            said("the certificate does not say for which printer the program is"),
            where=name,
            wanted=said("a program that was certified with --printer"),
            hint=said("certify it again for a printer of the farm"),
        )
    demand = stated.demand
    totals = totals_of(verified.generation)
    return ProgramFacts(
        sha256=stated.subject_sha256,
        name=name,
        printer=printer,
        nozzle_um=demand.machine.nozzle_um,
        feeds=_feeds(stated, totals),
        nozzle_mc=demand.material.nozzle_mc,
        bed_mc=demand.material.bed_mc,
        flow_permille=demand.material.flow_permille,
        layers=totals.n_layers if totals is not None else None,
        print_time_ms=totals.print_time_ms if totals is not None else None,
        filament_um=totals.filament_um if totals is not None else None,
        pack=stated.pack,
        indication=stated.indication,
        level=verified.level,
        windows=_windows(demand, b"" if verified.program is None else verified.program.data),
        first_layer_um=demand.layers.first_um,
    )


def _windows(demand: AuditDemand, program: bytes) -> tuple[ToolWindow, ...]:
    """program : the certified bytes; what they set is certified with them."""
    advances = advances_of(program)
    materials = windows_of(demand)
    return tuple(
        ToolWindow(tool, material.flow_permille, material.nozzle_mc, advances.get(tool, ()))
        for tool, material in sorted(materials.items())
    )


def _feeds(stated: Said, totals: Totals | None) -> tuple[Feed, ...]:
    ids = {row.role: row.id for row in stated.profiles}
    first = ids.get("material") or ""
    demand = stated.demand
    if demand is None or not demand.tools:
        return (Feed(0, first, totals.filament_mg if totals is not None else None),)
    used = {tool.tool: tool.filament_mg for tool in totals.tools} if totals is not None else {}
    return tuple(
        Feed(tool.number, ids.get(f"material_{tool.number + 1}") or first, used.get(tool.number))
        for tool in demand.tools
    )


def requirements(
    facts: ProgramFacts,
    *,
    tags: tuple[str, ...] = (),
    names: tuple[str, ...] = (),
    group: str = "",
    needs_capability: bool = False,
    needs_calibration: tuple[str, ...] = (),
) -> Requirements:
    """What the certificate asks of a printer, and what the job asks on top."""
    return Requirements(
        printer=facts.printer,
        nozzle_um=facts.nozzle_um,
        materials=tuple((feed.tool, feed.material) for feed in facts.feeds),
        flow_permille=facts.flow_permille,
        tags=tuple(sorted(set(tags))),
        names=tuple(sorted(set(names))),
        group=group,
        needs_capability=needs_capability,
        windows=facts.windows,
        first_layer_um=facts.first_layer_um,
        needs_calibration=tuple(sorted(set(needs_calibration))),
    )
