"""On which line of a TOML text each key stands; the standard library's parser does not say.

Call it on text that `tomllib` has accepted: it follows headers, keys and brackets, and trusts
that the rest is TOML (https://toml.io/en/v1.0.0).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Final

KeyPath = tuple[str | int, ...]
"""``("commands", 3, "letters")``: names of tables and keys, numbers of list items."""

_BLANK: Final = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE: Final = re.compile(r"[ \t]*")
_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")
_BASIC: Final = re.compile(r'"((?:[^"\\]|\\.)*)"')
_LITERAL: Final = re.compile(r"'([^']*)'")
_MULTI_BASIC: Final = re.compile(r'"""(?:[^\\]|\\.)*?"{3,5}', re.DOTALL)
_MULTI_LITERAL: Final = re.compile(r"'''.*?'{3,5}", re.DOTALL)
_SCALAR: Final = re.compile(r"[^,\]}#\n]*")


def line_index(text: str) -> dict[KeyPath, int]:
    """Key path -> 1-based line, for every table, key and list item."""
    return _Scanner(text).document()


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self.lines: dict[KeyPath, int] = {}
        self.array_sizes: dict[KeyPath, int] = {}

    def document(self) -> dict[KeyPath, int]:
        table: KeyPath = ()
        self.skip(_BLANK)
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                table = self.header()
            else:
                self.pair(table)
            self.skip(_BLANK)
        return self.lines

    def header(self) -> KeyPath:
        line = self.line()
        is_array = self.text.startswith("[[", self.at)
        self.at += 2 if is_array else 1
        keys = self.dotted_key()
        self.at += 2 if is_array else 1
        path = self.inside_arrays(keys[:-1])
        path = (*path, keys[-1])
        if is_array:
            self.lines.setdefault(path, line)
            number = self.array_sizes.get(path, 0)
            self.array_sizes[path] = number + 1
            path = (*path, number)
        self.note(path, line)
        return path

    def inside_arrays(self, keys: tuple[str, ...]) -> KeyPath:
        """The path of a table whose parents may be lists of tables: it is in their last item."""
        path: KeyPath = ()
        for key in keys:
            path = (*path, key)
            if path in self.array_sizes:
                path = (*path, self.array_sizes[path] - 1)
        return path

    def pair(self, table: KeyPath) -> None:
        line = self.line()
        path = (*table, *self.dotted_key())
        self.at += 1  # the equals sign
        self.note(path, line)
        self.skip(_SPACE)
        self.value(path)

    def dotted_key(self) -> tuple[str, ...]:
        keys = []
        while True:
            self.skip(_SPACE)
            keys.append(self.simple_key())
            self.skip(_SPACE)
            if self.text[self.at] != ".":
                return tuple(keys)
            self.at += 1

    def simple_key(self) -> str:
        for pattern in (_BASIC, _LITERAL):
            match = pattern.match(self.text, self.at)
            if match:
                self.at = match.end()
                return match.group(1)
        match = _BARE_KEY.match(self.text, self.at)
        if match is None:
            raise ValueError(f"no key at line {self.line()}")
        self.at = match.end()
        return match.group(0)

    def value(self, path: KeyPath) -> None:
        first = self.text[self.at]
        if first == "[":
            self.items(path)
        elif first == "{":
            self.inline_table(path)
        else:
            patterns = (_MULTI_BASIC, _MULTI_LITERAL, _BASIC, _LITERAL, _SCALAR)
            self.at = next(m for p in patterns if (m := p.match(self.text, self.at))).end()

    def items(self, path: KeyPath) -> None:
        self.at += 1
        number = 0
        while True:
            self.skip(_BLANK)
            if self.text[self.at] == "]":
                break
            if self.text[self.at] == ",":
                self.at += 1
                continue
            item = (*path, number)
            self.note(item, self.line())
            self.value(item)
            number += 1
        self.at += 1

    def inline_table(self, path: KeyPath) -> None:
        self.at += 1
        while True:
            self.skip(_BLANK)
            if self.text[self.at] == "}":
                break
            if self.text[self.at] == ",":
                self.at += 1
                continue
            self.pair(path)
        self.at += 1

    def note(self, path: KeyPath, line: int) -> None:
        """Remember a path, and its parents where nothing named them before."""
        self.lines[path] = line
        for end in range(len(path) - 1, 0, -1):
            if self.lines.setdefault(path[:end], line) != line:
                break

    def skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.text, self.at)
        if match:
            self.at = match.end()

    def line(self) -> int:
        return bisect_right(self.starts, self.at)
