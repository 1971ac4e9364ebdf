"""Several extruders as users ask for them: certify and verify, the same bytes, what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import meshes
from tests.integration.command import listing, printstd, says

BIBO = ("--printer", "bibo2-touch-dual", "-q")
BOTH = ("--extruder", "1", "--extruder", "2")


@pytest.fixture
def bench(desk: Path) -> Path:
    (desk / "flat.stl").write_bytes(meshes.stl_binary(meshes.box((30, 20, 1.2))))
    (desk / "disc.stl").write_bytes(
        meshes.stl_binary(meshes.cylinder(radius=8, height=2, n_sides=32))
    )
    return desk


def test_two_tools_are_certified_and_verified(bench: Path) -> None:
    models = ("flat.stl", "disc.stl")
    named = ("--model", models[0], "--model", models[1])
    materials = ("--material", "pla", "--material", "pla")
    done = printstd(
        "certify", *models, *BIBO, *BOTH, *materials, "--key", "k.key", "-o", "p.gcode", cwd=bench
    )
    assert done.code == 0, done.err
    done = printstd("verify", "p.gcode", *named, "--trust", "k.pub", cwd=bench)
    assert done.code == 0, done.out + done.err
    done = printstd("audit", "p.gcode", *named, *BIBO, *BOTH, cwd=bench)
    assert done.code == 0, done.out + done.err
    swapped = ("--extruder", "2", "--extruder", "1")
    done = printstd("audit", "p.gcode", *named, *BIBO, *swapped, cwd=bench)
    assert done.code == 1
    assert "G-15" in done.err
    # A finished program with its maker's certificate beside it: the same demand again.
    for order in (named, (*named[2:], *named[:2])):
        extruders = BOTH if order is named else swapped
        done = printstd(
            "certify", "p.gcode", *order, *BIBO, *extruders, *materials, "--key", "k.key", cwd=bench
        )
        assert done.code == 0, done.out + done.err


def test_the_order_of_the_call_and_the_workers_change_nothing(bench: Path) -> None:
    made = []
    for arguments in (
        ("flat.stl", "disc.stl", *BOTH),
        ("disc.stl", "flat.stl", "--extruder", "2", "--extruder", "1", "--workers", "2"),
    ):
        done = printstd("slice", *arguments, *BIBO, "-o", "p.gcode", cwd=bench)
        assert done.code == 0, done.err
        made.append((bench / "p.gcode").read_bytes())
    assert made[0] == made[1]


@pytest.mark.parametrize(
    ("arguments", "code", "got"),
    [
        (("--printer", "mk4s", *BOTH), 2, "extruder 2"),
        ((*BIBO, "--extruder", "3"), 2, "extruder 3"),
        ((*BIBO, *BOTH, "--extruder", "1"), 2, "3 extruders for 2 models"),
        ((*BIBO, *BOTH, "--set", "plate.by_object=true"), 5, "plate.by_object"),
        (
            (*BIBO, *BOTH, "--set", "prime_tower.width_mm=200", "--set",
             "prime_tower.brim_width_mm=20"),
            5,
            "a tower of 200 x",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_refused(
    bench: Path, arguments: tuple[str, ...], code: int, got: str
) -> None:
    before = listing(bench)
    done = printstd("slice", "flat.stl", "disc.stl", *arguments, "-o", "p.gcode", cwd=bench)
    assert done.code == code
    assert got in says(done.err, "got", "wanted", "what to do")["got"]
    assert listing(bench) == before


def test_a_second_material_for_one_extruder_is_refused(bench: Path) -> None:
    done = printstd(
        "slice", "flat.stl", "--printer", "mk4s", "--material", "pla", "--material", "petg",
        "-o", "p.gcode", cwd=bench,
    )  # fmt: skip
    assert done.code == 3
    assert "mk4s has one extruder" in done.err
