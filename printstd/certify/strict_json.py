"""JSON as a verifier must read it: no second reading is possible.

Refused: over-long or over-deep input, duplicate keys, NaN and Infinity, floats, integers of
absurd length, lone surrogates, a byte-order mark, anything after the value. Source: facts of
certification 1.
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

MAX_DEPTH = 32
MAX_DIGITS = 40
"""Of an integer: volumes in um3 are strings, nothing else comes near."""


class StrictJsonError(ValueError):
    """The text is not JSON that a verifier accepts."""


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise StrictJsonError(f"key {key[:60]!r} stands twice")
        found[key] = value
    return found


def _no_float(text: str) -> NoReturn:
    raise StrictJsonError(f"{text[:MAX_DIGITS]}: only integers are allowed")


def _short_integer(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise StrictJsonError(f"an integer of {len(text)} digits")
    if text == "-0":
        raise StrictJsonError("-0: zero has no sign")
    return int(text)


def parse(data: bytes, *, max_bytes: int, what: str) -> Any:
    """The one value that `data` holds; StrictJsonError saying what is wrong with it."""
    if len(data) > max_bytes:
        raise StrictJsonError(f"{what}: {len(data)} bytes, at most {max_bytes} are read")
    if data.startswith(b"\xef\xbb\xbf"):
        raise StrictJsonError(f"{what}: starts with a byte-order mark")
    _check_depth(data, what)
    try:
        text = data.decode("utf-8")
        value = json.loads(
            text,
            object_pairs_hook=_no_duplicates,
            parse_float=_no_float,
            parse_int=_short_integer,
            parse_constant=_no_float,
        )
        json.dumps(value, ensure_ascii=False).encode("utf-8")  # lone surrogates fail here
    except StrictJsonError as error:
        raise StrictJsonError(f"{what}: {error}") from error
    except (UnicodeError, ValueError, RecursionError) as error:
        raise StrictJsonError(f"{what}: {error}") from error
    return value


_STRING = re.compile(rb'"(?:[^"\\]+|\\.)*"?', re.DOTALL)
_NO_BRACKETS = bytes(byte for byte in range(256) if byte not in b"[]{}")


def _check_depth(data: bytes, what: str) -> None:
    """Brackets outside strings never nest deeper than MAX_DEPTH; without recursion."""
    depth = 0
    for bracket in _STRING.sub(b"", data).translate(None, _NO_BRACKETS):
        if bracket in b"[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise StrictJsonError(f"{what}: nested deeper than {MAX_DEPTH}")
        else:
            depth -= 1


def canonical(value: Any) -> bytes:
    """The bytes that are signed: sorted keys, no spaces, UTF-8. Written once and kept."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode("utf-8")
