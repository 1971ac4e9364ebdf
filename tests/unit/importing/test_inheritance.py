"""Parents: their order, what two of them have from one, circles, and those that are missing."""

from __future__ import annotations

import itertools
import random

import pytest

from printstd.errors import InputError, ProfileError
from printstd.importing.foreign import Kind
from tests.unit.importing.texts import BUNDLE, library, values_of


def test_a_later_parent_wins_and_a_preset_over_all() -> None:
    lib = library(
        a__ini="""
[print:*a*]
perimeters = 2
infill_speed = 50
layer_height = 0.1
[print:*b*]
perimeters = 3
infill_speed = 60
[print:leaf]
inherits = *a*; *b*
infill_speed = 70
"""
    )
    assert values_of(lib, Kind.PROCESS, "leaf") == {
        "perimeters": "3",
        "infill_speed": "70",
        "layer_height": "0.1",
    }


def test_the_later_parent_of_a_diamond_brings_its_grandparent_s_value_back() -> None:
    """*fine* has the speed from *common*, and comes after *fast*, which changes it."""
    lib = library(a__ini=BUNDLE)
    first = values_of(lib, Kind.PROCESS, "Fast and fine")
    second = values_of(lib, Kind.PROCESS, "Fine and fast")
    assert (first["perimeter_speed"], first["layer_height"]) == ("40", "0.1")
    assert (second["perimeter_speed"], second["layer_height"]) == ("60", "0.2")


def test_hidden_presets_are_no_choice() -> None:
    lib = library(a__ini=BUNDLE)
    assert not [preset.name for preset in lib.presets if preset.name.startswith("*")]
    assert len(lib.of(Kind.PROCESS)) == 3


@pytest.mark.parametrize("length", [1, 2, 5])
def test_a_circle_is_an_error_with_the_line_that_closes_it(length: int) -> None:
    names = [f"p{number}" for number in range(length)]
    text = "".join(
        f"[print:{name}]\ninherits = {parent}\n"
        for name, parent in zip(names, [*names[1:], names[0]], strict=True)
    )
    with pytest.raises(ProfileError) as caught:
        library(a__ini=text)
    assert "parents that do not come back here" in str(caught.value)
    assert "a.ini:" in str(caught.value)


def test_every_missing_parent_is_named_with_the_nearest_there_is() -> None:
    with pytest.raises(ProfileError) as caught:
        library(a__ini="[print:*comon*]\nperimeters=2\n[print:x]\ninherits = *common*; gone\n")
    assert len(caught.value.problems) == 2
    assert "did you mean '*comon*'" in str(caught.value)


def test_a_name_that_stands_twice_is_refused_within_a_file_and_over_two() -> None:
    with pytest.raises(InputError):
        library(a__ini="[print:x]\nperimeters=2\n[print:x]\nperimeters=3\n")
    with pytest.raises(InputError, match="twice"):
        library(a__ini="[print:x]\nperimeters=2\nperimeters=3\n")
    with pytest.raises(ProfileError):
        library(a__ini="[print:x]\nperimeters=2\n", b__ini="[print:x]\nperimeters=3\n")


def test_any_family_tree_is_merged_as_a_plain_reading_does_it() -> None:
    """Random trees against a recursion that copies dictionaries."""
    rng = random.Random(7)
    keys = ["perimeters", "infill_speed", "layer_height", "skirts"]
    for _ in range(40):
        parents: dict[str, list[str]] = {}
        own: dict[str, dict[str, str]] = {}
        for number in range(8):
            name = f"p{number}"
            known = list(parents)
            parents[name] = rng.sample(known, rng.randint(0, min(3, len(known))))
            own[name] = {key: str(rng.randint(1, 9)) for key in keys if rng.random() < 0.4}
        blocks = [
            f"[print:{name}]\ninherits = {'; '.join(parents[name])}\n"
            + "".join(f"{key} = {value}\n" for key, value in own[name].items())
            for name in parents
        ]
        rng.shuffle(blocks)

        def plain(name: str, parents=parents, own=own) -> dict[str, str]:
            merged = list(itertools.chain(*(plain(p, parents, own).items() for p in parents[name])))
            return {**dict(merged), **own[name]}

        lib = library(a__ini="\n".join(blocks))
        for name in parents:
            assert values_of(lib, Kind.PROCESS, name) == plain(name)
