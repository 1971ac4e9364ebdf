"""A tree of values as TOML 1.0: keys of a table first, then the tables in it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

_BARE: Final = re.compile(r"[A-Za-z0-9_-]+$")
_LONG: Final = 88


def toml_text(tree: Mapping[str, Any], comments: tuple[str, ...] = ()) -> str:
    """None is left out: a key that is not there has no value."""
    lines = [f"# {comment}" for comment in comments]
    _table(tree, (), lines)
    return "\n".join(lines) + "\n"


def _table(tree: Mapping[str, Any], path: tuple[str, ...], lines: list[str]) -> None:
    plain = {key: value for key, value in tree.items() if not isinstance(value, Mapping)}
    for key, value in plain.items():
        if value is not None:
            lines += f"{_key(key)} = {_value(value)}".split("\n")
    for key, value in tree.items():
        if isinstance(value, Mapping):
            inner = (*path, key)
            if any(not isinstance(item, Mapping) for item in value.values()):
                lines += ["", f"[{'.'.join(_key(part) for part in inner)}]"]
            _table(value, inner, lines)


def _key(key: str) -> str:
    return key if _BARE.match(key) else _text(key)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items()) + " }"
    items = [_value(item) for item in value]
    short = f"[{', '.join(items)}]"
    if len(short) <= _LONG:
        return short
    return "\n".join(["[", *(f"    {item}," for item in items), "]"])


def _text(text: str) -> str:
    """JSON's escapes are TOML's; what else may not stand in a text is escaped too."""
    quoted = json.dumps(text, ensure_ascii=False)
    return re.sub(r"[\x7f-\x9f]", lambda match: f"\\u{ord(match[0]):04x}", quoted)
