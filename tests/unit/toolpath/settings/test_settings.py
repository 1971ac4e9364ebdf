"""Every setting that concerns the toolpath is seen in it: no key is read and ignored.

A row names a key, two or more values, the part on which it shows, and what is measured there. What
must be measured is either told by the value itself, or it must rise or fall with the values.
"""

from __future__ import annotations

import numpy as np
import pytest

from printstd.artifacts.toolpath import MoveKind, Role
from printstd.profiles.keys import settable_keys
from printstd.profiles.models import Material, Printer, Process
from tests.unit.toolpath.planning import is_kind, lengths_um
from tests.unit.toolpath.settings.machine_rows import MATERIAL_ROWS, RETRACTION_ROWS
from tests.unit.toolpath.settings.measures import fed, seam_spots, whole_fed
from tests.unit.toolpath.settings.planned import Row, planned, text
from tests.unit.toolpath.settings.process_rows import PROCESS_ROWS
from tests.unit.toolpath.settings.support_rows import SUPPORT_ROWS

NO_TOOLPATH = (
    *("id", "title_en", "plate.", "prime_tower.", "arcs."),
    *("design.", "integrity.", "printability.", "provenance.", "heal_gap_mm"),
)
"""Names, what concerns several parts (tests of plating) or tools (test_tools), how moves are
written, what the auditor is told, where values come from, and what only a report says."""


ALL_ROWS = (*PROCESS_ROWS, *SUPPORT_ROWS)


@pytest.mark.parametrize("row", ALL_ROWS, ids=[row.key for row in ALL_ROWS])
def test_a_setting_is_seen(row: Row) -> None:
    found = [
        row.measure(planned(row.part, (*row.beside, (row.key, text(value)))))
        for value in row.values
    ]
    if callable(row.wanted):
        wanted = [float(row.wanted(value)) for value in row.values]  # type: ignore[arg-type]
        assert found == pytest.approx(wanted, abs=row.within)
        assert len(set(wanted)) > 1
    elif row.wanted == "differs":
        assert len(set(found)) == len(found)
    else:
        steps = np.diff(found)
        assert (steps > 0 if row.wanted == "rises" else steps < 0).all()


def test_every_process_key_has_a_row() -> None:
    keys = [key for key in settable_keys(Process) if not key.startswith(NO_TOOLPATH)]
    assert sorted({row.key for row in ALL_ROWS}) == sorted(keys)


def test_seams_lie_where_the_setting_says() -> None:
    spots = {
        seam: seam_spots(planned("ell", (("walls.seam", seam),)))
        for seam in ("aligned", "rear", "nearest")
    }
    # In the inner corner, at the rear, and next to where the nozzle was.
    assert np.hypot(*(spots["aligned"] - [5.775, 5.775]).T).max() < 0.5
    assert (spots["rear"][:, 1] > 13.0).all()
    assert len(spots["nearest"]) == len(spots["rear"])
    travel = {
        seam: float(lengths_um(t)[is_kind(t, MoveKind.TRAVEL)].sum())
        for seam in spots
        for t in [planned("two bodies", (("walls.seam", seam),))]
    }
    assert travel["nearest"] < min(travel["aligned"], travel["rear"])


def test_density_is_in_the_filament() -> None:
    feds = [
        fed(Role.INTERNAL_INFILL)(planned("slab", (("infill.density_ratio", d),)))
        for d in ("0.2", "0.4")
    ]
    # Joins along the walls come on top: they do not double.
    assert 1.6 < feds[1] / feds[0] < 2.1


OF_OTHERS = {
    # The auditor's limit, not the generator's.
    "printer.retraction.max_length_mm",
}


@pytest.mark.parametrize(
    "row", MATERIAL_ROWS + RETRACTION_ROWS, ids=[row.key for row in MATERIAL_ROWS + RETRACTION_ROWS]
)
def test_a_setting_of_material_or_machine_is_seen(row: Row) -> None:
    test_a_setting_is_seen(row)


def test_every_fan_and_retraction_key_has_a_row() -> None:
    keys = {f"material.{key}" for key in settable_keys(Material) if key.startswith("fan.")}
    keys |= {f"printer.{key}" for key in settable_keys(Printer) if key.startswith("retraction.")}
    rows = {row.key for row in MATERIAL_ROWS + RETRACTION_ROWS}
    assert keys - OF_OTHERS <= rows


def test_filament_goes_with_flow_and_with_the_square_of_its_diameter() -> None:
    for key, a, b, ratio in (
        ("material.flow_ratio", "0.9", "1.1", 1.1 / 0.9),
        ("material.filament_diameter_mm", "1.7", "2.85", (1.7 / 2.85) ** 2),
    ):
        one, other = (whole_fed(planned("cube", ((key, value),))) for value in (a, b))
        assert other / one == pytest.approx(ratio, rel=1e-5)
