"""As much of JSON Schema 2020-12 as the published schemas use; an unknown keyword is an error."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

_ANNOTATIONS = {"title", "description", "default", "$schema", "$id", "$defs", "format"}
_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str, date),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "null": (type(None),),
}


def violations(schema: dict[str, Any], value: Any) -> list[str]:
    """What of `value` (as tomllib gives it) breaks the schema."""
    return _check(schema, value, schema.get("$defs", {}), "$")


def _check(schema: dict[str, Any], value: Any, defs: dict[str, Any], at: str) -> list[str]:
    found: list[str] = []
    for keyword, argument in schema.items():
        if keyword in _ANNOTATIONS:
            continue
        found += _RULES[keyword](argument, value, defs, at, schema)
    return found


def _type(name: str, value: Any, *rest: Any) -> list[str]:
    is_right = isinstance(value, _TYPES[name]) and (name == "boolean" or type(value) is not bool)
    return [] if is_right else [f"{rest[1]}: no {name}"]


def _properties(rules: dict[str, Any], value: Any, defs: Any, at: str, _: Any) -> list[str]:
    if not isinstance(value, dict):
        return []
    pairs = [(rule, key) for key, rule in rules.items() if key in value]
    return [v for rule, key in pairs for v in _check(rule, value[key], defs, f"{at}.{key}")]


def _additional(rule: Any, value: Any, defs: Any, at: str, schema: Any) -> list[str]:
    if not isinstance(value, dict):
        return []
    extra = [key for key in value if key not in schema.get("properties", {})]
    if rule is False:
        return [f"{at}.{key}: unknown" for key in extra]
    return [v for key in extra for v in _check(rule, value[key], defs, f"{at}.{key}")]


def _items(rule: Any, value: Any, defs: Any, at: str, _: Any) -> list[str]:
    if not isinstance(value, list):
        return []
    return [v for i, item in enumerate(value) for v in _check(rule, item, defs, f"{at}[{i}]")]


def _prefix(rules: Any, value: Any, defs: Any, at: str, _: Any) -> list[str]:
    if not isinstance(value, list):
        return []
    pairs = zip(rules, value, strict=False)
    return [v for i, (r, item) in enumerate(pairs) for v in _check(r, item, defs, f"{at}[{i}]")]


def _if(condition: Any, value: Any, defs: Any, at: str, schema: Any) -> list[str]:
    branch = "else" if _check(condition, value, defs, at) else "then"
    return _check(schema[branch], value, defs, at)


def _number(holds: Callable[[Any, Any], bool], words: str) -> Callable[..., list[str]]:
    """A rule that numbers alone are under."""

    def rule(limit: Any, value: Any, defs: Any, at: str, schema: Any) -> list[str]:
        is_number = isinstance(value, (int, float)) and type(value) is not bool
        return [f"{at}: {words} {limit}"] if is_number and not holds(value, limit) else []

    return rule


def _length(holds: Callable[[int, int], bool], words: str) -> Callable[..., list[str]]:
    """A rule that arrays alone are under."""

    def rule(limit: int, value: Any, defs: Any, at: str, schema: Any) -> list[str]:
        return (
            [f"{at}: {words}"] if isinstance(value, list) and not holds(len(value), limit) else []
        )

    return rule


_RULES: dict[str, Any] = {
    "type": _type,
    "properties": _properties,
    "additionalProperties": _additional,
    "propertyNames": lambda rule, value, defs, at, schema: [
        v for key in (value if isinstance(value, dict) else ()) for v in _check(rule, key, defs, at)
    ],
    "items": _items,
    "prefixItems": _prefix,
    "if": _if,
    "then": lambda *_: [],
    "else": lambda *_: [],
    "required": lambda names, value, defs, at, schema: [
        f"{at}.{name}: missing" for name in names if isinstance(value, dict) and name not in value
    ],
    "enum": lambda values, value, defs, at, schema: [] if value in values else [f"{at}: not one"],
    "const": lambda wanted, value, defs, at, schema: [] if value == wanted else [f"{at}: other"],
    "$ref": lambda ref, value, defs, at, schema: _check(
        defs[ref.removeprefix("#/$defs/")], value, defs, at
    ),
    "anyOf": lambda rules, value, defs, at, schema: (
        [] if any(not _check(rule, value, defs, at) for rule in rules) else [f"{at}: none of them"]
    ),
    "minLength": lambda least, value, defs, at, schema: (
        [f"{at}: shorter than {least}"] if isinstance(value, str) and len(value) < least else []
    ),
    "maxLength": lambda most, value, defs, at, schema: (
        [f"{at}: longer than {most}"] if isinstance(value, str) and len(value) > most else []
    ),
    "pattern": lambda wanted, value, defs, at, schema: (
        [f"{at}: not as {wanted}"]
        if isinstance(value, str) and not re.search(wanted, value)
        else []
    ),
    "minimum": _number(lambda v, low: v >= low, "under"),
    "maximum": _number(lambda v, high: v <= high, "over"),
    "exclusiveMinimum": _number(lambda v, low: v > low, "not over"),
    "exclusiveMaximum": _number(lambda v, high: v < high, "not under"),
    "minItems": _length(lambda n, least: n >= least, "too short"),
    "maxItems": _length(lambda n, most: n <= most, "too long"),
}
