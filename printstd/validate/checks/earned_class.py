"""CAP-01: The machine holds these limits

What it demands
    For every size that is judged, a signed record of capability (`printstd qualify`) shows that
    this machine with this material and process holds the limits: the lower 95 % confidence bound
    of Cpk reaches the pack's `least_cpk`.

Why
    A program that commands every size exactly says nothing of what comes out. A class is a promise
    about parts, and who promises it should have measured some.

How it is measured
    The sizes are the drawing's rows, or without a drawing those that are recognised and have a
    general tolerance. For each, every characteristic of the record in the same range of sizes, of
    the same sense (outside, inside, step) and direction (in the layers, along the build) must
    hold its limits: Cpk = (T - |bias - middle|) / (3 s), and of it the lower bound. PASS where all
    do, FAIL where one does not. NOT_EVALUATED where no record was given, nobody verified its
    signature, it has expired, or is of another printer, nozzle, material or process; and for a size
    of which it says nothing: a range without a characteristic, fewer than 25 parts, values that are
    not normally distributed, U above a quarter of the tolerance. That this very machine, by its
    serial number, will print the part no software can know.
    Where the pack does not set `requires_capability`, an order that names individual tolerances
    (`part.tolerances.specific`) makes the check decide of the sizes to which the drawing gives
    limits of their own. Else it decides nothing: what is not held is a WARN.

Example
    A record of 30 parts holds class m for sizes outside of 6 to 30 mm: a bar of 20 mm passes, a
    hole of 20 mm, of which nothing was measured, is not evaluated.

Standard and clause
    ISO 22514 (machine performance, 25 replicates or more; facts of standards 1.7: verified,
    secondary); what the bound must reach: the pack
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from printstd.artifacts.capability import (
    CapabilityRecord,
    MeasuredCharacteristic,
    directions_of,
    sense_of,
)
from printstd.artifacts.features import Feature
from printstd.artifacts.finding import Finding, Status
from printstd.kernels.process_indices import LEAST_PARTS, cp_and_cpk, cpk_lower
from printstd.profiles.capability import of_size, why_not
from printstd.validate.check import Check, Reason
from printstd.validate.context import MOST_PLACES, CheckContext
from printstd.validate.drawing.asking import Asked, asked, decisive
from printstd.validate.drawing.recognised import as_characteristics
from printstd.validate.needs import facets
from printstd.validate.sized import where_features
from printstd.words import counted, said

_U_SHARE = 4


@dataclass(frozen=True, slots=True)
class _Judged:
    """One size against one characteristic. lower : of Cpk at 95 %; None where `reason` says why
    there is none. characteristic : empty where the record has none for the size."""

    size: Asked
    feature: Feature
    characteristic: str
    lower: float | None
    reason: str


def _record(context: CheckContext) -> Reason | None:
    """A need: a record that speaks of this run, where one is wanted."""
    given, pack = context.resolved.records.capability, context.resolved.pack
    if _is_by_order(context):
        if context.drawing is None or context.drawing.is_recognised:
            return (
                Status.NOT_EVALUATED,
                said(
                    "the order names individual tolerances, and no drawing says of which sizes "
                    "(--characteristics FILE)"
                ),
            )
        if given is None:
            return (
                Status.NOT_EVALUATED,
                said(
                    "the order names individual tolerances, and nothing shows that the machine "
                    "holds them (--capability FILE)"
                ),
            )
    elif given is None and not pack.requires_capability:
        return (
            Status.NOT_APPLICABLE,
            said("pack {pack} asks for no capability, and no record was given", pack=pack.id),
        )
    if given is None:
        return (
            Status.NOT_EVALUATED,
            said(
                "pack {pack} asks for a record of the machine's capability, and none was given "
                "(--capability FILE)",
                pack=pack.id,
            ),
        )
    why = why_not(given, context.resolved)
    if why:
        return (
            Status.NOT_EVALUATED,
            said("the record {name} does not speak of this run: {why}", name=given.name, why=why),
        )
    return None


def run(context: CheckContext) -> tuple[Finding, ...]:
    given = context.resolved.records.capability
    assert given is not None  # `needs` has seen to it
    sizes = decisive(_sizes(context))
    if not sizes:
        return (CHECK.says(Status.INFO, said("no size is judged here"), measured=0, unit="sizes"),)
    judged = [one for size in sizes for one in _judged(context, given.says, size)]
    least = context.resolved.pack.least_cpk
    failed = [one for one in judged if one.lower is not None and one.lower < least]
    unknown = [one for one in judged if one.lower is None]
    found = []
    if failed:
        found.append(_failed(context, failed, least))
    if unknown:
        found.append(_unknown(context, unknown))
    if not found:
        found.append(_passed(judged, least, given.says))
    return tuple(found)


def _is_by_order(context: CheckContext) -> bool:
    """It is the order, not the pack, that makes the check decide."""
    resolved = context.resolved
    return resolved.is_tolerated_by_order and not resolved.pack.requires_capability


def _sizes(context: CheckContext) -> tuple[Asked, ...]:
    if context.drawing is not None:
        if _is_by_order(context):
            return tuple(one for one in context.asked if one.is_individual)
        return context.asked
    rows = as_characteristics(context.features, context.resolved)
    return asked(rows, context.features, context.resolved)


def _judged(context: CheckContext, record: CapabilityRecord, size: Asked) -> list[_Judged]:
    feature = size.feature
    if feature is None or size.row.unit != "mm":
        return []
    sense = sense_of(feature)
    if sense is None:
        return []
    x, y, z = (float(value) for value in context.rotation[2])
    found = []
    for along in directions_of(feature, (x, y, z)):
        rows = of_size(record, context.resolved, size.row.nominal_e6, sense, along)
        if not rows:
            why = said(
                "nothing was measured of sizes {sense}, along {along}, in its range",
                sense=sense,
                along=along,
            )
            found.append(_Judged(size, feature, "", None, why))
        found += [_against(size, feature, row) for row in rows]
    return found


def _against(size: Asked, feature: Feature, row: MeasuredCharacteristic) -> _Judged:
    lower, upper = size.lower_e6 or 0, size.upper_e6 or 0
    tolerance = (upper - lower) / 2
    if row.reason:
        return _Judged(size, feature, row.id, None, row.reason)
    if row.parts < LEAST_PARTS or row.spread_nm <= 0:
        # No record of ours says so without a reason; whoever signed it may have other tools.
        why = said("{count} parts, spread {spread} nm", count=row.parts, spread=row.spread_nm)
        return _Judged(size, feature, row.id, None, why)
    if _U_SHARE * row.u_nm > tolerance:
        why = said(
            "U {u:.4f} mm is more than a quarter of the tolerance of {tolerance:.3f} mm",
            u=row.u_nm / 1e6,
            tolerance=tolerance / 1e6,
        )
        return _Judged(size, feature, row.id, None, why)
    off = np.array([row.bias_nm - (lower + upper) / 2])
    spread = np.array([row.spread_nm], np.float64)
    _, cpk = cp_and_cpk(np.array([tolerance]), off, spread)
    bound = float(cpk_lower(cpk, off / spread, np.array([row.parts]))[0])
    # Below 0 the mean itself is outside: no bound is needed to see it.
    return _Judged(size, feature, row.id, 0.0 if np.isnan(bound) else bound, "")


def _failed(context: CheckContext, failed: list[_Judged], least: float) -> Finding:
    worst = min(failed, key=lambda one: one.lower or 0.0)
    resolved = context.resolved
    is_decisive = resolved.pack.requires_capability or resolved.is_tolerated_by_order
    status = Status.FAIL if is_decisive else Status.WARN
    return CHECK.says(
        status,
        counted(
            "limits of {count} size are not held by the machine; the worst is {size}: by "
            "characteristic {characteristic} Cpk is at least {lower:.2f}, and {least:.2f} is "
            "wanted; choose a coarser class, or a better machine",
            "limits of {count} sizes are not held by the machine; the worst is {size}: by "
            "characteristic {characteristic} Cpk is at least {lower:.2f}, and {least:.2f} is "
            "wanted; choose a coarser class, or a better machine",
            count=len(_numbers(failed)),
            size=_named(worst),
            characteristic=worst.characteristic,
            lower=worst.lower,
            least=least,
        ),
        measured=worst.lower,
        limit=least,
        where=where_features(context, _features(failed)),
        details=(("sizes", ", ".join(_numbers(failed)[:MOST_PLACES])),),
    )


def _unknown(context: CheckContext, unknown: list[_Judged]) -> Finding:
    return CHECK.says(
        Status.NOT_EVALUATED,
        counted(
            "of {count} size the record cannot tell, e.g. {size}: {why}",
            "of {count} sizes the record cannot tell, e.g. {size}: {why}",
            count=len(_numbers(unknown)),
            size=_named(unknown[0]),
            why=unknown[0].reason,
        ),
        where=where_features(context, _features(unknown)),
        details=(("sizes", ", ".join(_numbers(unknown)[:MOST_PLACES])),),
    )


def _passed(judged: list[_Judged], least: float, record: CapabilityRecord) -> Finding:
    if not judged:
        return CHECK.says(
            Status.INFO, said("no size of a kind that records speak of"), measured=0, unit="sizes"
        )
    worst = min(judged, key=lambda one: one.lower or 0.0)
    return CHECK.says(
        Status.PASS,
        counted(
            "the machine ({printer}, serial {serial}) holds the limits of {count} size; the least "
            "Cpk is {lower:.2f}, for {size}",
            "the machine ({printer}, serial {serial}) holds the limits of {count} sizes; the least "
            "Cpk is {lower:.2f}, for {size}",
            count=len(_numbers(judged)),
            printer=record.machine.printer,
            serial=record.machine.serial,
            lower=worst.lower,
            size=_named(worst),
        ),
        measured=worst.lower,
        limit=least,
    )


def _numbers(judged: Iterable[_Judged]) -> list[str]:
    return list(dict.fromkeys(one.size.row.number for one in judged))


def _features(judged: Iterable[_Judged]) -> tuple[Feature, ...]:
    return tuple({one.feature.id: one.feature for one in judged}.values())


def _named(one: _Judged) -> str:
    size = one.size
    return said(
        "{number} ({kind} {nominal:g} mm, {upper:+g}/{lower:+g})",
        number=size.row.number,
        kind=one.feature.kind.value,
        nominal=size.row.nominal_e6 / 1e6,
        upper=(size.upper_e6 or 0) / 1e6,
        lower=(size.lower_e6 or 0) / 1e6,
    )


CHECK = Check(
    "CAP-01",
    said("The machine holds these limits"),
    "ISO 22514; pack.least_cpk",
    run,
    (_record, facets),
)
