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

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from benchmarks.judged import auditor_sha256
from benchmarks.tables import show
from printstd.audit.bead_models import BeadModel

if TYPE_CHECKING:
    from benchmarks.__main__ import Setting

_TESTS: Final = Path(__file__).parent.parent / "tests" / "mutation"

PASS, UNDECIDED, FAIL = "pass", "undecided", "fail"
RULES: Final = (
    *("G-03", "G-04", "G-05", "G-06", "G-07", "G-08", "G-09", "G-10", "G-13", "G-16", "G-17"),
)
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
    """Of every error, or of those that --only names. Answers are kept in --kept with the digest of
    the auditor that gave them, so that a run that was stopped goes on where it was."""
    kept = setting.kept / "robustness.json"
    kept.parent.mkdir(parents=True, exist_ok=True)
    judge = auditor_sha256(Path(__file__), *_TESTS.glob("*.py"))
    known: dict[str, Any] = json.loads(kept.read_text("utf-8")) if kept.exists() else {}
    answers = known.get("answers", {}) if known.get("judge") == judge else {}
    errors = [one for one in _errors() if setting.only is None or setting.only in one.name]
    began = time.monotonic()
    for error in errors:
        if error.name in answers:
            continue
        if setting.seconds is not None and time.monotonic() - began > setting.seconds:
            print(f"stopped after {setting.seconds} s; called again it goes on from here")
            break
        answers[error.name] = _grown(error)
        print(f"  {error.name}: {answers[error.name]['programs']} audits", flush=True)
        new = kept.with_suffix(".new")
        new.write_text(json.dumps({"judge": judge, "answers": answers}, indent=1) + "\n", "utf-8")
        new.replace(kept)
    done = [answers[error.name] for error in errors if error.name in answers]
    return _shown(done, n_left=len(errors) - len(done))


def _shown(answers: list[dict[str, Any]], *, n_left: int) -> dict[str, Any]:
    rows = sorted(
        (
            [rule, answer["error"], answer["unit"], *band, _width(*band)]
            for answer in answers
            for rule, band in answer["bands"].items()
        ),
        key=lambda row: str(row[0]),
    )
    show(["rule", "error", "unit", "passes to", "fails from", "undecided"], rows)
    turned = [one for answer in answers for one in answer["turned_over"]]
    programs = sum(answer["programs"] for answer in answers)
    print(
        f"{len(answers)} errors, {programs} audits under {len(BeadModel)} models of a bead; "
        f"turned over: {turned or 'none'}" + (f"; {n_left} errors are left" if n_left else "")
    )
    return {
        "errors": answers,
        "programs": programs,
        "turned_over": turned,
        "holds": not turned and not n_left,
    }


def _width(passes: float | None, fails: float | None) -> float | None:
    return None if passes is None or fails is None else round(fails - passes, 5)


def _grown(error: Error) -> dict[str, Any]:
    """What became of the rules' verdicts as one error grew."""
    judge = _judge(error)
    ends = [error.largest * step / STEPS for step in range(STEPS + 1)]
    finest = error.largest * FINEST
    turned = [
        f"{rule} {error.name} {amount:.4g} {error.unit}: by model"
        for amount in ends
        for rule in RULES
        if {PASS, FAIL} <= {judge(amount, model)[rule] for model in BeadModel}
    ]
    turned += [
        f"{rule} {error.name} {low:.4g} to {high:.4g} {error.unit}: at once under the {model}"
        for model in BeadModel
        for low, high in pairwise(ends)
        for rule in RULES
        if _jumps(judge, rule, model, low, high, finest)
    ]
    bands = {rule: band for rule in RULES if (band := _band(judge, rule, ends, finest))}
    return {
        "error": error.name,
        "unit": error.unit,
        "turned_over": turned,
        "bands": bands,
        "programs": judge.cache_info().currsize,
    }


class _Judge(Protocol):
    """Every rule's verdict of the program with so much of an error in it, asked for once."""

    def __call__(self, amount: float, model: BeadModel, /) -> dict[str, str]: ...
    def cache_info(self) -> Any: ...


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
    def program(amount: float) -> bytes:
        return as_bytes(error.lines(amount))

    @cache
    def judge(amount: float, model: BeadModel, /) -> dict[str, str]:
        audit = audit_program(program(amount), solid, demand, bead_model=model)
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
