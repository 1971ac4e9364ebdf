"""The text of STEP files: what is taken, and that all that is cut, odd or hostile is refused."""

from __future__ import annotations

import re
import time

import numpy as np
import pytest

from printstd.artifacts.cad import SurfaceKind
from printstd.errors import InputError
from printstd.intake.step import part21
from printstd.intake.step.contents import read_contents
from printstd.intake.step.part21 import parameters, read_exchange
from printstd.units import LengthUnit
from samples.step.make_step import samples
from tests.step_files import BLOCK, FULL, step

BLOCK_STEP = step(BLOCK)


def refusal(data: bytes) -> InputError:
    with pytest.raises(InputError) as caught:
        read_contents(data)
    error = caught.value
    assert error.code
    assert error.what
    assert error.got
    assert error.wanted
    assert error.hint
    return error


def code_of(data: bytes) -> str | None:
    return refusal(data).code


def changed(old: str, new: str, data: bytes = BLOCK_STEP) -> bytes:
    assert old.encode() in data
    return data.replace(old.encode(), new.encode("utf-8"))


@pytest.mark.parametrize(
    ("unit", "named"),
    [("mm", LengthUnit.MILLIMETER), ("m", LengthUnit.METER), ("in", LengthUnit.INCH)],
)
def test_sizes_are_millimetres_whatever_the_unit_of_the_file(unit: str, named: LengthUnit) -> None:
    found = read_contents(step(FULL, unit))
    assert (found.solids, found.unit) == (1, named)
    radii = {round(n, 9) for n in found.sizes[SurfaceKind.CYLINDER][:, 0].tolist()}
    for one in FULL.turned:
        for kind, radius, z in one.steps:
            if kind == "line" and radius == one.radius and z != 7.5:
                assert round(radius, 9) in radii
    assert found.sizes[SurfaceKind.TORUS] == pytest.approx(np.array([[5.75, 1.25]]), abs=1e-12)
    assert set(np.round(found.sizes[SurfaceKind.SPHERE][:, 0], 9)) == {4.5, 3.5}


def test_angles_in_degrees_are_read_as_such() -> None:
    """A file whose unit of angle is converted from the radian."""
    degrees = (
        "(CONVERSION_BASED_UNIT('DEGREE',#90002) NAMED_UNIT(#90003) PLANE_ANGLE_UNIT())"
        ";\n#90001=(NAMED_UNIT(*) PLANE_ANGLE_UNIT() SI_UNIT($,.RADIAN.));\n"
        "#90002=PLANE_ANGLE_MEASURE_WITH_UNIT(PLANE_ANGLE_MEASURE(0.017453292519943),#90001);\n"
        "#90003=DIMENSIONAL_EXPONENTS(0.,0.,0.,0.,0.,0.,0.)"
    )
    data = step(FULL).replace(
        b"(NAMED_UNIT(*) PLANE_ANGLE_UNIT() SI_UNIT($,.RADIAN.))", degrees.encode(), 1
    )
    radians = read_contents(step(FULL)).sizes[SurfaceKind.CONE]
    data = re.sub(
        rb"(CONICAL_SURFACE\('',#\d+,[^,]+,)([^)]+)\)",
        lambda m: m[1] + repr(float(np.rad2deg(float(m[2])))).encode() + b")",
        data,
    )
    assert read_contents(data).sizes[SurfaceKind.CONE] == pytest.approx(radians, rel=1e-12)


def test_a_number_is_vouched_for_to_nine_digits_and_given_as_the_file_has_it() -> None:
    found = read_contents(BLOCK_STEP)
    assert found.vouched(SurfaceKind.CYLINDER, 1.6 + 1e-10) == (1.6,)
    assert found.vouched(SurfaceKind.CYLINDER, 1.6 + 1e-8) is None
    assert found.vouched(SurfaceKind.CYLINDER, float("nan")) is None
    assert found.vouched(SurfaceKind.SPHERE, 1.6) is None


def test_a_surface_that_no_face_lies_on_vouches_for_nothing() -> None:
    data = changed("ENDSEC;\nEND-ISO", "#99999=SPHERICAL_SURFACE('',#1,3.);\nENDSEC;\nEND-ISO")
    assert SurfaceKind.SPHERE not in read_contents(data).sizes


@pytest.mark.parametrize("name", samples())
def test_the_samples_are_read(name: str) -> None:
    assert read_contents(samples()[name]).solids == 1


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + BLOCK_STEP,
        BLOCK_STEP.replace(b"\n", b"\r\n"),
        BLOCK_STEP.replace(b"\n", b""),
        BLOCK_STEP + b"\n\r\n\x1a",
        changed("DATA;", "/* it; 's ** here */DATA /* ; */ ;"),
        changed("('',#", "('it''s; a /* hole */ #7=X()',#"),
        step(BLOCK, names="Отверстие Ø3"[:0] + "hole"),
        changed("DATA;", "ANCHOR;\n<a>=#1;\nENDSEC;\nDATA;"),
        changed("DATA;", "DATA('one',('AUTOMOTIVE_DESIGN'));"),
    ],
)
def test_the_same_in_other_words_is_the_same(data: bytes) -> None:
    plain, found = read_contents(BLOCK_STEP), read_contents(data)
    assert (found.solids, found.unit) == (plain.solids, plain.unit)
    assert {k: v.tolist() for k, v in found.sizes.items()} == {
        k: v.tolist() for k, v in plain.sizes.items()
    }


def test_texts_in_other_encodings_are_let_be() -> None:
    """CAD programs write names as they have them: cp1251, UTF-8, Shift-JIS."""
    for name in ("Отверстие".encode("cp1251"), "Отверстие".encode(), "穴".encode("shift_jis")):
        data = BLOCK_STEP.replace(b"ADVANCED_FACE(''", b"ADVANCED_FACE('" + name + b"'")
        assert read_contents(data).solids == 1


REFUSED = {
    "another file": (b"solid x", "STEP-001"),
    "no header": (b"ISO-10303-21;\nDATA;\nENDSEC;\nEND-ISO-10303-21;", "STEP-005"),
    "no schema": (changed("FILE_SCHEMA", "FILE_SCHEME"), "STEP-004"),
    "no end": (BLOCK_STEP.replace(b"END-ISO-10303-21;", b""), "STEP-004"),
    "no end of data": (changed("ENDSEC;\nEND-ISO", "END-ISO"), "STEP-005"),
    "no data": (BLOCK_STEP[: BLOCK_STEP.index(b"DATA;")] + b"END-ISO-10303-21;", "STEP-004"),
    "more behind the end": (BLOCK_STEP + b"ISO-10303-21;", "STEP-005"),
    "a NUL": (changed("PRODUCT(", "PRODUCT(\0"), "STEP-006"),
    "an open text": (changed("'part','part'", "'part,'part'"), None),
    "an open comment": (changed("DATA;", "DATA; /* "), "STEP-005"),
    "a number twice": (changed("#2=", "#1="), "STEP-005"),
    "no semicolon": (changed(");\n#9=", ")\n#9="), None),
    "a reference section": (
        changed("DATA;", "REFERENCE;\n#1=<other.stp#1>;\nENDSEC;\nDATA;"),
        "STEP-007",
    ),
    "another file's geometry": (
        changed("ENDSEC;\nEND-ISO", "#999=DOCUMENT_FILE('a.stp','','',$,'',$);\nENDSEC;\nEND-ISO"),
        "STEP-007",
    ),
    "no solid": (
        changed("MANIFOLD_SOLID_BREP", "SHELL_BASED_SURFACE_MODEL"),
        "STEP-010",
    ),
    "no unit": (changed("LENGTH_UNIT() ", ""), "STEP-009"),
    "a unit of nothing": (changed(".MILLI.,.METRE.", ".MILLI.,.GRAM."), "STEP-009"),
    "a unit that is none": (changed(".MILLI.,.METRE.", ".NANO.,.METRE."), "STEP-009"),
    "numbers that are none": (changed("CYLINDRICAL_SURFACE('',", "CYLINDRICAL_SURFACE(''',"), None),
    "a list without end": (
        changed("CYLINDRICAL_SURFACE('',", "CYLINDRICAL_SURFACE((('',"),
        "STEP-005",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_whole_step_file_is_refused(case: str) -> None:
    data, code = REFUSED[case]
    found = code_of(data)
    assert found is not None
    assert code in (None, found)


def test_a_file_that_is_cut_anywhere_is_refused() -> None:
    for at in range(0, len(BLOCK_STEP) - 2, 97):
        assert code_of(BLOCK_STEP[:at])


def test_contradicting_units_are_refused() -> None:
    """A second context in another unit: which bodies are in which is not told apart."""
    more = (
        "#9001=(LENGTH_UNIT() NAMED_UNIT(*) SI_UNIT($,.METRE.));\n#9002="
        "(GEOMETRIC_REPRESENTATION_CONTEXT(3) GLOBAL_UNIT_ASSIGNED_CONTEXT((#9001)) "
        "REPRESENTATION_CONTEXT('',''));\nENDSEC;\nEND-ISO"
    )
    error = refusal(changed("ENDSEC;\nEND-ISO", more))
    assert error.code == "STEP-009"
    assert error.got == "1 mm, 1000 mm"


def test_a_unit_that_is_made_of_itself_ends() -> None:
    data = step(BLOCK, "in")
    number = re.search(rb"#(\d+)=\(CONVERSION_BASED_UNIT", data)
    assert number is not None
    data = re.sub(rb"(LENGTH_MEASURE\(25.4\),)#\d+", rb"\1#" + number[1], data)
    assert code_of(data) == "STEP-009"


@pytest.mark.parametrize(
    "hostile",
    [
        b"#9=A(" + b"(" * 200_000 + b");",
        b"#9=(" + b"A(" * 200_000 + b");",
        b"#9=CYLINDRICAL_SURFACE(" + b"(" * 60_000 + b")" * 60_000 + b");",
        b"#9=A('" + b"''" * 200_000,
        b"#9" * 200_000,
        b"/*" * 100_000,
        b"#9=SPHERICAL_SURFACE(" + b"1," * 200_000 + b"1);",
        b" " * 1_000_000 + b"X",
        b"#9=A(" + b"'x'" * 100_000,
    ],
)
def test_hostile_texts_end_soon(hostile: bytes) -> None:
    data = BLOCK_STEP.replace(b"DATA;", b"DATA;" + hostile, 1)
    start = time.process_time()
    assert code_of(data)
    assert time.process_time() - start < 2.0


def test_limits_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(part21, "MAX_ENTITIES", 50)
    assert code_of(BLOCK_STEP) == "STEP-008"
    monkeypatch.setattr(part21, "MAX_BYTES", 1000)
    assert refusal(BLOCK_STEP).got == f"{len(BLOCK_STEP)} bytes"


def test_parameters_are_read_as_they_are_written() -> None:
    raw = b"( 'it''s' , #12,-1.5E-3 ,.T. ,$,*,( 1 ,2.),LENGTH_MEASURE( 3.) , \"0F\",())"
    assert parameters(raw, 1) == (
        *("'it''s'", 12, -0.0015, ".T.", None, None, (1.0, 2.0), 3.0, '"0F"', ()),
    )


@pytest.mark.parametrize(
    "raw",
    [b"(1,)", b"(,1)", b"(1 2)", b"(A)", b"(A())", b"(A(1,2))", b"1", b"(1))", b"(1", b"(1)2", b""],
)
def test_parameters_that_are_no_list_are_refused(raw: bytes) -> None:
    with pytest.raises(InputError) as caught:
        parameters(raw, 7)
    assert caught.value.where == "#7"


def test_counts_are_of_every_name_and_complex_instances_of_each_part() -> None:
    found = read_exchange(BLOCK_STEP, ["SI_UNIT"])
    assert found.counts["ADVANCED_FACE"] == 7
    assert found.counts["SI_UNIT"] == 3
    assert len(found.asked) == 3
