"""What holds for every format: limits, names, units, the record that comes out."""

from __future__ import annotations

import hashlib
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from printstd.intake import Limits
from printstd.intake.read import in_millimetres
from printstd.units import NM_PER_MM, NM_PER_UNIT, LengthUnit
from tests import meshes
from tests.unit.intake.reading import codes, read, refused

CUBE = meshes.cube(20.0)
FILES = {
    "part.stl": meshes.stl_binary(CUBE),
    "ascii.stl": meshes.stl_ascii(CUBE),
    "part.obj": meshes.obj(CUBE),
    "part.ply": meshes.ply(CUBE),
    "ascii.ply": meshes.ply(CUBE, encoding="ascii"),
    "part.3mf": meshes.three_mf(CUBE),
}


@pytest.mark.parametrize("name", FILES)
def test_size_and_facets_are_limited_exactly(name: str) -> None:
    data = FILES[name]
    assert len(read(data, name, limits=Limits(size_bytes=len(data))).mesh.faces) == 12
    assert refused(data, name, limits=Limits(size_bytes=len(data) - 1)).code == (
        name.rpartition(".")[2].upper() + "-008"
    )
    assert len(read(data, name, limits=Limits(facets=12)).mesh.faces) == 12
    error = refused(data, name, limits=Limits(facets=11))
    assert error.code is not None
    assert error.code.endswith("-009")


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    "called", ["a.stl", "a.obj", "a.ply", "a.3mf", "a.STL", "a", "a.bin", ".stl"]
)
def test_content_decides_and_a_name_that_promises_another_format_is_told(
    name: str, called: str
) -> None:
    file = read(FILES[name], called)
    real = name.rpartition(".")[2]
    assert file.mesh.source.format.startswith(real)
    said = called.rpartition(".")[2].lower() if called.rpartition(".")[0] else ""
    promises_another = said in ("stl", "obj", "ply", "3mf") and said != real
    assert codes(file) == ([f"{said.upper()}-024"] if promises_another else [])


@pytest.mark.parametrize("name", FILES)
def test_the_source_is_described(name: str) -> None:
    source = read(FILES[name], name).mesh.source
    assert source.name == name
    assert source.size_bytes == len(FILES[name])
    assert source.sha256 == hashlib.sha256(FILES[name]).hexdigest()
    assert source.is_unit_stated == name.endswith("3mf")
    assert source.plate is None


@pytest.mark.parametrize("name", FILES)
def test_arrays_cannot_be_changed(name: str) -> None:
    mesh = read(FILES[name], name).mesh
    with pytest.raises(ValueError, match="read-only"):
        mesh.vertices_mm[0, 0] = 1.0
    with pytest.raises(ValueError, match="read-only"):
        mesh.faces[0, 0] = 1


@given(
    st.one_of(
        st.floats(-1e6, 1e6, width=32),
        st.integers(-(10**9), 10**9).map(lambda n: n / 10**4),
    ),
    st.sampled_from(list(LengthUnit)),
)
def test_millimetres_are_the_exact_product_rounded_once(number: float, unit: LengthUnit) -> None:
    exact = Fraction(number) * NM_PER_UNIT[unit] / NM_PER_MM
    found = float(in_millimetres(np.array([number]), unit)[0])
    if number == float(np.float32(number)):
        assert found == float(exact)
    else:  # a decimal of 46 bits and more is rounded twice, by half a unit in the last place each
        unit_in_last_place = Fraction(float(np.spacing(abs(float(exact)))))
        assert abs(Fraction(found) - exact) <= Fraction(3, 2) * unit_in_last_place
    assert not np.signbit(found) or found < 0
