"""`verify --rebuild`: the program made again from its statement and its models, bytes compared.

What is claimed is sameness on the tested platforms: where another interpreter, machine or set of
wheels runs than the statement names, nothing is made and nothing is claimed (NOT_EVALUATED).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from printstd.words import said

if TYPE_CHECKING:
    from printstd.certify.levels import Rebuilt
    from printstd.certify.opening import Statement
    from printstd.certify.predicates import ToolFacts
    from printstd.certify.reading import ProfileRow, Said
    from printstd.certify.recipe import OrderRow, Recipe
    from printstd.pipeline import Order, Plate
    from printstd.ports import Executor, Progress
    from printstd.profiles.resolved import Resolved

_SHOWN: Final = 100
_OF_BYTES: Final = ("material", "printer", "process", "dialect")
"""Roles of the profiles that a program is made by; of several materials ``material_2``, …"""


def rebuilder(
    program: bytes | None, models: Sequence[Path], executor: Executor, progress: Progress
) -> Callable[[Statement], Rebuilt]:
    """What makes a program again for `verify_program`."""

    def rebuild(statement: Statement) -> Rebuilt:
        return _rebuilt(statement, program, models, executor, progress)

    return rebuild


def _rebuilt(
    statement: Statement,
    program: bytes | None,
    models: Sequence[Path],
    executor: Executor,
    progress: Progress,
) -> Rebuilt:
    from printstd import pipeline
    from printstd.adapters.surroundings import tool_facts
    from printstd.certify.levels import Rebuilt, Sameness
    from printstd.certify.recipe import read_recipe
    from printstd.certify.strict_json import StrictJsonError
    from printstd.errors import ProfileError, SlicingError, UsageError

    def untold(reason: str) -> Rebuilt:
        return Rebuilt(Sameness.NOT_EVALUATED, reason)

    stated, tool = statement.said, tool_facts()
    other = _other_platform(stated, tool)
    if other is not None:
        return untold(other)
    try:
        recipe = read_recipe(statement.certificate.payload)
    except StrictJsonError as error:
        return untold(said("the statement's recipe cannot be read: {error}", error=str(error)))
    if recipe is None:
        return untold(said("the statement is of a version that did not say all that it takes"))
    try:
        resolved = _resolved(recipe)
    except (ProfileError, UsageError) as error:
        return untold(said("its profiles: {error}", error=str(error).replace("\n", ";")))
    changed = _changed_profiles(stated.profiles, resolved.digests)
    if changed:
        return untold(said("profiles have changed since: {changed}", changed=", ".join(changed)))
    is_own = stated.tool_sha256 == tool.sha256
    try:
        plate = _plate(recipe, resolved, models)
        made = pipeline.make_plate(plate, executor=executor, progress=progress).program.data
    except SlicingError as error:
        reason = said("no program can be made now: {error}", error=error.what)
        return Rebuilt(Sameness.DIFFERENT if is_own else Sameness.NOT_EVALUATED, reason)
    if hashlib.sha256(made).hexdigest() == stated.subject_sha256:
        return Rebuilt(Sameness.IDENTICAL, said("{bytes} bytes, all the same", bytes=len(made)))
    difference = _first_difference(made, program)
    if not is_own:
        return untold(
            said(
                "made by printstd {theirs}, and this is another build, {ours}; {reason}",
                theirs=stated.tool_version,
                ours=tool.version,
                reason=difference,
            )
        )
    return Rebuilt(Sameness.DIFFERENT, difference)


def _other_platform(stated: Said, tool: ToolFacts) -> str | None:
    """In what this run's platform is another than the statement's; None where it is the same.
    Bug-fix releases of the interpreter count as one."""
    theirs = stated.platform
    rows = [
        ("Python", _minor(theirs.python), _minor(tool.python)),
        (said("platform"), theirs.platform, tool.platform),
    ]
    own = dict(tool.dependencies)
    rows += [(name, version, own.get(name, "absent")) for name, version in theirs.dependencies]
    differing = [
        said("{what} {theirs}, here {ours}", what=what, theirs=made_by, ours=here)
        for what, made_by, here in rows
        if made_by != here
    ]
    if not differing:
        return None
    return said("another platform than the statement's: {rows}", rows="; ".join(differing))


def _minor(version: str) -> str:
    return ".".join(version.split(".")[:2])


def _resolved(recipe: Recipe) -> Resolved:
    from printstd.cli.running import resolved_for
    from printstd.profiles.resolved import Request

    return resolved_for(
        Request(
            recipe.pack,
            recipe.tolerance_class,
            recipe.material,
            recipe.process,
            recipe.printer,
            recipe.overrides,
            epoch=recipe.epoch,
            more_materials=recipe.more_materials,
        )
    )


def _changed_profiles(rows: Sequence[ProfileRow], digests: Mapping[str, str]) -> list[str]:
    return [
        row.role
        for row in rows
        if row.role.rsplit("_", 1)[0] in _OF_BYTES and digests.get(row.role) != row.sha256
    ]


def _plate(recipe: Recipe, resolved: Resolved, models: Sequence[Path]) -> Plate:
    """The plate that the recipe describes; the models were held against the statement before."""
    from printstd import pipeline
    from printstd.cli.running import read_model_file

    files = {}
    for path in models:
        model = read_model_file(path)
        files[hashlib.sha256(model.data).hexdigest()] = model
    parts = []
    for row in recipe.orders:
        prepared = pipeline.prepare(
            files[row.model_sha256], _order(row, recipe), resolved, is_split=row.is_split
        )
        parts += [prepared] * row.copies
    return pipeline.plate_of(parts)


def _order(row: OrderRow, recipe: Recipe) -> Order:
    from printstd.pipeline import Order
    from printstd.units import length_unit

    x, y, z = (float(angle) for angle in row.rotate_deg)
    return Order(
        length_unit(row.unit) if row.unit is not None else None,
        row.scale_e6,
        (x, y, z),
        row.plate,
        row.extruder,
        row.notation,
        row.is_oriented,
        recipe.is_healed,
    )


def _first_difference(made: bytes, program: bytes | None) -> str:
    """The first line in which they differ, both as they are."""
    if program is None:
        return said("the program itself is not here")
    if made == program:
        return said("the bytes are those of this program, which is not the one that was signed")
    ours, theirs = made.split(b"\n"), program.split(b"\n")
    number = next(
        (n for n, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b),
        min(len(ours), len(theirs)),
    )
    return said(
        "line {number} is {here!r} made again, and {there!r} in the program",
        number=number + 1,
        here=_line(ours, number),
        there=_line(theirs, number),
    )


def _line(lines: Sequence[bytes], number: int) -> str:
    text = lines[number] if number < len(lines) else b""
    return text[:_SHOWN].decode("utf-8", "backslashreplace")
