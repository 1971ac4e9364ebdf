"""What an audit rule is, what it is given, and how it says what it found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.audit import SizeFound
from printstd.artifacts.demand import AuditDemand, IntegrityLimits
from printstd.artifacts.finding import Finding, Status, Where
from printstd.audit.bead_models import FLOW_RATIO, Spread
from printstd.audit.beads import Beads, Deposit, Heights, is_bead
from printstd.audit.crossings import layer_starts
from printstd.audit.layer_job import LayerFigures, LayerJob
from printstd.audit.lexer import Lexed
from printstd.audit.machine import MachineRun, Track
from printstd.audit.placing import Standing
from printstd.audit.raft import raft_layers
from printstd.audit.size_layers import layers_of, stray_reach
from printstd.audit.sizes import Extents, found_sizes
from printstd.audit.tower import Tower
from printstd.audit.verbs import Meanings
from printstd.words import said

SHOWN_PLACES = 5


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """When and where one part of a plate is laid. label : the part's. first, last : seq of its
    first and last bead. beads : all of them, bed frame. top_um : of the highest."""

    label: str
    first: int
    last: int
    beads: Beads
    top_um: float


@dataclass(frozen=True, eq=False)
class Evidence:
    """What the auditor has read and worked out when the rules are asked.

    Geometry is None where it could not be had; `no_geometry` then says why.
    """

    demand: AuditDemand
    meanings: Meanings
    lexed: Lexed
    run: MachineRun
    track: Track
    """Moves with arcs cut to chords."""
    heights: Heights
    deposit: Deposit
    part_box_um: NDArray[np.float64]
    """(2, 3) the model as placed, not moved; see `standing`."""
    nominal_sizes_um: NDArray[np.float64]
    """(3,) the model file's own box, scaled as the order says."""
    placed_um: NDArray[np.float64]
    """(v, 3) used vertices in the same frame."""
    standing: Standing | None
    geometry: LayerJob | None
    figures: tuple[LayerFigures, ...] | None
    stairs_um: NDArray[np.float64] | None
    """(l,) how far the corners of each layer's stairs are off the model; None where the demand
    bounds no such thing."""
    open_section_um: float
    no_geometry: str = ""
    unhealed: str = ""
    """Why the model's gaps could not be healed within the demand's bound."""
    healed_um: float = 0.0
    """The widest gap of the model that was healed within it."""
    whole_span: tuple[int, int] | None = None
    """Of a plate: `print_span` of all of its parts."""
    plate_crossing: NDArray[np.int64] | None = None
    """Of a plate: travels from any part to any part across the open, rows of `track`."""
    plate_below: Beads | None = None
    """Of a plate: all beads at heights of no layer, whichever part they lie nearest to."""
    feet: tuple[LayerJob, ...] = ()
    """Of a plate as a whole: its parts."""
    stretches: tuple[Stretch, ...] = ()
    """Of a plate whose parts are printed one after the other, in time."""
    tower: Tower | None = None
    """Of a plate made by several tools: what they purge on."""
    outlines_um: Sequence[NDArray[np.float64] | None] = ()
    """Of a plate: (v, 2) of each part's vertices on the bed; None of one that was not found."""

    @cached_property
    def is_laid(self) -> NDArray[np.bool_]:
        """(m,) over `track`: moves that lay a bead."""
        return is_bead(self.track)

    @cached_property
    def print_span(self) -> tuple[int, int]:
        """(first seq, last seq) of the beads that make the part (on a plate, all parts); of all
        beads without geometry."""
        if self.whole_span is not None:
            return self.whole_span
        seq = self.deposit.planned.seq
        if self.figures is not None:
            kept = np.zeros(len(seq), bool)
            for figures in self.figures:
                rows = self.deposit.planned.of_layer(figures.layer)
                kept[rows] = figures.sorted.is_part
            seq = seq[kept]
        if not len(seq):
            seq = self.track.seq[self.is_laid]
        if not len(seq):
            return 0, 0
        return int(seq.min()), int(seq.max())

    @property
    def limits(self) -> tuple[IntegrityLimits, ...]:
        """What each layer is held to, outside its zones."""
        return self.geometry.limits if self.geometry is not None else (self.demand.integrity,)

    @property
    def places(self) -> tuple[tuple[str, tuple[IntegrityLimits, ...]], ...]:
        """(name, what each layer is held to) of the part outside its zones, which has no name,
        then of each zone: as `Coverage.filled` has them."""
        zones = self.geometry.zones.zones if self.geometry is not None else ()
        return ("", self.limits), *((zone.name, zone.limits) for zone in zones)

    @property
    def below(self) -> Beads:
        """Beads at heights of no layer, among them those of a raft, which carries all parts."""
        return self.deposit.elsewhere if self.plate_below is None else self.plate_below

    @cached_property
    def raft(self) -> list[NDArray[np.int64]]:
        """Rows of `below` for each layer of the raft under the part (or all parts), bottom up."""
        box = None
        jobs = self.feet if self.geometry is None else (self.geometry,)
        rings = [ring for job in jobs if len(job.heights) for ring in job.sections.rings_of(0)]
        lowest = np.concatenate([np.empty((0, 2)), *rings])
        if len(lowest):
            (x0, y0), (x1, y1) = lowest.min(axis=0), lowest.max(axis=0)
            box = (float(x0), float(y0), float(x1), float(y1))
        return raft_layers(self.below, float(self.demand.layers.floor_um), box)

    @cached_property
    def crossing(self) -> NDArray[np.int64]:
        """(k,) travels across the open, rows of the track."""
        if self.plate_crossing is not None:
            return self.plate_crossing
        return np.concatenate([f.crossing for f in self.figures or ()])

    @cached_property
    def sizes_um(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(3,) sizes along the model's own axes: as commanded (NaN without beads), and as placed
        with the declared compensations."""
        place = self.demand.placement
        own = np.eye(3) if place is None else np.array(place.rotation_e9).reshape(3, 3).T / 1e9
        nominal, measured = np.empty(3), np.full(3, np.nan)
        reach = np.array([f.reach for f in self.figures or ()]).reshape(-1, 3, 2)
        laid = reach[~np.isnan(reach).any(axis=(1, 2))]
        for axis in range(3):
            along = (self.placed_um * own[axis]).sum(axis=1)
            grown = 2 * self.demand.compensations.xy_um * float(np.hypot(*own[axis, :2]))
            nominal[axis] = along.max() - along.min() + grown
            if len(laid):
                measured[axis] = laid[:, axis, 1].max() - laid[:, axis, 0].min()
        return measured, nominal

    @cached_property
    def spread(self) -> Spread:
        """How far apart models of a bead put the sides of the part's walls."""
        return _largest([f.spread for f in self.figures or ()])

    @cached_property
    def reach_spread(self) -> Spread:
        """The same of all beads of the part."""
        return _largest([f.reach_spread for f in self.figures or ()])

    @cached_property
    def u_shape_um(self) -> NDArray[np.float64]:
        """(3,) U (k = 2) of each of the sizes by the shape of beads alone: both sides of the part
        lie further out or in together."""
        place = self.demand.placement
        own = np.eye(3) if place is None else np.array(place.rotation_e9).reshape(3, 3).T / 1e9
        level = np.sqrt(own[:, 0] * own[:, 0] + own[:, 1] * own[:, 1])
        return np.asarray(2 * self.reach_spread.expanded_um * level)

    @cached_property
    def sizes_found(self) -> tuple[SizeFound, ...]:
        """Those of the demand's drawing; empty without one, or without geometry."""
        drawing, place = self.demand.drawing, self.demand.placement
        if drawing is None or self.geometry is None or self.standing is None:
            return ()
        rotation = (10**9, 0, 0, 0, 10**9, 0, 0, 0, 10**9) if place is None else place.rotation_e9
        layers = layers_of(self.geometry, self.figures or (), self.standing, rotation)
        _, nominal = self.sizes_um
        extents = Extents(
            self._extents_um(with_strays=False),
            self._extents_um(with_strays=True),
            nominal,
            self.demand.integrity.supports_allowed,
        )
        return found_sizes(layers, drawing.sizes, extents)

    def _extents_um(self, *, with_strays: bool) -> NDArray[np.float64]:
        """(3,) along the model's own axes, NaN without beads. with_strays : beads beside the part
        that may be walls in the wrong place reach for it, too."""
        figures = self.figures or ()
        reach = np.array([f.reach for f in figures]).reshape(-1, 3, 2)
        laid = reach[~np.isnan(reach).any(axis=(1, 2))]
        if not len(laid):
            return np.full(3, np.nan)
        low, high = laid[:, :, 0].min(axis=0), laid[:, :, 1].max(axis=0)
        more = stray_reach(self.geometry, figures) if with_strays and self.geometry else None
        if more is not None:
            low, high = np.minimum(low, more[0]), np.maximum(high, more[1])
        return np.asarray(high - low)

    @cached_property
    def rough_um(self) -> NDArray[np.float64]:
        """(3,) how much larger or smaller each of the sizes may come out by its fuzzy skin."""
        place = self.demand.placement
        own = np.eye(3) if place is None else np.array(place.rotation_e9).reshape(3, 3).T / 1e9
        level = np.sqrt(own[:, 0] * own[:, 0] + own[:, 1] * own[:, 1])
        return np.asarray(2 * self.demand.compensations.fuzzy_um * level)

    def tool_at(self, seq: NDArray[np.int64]) -> NDArray[np.int64]:
        """(n,) the tool that makes each of some moves, given by their time."""
        return self.track.tool[np.searchsorted(self.track.seq, seq)]

    @cached_property
    def layer_start_seq(self) -> NDArray[np.int64]:
        """(l,) seq of the first bead of each planned layer; of the next printed one where empty."""
        return layer_starts(self.deposit.planned)


@dataclass(frozen=True, slots=True)
class Rule:
    """One audit rule. The docstring of its module is its page in the manual.

    `check` gives at least one finding, PASS too, with what was measured. `needs_geometry` rules are
    NOT_EVALUATED where the part could not be compared with the model.
    """

    id: str
    title: str
    source: str
    check: Callable[[Rule, Evidence], Iterable[Finding]]
    needs_geometry: bool = False

    @property
    def is_about_part(self) -> bool:
        """It measures geometry: of a plate, each part is asked for itself."""
        return self.id.startswith("G-")

    def findings(self, evidence: Evidence) -> tuple[Finding, ...]:
        if self.needs_geometry and evidence.figures is None:
            return (self.says(Status.NOT_EVALUATED, evidence.no_geometry),)
        return tuple(self.check(self, evidence))

    def says(
        self,
        status: Status,
        message: str,
        *,
        measured: float | None = None,
        limit: float | None = None,
        unit: str = "",
        where: Iterable[Where] = (),
        details: tuple[tuple[str, str], ...] = (),
    ) -> Finding:
        """A finding, its figures rounded to what was really measured."""
        return Finding(
            rule_id=self.id,
            status=status,
            message=message,
            source=self.source,
            measured=_rounded(measured),
            limit=_rounded(limit),
            unit=unit,
            where=tuple(where)[:SHOWN_PLACES],
            details=details,
        )

    def passes(
        self,
        message: str,
        *,
        measured: float | None = None,
        limit: float | None = None,
        unit: str = "",
        details: tuple[tuple[str, str], ...] = (),
    ) -> list[Finding]:
        return [
            self.says(
                Status.PASS, message, measured=measured, limit=limit, unit=unit, details=details
            )
        ]

    def is_left_open(self, evidence: Evidence, *names: str) -> bool:
        """Nobody declared what this rule would hold the program to."""
        return any(name in evidence.demand.undeclared for name in names)

    def only_measured(
        self,
        evidence: Evidence,
        message: str,
        *,
        measured: float | None = None,
        unit: str = "",
        details: tuple[tuple[str, str], ...] = (),
    ) -> list[Finding]:
        """What was measured where nobody declared a limit; and that nothing was decided, where the
        rule must decide."""
        told = self.says(Status.INFO, message, measured=measured, unit=unit, details=details)
        must = evidence.demand.mandatory_rules
        if must and self.id not in must:
            return [told]
        reason = said("what it should be was not declared: it was measured, not judged")
        return [told, self.says(Status.NOT_EVALUATED, reason)]

    def does_not_apply(self, reason: str) -> list[Finding]:
        return [self.says(Status.NOT_APPLICABLE, reason)]


def _largest(spreads: Sequence[Spread]) -> Spread:
    return Spread(
        max((one.inwards for one in spreads), default=0.0),
        max((one.outwards for one in spreads), default=0.0),
    )


def parts_of_u(spread: Spread, measuring_um: float | None = None) -> tuple[tuple[str, str], ...]:
    """What the uncertainty of a distance is made of, as details of a finding."""
    shape = (said("U: shape of a bead"), spread.told)
    if measuring_um is None:
        return (shape,)
    return shape, (said("U: measuring"), said("{u_um:.1f} um", u_um=measuring_um))


def parts_of_volume() -> tuple[tuple[str, str], ...]:
    """The same of a volume: what shape a bead has does not matter."""
    return ((said("U: flow"), said("-{share:.0%}/+{share:.0%}", share=FLOW_RATIO)),)


def _rounded(value: float | None) -> float | None:
    # The last bits differ between CPUs; six decimals of a mm are a nanometre.
    return None if value is None or not np.isfinite(value) else round(float(value), 6) + 0.0


def at_line(line: int) -> Where:
    return Where(frame="bed", line=int(line))


def at_lines(lines: Iterable[int]) -> list[Where]:
    return [at_line(line) for line in list(lines)[:SHOWN_PLACES]]


def at_spot(evidence: Evidence, layer: int, at_um: tuple[float, float]) -> Where:
    """A place in a layer, mm, bed frame."""
    x, y = (round(value / 1000, 3) for value in at_um)
    z = round(float(evidence.heights.top_um[layer]) / 1000, 3)
    return Where(frame="bed", point_mm=(x, y, z), layer=layer)
