"""FST-05: Filament is dry

What it demands
    The filament holds no more moisture than the material allows, or was dried as the material
    wants.

Why
    Water boils in the nozzle: strings, bubbles, and with polyamides and polyesters shorter chains
    and weaker parts.

How it is measured
    Moisture in ppm against the material's `properties.max_moisture_ppm`. Where none was measured,
    the drying that was done against the material's: as hot and as long as the lower ends of a way
    that is known of it: INFO, as drying is no measurement. Drier air is no excuse for a hotter
    spool: drying above the upper end warns, as filament deforms. Neither measured nor dried warns
    where the material has a limit.

Example
    PLA with 400 ppm fails: 250 ppm is the most.

Standard and clause
    Drying table of a machine's maker and a survey of dryers, by material: `printstd profiles show
    material NAME` prints each with its source and confidence
"""

from __future__ import annotations

from printstd.artifacts.finding import Finding, Status
from printstd.profiles.material_models import Drying
from printstd.validate.check import Check
from printstd.validate.context import CheckContext
from printstd.validate.recorded import feedstock_of, feedstock_record, in_record
from printstd.words import said


def run(context: CheckContext) -> tuple[Finding, ...]:
    held = feedstock_of(context)
    known = context.resolved.material.properties
    limit = known.moisture_limit
    measured = held.says.moisture.moisture_ppm
    findings: list[Finding] = []
    if measured is not None and limit is not None and limit.max is not None:
        is_dry = measured <= limit.max
        if is_dry:
            message = said("the filament holds {measured:g} ppm of water", measured=measured)
        else:
            message = said(
                "the filament holds {measured:g} ppm of water, and {limit:g} ppm are allowed; "
                "dry it",
                measured=measured,
                limit=limit.max,
            )
        findings.append(
            CHECK.says(
                Status.PASS if is_dry else Status.FAIL,
                message,
                measured=measured,
                limit=limit.max,
                unit="ppm",
                where=in_record(held, "moisture.moisture_ppm"),
                source=f"{limit.source} ({limit.confidence.value})",
            )
        )
    elif measured is not None:
        findings.append(
            CHECK.says(
                Status.INFO,
                said(
                    "the filament holds {measured:g} ppm of water; of {id} no limit is known here",
                    measured=measured,
                    id=context.resolved.material.id,
                ),
                measured=measured,
                unit="ppm",
            )
        )
    findings += _dried(context, is_measured=measured is not None)
    return tuple(findings)


def _dried(context: CheckContext, *, is_measured: bool) -> list[Finding]:
    """What the drying that was done is worth."""
    held = feedstock_of(context)
    done, known = held.says.drying, context.resolved.material.properties
    if done is None:
        if is_measured:
            return []
        limit = known.moisture_limit
        if limit is None or limit.max is None:
            message = said("neither moisture nor drying is recorded, and no limit is known")
            return [CHECK.says(Status.INFO, message)]
        return [
            CHECK.says(
                Status.WARN,
                said("neither moisture nor drying is recorded; measure it or dry the filament"),
                measured=0,
                limit=limit.max,
                unit="records of moisture; ppm",
                where=in_record(held, "moisture"),
                source=f"{limit.source} ({limit.confidence.value})",
            )
        ]
    ways = [way for way in known.drying if way.way == done.way]
    if not ways:
        message = said(
            "the filament was dried at {at} degC for {hours:g} h; how this material is dried so is "
            "not known here",
            at=done.temperature_c,
            hours=done.hours,
        )
        return [CHECK.says(Status.INFO, message)]
    found = []
    hottest = max((way.max_c for way in ways if way.max_c is not None), default=None)
    if hottest is not None and done.temperature_c > hottest:
        found.append(
            CHECK.says(
                Status.WARN,
                said(
                    "dried at {at} degC: from {limit} degC on this filament may deform",
                    at=done.temperature_c,
                    limit=hottest,
                ),
                measured=done.temperature_c,
                limit=hottest,
                unit="degC",
                where=in_record(held, "drying.temperature_c"),
                source=_source(ways[0]),
            )
        )
    if any(_suffices(way, done.temperature_c, done.hours) for way in ways):
        message = said(
            "the filament was dried at {at} degC for {hours:g} h, as this material wants",
            at=done.temperature_c,
            hours=done.hours,
        )
        return [*found, CHECK.says(Status.INFO, message, source=_source(ways[0]))]
    least = ways[0]
    found.append(
        CHECK.says(
            Status.INFO if is_measured else Status.WARN,
            said(
                "the filament was dried at {at} degC for {hours:g} h; this material wants "
                "{least_c} degC and {least_h:g} h at least",
                at=done.temperature_c,
                hours=done.hours,
                least_c=least.min_c,
                least_h=least.min_h or 0.0,
            ),
            measured=done.hours if done.temperature_c >= least.min_c else done.temperature_c,
            limit=least.min_h if done.temperature_c >= least.min_c else least.min_c,
            unit="h" if done.temperature_c >= least.min_c else "degC",
            where=in_record(held, "drying"),
            source=_source(least),
        )
    )
    return found


def _suffices(way: Drying, temperature_c: float, hours: float) -> bool:
    return temperature_c >= way.min_c and (way.min_h is None or hours >= way.min_h)


def _source(way: Drying) -> str:
    return f"{way.source} ({way.confidence.value})"


CHECK = Check(
    "FST-05",
    said("Filament is dry"),
    said("material: properties.max_moisture_ppm, properties.drying"),
    run,
    (feedstock_record,),
)
