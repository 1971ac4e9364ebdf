"""Real models: what each must be found to be, for pack int, class m, PLA, standard-0.20, MK4S.

Facts of every model (facets, bodies, sizes, faults) were established with several other tools;
they are written down here, so that a change of ours that sees a model otherwise is seen.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from printstd.artifacts.finding import Report, Status
from printstd.errors import InputError
from printstd.profiles.decision import decide
from printstd.validate.blockers import BLOCKERS, slice_blockers
from tests.conformance.checks.judging import assert_complete, resolved, validated

pytestmark = pytest.mark.corpus

GOOD: dict[str, tuple[int, int, tuple[float, float, float]]] = {
    "20mm-xyz-cube.stl": (260, 1, (20, 20, 20)),
    "7_8ths_cube.stl": (24, 1, (40, 40, 40)),
    "busted.stl": (3878, 1, (10.7, 11.4, 9.6)),
    "fixed_top.ply": (4772, 1, (120, 10, 120)),
    "round.stl": (1120, 1, (5.1, 5.1, 61)),
    "voron_mgn9_rail_guide.stl": (620, 1, (26, 20.5, 10)),
    "voron_bottom_panel_clip.stl": (1384, 1, (30, 32, 6)),
    "voron_exhaust_filter_grill.stl": (4840, 1, (38, 155, 5.6)),
    "voron_fan_grill_b.stl": (6084, 1, (60, 60, 3.2)),
    "voron_tensioner_right.stl": (6568, 1, (25, 45, 18)),
    "voron_xy_joint_cable_bridge.stl": (12156, 1, (41, 66, 21)),
    "voron_mini12864_case_rear.stl": (18470, 1, (117, 74, 12)),
    "voron_thread_test_3.stl": (19318, 2, (37, 65, 11)),
    "voron_z_drive_main_a.stl": (23308, 1, (67, 59, 27)),
    "voron_a_drive_frame_lower.stl": (35520, 1, (53, 116, 17)),
    "voron_spider_bracket_set.stl": (36016, 2, (40, 76, 9)),
    "voron_exhaust_filter_housing.stl": (43928, 1, (144, 155, 45)),
}
"""Facets, bodies, size in mm."""

# Worst status of rules that say more than INFO, WARN where it is allowed to.
UNITS = {
    "ADIS16480.STL": ("meter", 8),
    "octagonal_pocket.stl": ("meter", 8),
    "angle_block.STL": ("inch", 8),
    "torus.STL": ("inch", 8),
    "featuretype.STL": ("inch", 8),
    "idler_riser.STL": ("inch", 8),
    "fandisk.obj": ("inch", 8),
    "plate_holes.STL": (None, 1),
    "featuretype.3MF": (None, 1),
}
"""Which unit the numbers look like; exit code of validate."""

BAD: dict[str, tuple[dict[str, float | None], bool]] = {
    "soup.stl": ({"GEO-02": 300}, True),
    "teapot.stl": ({"GEO-02": 64}, True),
    "bunny.ply": ({"GEO-02": 123, "GEO-03": None, "GEO-07": None, "GEO-08": None}, True),
    "multibody.stl": ({"GEO-03": None}, True),
    "not_convex.obj": ({"GEO-02": 12}, False),
    "shared.STL": ({"GEO-02": 1}, False),
    "voron_corner_panel_clip_4mm.stl": ({"GEO-02": 1}, False),
    "large_block.STL": ({"PRN-07": None}, True),
}
"""Rules that fail, with their first figure where it is known; whether slicing is prevented."""


def report_of(path: Path) -> Report:
    report = validated(path.read_bytes(), name=path.name, unit=None)
    for finding in report.findings:
        assert_complete(finding)
    return report


def exit_code(report: Report) -> int:
    return decide(
        report.findings,
        rules_run=report.rules_run,
        mandatory=resolved().pack.mandatory_checks,
    ).exit_code


def failures(report: Report) -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    for finding in report.findings:
        if finding.status is Status.FAIL:
            found.setdefault(finding.rule_id, finding.measured)
    return found


def test_the_corpus_is_the_one_that_is_written_down_here(corpus: Path) -> None:
    for folder, names in (("good", GOOD), ("units", UNITS), ("bad", {**BAD, "empty.stl": None})):
        assert {path.name for path in (corpus / folder).iterdir()} == set(names)


@pytest.mark.parametrize("name", GOOD)
def test_good_models_pass(corpus: Path, name: str) -> None:
    report = report_of(corpus / "good" / name)
    n_facets, bodies, _ = GOOD[name]
    wanted = {"THK-01": pytest.approx(0.3, abs=0.02)} if name == "round.stl" else {}
    assert failures(report) == wanted
    undecided = {Status.NOT_EVALUATED, Status.INDETERMINATE}
    assert not [f for f in report.findings if f.status in undecided]
    assert exit_code(report) == (1 if wanted else 0)
    assert f"of {n_facets * 3 // 2} edges" in report.of_rule("GEO-02")[0].message
    assert report.of_rule("GEO-09")[0].measured == bodies
    assert report.of_rule("UNT-01")[0].status is Status.PASS
    assert slice_blockers(report) == []


@pytest.mark.parametrize("name", GOOD)
def test_good_models_have_their_sizes(corpus: Path, name: str) -> None:
    report = validated(
        (corpus / "good" / name).read_bytes(), name=name, unit=None, only=("PRN-07",)
    )
    box = report.findings[0].where[0].box_mm
    assert box is not None
    for low, high, wanted in zip(box[:3], box[3:], GOOD[name][2], strict=True):
        assert abs(high - low - wanted) <= (0.51 if wanted == int(wanted) else 0.06)


def test_the_self_intersections_of_the_z_drive_are_told_with_their_depth(corpus: Path) -> None:
    report = report_of(corpus / "good" / "voron_z_drive_main_a.stl")
    depths = [f.measured for f in report.of_rule("GEO-10")]
    assert max(d for d in depths if d is not None) == pytest.approx(0.053, abs=5e-4)


@pytest.mark.parametrize("name", UNITS)
def test_numbers_that_are_no_millimetres_are_seen(corpus: Path, name: str) -> None:
    unit, code = UNITS[name]
    report = report_of(corpus / "units" / name)
    assert exit_code(report) == code
    (finding,) = report.of_rule("UNT-01")
    if unit is None:
        assert finding.status is Status.PASS
        return
    assert finding.status is Status.INDETERMINATE
    assert f"look like {unit}" in finding.message
    assert failures(report) == {}


def test_a_plate_of_eight_by_twelve_inches_is_sound_and_too_long_for_the_bed(corpus: Path) -> None:
    report = report_of(corpus / "units" / "plate_holes.STL")
    assert failures(report) == {"PRN-07": pytest.approx(304.8)}


def test_a_3mf_in_inches_has_its_holes(corpus: Path) -> None:
    report = report_of(corpus / "units" / "featuretype.3MF")
    assert failures(report)["GEO-02"] == 18
    box = report.of_rule("PRN-07")[0].where[0].box_mm
    assert box is not None
    assert box[3] - box[0] == pytest.approx(127.0, abs=1e-6)


@pytest.mark.parametrize("name", BAD)
def test_bad_models_fail_for_what_is_wrong_with_them(corpus: Path, name: str) -> None:
    wanted, is_prevented = BAD[name]
    report = report_of(corpus / "bad" / name)
    found = failures(report)
    assert set(wanted) <= set(found)
    assert all(found[rule] == figure for rule, figure in wanted.items() if figure is not None)
    assert exit_code(report) == 1
    blocked = slice_blockers(report)
    assert bool(blocked) == is_prevented
    assert {finding.rule_id for finding in blocked} <= set(BLOCKERS)


def test_the_bunny_has_its_crowded_edges(corpus: Path) -> None:
    report = report_of(corpus / "bad" / "bunny.ply")
    assert [f.measured for f in report.of_rule("GEO-02")] == [123, 150]


def test_the_teapot_has_four_shells(corpus: Path) -> None:
    """Three bodies where a common corner joins; two of the shells meet in corners only."""
    report = report_of(corpus / "bad" / "teapot.stl")
    assert report.of_rule("GEO-09")[0].measured == 4


def test_an_empty_file_is_refused(corpus: Path) -> None:
    with pytest.raises(InputError) as caught:
        report_of(corpus / "bad" / "empty.stl")
    assert caught.value.code == "STL-002"


def test_the_command_over_several_models_says_the_worst_and_all_of_them(corpus: Path) -> None:
    names = ["good/7_8ths_cube.stl", "units/torus.STL", "bad/shared.STL", "bad/empty.stl"]
    done = subprocess.run(
        [
            *(sys.executable, "-m", "printstd.cli.main", "validate"),
            *("--printer", "mk4s", "--format", "json"),
            *[str(corpus / name) for name in names],
        ],
        capture_output=True,
        check=False,
        timeout=120,
    )
    document: dict[str, Any] = json.loads(done.stdout)
    codes = [subject["exit_code"] for subject in document["subjects"]]
    assert codes == [0, 8, 1, 4]
    assert done.returncode == 4
