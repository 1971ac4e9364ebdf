"""Decision risk: how often does the decision over a drawn size go wrong.

Plates with bores, a slot and a wall are drawn up by chance; of each size a program is written (by
a few lines here, no slicer) that commands it wrong by 0 to 2 T, T being half the width of its
limits. The auditor then decides from the bytes. What it should say is known exactly: what is
reported is how often it passes a size that is off by T or more, how often it fails one that is off
by 0.8 T or less, and how many it leaves undecided.

The shares have Clopper-Pearson upper bounds (95 %, one-sided): a share of nothing among n is proven
to be below 3/n only.
"""

from __future__ import annotations

import math
import random
import time
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.tables import show

if TYPE_CHECKING:
    from benchmarks.__main__ import Setting

LEVELS: Final = tuple(round(0.1 * step, 1) for step in range(21))
"""Of T."""
_HEIGHT: Final = 0.2
_LAYERS: Final = 4
_WIDTH: Final = 0.45
_LOSS: Final = 1 - math.pi / 4
_FILAMENT_MM2: Final = math.pi * 1.75 * 1.75 / 4
_SIDES: Final = 240
_SEED: Final = 20_261_126
MOST_WRONG_PASSES: Final = 0.001
MOST_WRONG_FAILS: Final = 0.01


@dataclass(frozen=True)
class Bore:
    x: float
    y: float
    diameter: float
    t: float


@dataclass(frozen=True)
class Drawn:
    """A plate from (0, 0) with bores in a row and an open slot in its upper side, mm."""

    size: tuple[float, float]
    bores: tuple[Bore, ...]
    slot: tuple[float, float, float]
    """x of its middle, width, depth."""
    t_of: dict[str, float]


def drawn(chance: random.Random) -> Drawn:
    """Sizes on no grid, limits from 0.05 to 0.5 mm wide on either side."""

    def t() -> float:
        return round(chance.choice((0.05, 0.1, 0.2, 0.3, 0.5)) * chance.uniform(0.8, 1.2), 3)

    diameters = [round(chance.uniform(3, 9), 3) for _ in range(3)]
    bores, x = [], 4.0
    for diameter in diameters:
        x += diameter / 2
        bores.append(Bore(round(x, 3), round(chance.uniform(8, 9), 3), diameter, t()))
        x += diameter / 2 + 3.5
    wide = round(chance.uniform(2, 5), 3)
    slot = (round(x + wide / 2, 3), wide, round(chance.uniform(6, 8), 3))
    size = (round(x + wide + 4.0 + chance.uniform(0, 3), 3), round(chance.uniform(20, 24), 3))
    own = {f"{n}": bore.t for n, bore in enumerate(bores, 1)}
    return Drawn(size, tuple(bores), slot, {**own, "4": t(), "5": t(), "6": t()})


def outline(of: Drawn, off: dict[str, float]) -> list[NDArray[np.float64]]:
    """The plate and its bores as rings (n, 2), each size larger by `off`."""
    width, depth = of.size[0], of.size[1]
    grow_x, grow_y = off.get("5", 0.0) / 2, off.get("6", 0.0) / 2
    x0, x1, y0, y1 = -grow_x, width + grow_x, -grow_y, depth + grow_y
    middle, slot, deep = of.slot
    half = (slot + off.get("4", 0.0)) / 2
    floor = of.size[1] - deep
    plate = [(x0, y0), (x1, y0), (x1, y1), (middle + half, y1), (middle + half, floor)]
    plate += [(middle - half, floor), (middle - half, y1), (x0, y1)]
    rings = [np.array(plate)]
    turn = -2 * np.pi * np.arange(_SIDES) / _SIDES
    for number, bore in enumerate(of.bores, 1):
        radius = (bore.diameter + off.get(f"{number}", 0.0)) / 2
        rings.append(
            np.column_stack([bore.x + radius * np.cos(turn), bore.y + radius * np.sin(turn)])
        )
    return rings


def table(of: Drawn) -> bytes:
    """The drawing as a spreadsheet of a Russian office saves it."""
    rows = ["№;элемент;номинал;допуск"]
    rows += [
        f"{n};отверстие @ {bore.x}; {bore.y};{bore.diameter};±{bore.t}".replace(
            f"{bore.x}; {bore.y}", f"{bore.x} {bore.y}"
        )
        for n, bore in enumerate(of.bores, 1)
    ]
    middle, slot, deep = of.slot
    at = f"{middle} {round(of.size[1] - deep / 2, 3)}"
    rows.append(f"4;паз @ {at} ось X;{slot};±{of.t_of['4']}")
    rows.append(f"5;габарит X;{of.size[0]};±{of.t_of['5']}")
    rows.append(f"6;габарит Y;{of.size[1]};±{of.t_of['6']}")
    return "\r\n".join(rows).encode("cp1251")


def model(rings: list[NDArray[np.float64]]) -> bytes:
    """The plate as binary STL."""
    import manifold3d

    section = manifold3d.CrossSection([ring.tolist() for ring in rings])
    mesh = manifold3d.Manifold.extrude(section, _LAYERS * _HEIGHT).to_mesh()
    corners = np.asarray(mesh.vert_properties, np.float32)[:, :3][np.asarray(mesh.tri_verts)]
    record = np.zeros(len(corners), np.dtype([("n", "<f4", 3), ("v", "<f4", (3, 3)), ("a", "<u2")]))
    record["v"] = corners
    return bytes(80) + np.uint32(len(corners)).tobytes() + record.tobytes()


def program(rings: list[NDArray[np.float64]], shift: tuple[float, float]) -> bytes:
    """Two walls around every ring in every layer, and nothing else."""
    import shapely

    plate, *bores = [shapely.Polygon(ring) for ring in rings]
    area = shapely.difference(plate, shapely.union_all(bores))
    per_mm = _HEIGHT * (_WIDTH - _HEIGHT * _LOSS) / _FILAMENT_MM2
    lines = ["G28", "G90", "M83", "G21", "M109 S215", "M190 S60"]
    for layer in range(_LAYERS):
        lines.append(f"G1 Z{(layer + 1) * _HEIGHT:.3f} F600")
        for depth in (_WIDTH / 2, _WIDTH * 1.5 - _HEIGHT * _LOSS):
            inside = shapely.buffer(area, -depth, join_style="mitre")
            for part in shapely.get_parts(inside):
                for ring in shapely.get_rings(part):
                    points = np.round(shapely.get_coordinates(ring) + shift, 3)
                    x, y = points[0]
                    lines.append(f"G1 X{x:.3f} Y{y:.3f} F7800")
                    far = np.hypot(*np.diff(points, axis=0).T) * per_mm
                    lines += [
                        f"G1 X{x:.3f} Y{y:.3f} E{e:.5f} F1800"
                        for (x, y), e in zip(points[1:].tolist(), far.tolist(), strict=True)
                    ]
    return ("\n".join([*lines, "M84"]) + "\n").encode()


def decisions_of(seed: int) -> list[tuple[float, str, str]]:
    """(error in T, the size, what was decided) of every size of one plate."""
    from printstd import pipeline
    from printstd.adapters.executors import SerialExecutor
    from printstd.adapters.profile_files import default_source
    from printstd.artifacts.layer_plan import LayerPlan
    from printstd.intake.characteristics import read_characteristics
    from printstd.profiles.demand import audit_demand
    from printstd.profiles.resolved import Request
    from printstd.sizes import drawing_demand

    chance = random.Random(_SEED + seed)
    plate = drawn(chance)
    errors = {number: chance.choice(LEVELS) for number in plate.t_of}
    off = {n: chance.choice((-1, 1)) * level * plate.t_of[n] for n, level in errors.items()}
    request = Request(material="peer", process="peer-0.20", printer="peer")
    prepared = pipeline.prepare(
        pipeline.ModelInput(model(outline(plate, {})), f"plate {seed}.stl"),
        pipeline.Order(drawing=read_characteristics(table(plate), "drawing.csv")),
        pipeline.resolve(request, default_source()),
    )
    place = prepared.placement
    if place is None:
        raise AssertionError("a printer was named")
    demand = audit_demand(
        prepared.resolved,
        placement=place,
        layers=LayerPlan(200, 200, _LAYERS),
        model_unit_nm=1_000_000,
        model_plate=None,
        supports_allowed=False,
        drawing=drawing_demand(prepared, place),
    )
    x, y, _ = place.translation_um
    laid = program(outline(plate, off), (x / 1000, y / 1000))
    checked = pipeline.audit(laid, prepared.model, demand, executor=SerialExecutor())
    kinds = {"4": "slot", "5": "extent", "6": "extent"}
    return [
        (errors[size.number], kinds.get(size.number, "bore"), size.verdict.value)
        for size in checked.audit.sizes
    ]


def measure(setting: Setting) -> dict[str, Any]:
    started = time.perf_counter()
    n = setting.programs
    with ProcessPoolExecutor() as pool:
        found = [row for rows in pool.map(decisions_of, range(n), chunksize=8) for row in rows]
    counted: dict[float, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for level, _, verdict in found:
        counted[level][verdict] += 1
    columns = ("PASS", "INDETERMINATE", "FAIL", "NOT_EVALUATED")
    rows = [
        [level, sum(own.values()), *(own[name] for name in columns)]
        for level, own in sorted(counted.items())
    ]
    show(["error / T", "sizes", *columns], rows)
    beyond = [verdict for level, _, verdict in found if level >= 1.0]
    at_limit = [verdict for level, _, verdict in found if level == 1.0]
    within = [verdict for level, _, verdict in found if level <= 0.8]
    risks = {
        "pass_at_1.0_T": _share(at_limit, "PASS"),
        "pass_at_1.0_T_or_more": _share(beyond, "PASS"),
        "fail_at_0.8_T_or_less": _share(within, "FAIL"),
        "indeterminate": _share([verdict for _, _, verdict in found], "INDETERMINATE"),
        "not_evaluated": _share([verdict for _, _, verdict in found], "NOT_EVALUATED"),
    }
    show(
        ["decision risk", "of", "share", "upper bound (95 %)"],
        [[name, own["of"], own["share"], own["upper"]] for name, own in risks.items()],
    )
    holds = (
        risks["pass_at_1.0_T_or_more"]["share"] <= MOST_WRONG_PASSES
        and risks["fail_at_0.8_T_or_less"]["share"] <= MOST_WRONG_FAILS
        and risks["not_evaluated"]["share"] == 0.0
    )
    print(f"{n} programs in {time.perf_counter() - started:.0f} s")
    return {"programs": n, "sizes": len(found), "risks": risks, "holds": holds}


def _share(verdicts: list[str], name: str) -> dict[str, float]:
    hits, of = sum(verdict == name for verdict in verdicts), len(verdicts)
    return {
        "of": of,
        "share": round(hits / of, 6) if of else 0.0,
        "upper": round(upper_bound(hits, of), 6) if of else 1.0,
    }


def upper_bound(hits: int, of: int, risk: float = 0.05) -> float:
    """Clopper-Pearson, one-sided: the share above which so few hits have a chance below `risk`."""
    if hits >= of:
        return 1.0
    low, high = hits / of, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        tail = sum(
            math.exp(
                math.lgamma(of + 1)
                - math.lgamma(k + 1)
                - math.lgamma(of - k + 1)
                + k * math.log(middle)
                + (of - k) * math.log1p(-middle)
            )
            for k in range(hits + 1)
        )
        low, high = (middle, high) if tail > risk else (low, middle)
    return high
