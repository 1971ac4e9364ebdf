"""No verdict of the audit turns over with the model of a bead.

Errors of several kinds grow through the limits of the rules, from a program that is right to one
that is wrong beyond doubt. At every step each rule's verdict is asked for under each model of a
bead as the usual one, and holds if:

- no two models say PASS and FAIL of one program;
- along the growing error no rule goes from PASS to FAIL, or back, without INDETERMINATE between:
  where two steps beside each other do, the gap is halved until something between is undecided.

Shown is how wide the undecided band of each rule is under the stadium, in the unit of the error.
Programs are those of the tests' own small slicer, which knows nothing of ours.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from benchmarks.tables import show

if TYPE_CHECKING:
    from benchmarks.__main__ import Setting
    from printstd.audit.bead_models import BeadModel

PASS, UNDECIDED, FAIL = "pass", "undecided", "fail"
RULES: Final = (*("G-03", "G-04", "G-05", "G-06", "G-07", "G-08", "G-09", "G-10", "G-13", "G-16"),)
STEPS: Final = 6
FINEST: Final = 1 / 4096
"""Of an error's range: a band narrower than this would not be found."""
LAYERS: Final = 8


@dataclass(frozen=True)
class Error:
    """One kind of error. largest : in `unit`. lines : the program with so much of it."""

    name: str
    unit: str
    largest: float
    lines: Callable[[float], list[str]]
    drawing: bool = False


def measure(setting: Setting) -> dict[str, Any]:
    del setting
    from printstd.audit.bead_models import BeadModel

    turned: list[str] = []
    bands: dict[str, dict[str, Any]] = {}
    rows: list[list[object]] = []
    programs = 0
    for error in _errors():
        judge = _judge(error)
        ends = [error.largest * step / STEPS for step in range(STEPS + 1)]
        for amount in ends:
            found = {model: judge(amount, model) for model in BeadModel}
            programs += len(found)
            for rule in RULES:
                said = {own[rule] for own in found.values()}
                if {PASS, FAIL} <= said:
                    turned.append(f"{rule} {error.name} {amount:.4g} {error.unit}: by model")
        for model in BeadModel:
            for low, high in pairwise(ends):
                for rule in RULES:
                    if _jumps(judge, rule, model, low, high, error.largest * FINEST):
                        turned.append(f"{rule} {error.name} {low:.4g} to {high:.4g}: at once")
        for rule in RULES:
            band = _band(judge, rule, ends, error.largest * FINEST)
            if band is not None:
                bands.setdefault(rule, {})[error.name] = {"band": band, "unit": error.unit}
                passes, fails = band
                width = None if passes is None or fails is None else fails - passes
                rows.append([rule, error.name, error.unit, passes, fails, width])
                print(f"  {error.name}, {rule}: passes to {passes}, fails from {fails}", flush=True)
    rows.sort(key=lambda row: str(row[0]))
    show(["rule", "error", "unit", "passes to", "fails from", "undecided"], rows)
    print(f"{programs} verdicts of programs under each model; turned over: {turned or 'none'}")
    return {"bands": bands, "programs": programs, "turned_over": turned, "holds": not turned}


_Judge = Callable[[float, "BeadModel"], dict[str, str]]


def _jumps(
    judge: _Judge, rule: str, model: BeadModel, low: float, high: float, finest: float
) -> bool:
    """PASS and FAIL lie beside each other somewhere between two errors."""
    while {judge(low, model)[rule], judge(high, model)[rule]} == {PASS, FAIL}:
        if high - low <= finest:
            return True
        middle = (low + high) / 2
        at = judge(middle, model)[rule]
        if at == judge(low, model)[rule]:
            low = middle
        else:
            high = middle
    return False


def _band(
    judge: _Judge, rule: str, ends: list[float], finest: float
) -> tuple[float | None, float | None] | None:
    """(the error up to which it passes, the error from which on it fails); None where it says the
    same of all, a None in it where it does not get so far."""
    from printstd.audit.bead_models import BeadModel

    model = BeadModel.STADIUM
    found = [judge(end, model)[rule] for end in ends]
    if set(found) <= {PASS}:
        return None
    limits: list[float | None] = []
    for is_beyond in (lambda one: one != PASS, lambda one: one == FAIL):
        first = next((i for i, one in enumerate(found) if is_beyond(one)), None)
        if not first:
            limits.append(None if first is None else 0.0)
            continue
        low, high = ends[first - 1], ends[first]
        while high - low > 32 * finest:
            middle = (low + high) / 2
            if is_beyond(judge(middle, model)[rule]):
                high = middle
            else:
                low = middle
        limits.append(round(high, 5))
    return limits[0], limits[1]


def _judge(error: Error) -> _Judge:
    from printstd.artifacts.finding import Status
    from printstd.audit import audit_program
    from tests.mutation.demands import plain_demand
    from tests.mutation.test_drawing_sizes import demand as drawn_demand
    from tests.mutation.test_drawing_sizes import model as drawn_model
    from tests.mutation.tiny_slicer import as_bytes, plate_with_pin, prism_stl

    solid = prism_stl(plate_with_pin(), LAYERS * 0.2)
    if error.drawing:
        solid, demand = drawn_model().model.data, drawn_demand()
    else:
        demand = plain_demand(count=LAYERS)

    @cache
    def judge(amount: float, model: BeadModel) -> dict[str, str]:
        program = as_bytes(error.lines(amount))
        audit = audit_program(program, solid, demand, bead_model=model)
        verdicts = dict.fromkeys(RULES, PASS)
        for finding in audit.findings:
            if finding.rule_id not in verdicts or verdicts[finding.rule_id] == FAIL:
                continue
            if finding.status is Status.FAIL:
                verdicts[finding.rule_id] = FAIL
            elif finding.status is Status.INDETERMINATE:
                verdicts[finding.rule_id] = UNDECIDED
        return verdicts

    return judge


def _errors() -> list[Error]:
    from tests.mutation.test_drawing_sizes import RECIPE, outline
    from tests.mutation.tiny_slicer import Recipe, plate_with_pin, slice_prism

    recipe = Recipe(layers=LAYERS)

    def walls_moved(by_mm: float) -> list[str]:
        return slice_prism(plate_with_pin(), replace(recipe, wall_offset=by_mm))

    def fed(ratio: float) -> list[str]:
        return _scaled(slice_prism(plate_with_pin(), recipe), ratio, lambda layer, kind: True)

    def one_layer_fed(share: float) -> list[str]:
        lines = slice_prism(plate_with_pin(), recipe)
        return _scaled(lines, 1 - share, lambda layer, kind: layer == 6)

    def spread_out(more: float) -> list[str]:
        """Lines further apart, as wide as before."""
        wider = replace(recipe, width=recipe.width * (1 + more))
        lines = slice_prism(plate_with_pin(), wider)
        return _scaled(lines, recipe.e_per_mm / wider.e_per_mm, lambda layer, kind: True)

    def inner_walls_starved(share: float) -> list[str]:
        lines = slice_prism(plate_with_pin(), recipe)
        return _scaled(lines, 1 - share, lambda layer, kind: kind == "inner")

    def thinned(share: float) -> list[str]:
        density = recipe.density * (1 - share)
        return slice_prism(plate_with_pin(), replace(recipe, density=density))

    def bored(more_mm: float) -> list[str]:
        return slice_prism(outline(bore=8 + more_mm), RECIPE)

    def narrowed(less_mm: float) -> list[str]:
        return slice_prism(outline(bore=8 - less_mm), RECIPE)

    return [
        Error("walls outwards", "mm", 0.12, walls_moved),
        Error("walls inwards", "mm", 0.24, lambda by: walls_moved(-by)),
        Error("more flow", "share", 0.8, lambda share: fed(1 + share)),
        Error("less flow", "share", 0.5, lambda share: fed(1 - share)),
        Error("less flow in a layer", "share", 0.3, one_layer_fed),
        Error("lines apart", "share", 1.0, spread_out),
        Error("inner walls starved", "share", 1.0, inner_walls_starved),
        Error("infill thinned", "share", 0.6, thinned),
        Error("hole wider", "mm", 0.16, bored, drawing=True),
        Error("hole narrower", "mm", 0.16, narrowed, drawing=True),
    ]


def _scaled(lines: list[str], ratio: float, is_meant: Callable[[int, str], bool]) -> list[str]:
    """Filament of printing moves times `ratio`, where layer and kind are meant."""
    layer, kind = -1, ""
    found = []
    for line in lines:
        if line.startswith(";LAYER:"):
            layer = int(line[7:])
        elif line.startswith(";TYPE:"):
            kind = line[6:]
        elif line.startswith("G1 X") and " E" in line and is_meant(layer, kind):
            head, fed = line.split(" E")
            line = f"{head} E{float(fed) * ratio:.5f}"
        found.append(line)
    return found
