"""Toolpaths of several tools: who lays what, in which order, and the tower that they purge on."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from printstd import pipeline
from printstd.adapters.executors import SerialExecutor
from printstd.artifacts.toolpath import MoveKind, Role, Toolpath
from printstd.errors import ProfileError, SlicingError, UsageError
from printstd.profiles.resolved import Request, Resolved
from printstd.profiles.tower import tower_size
from printstd.reuse.kept import Kept
from printstd.toolpath import bands
from printstd.toolpath.parts import PlatePart
from printstd.toolpath.plan import plan_plate
from printstd.units import E5_PER_MM
from tests import meshes, plates
from tests.stacks import Silent
from tests.unit.profiles.sources import BUNDLED

EXTRUDERS = (("block", 1), ("post", 2), ("low", 1))
RETRACTED = ("printer.tools.retract_mm", "4.0")


@functools.cache
def resolved_for(*overrides: tuple[str, str], printer: str = "bibo2-touch-dual") -> Resolved:
    return pipeline.resolve(Request(printer=printer, overrides=overrides), BUNDLED)


@functools.cache
def plate(*overrides: tuple[str, str]) -> pipeline.Plate:
    parts = []
    for name, extruder in EXTRUDERS:
        model = pipeline.ModelInput(meshes.stl_binary(plates.PARTS[name]()), f"{name}.stl")
        order = pipeline.Order(extruder=extruder)
        parts.append(pipeline.prepare(model, order, resolved_for(*overrides)))
    return pipeline.plate_of(parts)


@functools.cache
def planned(*overrides: tuple[str, str]) -> Toolpath:
    from printstd.slicing import slice_mesh

    own = plate(*overrides)
    parts = [
        PlatePart(
            Kept.of(
                slice_mesh(
                    prepared.file.mesh,
                    own.copies_of(number)[0].placement,
                    prepared.resolved,
                    executor=SerialExecutor(),
                    progress=Silent(),
                )
            ),
            prepared.resolved,
            tuple(stand.label for stand in own.copies_of(number)),
            own.shift_nm(number),
        )
        for number, prepared in enumerate(own.models)
    ]
    return plan_plate(
        parts, own.resolved, executor=SerialExecutor(), progress=Silent(), tower=own.tower
    )


def laid(toolpath: Toolpath) -> np.ndarray:
    return np.flatnonzero(toolpath.kind == MoveKind.EXTRUDE)


def test_every_object_is_laid_by_its_own_tool_alone() -> None:
    toolpath, own = planned(), plate()
    rows = laid(toolpath)
    tools = [own.models[stand.model].resolved.tool for stand in own.stands]
    owner = toolpath.object_id[rows]
    assert (toolpath.tool[rows][owner >= 0] == np.array(tools)[owner[owner >= 0]]).all()
    assert {int(n) for n in owner} == {-1, 0, 1, 2}


def test_a_layer_begins_with_the_tool_at_hand_and_changes_once() -> None:
    toolpath = planned()
    layer = toolpath.layer[toolpath.changes]
    # Post and block are in the first 20 layers, then the block alone, made by tool 0.
    both = 20
    assert layer.tolist() in ([*range(both), both], list(range(both)))
    # A change goes nowhere: the nozzle stands already where the tool that comes begins.
    rows = toolpath.changes
    assert (toolpath.kind[rows] == MoveKind.TRAVEL).all()
    assert (toolpath.xy_um[rows] == toolpath.xy_um[rows - 1]).all()


def test_what_comes_purges_before_anything_else() -> None:
    toolpath = planned()
    rows = laid(toolpath)
    area_mm2 = np.pi / 4 * 1.75**2
    for change in toolpath.changes.tolist():
        mine = rows[rows > change]
        first = int(np.argmax(toolpath.role[mine] != Role.WIPE_TOWER))
        assert toolpath.role[mine[0]] == Role.WIPE_TOWER
        volume = toolpath.e_e5[mine[:first]].sum() / E5_PER_MM * area_mm2
        assert volume >= 15.0
        # The purging lines come first, and hold it to the rounding of filament.
        width = toolpath.width_nm[mine]
        purge = int(np.argmax(width != width[0]))
        filament = toolpath.e_e5[mine[:purge]].sum() / E5_PER_MM
        assert filament * area_mm2 == pytest.approx(15.0, abs=0.02)


def test_the_tower_stands_from_the_bed_to_the_last_change_and_inside_its_place() -> None:
    toolpath, stand = planned(), plate().tower
    assert stand is not None
    rows = np.flatnonzero(toolpath.role == Role.WIPE_TOWER)
    last = int(toolpath.layer[toolpath.changes[-1]])
    assert np.unique(toolpath.layer[rows]).tolist() == list(range(last + 1))
    x0, y0, x1, y1 = stand.outer_um
    half = toolpath.width_nm[rows] / 2000
    low, high = toolpath.xy_um[rows] - half[:, None], toolpath.xy_um[rows] + half[:, None]
    assert (low >= [x0 - 1, y0 - 1]).all()
    assert (high <= [x1 + 1, y1 + 1]).all()
    above = rows[toolpath.layer[rows] > 0]
    x0, y0, x1, y1 = stand.box_um
    half = toolpath.width_nm[above] / 2000
    assert (toolpath.xy_um[above] - half[:, None] >= [x0 - 1, y0 - 1]).all()
    assert (toolpath.xy_um[above] + half[:, None] <= [x1 + 1, y1 + 1]).all()
    assert {int(n) for n in toolpath.object_id[rows]} == {-1}


def test_the_tower_stands_clear_of_all_parts() -> None:
    own = plate()
    assert own.tower is not None
    x0, y0, x1, y1 = own.tower.outer_um
    for stand in own.stands:
        vertices = own.models[stand.model].file.mesh.vertices_mm * 1000
        place = np.array(stand.placement.translation_um)
        low, high = (vertices + place).min(axis=0), (vertices + place).max(axis=0)
        apart = max(low[0] - x1, x0 - high[0], low[1] - y1, y0 - high[1])
        assert apart >= 5_999


def test_each_tools_filament_goes_back_and_forth_by_the_same_length() -> None:
    toolpath = planned(RETRACTED)
    alone = np.isin(toolpath.kind, (MoveKind.RETRACT, MoveKind.UNRETRACT, MoveKind.WIPE))
    for tool in toolpath.tools:
        rows = np.flatnonzero(toolpath.tool == tool)
        drawn = np.cumsum(np.where(alone[rows], toolpath.e_e5[rows], 0))
        at_bead = drawn[toolpath.kind[rows] == MoveKind.EXTRUDE]
        assert (at_bead == 0).all()
    # Tools that wait are drawn back as far as the profile says.
    change = toolpath.changes[3]
    before = np.flatnonzero(toolpath.kind[:change] == MoveKind.EXTRUDE)[-1]
    assert toolpath.e_e5[before + 1 : change].sum() == -4 * E5_PER_MM


def test_one_tool_lays_a_plate_as_a_machine_with_one_would() -> None:
    """The beads of every object are the same, whichever tools make them and wherever it stands."""
    own = planned()
    apart = planned(("process.prime_tower.enabled", "false"))
    for number in range(3):
        lengths = []
        for toolpath in (own, apart):
            rows = laid(toolpath)
            rows = rows[toolpath.object_id[rows] == number]
            lengths.append(int(toolpath.e_e5[rows].sum()))
        assert lengths[0] == pytest.approx(lengths[1], rel=5e-3)
    assert not (apart.role == Role.WIPE_TOWER).any()
    assert len(apart.changes)


def test_the_tower_is_as_deep_as_its_purge_and_its_height_need() -> None:
    resolved = resolved_for()
    low, high = tower_size(resolved, (0, 1), 10_000_000), tower_size(resolved, (0, 1), 100_000_000)
    assert low is not None
    assert high is not None
    assert low.depth_nm == 5_000_000
    assert high.depth_nm == 20_000_000
    assert low.strip_nm(15 * 10**18) * low.row_nm * 200_000 >= 15 * 10**18
    more = tower_size(resolved_for(("printer.tools.purge_mm3", "140.0")), (0, 1), 10_000_000)
    assert more is not None
    assert more.depth_nm > 12_000_000
    assert tower_size(resolved, (1,), 10_000_000) is None
    assert tower_size(resolved_for(printer="mk4s"), (0, 1), 10_000_000) is None


def test_what_one_tool_cannot_do_is_refused() -> None:
    one = resolved_for(printer="mk4s")
    with pytest.raises(UsageError, match="no such extruder"):
        one.of_tool(1)
    with pytest.raises(ProfileError, match="one extruder"):
        pipeline.resolve(Request(printer="mk4s", more_materials=("pla",)), BUNDLED)
    with pytest.raises(ProfileError, match="one for each of the 2"):
        pipeline.resolve(
            Request(printer="bibo2-touch-dual", more_materials=("pla", "pla")), BUNDLED
        )
    with pytest.raises(ProfileError, match="on the same bed"):
        pipeline.resolve(Request(printer="bibo2-touch-dual", more_materials=("petg",)), BUNDLED)


@pytest.mark.parametrize("size", [1, 2, 5])
def test_bands_change_neither_who_lays_what_nor_when(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever they begin: between two layers, or between two tools in one."""

    def told(toolpath: Toolpath) -> list[tuple[int, int, int]]:
        rows = laid(toolpath)
        steps = np.stack([toolpath.layer[rows], toolpath.tool[rows]])
        begins = np.flatnonzero(np.append(True, (np.diff(steps) != 0).any(axis=0)))
        return [(*steps[:, i].tolist(), int(toolpath.role[rows[i]])) for i in begins.tolist()]

    whole = planned()
    monkeypatch.setattr(bands, "LAYERS", size)
    found = planned.__wrapped__()
    assert len(told(whole)) > 2 * size
    assert told(found) == told(whole)
    for one, other in zip(fed(found), fed(whole), strict=True):
        assert abs(one - other) <= 0.001 * other


def fed(toolpath: Toolpath) -> list[int]:
    """1e-5 mm that each tool lays in each layer."""
    rows = laid(toolpath)
    number = 2 * toolpath.layer[rows] + toolpath.tool[rows]
    return np.bincount(number, toolpath.e_e5[rows]).astype(int).tolist()


def test_profiles_that_contradict_themselves_are_refused() -> None:
    for key, value, wanted in (
        ("printer.tools.retract_mm", "20.0", "max_length_mm"),
        ("printer.start_code", '["G28"]', "first_tool"),
        ("printer.end_code", '["T{previous_tool}"]', "previous_tool"),
        ("printer.tools.before_change_code", '["M600"]', "M600"),
        ("printer.tools.purge_matrix_mm3", "[[0, 9], [9]]", "2 rows of 2"),
    ):
        with pytest.raises(ProfileError, match=wanted):
            resolved_for((key, value))
    shared = ("printer.tools.shares_nozzle", "true"), ("printer.tools.standby_drop_c", "20")
    with pytest.raises(ProfileError, match="never waits"):
        resolved_for(*shared)


@pytest.mark.parametrize(
    ("overrides", "code"),
    [
        ((("process.plate.by_object", "true"),), "SLICE-15"),
        (
            (
                ("process.prime_tower.width_mm", "200.0"),
                ("process.prime_tower.brim_width_mm", "20.0"),
            ),
            "SLICE-08",
        ),
    ],
)
def test_what_has_no_place_is_refused(overrides: tuple[tuple[str, str], ...], code: str) -> None:
    with pytest.raises(SlicingError) as caught:
        planned(*overrides)
    assert caught.value.code == code


def tower_rows(toolpath: Toolpath, *, first: bool) -> np.ndarray:
    is_tower = toolpath.role == Role.WIPE_TOWER
    return np.flatnonzero(is_tower & ((toolpath.layer == 0) == first))


def test_every_setting_of_the_tower_is_seen() -> None:
    """The keys of `prime_tower` but `enabled`, which other tests turn off."""
    for width_mm in (30.0, 50.0):
        toolpath = planned(("process.prime_tower.width_mm", f"{width_mm}"))
        rows = tower_rows(toolpath, first=False)
        half = toolpath.width_nm[rows].max() / 2e6
        found = np.ptp(toolpath.xy_um[rows, 0]) / 1000 + 2 * half
        assert found == pytest.approx(width_mm, abs=0.05)
    for brim_mm in (0.0, 4.0):
        toolpath = planned(("process.prime_tower.brim_width_mm", f"{brim_mm}"))
        low, high = tower_rows(toolpath, first=True), tower_rows(toolpath, first=False)
        wider = np.ptp(toolpath.xy_um[low, 0]) - np.ptp(toolpath.xy_um[high, 0])
        # Whole loops only.
        assert brim_mm - 0.45 <= wider / 2000 <= brim_mm
    for speed_mm_s in (20.0, 35.0):
        toolpath = planned(("process.prime_tower.speed_mm_s", f"{speed_mm_s}"))
        feeds = toolpath.feed_mm_min[tower_rows(toolpath, first=False)]
        assert feeds.max() == speed_mm_s * 60
