"""Any mesh that intake lets through gets a whole report: no check raises, warns or says NaN."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from printstd.errors import PrintstdError
from tests import meshes
from tests.conformance.checks.judging import assert_complete, resolved, validated
from tests.shares import examples

number = st.one_of(
    st.integers(-3, 3).map(float),
    st.floats(-100, 100, width=32),
    st.sampled_from([0.0, -0.0, 1e-38, -1e-30, 1e-12, 1e-5, 0.1, 1e5, 1e8, -9e8, 5e8 + 32]),
)
point = st.tuples(number, number, number)


@st.composite
def any_meshes(draw: st.DrawFn) -> meshes.Triangles:
    points = draw(st.lists(point, min_size=3, max_size=12))
    index = st.integers(0, len(points) - 1)
    faces = draw(st.lists(st.tuples(index, index, index), min_size=1, max_size=24))
    return np.array(points), np.array(faces, np.int32)


@st.composite
def broken_meshes(draw: st.DrawFn) -> meshes.Triangles:
    """A sound part with some vertices moved anywhere and some facets turned, lost or doubled."""
    base = draw(
        st.sampled_from(
            [meshes.cube(), meshes.tube(6, 5.7, 8, 16), meshes.torus(n_major=10, n_minor=6)]
        )
    )
    vertices, faces = base[0].copy(), base[1].copy()
    for at, where in draw(
        st.lists(st.tuples(st.integers(0, len(vertices) - 1), point), max_size=4)
    ):
        vertices[at] = where
    for at, how in draw(
        st.lists(st.tuples(st.integers(0, len(faces) - 1), st.integers(0, 3)), max_size=5)
    ):
        if how == 0:
            faces[at] = faces[at, ::-1]
        elif how == 1:
            faces[at] = faces[(at + 1) % len(faces)]
        elif how == 2:
            faces[at, 1] = faces[at, 0]
        else:
            faces[at, 2] = faces[(at + 3) % len(faces), 0]
    return vertices, faces


def whole_report(mesh: meshes.Triangles, printer: str | None) -> None:
    try:
        report = validated(
            meshes.ply(mesh), name="part.ply", unit=None, demands=resolved(printer=printer)
        )
    except PrintstdError as refusal:
        code = refusal.code
    else:
        assert report.missing_rules() == ()
        for finding in report.findings:
            assert_complete(finding)
            for where in finding.where:
                assert np.isfinite([*(where.point_mm or ()), *(where.box_mm or ())]).all()
        return
    assert code in ("PLY-011", "PLY-014", "SLICE-04")


several = settings(
    max_examples=examples(250, 60),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,
)


@pytest.mark.parametrize("printer", ["mk4s", None])
def test_any_triangles_get_a_whole_report(printer: str | None) -> None:
    @several
    @given(any_meshes())
    def check(mesh: meshes.Triangles) -> None:
        whole_report(mesh, printer)

    check()


@pytest.mark.parametrize("printer", ["mk4s", None])
def test_broken_parts_get_a_whole_report(printer: str | None) -> None:
    @several
    @given(broken_meshes())
    def check(mesh: meshes.Triangles) -> None:
        whole_report(mesh, printer)

    check()
