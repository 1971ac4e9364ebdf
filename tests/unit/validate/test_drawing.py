"""Rows of a drawing and features of a model: what is matched, what is left undecided, and what the
decision rule makes of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printstd import pipeline
from printstd.adapters.profile_files import default_source
from printstd.artifacts.characteristics import NominalFrom
from printstd.artifacts.conformity import beyond, decided
from printstd.artifacts.features import Feature, FeatureKind, FeatureList
from printstd.artifacts.finding import Status
from printstd.intake.characteristics import read_characteristics
from printstd.profiles.resolved import Request, Resolved
from printstd.validate.drawing.asking import asked
from printstd.validate.drawing.judging import judged
from printstd.validate.drawing.recognised import as_characteristics

X, Y, Z = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)


def feature(
    number: int,
    kind: FeatureKind,
    size: float,
    point: tuple[float, float, float],
    axis: tuple[float, float, float] = Z,
    **more: float,
) -> Feature:
    is_round = kind in (FeatureKind.HOLE, FeatureKind.BOSS)
    return Feature(
        id=f"F{number}",
        kind=kind,
        size=size,
        nominal=round(size, 2),
        is_rounded=False,
        u_mm=0.0001,
        residual_mm=0.0,
        sagitta_mm=more.get("sagitta", 0.0),
        facet_sides=64 if is_round else 0,
        arc_deg=more.get("arc", 360.0 if is_round else 0.0),
        is_concave=kind in (FeatureKind.HOLE, FeatureKind.GAP),
        widest_mm=0.0,
        around_mm=0.0,
        point_mm=point,
        axis=axis,
        length_mm=more.get("length", 10.0),
        overlap_mm2=more.get("overlap", 100.0 if not is_round else 0.0),
        facets=(0,),
    )


FOUND = FeatureList(
    (
        feature(1, FeatureKind.EXTENT, 50, (25, 17, 7), X, length=34),
        feature(2, FeatureKind.EXTENT, 34, (25, 17, 7), Y, length=50),
        feature(3, FeatureKind.HOLE, 8, (8, 20, 5), sagitta=0.002),
        feature(4, FeatureKind.HOLE, 4, (30, 20, 2), length=4),
        feature(5, FeatureKind.HOLE, 9, (30, 20, 7), length=6),
        feature(6, FeatureKind.HOLE, 5, (25, 0, 5), Y),
        feature(7, FeatureKind.THICKNESS, 4, (25, 17, 2), Z, length=50),
        feature(8, FeatureKind.GAP, 20, (8.5, 17, 7.5), Y),
        feature(9, FeatureKind.BOSS, 16, (8, 20, 12), length=6),
        feature(10, FeatureKind.HOLE, 3, (45, 5, 5), arc=180.0),
        feature(11, FeatureKind.ANGLE, 60, (1, 1, 1)),
    ),
    0,
    0.0,
)


@pytest.fixture(scope="module")
def resolved() -> Resolved:
    return pipeline.resolve(Request(), default_source())


def ask(selector: str, nominal: str, limits: str, resolved: Resolved):
    data = f'number;feature;nominal;limits\n1;"{selector}";{nominal};{limits}\n'.encode()
    (one,) = asked(read_characteristics(data, "d.csv"), FOUND, resolved)
    return one


@pytest.mark.parametrize(
    ("selector", "wanted"),
    [
        ("F3", "F3"),
        ("extent X", "F1"),
        ("extent y", "F2"),
        ("hole @ 8,20", "F3"),
        ("hole @ 8.3,19.8", "F3"),
        ("hole @ 8,20,9.5", "F3"),
        ("hole @ 30,20,2", "F4"),
        ("hole @ 30,20,9", "F5"),
        ("hole @ 25,3 axis Y", "F6"),
        ("thickness @ 40,30,1", "F7"),
        ("gap @ 8.5,17,7.5", "F8"),
        ("gap axis Y", "F8"),
        ("boss @ 8,20", "F9"),
        ("отверстие @ 8;20", "F3"),
    ],
)
def test_a_selector_finds_its_feature(selector, wanted, resolved):
    one = ask(selector, "8", "±0.2", resolved)
    assert one.feature is not None, one.problem
    assert one.feature.id == wanted


@pytest.mark.parametrize(
    ("selector", "named"),
    [
        ("F99", ()),
        ("hole @ 9,20", ()),
        ("hole @ 8,20,20", ()),
        ("hole @ 30,20", ("F4", "F5")),
        ("hole axis Z", ("F3", "F4", "F5", "F10")),
        ("boss @ 30,20", ()),
        ("extent Z", ()),
    ],
)
def test_what_fits_none_or_several_is_never_picked(selector, named, resolved):
    one = ask(selector, "8", "±0.2", resolved)
    assert one.feature is None
    assert all(name in one.problem for name in named)
    result = judged(one, NominalFrom.DRAWING, resolved, _up())
    assert result.verdict is Status.NOT_EVALUATED


def _up():
    import numpy as np

    return np.array([0.0, 0.0, 1.0])


@pytest.mark.parametrize(
    ("selector", "nominal", "limits", "lower", "upper"),
    [
        ("F3", "8", "H13", 0, 220_000),
        ("F9", "16", "h13", -270_000, 0),
        ("F3", "8", "+0,1/0", 0, 100_000),
        ("F3", "8", "m", -200_000, 200_000),
        ("F3", "8", "", -200_000, 200_000),
        ("F3", "8", "ISO 2768-c", -500_000, 500_000),
        ("F1", "50", "js14", -310_000, 310_000),
    ],
)
def test_limits_are_those_of_the_tables(selector, nominal, limits, lower, upper, resolved):
    one = ask(selector, nominal, limits, resolved)
    assert (one.lower_e6, one.upper_e6) == (lower, upper), one.problem


@pytest.mark.parametrize(
    ("selector", "nominal", "limits"),
    [
        ("F3", "8", "h13"),
        ("F9", "16", "H13"),
        ("F3", "8", "0.1/0.2"),
        ("F3", "8", "H99"),
        ("F3", "8", "x"),
        ("F3", "0,3", "m"),
        ("F11", "60", "±1"),
        ("F11", "60°", "m"),
        ("F3", "8°", "±1"),
    ],
)
def test_limits_that_say_nothing_leave_the_row_undecided(selector, nominal, limits, resolved):
    one = ask(selector, nominal, limits, resolved)
    assert one.lower_e6 is None
    assert one.problem
    result = judged(one, NominalFrom.DRAWING, resolved, _up())
    assert result.verdict is Status.NOT_EVALUATED


@pytest.mark.parametrize(
    ("nominal", "limits", "verdict"),
    [
        ("8", "±0.2", Status.PASS),
        ("8", "+0.2/0", Status.INDETERMINATE),
        ("8.1", "±0.1", Status.INDETERMINATE),
        ("8.11", "±0.1", Status.FAIL),
        ("7.9", "±0.104", Status.INDETERMINATE),
        ("7.9", "±0.1042", Status.PASS),
    ],
)
def test_the_model_is_decided_with_its_chord_error(nominal, limits, verdict, resolved):
    """U of F3: 0.0001 mm of the file and 0.004 mm of the chords of a diameter."""
    result = judged(ask("F3", nominal, limits, resolved), NominalFrom.DRAWING, resolved, _up())
    assert result.model is not None
    assert result.model.u == pytest.approx(0.0041)
    assert result.verdict is verdict


def test_a_nominal_of_the_mesh_never_passes(resolved):
    rows = asked(as_characteristics(FOUND, resolved), FOUND, resolved)
    assert [one.row.number for one in rows] == [
        "F1",
        "F2",
        "F3",
        "F4",
        "F5",
        "F6",
        "F7",
        "F8",
        "F9",
    ]
    results = [judged(one, NominalFrom.MESH, resolved, _up()) for one in rows]
    assert {result.verdict for result in results} == {Status.INFO}


@given(st.integers(-1000, 1000), st.integers(0, 300), st.integers(-500, 500), st.integers(1, 500))
def test_the_decision_rule(deviation, u, lower, width):
    upper = lower + width
    status = decided(deviation, u, lower, upper)
    out = beyond(deviation, lower, upper)
    if status is Status.PASS:
        assert out + u <= 0
    elif status is Status.FAIL:
        assert out > u
    else:
        assert -u < out <= u
    # A smaller U never turns one answer into the other.
    tighter = decided(deviation, u // 2, lower, upper)
    if status is not Status.INDETERMINATE:
        assert tighter is status
