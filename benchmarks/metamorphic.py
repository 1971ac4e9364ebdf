"""What every check says of a model, and of the same model in other words.

The verdict of every registered check must stay, and every figure within its uncertainty: what the
finding itself states, what the file's own numbers round, a thousandth, and 0.01 mm (lengths) or two
hundredths (areas and volumes) for what is found by samples or by layers. PASS and INFO are one
verdict: what INFO tells, such as facets that touch within the rounding of float32, may come and go
with that. Figures that count facets or edges may change where facets are divided, extents along
axes where the part is turned, and GEO-01 tells of the file, not of the part.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks.changed_models import Changed, changed
from benchmarks.tables import show
from printstd.artifacts.finding import Status, worst

if TYPE_CHECKING:
    from benchmarks.__main__ import Setting
    from printstd.artifacts.finding import Finding
    from printstd.profiles.resolved import Resolved

OF_THE_FILE: Final = ("PAR-01", "GEO-01")
OF_EXTENTS: Final = ("DIM-01", "PRN-07")
"""Judged by extents along the axes."""
OF_AXES: Final = ("UNT-01",)
"""Their figure is such an extent, and their verdict is not."""
COUNTED_UNITS: Final = ("edges", "open edges", "facets", "pairs")
REACH_OF_FACETS: Final = (("GEO-10", "INFO"),)
"""How far touching facets reach beyond each other's plane: less where they are smaller."""

Row = tuple[str, str, float | None, str, float]
"""Rule, status, figure and unit of a finding, and the uncertainty that it states, else 0."""
Said = list[Row]


def measure(setting: Setting) -> dict[str, Any]:
    if setting.corpus is None:
        return {"not_run": "needs --corpus"}
    from printstd.intake import read_model

    demands = bare_demands()
    rows: list[list[object]] = []
    found: dict[str, list[str]] = {}
    for model in setting.models("good"):
        file = read_model(model.read_bytes(), name=model.name)
        wrong = violations((file.mesh.vertices_mm, file.mesh.faces), demands)
        found[model.name] = wrong
        rows.append([model.name, len(file.mesh.faces), len(wrong)])
        for line in wrong:
            print(f"  {model.name}: {line}")
    show(["model", "triangles", "violations"], rows)
    return {"violations": found, "holds": not any(found.values())}


def bare_demands() -> Resolved:
    """The default profiles, without a printer: turning a part matters on a bed that is longer."""
    from printstd.adapters.profile_files import default_source
    from printstd.pipeline import resolve
    from printstd.profiles.resolved import Request

    return resolve(Request(), default_source())


def violations(mesh: tuple[Any, Any], demands: Resolved) -> list[str]:
    """What is said otherwise of the mesh in other words; empty where nothing is."""
    first: Said = []
    wrong: list[str] = []
    for one in changed(mesh):
        said = checked(one, demands)
        if not first:
            first = said
        wrong += [f"{one.name}: {line}" for line in different(first, said, one)]
    return wrong


def checked(one: Changed, demands: Resolved) -> Said:
    from printstd.pipeline import ModelInput, Order, prepare
    from printstd.units import LengthUnit
    from printstd.validate.registry import validate_model

    unit = None if one.file.endswith("3mf") else LengthUnit.MILLIMETER
    prepared = prepare(ModelInput(one.content, one.file), Order(unit=unit), demands)
    report = validate_model(prepared.file, demands, placement=prepared.placement)
    return [_row(finding) for finding in report.findings]


def _row(finding: Finding) -> Row:
    stated = sum(
        float(text.split()[0])
        for name, text in finding.details
        if name.startswith("uncertainty of the")
    )
    return finding.rule_id, finding.status.value, finding.measured, finding.unit, stated


def different(first: Said, other: Said, how: Changed) -> Iterator[str]:
    """The verdict of each rule, the worst of its findings; then the figures of rules that say as
    much of both."""
    ours, theirs = _by_rule(first, how), _by_rule(other, how)
    for rule in sorted(ours.keys() | theirs.keys()):
        a, b = ours.get(rule, []), theirs.get(rule, [])
        before, after = _verdict(a), _verdict(b)
        if before is not after:
            yield f"{rule}: {before} became {after}"
            continue
        if (rule in OF_AXES and how.is_turned) or [row[1] for row in a] != [row[1] for row in b]:
            continue
        for one, two in zip(a, b, strict=True):
            yield from _figures(one, two, how)


def _verdict(rows: Said) -> Status:
    found = worst(Status(row[1]) for row in rows)
    return Status.PASS if found in (Status.INFO, Status.NOT_APPLICABLE) else found


def _by_rule(said: Said, how: Changed) -> dict[str, Said]:
    left_out = (*OF_THE_FILE, *(OF_EXTENTS if how.is_turned else ()))
    found: dict[str, Said] = {}
    for row in said:
        if row[0] not in left_out:
            found.setdefault(row[0], []).append(row)
    return found


def _figures(one: Row, two: Row, how: Changed) -> Iterator[str]:
    rule, status, ours, unit, _ = one
    theirs, stated = two[2], one[4] + two[4]
    is_of_facets = unit in COUNTED_UNITS or (rule, status) in REACH_OF_FACETS
    if (how.is_divided and is_of_facets) or (ours is None and theirs is None):
        return
    if ours is None or theirs is None:
        yield f"{rule} {status}: {ours} became {theirs}"
    elif abs(ours - theirs) > (within := stated + uncertainty(rule, ours, unit, how)):
        yield f"{rule} {status}: {ours} {unit} became {theirs}, more than {within:.2g} off"


def uncertainty(rule: str, figure: float, unit: str, how: Changed) -> float:
    if unit == "mm":
        # Threads of bridges run in one of 36 directions of the bed.
        share = 1e-2 if rule == "PRN-03" else 1e-3
        return 0.01 + share * abs(figure) + how.precision_mm
    if unit in ("mm2", "mm3"):
        return 0.05 + 0.02 * abs(figure)
    if unit == "deg":
        return 0.05 + 1e-3 * abs(figure)
    return 1e-9 + 1e-3 * abs(figure) * (unit in ("", "ratio"))


def of_file(path: Path, demands: Resolved) -> list[str]:
    """`violations` of a model file."""
    from printstd.intake import read_model

    file = read_model(path.read_bytes(), name=path.name)
    return violations((file.mesh.vertices_mm, file.mesh.faces), demands)
