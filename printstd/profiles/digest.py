"""The canonical bytes of a resolved profile, and their SHA-256."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from pydantic import BaseModel


def canonical_bytes(model: BaseModel) -> bytes:
    """JSON of every value, keys sorted, no blanks, UTF-8; floats in Python's shortest form.

    Independent of key order, blanks and comments of the file, and of whether a value was
    written in it, inherited or set on the command line.
    """
    value = _without_minus_zero(model.model_dump(mode="json"))
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode("utf-8")


def digest(model: BaseModel) -> str:
    """SHA-256 of the canonical bytes, hexadecimal."""
    return hashlib.sha256(canonical_bytes(model)).hexdigest()


def _without_minus_zero(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_minus_zero(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_without_minus_zero(inner) for inner in value]
    if isinstance(value, float):
        return value + 0.0
    return value
