"""The pieces of a model: the objects of a project that have print settings of their own.

Stages are imported where they are called, so that a command pays for what it uses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from printstd.artifacts.finding import Finding, Status
from printstd.artifacts.mesh import RegionKind
from printstd.dataclass import dataclass
from printstd.words import counted, listed, said

if TYPE_CHECKING:
    from printstd.artifacts.mesh import Mesh, ModelFile, Portion, Region
    from printstd.profiles.demand import OwnDemand
    from printstd.profiles.resolved import Resolved
    from printstd.reuse.kept import Kept

_RULE: Final = "PAR-01"
_SOURCE: Final = "project files of Bambu Studio, OrcaSlicer and PrusaSlicer"
_SHOWN: Final = 12

Settings = tuple[tuple[str, str], ...]
"""Dotted key of the process, value as JSON writes it."""


@dataclass(frozen=True, slots=True, eq=False)
class PieceRegion:
    """A volume inside which some settings are others. item, volume : as in `artifacts.mesh.Region`.
    settings : dotted key of the process -> value."""

    item: int
    volume: int
    mesh: Mesh
    settings: Mapping[str, Any]

    @property
    def own(self) -> Settings:
        """As the statements tell it."""
        return _plain(self.settings)


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """Objects of one model that are made by the same settings; the whole model where none has any
    of its own.

    read : the file, which nobody opens before it is wanted. name : as its user knows it. portion :
    of the file's, by number; None: all of it. items : build items of the project's file, by number;
    empty: all of them. own : what differs from the process that the user named, as the statements
    tell it. resolved : with that. regions : in the order of the file; where some lie within one
    another, what a later one says holds.
    """

    read: Kept[ModelFile]
    name: str
    portion: int | None
    resolved: Resolved
    items: tuple[int, ...] = ()
    own: Settings = ()
    regions: tuple[PieceRegion, ...] = ()
    blockers: tuple[Mesh, ...] = ()
    enforcers: tuple[Mesh, ...] = ()
    """Volumes in which supports are not wanted, and in which they are wherever something hangs."""

    @property
    def mesh(self) -> Mesh:
        return self._body.mesh

    @property
    def cut(self) -> Mesh | None:
        """What is cut out of it."""
        return self._body.cut

    @property
    def _body(self) -> ModelFile | Portion:
        file = self.read.value()
        return file if self.portion is None else file.portions[self.portion]

    def within(self, numbers: tuple[int, ...]) -> Resolved:
        """What holds inside all of these regions, by their number among `regions`, and outside of
        the others. Raises ProfileError where that contradicts itself."""
        from printstd.profiles.objects import with_region

        settings: dict[str, Any] = {}
        for number in numbers:
            settings |= self.regions[number].settings
        volumes = ", ".join(str(self.regions[number].volume + 1) for number in numbers)
        return with_region(
            self.resolved,
            settings,
            said("{name}, volume {volumes}", name=self.name, volumes=volumes),
        )


def own_demand(piece: Piece) -> OwnDemand:
    """What the auditor is told of a piece alone."""
    from printstd.profiles.demand import OwnDemand, region_demand

    return OwnDemand(
        piece.resolved if piece.own else None,
        tuple(
            region_demand(one.item, one.volume, one.settings, piece.within((number,)))
            for number, one in enumerate(piece.regions)
        ),
    )


def pieces_of(
    read: Kept[ModelFile], name: str, resolved: Resolved
) -> tuple[tuple[Piece, ...], tuple[Finding, ...]]:
    """The pieces of a project whose objects have settings of their own, and what their user must be
    told: which of these are followed, and which are not. name : what the user calls the file.

    Raises ProfileError where a setting cannot be read, or contradicts another.
    """
    told = _Told()
    pieces = []
    portions = read.value().portions
    for number, portion in enumerate(portions):
        own, changed = _followed(portion, name, resolved, told)
        items = portion.items if len(portions) > 1 else ()
        of_kind = {
            kind: [one for one in portion.regions if one.kind is kind] for kind in RegionKind
        }
        regions = tuple(
            _region(portion, name, one, changed, told) for one in of_kind[RegionKind.SETTINGS]
        )
        known = tuple(region for region in regions if region.settings)
        blockers, enforcers = (
            tuple(one.mesh for one in of_kind[kind])
            for kind in (RegionKind.BLOCKER, RegionKind.ENFORCER)
        )
        told.supported(_named(portion), len(blockers), len(enforcers), changed)
        piece = Piece(read, name, number, changed, items, own, known, blockers, enforcers)
        pieces.append(piece)
    return tuple(pieces), told.findings()


def _followed(
    portion: Portion, name: str, resolved: Resolved, told: _Told
) -> tuple[Settings, Resolved]:
    from printstd.profiles.objects import object_refusal, with_settings

    where = listed((name, _named(portion)))
    settings = told.carried(
        _named(portion), portion.family, portion.settings, resolved, object_refusal, where
    )
    return _plain(settings), with_settings(resolved, settings, where)


def _region(
    portion: Portion, name: str, region: Region, resolved: Resolved, told: _Told
) -> PieceRegion:
    from printstd.profiles.objects import region_refusal, with_region

    what = said(
        "build item {item}, volume {volume}", item=region.item + 1, volume=region.volume + 1
    )
    where = listed((name, what))
    settings = told.carried(
        what,
        portion.family,
        region.settings,
        resolved,
        region_refusal,
        where,
        keeps_same=sum(one.kind is RegionKind.SETTINGS for one in portion.regions) > 1,
    )
    with_region(resolved, settings, where)
    return PieceRegion(region.item, region.volume, region.mesh, settings)


def _named(portion: Portion) -> str:
    numbers = ", ".join(str(item + 1) for item in portion.items[:_SHOWN])
    if len(portion.items) > _SHOWN:
        numbers += ", ..."
    return counted(
        "build item {numbers}", "build items {numbers}", count=len(portion.items), numbers=numbers
    )


def _plain(settings: Mapping[str, Any]) -> Settings:
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
        refused: Callable[[str, Any], str],
        where: str,
        *,
        keeps_same: bool = False,
    ) -> dict[str, Any]:
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
            keeps_same=keeps_same,
        )
        if found.settings:
            self._followed.append(
                listed(
                    (what, ", ".join(f"{key} = {v}" for key, v in sorted(found.settings.items()))),
                    ": ",
                )
            )
        self._left += [
            said("{what}: {setting} ({why})", what=what, setting=f"{key} = {value}", why=why)
            for key, value, why in found.left
        ]
        return dict(found.settings)

    def supported(self, what: str, blockers: int, enforcers: int, resolved: Resolved) -> None:
        """Volumes that say where supports are wanted."""
        told: list[str] = []
        if blockers:
            told.append(
                counted("{count} support blocker", "{count} support blockers", count=blockers)
            )
        if enforcers:
            told.append(
                counted("{count} support enforcer", "{count} support enforcers", count=enforcers)
            )
        if not told:
            return
        volumes = said("{one} and {other}", one=told[0], other=told[1]) if told[1:] else told[0]
        if resolved.process.supports.enabled:
            self._followed.append(listed((what, volumes), ": "))
        else:
            self._left.append(
                said(
                    "{what}: {volumes} (supports are off: set supports.enabled=true)",
                    what=what,
                    volumes=volumes,
                )
            )

    def findings(self) -> tuple[Finding, ...]:
        found = []
        if self._followed:
            text = said(
                "settings of the project's objects are followed: {settings}",
                settings=listed(self._followed, "; "),
            )
            found.append(Finding(_RULE, Status.INFO, text, _SOURCE, details=(("code", "3MF-037"),)))
        if self._left:
            text = said(
                "settings of the project's objects that are not followed: {settings}",
                settings=listed(self._left, "; "),
            )
            found.append(Finding(_RULE, Status.WARN, text, _SOURCE, details=(("code", "3MF-038"),)))
        return tuple(found)
