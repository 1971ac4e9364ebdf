"""What holds in dialects other than one's own, and what their lists of commands explain."""

from __future__ import annotations

import tomllib
from dataclasses import replace

import pytest

from printstd.artifacts.finding import Status
from tests.mutation.demands import placed, plain_demand
from tests.mutation.dialects import HONEST, LAYERS, LISTS, found_in, rules_failed, rules_of


@pytest.mark.parametrize("word", ["S1", ""])
def test_filament_counted_as_volume_is_found(word: str) -> None:
    rules = (*rules_of("generic-marlin"),)
    asked = replace(placed(plain_demand(count=LAYERS), 125_000, 105_000), commands=rules)
    lines = ["M200 S0", *HONEST]
    honest = found_in(lines, asked)
    assert honest.verdict is Status.PASS
    other = found_in([f"M200 {word}".strip(), *HONEST], asked)
    assert rules_failed(other) == {"M-14"}


def test_indented_lines_are_this_dialect_s_alone() -> None:
    lines = [f"  {text}" if text.startswith("G1 X") else text for text in HONEST]
    plain = placed(plain_demand(count=LAYERS), 125_000, 105_000)
    assert "L-03" in rules_failed(found_in(lines, plain))


@pytest.mark.parametrize("name", ["bambu", "generic-klipper"])
def test_every_command_of_theirs_is_explained(name: str) -> None:
    rows = tomllib.loads((LISTS / f"{name}.toml").read_text("utf-8"))["commands"]
    assert len({row["command"] for row in rows}) == len(rows)
    for row in rows:
        assert row["does"], row
        assert row["confidence"].startswith("knowledge, "), row
        if name == "bambu":
            assert row["source"], row
        if row["meaning"] == "routine":
            assert row["where"] in ("before", "after"), row
            assert set(row["effects"]) & {"moves", "extrudes", "heats"}, row
        if row["meaning"] in ("no_effect", "message", "object_label", "progress", "machine_fan"):
            assert "effects" not in row, row
