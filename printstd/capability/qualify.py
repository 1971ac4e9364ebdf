"""From measurements to what the machine holds: figures of each characteristic, the classes that its
lower bound proves, and the class of each range of sizes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import floor, isnan
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.capability import (
    ALONG,
    SENSES,
    CapabilityRecord,
    ClassHeld,
    Instrument,
    Machine,
    MeasuredCharacteristic,
    MeasuredRow,
    MeasuredTable,
    Outlier,
    RangeHeld,
)
from printstd.artifacts.finding import Status
from printstd.errors import InputError
from printstd.kernels.process_indices import (
    LEAST_PARTS,
    anderson_darling,
    cp_and_cpk,
    cp_lower,
    cpk_lower,
    grubbs_outliers,
    normality_p,
)
from printstd.profiles.general import band_of
from printstd.profiles.kinds import Date
from printstd.profiles.resolved import Resolved
from printstd.profiles.standard_models import ToleranceBand
from printstd.units import nm, um
from printstd.words import said

if TYPE_CHECKING:
    from printstd.profiles.capability_models import MeasurementHeader

U_SHARE: Final = 4
"""U may be a quarter of the tolerance at most (facts of standards 1.7)."""
NOT_NORMAL: Final = 0.05
"""Chance to call one of a whole table of normal characteristics not normal; each is tested at its
share of it (Bonferroni), else a table of fifty would mostly hold one that fails by chance."""

Classes = Mapping[str, tuple[ToleranceBand, ...]]


def qualify(
    table: MeasuredTable, header: MeasurementHeader, resolved: Resolved
) -> CapabilityRecord:
    """The record. `resolved` is of the header's machine, material and process.

    Raises InputError where rows of one characteristic contradict each other, or name an instrument
    that the header does not have.
    """
    instruments = {one.id: one for one in _instruments(header)}
    classes = classes_of(resolved)
    least_cpk = resolved.pack.least_cpk
    groups = _by_characteristic(table)
    characteristics = tuple(
        _characteristic(rows, table.name, instruments, header, classes, least_cpk, len(groups))
        for rows in groups
    )
    measured_on = header.measuring.measured_on
    return CapabilityRecord(
        machine=Machine(
            header.machine.printer,
            header.machine.serial,
            um(header.machine.nozzle_mm),
            header.material.name,
            header.material.lot,
            header.process.name,
            resolved.digests["process"],
        ),
        measured_on=measured_on.isoformat(),
        temperature_mdeg_c=round(header.measuring.temperature_c * 1000),
        humidity_percent=header.measuring.humidity_percent,
        instruments=tuple(instruments.values()),
        pack=resolved.pack.id,
        standard=resolved.designation.designation,
        least_cpk_e4=round(least_cpk * 10_000),
        characteristics=characteristics,
        ranges=_ranges(characteristics, classes),
        table=table.name,
        table_sha256=table.sha256,
        valid_until=(
            header.record.valid_until if header.record else _a_year_later(measured_on)
        ).isoformat(),
    )


def classes_of(resolved: Resolved) -> Classes:
    """Every class of the pack's table; of a pack without classes the title block's tolerance."""
    return resolved.table.classes or {resolved.tolerance_class: resolved.bands}


def _instruments(header: MeasurementHeader) -> list[Instrument]:
    return [
        Instrument(
            one.id, one.calibrated_on.isoformat(), one.calibration_due.isoformat(), nm(one.u_mm)
        )
        for one in header.instrument
    ]


def _a_year_later(day: Date) -> Date:
    leap = day.month == 2 and day.day == 29
    return day.replace(year=day.year + 1, day=28 if leap else day.day)


def _by_characteristic(table: MeasuredTable) -> list[list[MeasuredRow]]:
    """In the order of the table's first rows."""
    groups: dict[str, list[MeasuredRow]] = {}
    for row in table.rows:
        rows = groups.setdefault(row.characteristic, [])
        if rows and _subject(rows[0]) != _subject(row):
            raise InputError(
                said("two rows of one characteristic contradict each other"),
                where=table.name,
                got=said(
                    "{characteristic} in lines {one} and {other}: different nominal_mm, sense or "
                    "along",
                    characteristic=row.characteristic,
                    one=rows[0].line,
                    other=row.line,
                ),
                wanted=said("one nominal, one sense and one direction for a characteristic"),
                hint=said("give them two ids where they are two"),
                code="CAP-ROW",
            )
        rows.append(row)
    return list(groups.values())


def _subject(row: MeasuredRow) -> tuple[int, str, str]:
    return row.nominal_nm, row.sense, row.along


def _characteristic(
    rows: Sequence[MeasuredRow],
    table: str,
    instruments: Mapping[str, Instrument],
    header: MeasurementHeader,
    classes: Classes,
    least_cpk: float,
    n_tests: int,
) -> MeasuredCharacteristic:
    used = list(dict.fromkeys(_instrument(row, table, instruments) for row in rows))
    u_nm = max(
        row.u_nm if row.u_nm is not None else _instrument(row, table, instruments).u_nm
        for row in rows
    )
    values = np.array([row.measured_nm for row in rows], np.int64).astype(np.float64)
    off = values - rows[0].nominal_nm
    bias = float(off.mean())
    spread = float(off.std(ddof=1)) if len(off) > 1 else 0.0
    normality = anderson_darling(off)
    reason = _no_index(off, spread, normality, used, header, n_tests)
    return MeasuredCharacteristic(
        id=rows[0].characteristic,
        sense=rows[0].sense,
        along=rows[0].along,
        nominal_nm=rows[0].nominal_nm,
        parts=len(rows),
        bias_nm=round(bias),
        spread_nm=round(spread),
        least_nm=int(values.min()),
        greatest_nm=int(values.max()),
        u_nm=u_nm,
        instruments=tuple(one.id for one in used),
        normality_e4=None if isnan(normality) else round(normality * 10_000),
        outliers=tuple(
            Outlier(rows[index].part, rows[index].measured_nm) for index in grubbs_outliers(off)
        ),
        reason=reason,
        classes=_held(
            rows[0].nominal_nm, bias, spread, len(rows), u_nm, reason, classes, least_cpk
        ),
    )


def _instrument(row: MeasuredRow, table: str, instruments: Mapping[str, Instrument]) -> Instrument:
    if not row.instrument and len(instruments) == 1:
        return next(iter(instruments.values()))
    if row.instrument not in instruments:
        raise InputError(
            said("the header declares no such instrument"),
            where=table,
            got=said("line {line}: {instrument}", line=row.line, instrument=repr(row.instrument)),
            wanted=said("one of {known}", known=", ".join(instruments)),
            hint=said("an [[instrument]] of the header has id, calibration and uncertainty"),
            code="CAP-INSTRUMENT",
        )
    return instruments[row.instrument]


def _no_index(
    off: NDArray[np.float64],
    spread: float,
    normality: float,
    used: Sequence[Instrument],
    header: MeasurementHeader,
    n_tests: int,
) -> str:
    """Why Cp and Cpk would mean nothing; empty where they do."""
    measured_on = header.measuring.measured_on.isoformat()
    for one in used:
        # ISO days in text order are in the order of time.
        if not one.calibrated_on <= measured_on <= one.calibration_due:
            return said(
                "instrument {id} is calibrated from {start} to {end}, and measured on {day}",
                id=one.id,
                start=one.calibrated_on,
                end=one.calibration_due,
                day=measured_on,
            )
    if len(off) < LEAST_PARTS:
        return said(
            "{count} parts; Cp and Cpk want at least {least}", count=len(off), least=LEAST_PARTS
        )
    if spread <= 0:
        return said("all values are the same: the instrument does not see the spread")
    if normality_p(normality) < NOT_NORMAL / n_tests:
        return said(
            "not normally distributed (Anderson-Darling {value:.3f}, chance {chance:.1e}, of "
            "{count} tests): Cp and Cpk of such values say nothing of the share beyond the limits",
            value=normality,
            chance=normality_p(normality),
            count=n_tests,
        )
    return ""


def _held(
    nominal_nm: int,
    bias: float,
    spread: float,
    parts: int,
    u_nm: int,
    reason: str,
    classes: Classes,
    least_cpk: float,
) -> tuple[ClassHeld, ...]:
    """Every class that has a tolerance for the size, finest first."""
    rows = {
        name: nm(band.deviation_mm)
        for name, bands in classes.items()
        if (band := band_of(bands, nominal_nm)) is not None
    }
    names = sorted(rows, key=lambda name: (rows[name], name))
    if reason:
        return tuple(_not_evaluated(name, rows[name], reason) for name in names)
    tolerance = np.array([rows[name] for name in names], np.float64)
    n = np.full(len(names), parts, np.int64)
    s = np.full(len(names), spread)
    cp, cpk = cp_and_cpk(tolerance, np.full(len(names), bias), s)
    cp_low, cpk_low = cp_lower(cp, n), cpk_lower(cpk, np.full(len(names), abs(bias)) / s, n)
    found = []
    for nth, name in enumerate(names):
        if U_SHARE * u_nm > rows[name]:
            found.append(_not_evaluated(name, rows[name], _too_uncertain(u_nm, rows[name])))
            continue
        low = float(cpk_low[nth])
        is_held = low >= least_cpk
        found.append(
            ClassHeld(
                name,
                rows[name],
                _e4(float(cp[nth])),
                _e4(float(cp_low[nth])),
                _e4(float(cpk[nth])),
                None if isnan(low) else _e4(low),
                (Status.PASS if is_held else Status.FAIL).value,
                "",
            )
        )
    return tuple(found)


def _too_uncertain(u_nm: int, tolerance_nm: int) -> str:
    return said(
        "U {u:.4f} mm is more than a quarter of the tolerance of {tolerance:.3f} mm",
        u=u_nm / 1e6,
        tolerance=tolerance_nm / 1e6,
    )


def _not_evaluated(name: str, tolerance_nm: int, reason: str) -> ClassHeld:
    return ClassHeld(name, tolerance_nm, None, None, None, None, Status.NOT_EVALUATED.value, reason)


def _e4(value: float) -> int:
    """Rounded down: a bound is never raised."""
    return floor(value * 10_000)


def _ranges(
    characteristics: Sequence[MeasuredCharacteristic], classes: Classes
) -> tuple[RangeHeld, ...]:
    edges = sorted(
        {(nm(band.over_mm), nm(band.up_to_mm)) for bands in classes.values() for band in bands}
    )
    found = []
    for over, up_to in edges:
        for sense in SENSES:
            for along in ALONG:
                inside = [
                    one
                    for one in characteristics
                    if (one.sense, one.along) == (sense, along)
                    and any(
                        (nm(band.over_mm), nm(band.up_to_mm)) == (over, up_to)
                        for bands in classes.values()
                        if (band := band_of(bands, one.nominal_nm)) is not None
                    )
                ]
                if inside:
                    ids = tuple(one.id for one in inside)
                    found.append(RangeHeld(over, up_to, sense, along, _finest(inside), ids))
    return tuple(found)


def _finest(characteristics: Sequence[MeasuredCharacteristic]) -> str:
    held = [
        {row.tolerance_class for row in one.classes if row.verdict == Status.PASS.value}
        for one in characteristics
    ]
    by_all = set.intersection(*held)
    return next(
        (
            row.tolerance_class
            for row in characteristics[0].classes
            if row.tolerance_class in by_all
        ),
        "",
    )
