"""Materials as data: what the sources say, under which condition, and how sure it is."""

from __future__ import annotations

import pytest

from printstd.errors import ProfileError
from printstd.profiles.load import load
from printstd.profiles.material_models import Basis, ChamberNeed, Figure, Properties
from printstd.profiles.models import Material
from printstd.profiles.resolve import resolve
from printstd.profiles.resolved import Request
from printstd.profiles.show import describe_material
from tests.unit.profiles.sources import BUNDLED, Overlay, text_of

KNOWN = [name for name in BUNDLED.names("materials") if name != "peer"]
LISTS = [
    name for name, field in Properties.model_fields.items() if "Figure" in str(field.annotation)
]


def material(name: str) -> Material:
    loaded = load(BUNDLED, Material, "material", name, [])
    assert loaded is not None
    return loaded.model


def figures(name: str) -> list[tuple[str, Figure]]:
    known = material(name).properties
    return [(key, one) for key in LISTS for one in getattr(known, key)]


WINDOWS = {
    # facts of standards 3.1: nozzle, bed, flow, fan and bridge of the set, chamber minimum
    "pla": ((185, 235), 15.0, (1.0, 1.0, 1.0), 0),
    "petg": ((220, 270), 10.0, (0.3, 0.5, 0.5), 0),
    "abs": ((230, 270), 15.0, (0.15, 0.15, 0.25), 40),
    "asa": ((235, 275), 12.0, (0.15, 0.2, 0.25), 40),
    "pa": ((240, 285), 6.5, (0.1, 0.15, 0.25), 40),
    "pa12": ((240, 285), 6.0, (0.1, 0.15, 0.2), 40),
    "pa-cf": ((245, 285), 6.5, (0.1, 0.15, 0.2), 40),
    "pc": ((265, 290), 8.0, (0.2, 0.2, 0.25), 40),
    "tpu-95a": ((200, 260), 2.5, (0.45, 0.55, 0.7), 0),
    "flex": ((200, 260), 3.0, (0.4, 0.6, 0.75), 0),
    "pp": ((220, 270), 4.0, (0.2, 0.3, 1.0), 0),
    "hips": ((225, 250), 15.0, (0.2, 0.2, 0.5), 40),
    "pva": ((195, 220), 4.0, (1.0, 1.0, 1.0), 0),
    "pctg": ((260, 265), 10.0, (0.15, 0.4, 0.5), 0),
    "peek": ((380, 450), 2.0, (0.0, 0.0, 0.0), 90),
    "pei-9085": ((350, 380), 2.0, (0.0, 0.1, 0.1), 80),
    "pei-1010": ((370, 400), 2.0, (0.0, 0.1, 0.1), 160),
    "pa6": ((245, 275), 4.0, (0.0, 0.2, 0.2), None),
}


def test_all_materials_of_the_sources_are_there() -> None:
    assert set(KNOWN) == set(WINDOWS)


@pytest.mark.parametrize("name", KNOWN)
def test_print_windows(name: str) -> None:
    nozzle, flow, fan, chamber = WINDOWS[name]
    model = material(name)
    assert model.nozzle_window_c == nozzle
    assert model.max_flow_mm3_s == flow
    assert (model.fan.min_ratio, model.fan.max_ratio, model.fan.bridge_ratio) == fan
    need = model.properties.chamber
    assert need is not None
    assert need.minimum_c == chamber
    assert (need.need is ChamberNeed.HEATED) == (name.startswith("pe") and name != "petg")


@pytest.mark.parametrize("name", KNOWN)
def test_every_figure_says_where_it_comes_from_and_what_it_holds_for(name: str) -> None:
    found = figures(name)
    assert found
    for key, one in found:
        assert one.source, key
        if key == "shrinkage_mould_percent":
            assert one.basis is Basis.MOULDED
            assert one.method == "ISO 294-4"
        if key == "shrinkage_free_percent":
            # Usually quoted, by nobody in particular: never more than that.
            assert one.basis is Basis.PRINTED
            assert one.confidence.value == "knowledge, low"
        if key == "shrinkage_compensated_percent":
            assert one.basis is Basis.SLICER_PROFILE


@pytest.mark.parametrize("name", KNOWN)
def test_what_is_compensated_is_what_the_vendor_compensates(name: str) -> None:
    """In both places the same figure; where none is known none is made."""
    model = material(name)
    known = [f for f in model.properties.shrinkage_compensated_percent if f.orientation != "Z"]
    wanted = (known[0].value or 0.0) / 100 if known else 0.0
    assert model.shrinkage_xy_ratio == pytest.approx(wanted)


def values(name: str, key: str, **where: object) -> list[tuple[float | None, ...]]:
    return [
        (one.value, one.min, one.max)
        for one in getattr(material(name).properties, key)
        if all(getattr(one, field) == value for field, value in where.items())
    ]


def test_figures_of_the_sources() -> None:
    """A few of each kind, cell by cell."""
    assert (None, 1.22, 1.26) in values("pla", "density_g_cm3")
    assert (1.31, None, None) in values("pla", "density_g_cm3", condition="matte blends")
    assert values("pla", "max_moisture_ppm") == [(None, None, 250.0)]
    assert values("pa12", "max_moisture_ppm") == [(None, None, 1000.0)]
    assert values("petg", "glass_transition_c") == [(None, 75.0, 85.0)]
    assert values("abs", "hdt_a_c", basis=Basis.MOULDED) == [(104.0, None, None)]
    assert (None, 35.0, 52.0) in values("pc", "tensile_strength_mpa", orientation="Z")
    assert values("pa6", "tensile_modulus_gpa", condition="conditioned", basis=Basis.PRINTED) == [
        (None, 1.0, 1.5)
    ]
    assert values("tpu-95a", "glass_transition_c") == [(None, -40.0, -20.0)]
    assert values("peek", "hdt_b_c") == [(None, 200.0, None)]
    assert values("pei-9085", "glass_transition_c", confidence="verified") == [(177.3, None, None)]
    assert values("hips", "shrinkage_mould_percent") == [(None, 0.35, 0.8)]
    assert values("pp", "max_moisture_ppm", condition="PP-CF") == [(None, None, 200.0)]


def test_the_density_of_polyamide_is_none_of_the_wrong_ones() -> None:
    """A public database has 1.52 g/cm3 for unfilled PA."""
    for name in ("pa", "pa6", "pa12"):
        assert 1.01 <= material(name).density_g_cm3 <= 1.15


PLA = text_of("materials", "pla")


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("min = 1.22, max = 1.26", "min = 1.26, max = 1.22", "properties.density_g_cm3[1]"),
        ("min = 1.22, max = 1.26, ", "", "properties.density_g_cm3[1]"),
        ("value = 1.24,", "value = 1.24, min = 1.3,", "properties.density_g_cm3[0]"),
        ('basis = "printed"', 'basis = "guessed"', "properties.density_g_cm3[1].basis"),
        ('polymer = "PLA"', 'polymer = "Pla plus"', "properties.polymer"),
        ('need = "none"', 'need = "nothing"', "properties.chamber.need"),
    ],
)
def test_a_property_that_says_nothing_or_nonsense_is_a_problem(
    old: str, new: str, key: str
) -> None:
    assert old in PLA
    with pytest.raises(ProfileError) as refused:
        resolve(Request(), Overlay({"materials/pla": PLA.replace(old, new)}))
    assert key in {problem.key for problem in refused.value.problems}


def test_properties_have_a_digest_of_their_own() -> None:
    base = resolve(Request(), BUNDLED)
    changed = resolve(
        Request(), Overlay({"materials/pla": PLA.replace("min = 1.22", "min = 1.21")})
    )
    assert changed.digests["material"] == base.digests["material"]
    assert changed.digests["properties"] != base.digests["properties"]


@pytest.mark.parametrize("name", KNOWN)
def test_all_of_them_are_shown_with_the_line_that_says_them(name: str) -> None:
    rows, sha256 = describe_material(BUNDLED, name)
    assert len(sha256) == 64
    shown = {key for key, _, _ in rows}
    for key in LISTS:
        for number in range(len(getattr(material(name).properties, key))):
            assert f"properties.{key}[{number}]" in shown
    lines = text_of("materials", name).splitlines()
    for key, text, origin in rows:
        file, _, line = origin.rpartition(":")
        assert file == f"profiles/materials/{name}.toml"
        told = lines[int(line) - 1]
        assert key.split(".")[1].split("[")[0] in told or "source" in told
        if "[" in key and "also_called" not in key:
            assert text.split("; ")[1] in told


def test_designations_end_before_a_polymer_that_is_not_said() -> None:
    assert resolve(Request(material="pei-9085"), BUNDLED).process_designation == "MEX-TRB/P/PEI"
    assert resolve(Request(material="peer"), BUNDLED).process_designation == "MEX-TRB/P"
    two = Request(material="abs", more_materials=("hips",), printer="bibo2-touch-dual")
    assert resolve(two, BUNDLED).process_designation == "MEX-TRB/P"
