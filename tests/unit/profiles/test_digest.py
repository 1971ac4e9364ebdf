"""A digest stands for the values and for nothing else."""

from __future__ import annotations

import tomllib
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from printstd.profiles.digest import canonical_bytes
from printstd.profiles.load import load
from printstd.profiles.models import Material
from printstd.profiles.resolve import resolve
from printstd.profiles.resolved import Request
from tests.unit.profiles.sources import BUNDLED, Overlay, text_of

PLA = text_of("materials", "pla")
VALUES = tomllib.loads(PLA)
NUMBERS = [
    (key,) for key, v in VALUES.items() if isinstance(v, (int, float)) and not isinstance(v, bool)
] + [("fan", key) for key in VALUES["fan"]]


def digest_of(text: str) -> str:
    return resolve(Request(), Overlay({"materials/pla": text})).digests["material"]


BASE = digest_of(PLA)


def toml(table: dict[str, Any], order: st.DataObject, noise: st.DataObject) -> str:
    """The table as TOML, keys shuffled, with blanks and comments between."""

    def value(v: Any) -> str:
        if isinstance(v, bool):
            return str(v).lower()
        if isinstance(v, str):
            return '"' + v.replace("\\", "\\\\").replace('"', '\\"') + '"'
        if isinstance(v, dict):
            return "{ " + ", ".join(f'"{key}" = {value(one)}' for key, one in v.items()) + " }"
        return repr(v) if not isinstance(v, list) else f"[ {', '.join(value(i) for i in v)} ]"

    def body(t: dict[str, Any], name: str) -> str:
        plain = [k for k, v in t.items() if not isinstance(v, dict)]
        text = f"[{name}]\n" if name else ""
        for key in order.draw(st.permutations(plain)):
            blank = noise.draw(st.sampled_from(["", "\n", "# x = 1\n", "  "]))
            equals = noise.draw(st.sampled_from([" = ", "=", "   =  "]))
            comment = noise.draw(st.sampled_from(["", " # c"]))
            text += f'{blank}"{key}"{equals}{value(t[key])}{comment}\n'
        for key in order.draw(st.permutations([k for k in t if k not in plain])):
            text += body(t[key], f"{name}.{key}" if name else key)
        return text

    return body(table, "")


@settings(max_examples=40, derandomize=True, deadline=None)
@given(st.data())
def test_order_blanks_and_comments_do_not_count(data: st.DataObject) -> None:
    assert digest_of(toml(VALUES, data, data)) == BASE


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.sampled_from(NUMBERS), st.sampled_from([1, -1]), st.integers(1, 3))
def test_every_change_of_a_number_counts(path: tuple[str, ...], sign: int, step: int) -> None:
    own = VALUES
    for part in path:
        own = own[part]
    value = own + sign * step * (1 if isinstance(own, int) else 0.001)
    key = ".".join(("material", *path))
    problems: list[Any] = []
    changed = load(BUNDLED, Material, "material", "pla", problems, {".".join(path): value})
    if changed is None:
        assert problems, f"{key} = {value} was lost without a word"
        return
    base = load(BUNDLED, Material, "material", "pla", [])
    assert base is not None
    assert canonical_bytes(changed.model) != canonical_bytes(base.model)


def test_a_whole_number_and_its_float_are_one_value() -> None:
    assert digest_of(PLA.replace("flow_ratio = 1.0", "flow_ratio = 1")) == BASE
    assert digest_of(PLA.replace("shrinkage_z_ratio = 0.0", "shrinkage_z_ratio = -0.0")) == BASE


def test_the_bytes_are_plain_json_with_sorted_keys() -> None:
    import json

    data = canonical_bytes(resolve(Request(pack="kz"), BUNDLED).pack)
    value = json.loads(data)
    again = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert again.encode() == data
    assert "тексеру".encode() in data
