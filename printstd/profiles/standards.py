"""What one request is judged by: the pack, its tables, and the rows of the chosen class."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from printstd.dataclass import dataclass
from printstd.errors import ProfileProblem
from printstd.ports import ProfileSource
from printstd.profiles import consistency, table_consistency
from printstd.profiles.keys import nearest
from printstd.profiles.load import MODELS, Loaded, load
from printstd.profiles.resolved import Request
from printstd.profiles.standard_models import (
    AngleBand,
    Designation,
    EdgeBand,
    Pack,
    ToleranceBand,
    ToleranceTable,
)
from printstd.words import said

if TYPE_CHECKING:
    from printstd.profiles.geometrical_models import GeometricalTable
    from printstd.profiles.grade_models import GradeTable
    from printstd.profiles.moulding_models import MouldingTable

GEOMETRICAL_CLASSES: Final = ("H", "K", "L")
EVERY_SIZE_MM: Final = 1e6
"""Further than any drawing goes: the title block's tolerance is for every size."""
TITLE_BLOCK_KEY: Final = "title_block_tolerance_mm"
TITLE_BLOCK_ANGLE_KEY: Final = "title_block_tolerance_minutes"
NO_CLASS: Final = "title block"


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """loaded : kind -> profile, as `Resolved.digests` names them."""

    loaded: dict[str, Loaded[Any]]
    pack: Pack
    table: ToleranceTable
    designation: Designation
    tolerance_class: str
    bands: tuple[ToleranceBand, ...]
    edge_bands: tuple[EdgeBand, ...]
    angle_bands: tuple[AngleBand, ...]
    grades: GradeTable | None
    grades_designation: Designation | None
    geometrical_class: str | None
    geometrical_designation: Designation | None
    moulding: MouldingTable | None
    moulding_designation: Designation | None


def judged_by(
    source: ProfileSource,
    request: Request,
    overrides: Mapping[str, Any],
    problems: list[ProfileProblem],
    *,
    with_fits: bool = True,
) -> Judged | None:
    """The standards of a request; None where `problems` grew for them.

    overrides : keys of the pack that the request gives -> value. with_fits : fits may be asked for.
    """
    before = len(problems)
    pack = load(source, Pack, "pack", request.pack, problems, overrides)
    if pack is None:
        return None
    table = load(source, ToleranceTable, "standard", pack.model.tolerance_table, problems)
    if table is None:
        return None
    problems += table_consistency.check_standard(table)
    problems += consistency.check_pack(pack, table.model)
    stated_mm = pack.model.title_block_tolerance_mm
    designation_id = pack.model.designation
    if stated_mm is not None and table.model.classes:
        problems += _check_title_block(pack)
        if pack.model.title_block is None:
            return None
        table = load(source, ToleranceTable, "standard", pack.model.title_block.table, problems)
        if table is None:
            return None
        problems += table_consistency.check_reference(pack, "title_block", table.model.designations)
        designation_id = pack.model.title_block.designation
    letter, geometrical_class = _letters(request, pack.model, table.model)
    if request.tolerance_class is not None:
        problems += _check_class(request.tolerance_class, letter, pack.model, table.model)
    loaded: dict[str, Loaded[Any]] = {"pack": pack, "standard": table}
    grades: GradeTable | None = (
        _referred(source, pack, "grades", loaded, problems) if with_fits else None
    )
    # Nothing is measured by it: it is read only where a drawing's class names it.
    geometrical: GeometricalTable | None = (
        _referred(source, pack, "geometrical", loaded, problems) if geometrical_class else None
    )
    # No verdict hangs on it, so it is not among what the profiles' digests cover.
    moulding: MouldingTable | None = (
        _referred(source, pack, "moulding", {}, problems) if with_fits else None
    )
    if len(problems) > before:
        return None
    edges, angles = table.model.broken_edges, table.model.angles
    bands = table.model.classes.get(letter, ())
    edge_bands = edges.classes.get(letter, ()) if edges else ()
    angle_bands = angles.classes.get(letter, ()) if angles else ()
    if not table.model.classes:
        bands, edge_bands, angle_bands = _of_title_block(pack.model)
    return Judged(
        loaded=loaded,
        pack=pack.model,
        table=table.model,
        designation=_cited(table.model.designations, designation_id),
        tolerance_class=letter,
        bands=bands,
        edge_bands=edge_bands,
        angle_bands=angle_bands,
        grades=grades,
        grades_designation=(
            _cited(grades.designations, pack.model.grades.designation)
            if grades and pack.model.grades
            else None
        ),
        geometrical_class=geometrical_class,
        geometrical_designation=(
            _cited(geometrical.designations, pack.model.geometrical.designation)
            if geometrical and pack.model.geometrical
            else None
        ),
        moulding=moulding,
        moulding_designation=(
            _cited(moulding.designations, pack.model.moulding.designation)
            if moulding and pack.model.moulding
            else None
        ),
    )


def _referred(
    source: ProfileSource,
    pack: Loaded[Pack],
    kind: str,
    loaded: dict[str, Loaded[Any]],
    problems: list[ProfileProblem],
) -> Any:
    """The table that the pack refers to under `kind`, put among the loaded; or None."""
    reference = getattr(pack.model, kind)
    if reference is None:
        return None
    found: Loaded[Any] | None = load(source, MODELS[kind], kind, reference.table, problems)
    if found is None:
        return None
    problems += table_consistency.check_table(found)
    problems += table_consistency.check_reference(pack, kind, found.model.designations)
    loaded[kind] = found
    return found.model


def _cited(designations: tuple[Designation, ...], name: str) -> Designation:
    return next(designation for designation in designations if designation.id == name)


def _letters(request: Request, pack: Pack, table: ToleranceTable) -> tuple[str, str | None]:
    """(class of sizes, class of geometrical tolerances): ``mK`` is both."""
    if not table.classes:
        return title_block_text(pack), None
    asked = request.tolerance_class or pack.default_class or ""
    linear, geometrical = asked[:-1], asked[-1:]
    if asked not in table.classes and geometrical in GEOMETRICAL_CLASSES:
        return linear, geometrical
    return asked, None


def title_block_text(pack: Pack) -> str:
    """What stands for the class where the drawing gives the tolerance."""
    stated = []
    if pack.title_block_tolerance_mm is not None:
        stated.append(f"+-{pack.title_block_tolerance_mm:g} mm")
    if pack.title_block_tolerance_minutes is not None:
        stated.append(f"+-{pack.title_block_tolerance_minutes / 60:g} deg")
    return " ".join([NO_CLASS, ", ".join(stated)]).strip()


def _of_title_block(
    pack: Pack,
) -> tuple[tuple[ToleranceBand, ...], tuple[EdgeBand, ...], tuple[AngleBand, ...]]:
    stated_mm, minutes = pack.title_block_tolerance_mm, pack.title_block_tolerance_minutes
    bands: tuple[ToleranceBand, ...] = ()
    edges: tuple[EdgeBand, ...] = ()
    angles: tuple[AngleBand, ...] = ()
    if stated_mm is not None:
        bands = (
            ToleranceBand(
                over_mm=0.0, up_to_mm=EVERY_SIZE_MM, deviation_mm=stated_mm, includes_lower=True
            ),
        )
        edges = (EdgeBand(over_mm=0.0, deviation_mm=stated_mm, includes_lower=True),)
    if minutes is not None:
        angles = (AngleBand(over_mm=0.0, deviation_minutes=minutes),)
    return bands, edges, angles


def _check_title_block(pack: Loaded[Pack]) -> Iterator[ProfileProblem]:
    if pack.model.title_block is None:
        yield pack.problem(
            TITLE_BLOCK_KEY,
            pack.model.title_block_tolerance_mm,
            said("nothing: this pack knows no standard to cite a title block's tolerance under"),
        )


def _check_class(
    asked: str, letter: str, pack: Pack, table: ToleranceTable
) -> Iterator[ProfileProblem]:
    if not table.classes:
        yield ProfileProblem(
            "--class",
            None,
            said("class of {pack}", pack=pack.id),
            repr(asked),
            said(
                "no class: {title}; --set {key}=MM",
                title=table.title_en,
                key=f"pack.{TITLE_BLOCK_KEY}",
            ),
        )
    elif letter not in table.classes:
        yield ProfileProblem(
            "--class",
            None,
            said("class of {pack}", pack=pack.id),
            repr(asked),
            said("one of {names}", names=", ".join(table.classes)),
            nearest(asked, table.classes),
        )
