"""The line index against the standard library's parser: every key it finds has its line."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printstd.profiles.raw import KINDS
from printstd.profiles.toml_lines import KeyPath, line_index
from tests.unit.profiles.sources import BUNDLED, text_of

TRICKY = '''# a comment with [brackets] and = signs
top = 1
"quoted key" = "a # no comment, [no table]"
'literal.key' = 'x = "y"'
a.b.c = 2
list = [
    1, # one
    [2, 3],

    "]", # not the end
]
inline = { x = 1, y = { z = "}" }, w = [ { q = 1 } ] }
text = """
fake = 1
[fake]
\\"""" # a quote before the end
literal = \'\'\'
also = 'fake'
\'\'\'
when = 1979-05-27T07:32:00Z

[table] # header
key = true
[table . sub]
key = 1.5e3
[[rows]]
name = "first"
[rows.inner]
deep = 1
[[rows]]
name = "second"
  [[rows.items]]
  n = 1
  [[rows.items]]
  n = 2
[last]
'''


def paths(value: Any, path: KeyPath = ()) -> list[KeyPath]:
    found = [path] if path else []
    if isinstance(value, dict):
        return found + [p for k, v in value.items() for p in paths(v, (*path, k))]
    if isinstance(value, list):
        return found + [p for i, v in enumerate(value) for p in paths(v, (*path, i))]
    return found


def assert_indexed(text: str) -> None:
    index, rows = line_index(text), text.splitlines()
    assert set(index) == set(paths(tomllib.loads(text)))
    for path, line in index.items():
        if isinstance(path[-1], str):
            assert path[-1] in rows[line - 1]


def test_tricky_text() -> None:
    assert_indexed(TRICKY)
    index, rows = line_index(TRICKY), TRICKY.splitlines()

    def row(start: str, nth: int = 0) -> int:
        return [n for n, r in enumerate(rows, 1) if r.strip().startswith(start)][nth]

    assert index["list", 1, 0] == row("[2, 3]")
    assert index["list", 2] == row('"]"')
    assert index["rows", 1] == row("[[rows]]", 1)
    assert index["rows", 0, "inner", "deep"] == row("deep")
    assert index["rows", 1, "items", 1, "n"] == row("n = 2")
    assert index["literal",] == row("literal = ")
    assert index["table", "sub"] == row("[table . sub]")


@pytest.mark.parametrize(
    ("kind", "name"), [(k, n) for k in KINDS.values() for n in BUNDLED.names(k)]
)
def test_every_bundled_file(kind: str, name: str) -> None:
    assert_indexed(text_of(kind, name))


KEYS = st.sampled_from(["a", "b-c", "d_1", "42"])
SCALARS = st.sampled_from(["1", "-2.5", "true", '"x#]"', "'}'", '"""m\n = 1\n"""', "[]", "{}"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3).map(lambda v: "[\n " + " ,\n".join(v) + " ]"),
    max_leaves=6,
)
PAIRS = st.lists(st.tuples(KEYS, VALUES, st.sampled_from(["", " # [c] = 1", "\n\n"])), max_size=4)


@settings(max_examples=150, derandomize=True, deadline=None)
@given(PAIRS, st.lists(st.tuples(st.booleans(), KEYS, PAIRS), max_size=4))
def test_whatever_tomllib_accepts(
    top: list[tuple[str, str, str]],
    tables: list[tuple[bool, str, list[tuple[str, str, str]]]],
) -> None:
    text = "".join(f"{k} = {v}{c}\n" for k, v, c in top)
    for is_array, name, pairs in tables:
        text += f"[[t.{name}]]\n" if is_array else f"[t.{name}]\n"
        text += "".join(f"{k} = {v}{c}\n" for k, v, c in pairs)
    try:
        parsed = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    assert set(line_index(text)) == set(paths(parsed))
