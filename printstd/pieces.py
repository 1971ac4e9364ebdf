"""The pieces of a model: the objects of a project that have print settings of their own.

Stages are imported where they are called, so that a command pays for what it uses.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from printstd.artifacts.finding import Finding, Status

if TYPE_CHECKING:
    from printstd.artifacts.mesh import Mesh, ModelFile, Portion
    from printstd.profiles.resolved import Resolved

_RULE: Final = "PAR-01"
_SOURCE: Final = "project files of Bambu Studio, OrcaSlicer and PrusaSlicer"
_SHOWN: Final = 12

Settings = tuple[tuple[str, str], ...]
"""Dotted key of the process, value as JSON writes it."""


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """Objects of one model that are made by the same settings; the whole model where none has any
    of its own.

    items : build items of the project's file, by number; empty: all of them. own : what differs
    from the process that the user named, as the statements tell it. resolved : with that.
    """

    mesh: Mesh
    cut: Mesh | None
    resolved: Resolved
    items: tuple[int, ...] = ()
    own: Settings = ()


def whole(file: ModelFile, resolved: Resolved) -> Piece:
    """A model that is one piece."""
    return Piece(file.mesh, file.cut, resolved)


def pieces_of(file: ModelFile, resolved: Resolved) -> tuple[tuple[Piece, ...], tuple[Finding, ...]]:
    """The pieces, and what their user must be told: which settings of the project are followed,
    and which are not.

    Raises ProfileError where a setting cannot be read, or contradicts another.
    """
    if not file.portions:
        return (whole(file, resolved),), ()
    told = _Told()
    pieces = []
    for portion in file.portions:
        own, changed = _followed(portion, resolved, told)
        items = portion.items if len(file.portions) > 1 else ()
        pieces.append(Piece(portion.mesh, portion.cut, changed, items, own))
    return tuple(pieces), told.findings()


def _followed(portion: Portion, resolved: Resolved, told: _Told) -> tuple[Settings, Resolved]:
    from printstd.profiles.objects import object_refusal, with_settings

    where = f"{portion.mesh.source.name}, {_named(portion)}"
    settings = told.carried(
        _named(portion), portion.family, portion.settings, resolved, object_refusal, where
    )
    return _plain(settings), with_settings(resolved, settings, where)


def _named(portion: Portion) -> str:
    numbers = ", ".join(str(item + 1) for item in portion.items[:_SHOWN])
    more = ", ..." if len(portion.items) > _SHOWN else ""
    return f"build item{'s' if len(portion.items) > 1 else ''} {numbers}{more}"


def _plain(settings: dict[str, object]) -> Settings:
    import json

    return tuple((key, json.dumps(settings[key])) for key in sorted(settings))


class _Told:
    """What becomes of the settings, gathered for the report."""

    def __init__(self) -> None:
        self._followed: list[str] = []
        self._left: list[str] = []

    def carried(
        self,
        what: str,
        family: str,
        given: tuple[tuple[str, str], ...],
        resolved: Resolved,
        refused: Callable[[str], str],
        where: str,
    ) -> dict[str, object]:
        """The settings that `given` becomes."""
        if not given:
            return {}
        from printstd.importing.objects import own_settings

        found = own_settings(
            family,
            dict(given),
            resolved.process,
            nozzle_mm=resolved.nozzle_mm,
            refused=refused,
            where=where,
        )
        if found.settings:
            self._followed.append(
                f"{what}: " + ", ".join(f"{key} = {v}" for key, v in sorted(found.settings.items()))
            )
        self._left += [f"{what}: {key} = {value} ({why})" for key, value, why in found.left]
        return dict(found.settings)

    def findings(self) -> tuple[Finding, ...]:
        found = []
        if self._followed:
            text = f"settings of the project's objects are followed: {'; '.join(self._followed)}"
            found.append(Finding(_RULE, Status.INFO, text, _SOURCE, details=(("code", "3MF-037"),)))
        if self._left:
            text = (
                f"settings of the project's objects that are not followed: {'; '.join(self._left)}"
            )
            found.append(Finding(_RULE, Status.WARN, text, _SOURCE, details=(("code", "3MF-038"),)))
        return tuple(found)
