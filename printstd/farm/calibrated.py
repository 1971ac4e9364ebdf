"""What a machine was measured to need, held against what a program was certified for.

A program carries its flow, its pressure advance and its temperatures; it was audited with those.
So a machine whose own calibration lies elsewhere is not the machine that it was certified for, and
a value out of its window is a no whether the farm asks for calibrations or not, and however old it
is: that it was measured long ago does not make it better. What was never measured, or too long ago,
is a no where the job or the farm asks for it, and otherwise nobody's word.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from printstd.artifacts.calibration import CALIBRATION_KINDS
from printstd.artifacts.farm import Calibration, FarmPrinter, Spool
from printstd.artifacts.job import Requirements, ToolWindow
from printstd.words import Said, said

FLOW_WINDOW_PERMILLE: Final = 50
"""A spool whose calibrated flow is further than this from the certificate's would lay beads of
another width than those that were audited: 5 % of 0.45 mm is the 20 um that integrity allows."""
ADVANCE_WINDOW_E6: Final = 20_000
"""Microseconds. Two bands of the test tower (0 to 0.08 s in nine): its observers may disagree by
three, so less than this the test does not tell apart."""
FIRST_LAYER_WINDOW_PERMILLE: Final = 100
"""Of the first layer's height: its beads are fed for that height, so they come out so much wider or
narrower. One square of the test (0.02 mm) under a layer of 0.2 mm."""

KIND_NAMES: Final[Mapping[str, Said]] = MappingProxyType(
    {
        "flow": said("flow"),
        "pressure_advance": said("pressure advance"),
        "temperature": said("nozzle temperature"),
        "first_layer": said("first layer"),
    }
)


def newest(
    known: Collection[Calibration], printer: FarmPrinter, kind: str, spool: str
) -> Calibration | None:
    """Of this machine with the nozzle that is in it, and this spool; the first layer is the
    machine's own, whatever was loaded when it was measured."""
    fitting = [
        one
        for one in known
        if one.kind == kind
        and (one.serial, one.nozzle) == (printer.serial, printer.nozzle.id)
        and (kind == "first_layer" or one.spool == spool)
    ]
    return max(fitting, key=lambda one: (one.on, one.until_utc_s, one.sha256), default=None)


def day_of(utc_s: int) -> str:
    """ISO date, by arithmetic alone: years begin in March, 400 of them have 146,097 days (Hinnant,
    days to civil date)."""
    days = utc_s // 86_400 + 719_468
    era, of_era = divmod(days, 146_097)
    year_of_era = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    from_march = (5 * of_year + 2) // 153
    day = of_year - (153 * from_march + 2) // 5 + 1
    month = from_march + 3 if from_march < 10 else from_march - 9
    year = year_of_era + 400 * era + (month <= 2)
    return f"{year:04d}-{month:02d}-{day:02d}"


def uncalibrated(
    needs: Requirements,
    printer: FarmPrinter,
    spools: Mapping[int, Spool],
    known: Sequence[Calibration],
    asked: Collection[str],
    now_utc_s: int,
) -> str:
    """Why this machine, as it was measured, is not to print it; empty where nothing says so.

    spools : by tool, every tool of `needs` among them. asked : kinds that the farm wants for
    everything, beside those of the job.
    """
    wanted = {*asked, *needs.needs_calibration}
    windows = {one.tool: one for one in needs.windows}
    by_hand = {one.tool: one.flow_permille for one in printer.loaded}
    for tool, _ in needs.materials:
        spool = spools[tool].id
        for kind in CALIBRATION_KINDS:
            found = newest(known, printer, kind, spool)
            if kind in wanted:
                reason = _not_there(found, kind, spool, now_utc_s)
                if reason:
                    return reason
            if found is not None:
                reason = _outside(found, windows.get(tool), spool, needs)
            elif kind == "flow" and by_hand.get(tool) is not None:
                reason = _flow(by_hand[tool] or 0, windows.get(tool), spool, needs)
            else:
                continue
            if reason:
                return reason
    return ""


def _not_there(found: Calibration | None, kind: str, spool: str, now_utc_s: int) -> str:
    what = KIND_NAMES[kind]
    if found is None:
        return said("it has no calibration ({what}) with {spool}", what=what, spool=spool)
    if found.until_utc_s < now_utc_s:
        return said(
            "its calibration ({what}) with {spool} has expired: it counted until {day}",
            what=what,
            spool=found.spool,
            day=day_of(found.until_utc_s),
        )
    return ""


def _outside(found: Calibration, window: ToolWindow | None, spool: str, needs: Requirements) -> str:
    if found.kind == "flow":
        return _flow(round(found.value_e6 / 1000), window, spool, needs)
    if found.kind == "first_layer":
        return _first_layer(found, needs.first_layer_um)
    if window is None:
        return ""
    if found.kind == "pressure_advance":
        for set_e6 in window.advance_e6:
            if abs(found.value_e6 - set_e6) > ADVANCE_WINDOW_E6:
                return said(
                    "{spool} wants a pressure advance of {value:.3f} s there, the program sets "
                    "{commanded:.3f} s, within {window:.3f} s",
                    spool=spool,
                    value=found.value_e6 / 1e6,
                    commanded=set_e6 / 1e6,
                    window=ADVANCE_WINDOW_E6 / 1e6,
                )
        return ""
    low, high = window.nozzle_mc
    if low <= found.value_e6 / 1000 <= high:
        return ""
    return said(
        "{spool} prints best at {value:.0f} degC there, the program is certified for "
        "{low:.0f} to {high:.0f} degC",
        spool=spool,
        value=found.value_e6 / 1e6,
        low=low / 1e3,
        high=high / 1e3,
    )


def _flow(permille: int, window: ToolWindow | None, spool: str, needs: Requirements) -> str:
    wanted = needs.flow_permille if window is None else window.flow_permille
    if abs(permille - wanted) <= FLOW_WINDOW_PERMILLE:
        return ""
    return said(
        "{spool} flows {flow:.3f} there, the program is certified for {wanted:.3f} "
        "within {window:.3f}",
        spool=spool,
        flow=permille / 1e3,
        wanted=wanted / 1e3,
        window=FLOW_WINDOW_PERMILLE / 1e3,
    )


def _first_layer(found: Calibration, height_um: int) -> str:
    """Nothing is left to set where the machine's Z was set to it."""
    if found.is_applied or not height_um:
        return ""
    if abs(found.value_e6) <= FIRST_LAYER_WINDOW_PERMILLE * height_um:
        return ""
    return said(
        "its Z is {value:+.3f} mm off for a first layer, the program's of {height:.2f} mm bears "
        "{window:.3f} mm (set it in the machine, then `printstd farm calibrate --applied`)",
        value=found.value_e6 / 1e6,
        height=height_um / 1e3,
        window=FIRST_LAYER_WINDOW_PERMILLE * height_um / 1e6,
    )
