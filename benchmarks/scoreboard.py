"""The score board: what no reader and no checker of models is known to get right, measured here on
the same cases that the tests hold (facts of validation, 5). Each row has its target, and the best
figure known of another program; what of those is on the PATH is run beside (nasty STL files).

Rows that need models of others want --corpus; a row that cannot be measured says NOT EVALUATED and
why, and is no success. --dated YYYY-MM-DD also writes docs/scoreboard.md.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.tables import show

if TYPE_CHECKING:
    from benchmarks.__main__ import Setting
    from printstd.artifacts.mesh import Mesh

ROOT: Final = Path(__file__).parent.parent
PAGE: Final = ROOT / "docs" / "scoreboard.md"
MOST_OFF_MM: Final = 0.01
_ALARM_SHARE: Final = 2 / 155
_BRIDGED_MM: Final = 0.005
"""Files that are closed once gaps of this are bridged were never open."""
_EVERY: Final = 6
"""Of the corpus's parts, so that the board is made in minutes."""
_MOVED_MM: Final = 0.05
_METAMORPHIC_SAMPLES: Final = ("bracket.stl", "tee.stl", "cube20.stl")
_PEERS: Final = {
    "admesh": (["admesh"], re.compile(r"Number of facets\s*:\s*(\d+)"), "ADMesh 36/47"),
    "prusa-slicer --info": (
        ["prusa-slicer", "--info"],
        re.compile(r"number_of_facets = (\d+)"),
        "PrusaSlicer 35/47",
    ),
}
"""How each is called, what says how many facets it read, and what was measured of it on the 47
files of the facts, which are kin to those here and not the same bytes."""


class Row(NamedTuple):
    """measured : empty where it was not. is_met : None then. wrong : each case that is, by name."""

    metric: str
    peer: str
    target: str
    measured: str
    is_met: bool | None
    wrong: tuple[str, ...] = ()
    note: str = ""


def nasty_stl(setting: Setting) -> list[Row]:
    from tests.conformance.stl.nasty import CASES, wrong

    bad = tuple(f"{one.name}: {said}" for one in CASES if (said := wrong(one)))
    best, target = "libigl 38/47", "47/47 with the right code"
    metric = "nasty STL files, right outcome"
    rows = [Row(metric, best, target, f"{len(CASES) - len(bad)}/{len(CASES)}", not bad, bad)]
    for name, (command, facets, known) in _PEERS.items():
        if not shutil.which(command[0]):
            print(f"{name}: not run, it is not on the PATH")
            continue
        theirs = []
        for number, one in enumerate(CASES):
            path = setting.scratch / f"nasty{number}.stl"
            path.write_bytes(one.data)
            found = _facets([*command, str(path)], facets)
            wanted = None if one.refused else len((one.mesh or CASES[0].mesh or ([], []))[1])
            if found != wanted:
                theirs.append(f"{one.name}: {found if found is not None else 'refused'}")
        right = f"{len(CASES) - len(theirs)}/{len(CASES)}"
        # Beside ours, not a row that can miss: whether it gives a reason is not even asked.
        what = "facets read, or refused; no reason asked for"
        metric = f"the same by {name}, run here"
        rows.append(Row(metric, known, "-", right, None, tuple(theirs), what))
    return rows


def _facets(command: list[str], pattern: re.Pattern[str]) -> int | None:
    """How many facets a program says it read; None where it refuses, says none, or hangs."""
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=20, check=False, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired:
        return None
    text = (done.stdout + done.stderr).decode("utf-8", "replace")
    counts = [int(count) for count in pattern.findall(text)]
    return sum(counts) or None if done.returncode == 0 else None


def three_mf(_: Setting) -> list[Row]:
    from tests.conformance.threemf.chapters import RULES, wrong

    cases = [(f"{r.chapter}, {c.name}", c) for r in RULES for c in r.cases]
    rows = []
    for metric, peer, is_bad in (
        ("3MF files that break a rule, refused with the right code", "lib3mf 36/38", True),
        ("3MF files that keep to every rule, taken", "lib3mf 10/13", False),
    ):
        own = [(name, case) for name, case in cases if bool(case.code) is is_bad]
        bad = tuple(f"{name}: {said}" for name, case in own if (said := wrong(case)))
        figure = f"{len(own) - len(bad)}/{len(own)}"
        note = (
            "own files, chapter by chapter (docs/3mf.md); the peer's figure is of the consortium's"
        )
        rows.append(Row(metric, peer, "all", figure, not bad, bad, note))
    return rows


def self_intersection(_: Setting) -> list[Row]:
    from tests import meshes
    from tests.conformance.checks.judging import judged
    from tests.unit.validate.test_triangle_pairs import MERELY_TOUCH, MUST_FIND, found_in, kinds

    found = {name: bool(kinds(found_in(mesh))) for name, mesh in MUST_FIND.items()}
    box = meshes.cube(10.0)
    doubled = judged("GEO-07", meshes.merged(box, box))
    found["coincident duplicate box"] = any(f.status.value == "FAIL" for f in doubled)
    false = [name for name in ("torus", "bracket") if kinds(found_in(getattr(meshes, name)()))]
    touches = [n for n, m in MERELY_TOUCH.items() if {"CUT", "CREASE"} & set(kinds(found_in(m)))]
    missed = [name for name, is_found in found.items() if not is_found]
    wrong = tuple(f"missed: {n}" for n in missed) + tuple(f"false: {n}" for n in (*false, *touches))
    return [
        Row(
            "self-intersection truth, 9 to be found, 2 clean, 3 that touch",
            "CGAL 8/9",
            "9/9, 0 false, touches classified",
            f"{len(found) - len(missed)}/{len(found)}, {len(false)} false, "
            f"{len(MERELY_TOUCH) - len(touches)}/{len(MERELY_TOUCH)} touches",
            not wrong,
            wrong,
        )
    ]


def alarms(setting: Setting) -> list[Row]:
    """Of real parts that are good for the default pack; what must be refused is no alarm."""
    import tomllib

    metric, peer = "good parts with an alarm at FAIL level", "print-doctor 26/26, MeshRight 3/26"
    target = "at most 2 of 155"
    if setting.corpus is None:
        return [Row(metric, peer, target, "", None, note="needs --corpus")]
    from tests.conformance.checks.judging import validated

    expected = tomllib.loads((ROOT / "benchmarks" / "corpus.toml").read_text("utf-8"))["good"]
    looked_at, wrong = 0, []
    for model in setting.models("good"):
        if expected[model.name]["certify"] != 0:
            continue
        report = validated(model.read_bytes(), name=model.name)
        looked_at += 1
        failed = sorted({f.rule_id for f in report.findings if f.status.value == "FAIL"})
        wrong += [f"{model.name}: {', '.join(failed)}"] if failed else []
    is_met = len(wrong) <= _ALARM_SHARE * looked_at
    figure = f"{len(wrong)}/{looked_at}"
    return [Row(metric, peer, target, figure, is_met, tuple(wrong))]


def false_open(setting: Setting) -> list[Row]:
    """Files that a weld bit by bit says are open, and are not."""
    metric = "files called open because they are welded bit by bit"
    if setting.corpus is None:
        return [Row(metric, "any exact weld 6/522", "0", "", None, note="needs --corpus")]
    from printstd.intake import read_model
    from printstd.kernels.weld import weld

    models = [*setting.models("good"), *setting.models("units")]
    by_bits, wrong = [], []
    for model in models:
        mesh = read_model(model.read_bytes(), name=model.name).mesh
        corners = mesh.vertices_mm[mesh.faces].reshape(-1, 3)
        is_open = _n_open(mesh.faces) > 0
        bridged = weld(corners, None, crack=_BRIDGED_MM)
        if is_open and _n_open(bridged.faces) == 0:
            wrong.append(f"{model.name}: {_n_open(mesh.faces)} open edges")
        if not is_open and _n_open(_welded_by_bits(model)) > 0:
            by_bits.append(model.name)
    figure = f"{len(wrong)}/{len(models)}; bit by bit it would be {len(by_bits)}"
    return [Row(metric, "any exact weld 6/522", "0", figure, not wrong, tuple(wrong))]


def _welded_by_bits(model: Path) -> NDArray[np.int64]:
    """Faces of a binary STL whose vertices are one where all bits are (-0 is 0); no faces of other
    formats, whose vertices are indexed."""
    from printstd.intake.sniff import is_exact_binary_stl

    data = model.read_bytes()
    if not is_exact_binary_stl(data):
        return np.zeros((0, 3), np.int64)
    records = np.frombuffer(data, np.uint8, offset=84).reshape(-1, 50)[:, 12:48]
    points = np.ascontiguousarray(records).view("<f4").reshape(-1, 3) + np.float32(0)
    _, inverse = np.unique(points, axis=0, return_inverse=True)
    faces = inverse.reshape(-1, 3)
    a, b, c = faces.T
    return np.asarray(faces[(a != b) & (b != c) & (c != a)])


def _n_open(faces: NDArray[Any]) -> int:
    """Edges of one facet only; facets that have two corners in one vertex have no part in it."""
    if not len(faces):
        return 0
    faces = faces.astype(np.int64)
    a, b, c = faces.T
    faces = faces[(a != b) & (b != c) & (c != a)]
    edges = np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), axis=1)
    keys = edges[:, 0] * (int(faces.max(initial=0)) + 1) + edges[:, 1]
    return int((np.unique(keys, return_counts=True)[1] == 1).sum())


def thickness(_: Setting) -> list[Row]:
    from printstd.validate.thickness import air_before, material_behind
    from tests.conformance.checks import solids
    from tests.conformance.checks.test_thickness_truth import ANGLES, SIZES, WALLS, context_of

    worst, rims, n = 0.0, [], 0
    for degrees in ANGLES:
        for size in SIZES:
            for name, wall in WALLS.items():
                read = context_of(solids.turned(wall(size), degrees)).once(material_behind)
                off = abs(float(read.distance_mm.min()) - size) if len(read.facet) else np.inf
                worst, n = max(worst, off), n + 1
                # Whatever is read thinner than the wall is a rim.
                if off > MOST_OFF_MM:
                    rims.append(f"{name} of {size} mm at {degrees:g} deg: {off:.4f} mm off")
            gaps = context_of(solids.turned(solids.slit(size), degrees)).once(air_before)
            worst, n = max(worst, float(np.abs(gaps.distance_mm - size).max())), n + 1
        block = context_of(solids.turned(solids.sharp(30.0), degrees))
        rims += (
            [f"acute block at {degrees:g} deg"] if len(block.once(material_behind).facet) else []
        )
    return [
        Row(
            "thickness of walls and slits, largest error",
            "rays of 3d-base and print-doctor: 0.0004 mm at every rim",
            "at most 0.01 mm, no rim alarms",
            f"{worst:.5f} mm on {n} cases, {len(rims)} rim alarms",
            worst <= MOST_OFF_MM and not rims,
            tuple(rims),
        )
    ]


def repair(setting: Setting) -> list[Row]:
    """Samples and broken models: how far the accepted ones moved, by the proof, which finds at
    least what is there, and by their corners, whatever the proof says."""
    from printstd.errors import InputError
    from printstd.intake import read_model
    from printstd.mending import mended, policy_of
    from tests.conformance.checks.judging import resolved

    demands = resolved()
    policy = policy_of(demands, None)
    models = sorted(ROOT.joinpath("samples").glob("*.stl"))
    models += setting.models("bad")
    n_accepted, n_refused, farthest, wrong = 0, 0, 0.0, []
    for model in models:
        try:
            file = read_model(model.read_bytes(), name=model.name)
            result = mended(file, demands, policy, is_3mf=False)
        except InputError:
            n_refused += 1
            continue
        if result.product is None or result.after is None or result.proof is None:
            n_refused += 1
            continue
        n_accepted += 1
        apart = max(result.proof.upper_mm, _apart_mm(file.mesh, result.after.mesh))
        farthest = max(farthest, apart)
        if apart > _MOVED_MM:
            wrong.append(f"{model.name}: {apart:.4f} mm")
    return [
        Row(
            "repairs beyond 0.05 mm that are accepted",
            "MeshFix 3 of 6",
            "0",
            f"{len(wrong)} of {n_accepted} accepted, {n_refused} refused; the farthest "
            f"{farthest:.6f} mm",
            not wrong,
            tuple(wrong),
        )
    ]


def _apart_mm(before: Mesh, after: Mesh) -> float:
    """How far corners of the repaired surface lie from the source, whatever the proof says."""
    from printstd.kernels.nearest_facets import facet_tree, nearest_facets

    points = after.vertices_mm[after.faces].reshape(-1, 3)
    tree = facet_tree(before.vertices_mm[before.faces])
    return float(nearest_facets(points, tree).distance.max(initial=0.0))


def metamorphic(setting: Setting) -> list[Row]:
    """The samples, and every sixth of the corpus's parts; section `metamorphic` takes all."""
    from benchmarks.metamorphic import bare_demands, of_file

    demands, wrong = bare_demands(), []
    models = [ROOT / "samples" / name for name in _METAMORPHIC_SAMPLES]
    models += setting.models("good")[::_EVERY]
    for model in models:
        wrong += [f"{model.name}: {line}" for line in of_file(model, demands)]
        print(f"  metamorphic: {model.name}: done", flush=True)
    return [
        Row(
            "verdicts and figures that change with the words of the file",
            "OrcaSlicer issue 4140",
            "0",
            f"{len(wrong)} on {len(models)} models",
            not wrong,
            tuple(wrong),
        )
    ]


ROWS: Final[dict[str, Callable[[Setting], list[Row]]]] = {
    "nasty": nasty_stl,
    "3mf": three_mf,
    "self-intersection": self_intersection,
    "alarms": alarms,
    "open": false_open,
    "thickness": thickness,
    "repair": repair,
    "metamorphic": metamorphic,
}


def measure(setting: Setting) -> dict[str, Any]:
    sys.path.insert(0, str(ROOT))  # the tests' cases, also of a checkout that is not installed
    rows = [row for name, make in ROWS.items() for row in _told(name, make(setting))]
    show(
        ["metric", "best known", "target", "measured", "met"],
        [[r.metric, r.peer, r.target, r.measured or "NOT EVALUATED", r.is_met] for r in rows],
    )
    if setting.dated:
        PAGE.write_text(page(rows, setting.dated), "utf-8")
        print(f"written: {PAGE.relative_to(ROOT)}")
    return {
        "dated": setting.dated,
        "rows": [row._asdict() for row in rows],
        "not_evaluated": [row.metric for row in rows if not row.measured],
        "holds": all(row.is_met is not False for row in rows),
    }


def _told(name: str, rows: list[Row]) -> list[Row]:
    for row in rows:
        for line in row.wrong:
            print(f"  {name}: {row.metric}: {line}", flush=True)
    return rows


_HEAD: Final = """# Score board

Measured {dated} by `make scoreboard BENCH='--corpus DIR --dated {dated}'`, on the cases that the
tests hold; this page is written by that command. *Best known* is what was measured once of other
programs (libigl 2.6, lib3mf, CGAL, print-doctor, MeshRight, MeshFix, PrusaSlicer 2.5, ADMesh
0.98.4), not run again here but where it says so. NOT EVALUATED is no success.

| metric | best known | target | measured | met |
|---|---|---|---|---|
"""


def page(rows: list[Row], dated: str) -> str:
    """docs/scoreboard.md: nothing in it of clock or machine."""
    text = _HEAD.format(dated=dated)
    words = {None: "-", True: "yes", False: "NO"}
    for row in rows:
        measured = row.measured or f"NOT EVALUATED: {row.note}"
        if row.measured and row.note:
            measured += f" ({row.note})"
        text += f"| {row.metric} | {row.peer} | {row.target} | {measured} | {words[row.is_met]} |\n"
    wrong = [(row.metric, line) for row in rows if row.is_met is False for line in row.wrong]
    if wrong:
        text += "\nMissed:\n\n" + "".join(f"- {metric}: {line}\n" for metric, line in wrong)
    return text
