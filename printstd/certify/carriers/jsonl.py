"""Several bundles as one text: JSON Lines, one Sigstore bundle a line, as in-toto's bundles are.

All carriers hold these bytes. The wrapper's blanks are not signed, so a bundle is written on one
line; the payload in it is base64, and stays as it was signed.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Final

from printstd.certify.carriers.refusal import refused
from printstd.certify.dsse import MAX_BUNDLE_BYTES
from printstd.certify.strict_json import StrictJsonError, parse
from printstd.words import said

MAX_BUNDLES: Final = 64
MAX_BYTES: Final = 16 << 20
"""Of all lines together."""


def joined(bundles: Sequence[bytes]) -> bytes:
    """The bundles as lines, each with its newline."""
    lines = []
    for bundle in bundles:
        value = parse(bundle, max_bytes=MAX_BUNDLE_BYTES, what="the bundle")
        lines.append(json.dumps(value, separators=(",", ":"), ensure_ascii=False) + "\n")
    return "".join(lines).encode("utf-8")


def split(data: bytes, name: str) -> tuple[bytes, ...]:
    """The bundles in `data`; each is judged by who verifies it. InputError where these are no
    lines of JSON."""
    lines = data.split(b"\n")
    if lines.pop() != b"" or not 1 <= len(lines) <= MAX_BUNDLES:
        raise refused(
            said("the certificates inside cannot be read"),
            name,
            said("{count} lines, or none that ends", count=len(lines)),
            said("1 to {most} bundles, one a line", most=MAX_BUNDLES),
        )
    for line in lines:
        try:
            parse(line, max_bytes=MAX_BUNDLE_BYTES, what="the bundle")
        except StrictJsonError as error:
            raise refused(
                said("the certificates inside cannot be read"),
                name,
                str(error),
                said("one bundle of strict JSON on each line"),
            ) from error
    return tuple(lines)


def from_base64(text: bytes, name: str) -> bytes:
    """What a base64 text stands for; InputError unless it is the one way to write that."""
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _no_base64(name, str(error)) from error
    if base64.b64encode(value) != text:
        raise _no_base64(name, said("another text of the same value"))
    return value


def _no_base64(name: str, got: str) -> Exception:
    return refused(
        said("the certificates inside are no base64"),
        name,
        got,
        said("base64 of the standard alphabet, padded"),
    )
