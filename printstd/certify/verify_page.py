"""verify.html: one offline file that checks digest, signature and statement in a browser.

It holds whom to trust, the forms of the signed records (taken from the records themselves, so that
both readers follow one definition), its texts, style and scripts. Its policy allows those scripts
and that style by their digests, and no address at all.
"""

from __future__ import annotations

import base64
import hashlib
import json
import types
import typing
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from cryptography.hazmat.primitives import serialization

from printstd.artifacts.codec import to_plain
from printstd.artifacts.demand import AuditDemand
from printstd.artifacts.passport import PassportRecord
from printstd.certify.keys import SMALL_ORDER, PublicKey
from printstd.certify.policy import LEVELS, TrustPolicy
from printstd.errors import UsageError
from printstd.words import said


@dataclass(frozen=True, slots=True)
class PageParts:
    """The page's own files, newlines settled."""

    page: str
    style: str
    scripts: tuple[str, ...]
    texts: str


def verify_page(parts: PageParts, policy: TrustPolicy | None, *, version: str) -> bytes:
    """The page. policy : whom it trusts; None: whoever reads it gives it a key. Raises UsageError
    for a policy that demands what no page can check."""
    script = "\n".join(('"use strict";', *parts.scripts))
    script = f"(() => {{\n{script}\n}})();\n"
    data = {
        "policy": _policy(policy) if policy is not None else None,
        "shapes": record_shapes(AuditDemand) | record_shapes(PassportRecord),
        "smallOrder": sorted(point.hex() for point in SMALL_ORDER),
        "texts": json.loads(parts.texts),
    }
    # Nothing in it may end the element that it stands in.
    plain = json.dumps(data, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    plain = plain.replace("<", "\\u003c")
    csp = (
        "default-src 'none'; base-uri 'none'; form-action 'none'; "
        f"style-src {_allowed(parts.style)}; script-src {_allowed(script)}"
    )
    page = parts.page
    for name, text in (
        ("policy", csp),
        ("generator", f"printstd {version}"),
        ("style", parts.style),
        ("data", plain),
        ("script", script),
    ):
        before, mark, after = page.partition("{" + name + "}")
        if not mark:
            raise AssertionError(f"the page has no place for its {name}")
        page = before + text + after
    return page.encode("utf-8")


def _allowed(text: str) -> str:
    """What lets one inline text pass a content security policy (CSP level 3, 2.3.1)."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


_PLAIN_POLICY = frozenset(
    {"name", "minimum_level", "generator_keys", "recheck_keys", "max_age_days", "packs"}
)
"""Fields of a policy that a page can hold a program to."""


def _policy(policy: TrustPolicy) -> dict[str, Any]:
    bare = TrustPolicy("", "C2", (), ())
    beyond = [
        own.name
        for own in fields(policy)
        if own.name not in _PLAIN_POLICY
        and _differs(getattr(policy, own.name), getattr(bare, own.name))
    ]
    if beyond or LEVELS.index(policy.minimum_level) > LEVELS.index("C2"):
        raise UsageError(
            said("a page cannot hold a program to this policy"),
            where=policy.name,
            got=", ".join(beyond) or said("level {level}", level=policy.minimum_level),
            wanted=said("keys, packs, an age, and level C1 or C2"),
            hint=said("use `printstd verify` for it, or write a page for a plainer policy"),
        )
    return {
        "name": policy.name.replace("\\", "/").rsplit("/", 1)[-1],
        "minimumLevel": policy.minimum_level,
        "maxAgeDays": policy.max_age_days,
        "packs": list(policy.packs),
        **_keys("generator", policy.generator_keys),
        **_keys("recheck", policy.recheck_keys),
    }


def _differs(value: Any, bare: Any) -> bool:
    """Values of records that are compared by identity are told by what they hold."""
    if type(value) is not type(bare):
        return True
    if is_dataclass(value) and not isinstance(value, type):
        return any(
            _differs(getattr(value, own.name), getattr(bare, own.name)) for own in fields(value)
        )
    return bool(value != bare)


def _keys(role: str, keys: tuple[PublicKey, ...]) -> dict[str, list[str]]:
    encoded = [
        key.key.public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        for key in keys
    ]
    return {
        role: [base64.b64encode(der).decode("ascii") for der in encoded],
        f"{role}Ids": [key.key_id for key in keys],
    }


def record_shapes(record: type) -> dict[str, list[dict[str, Any]]]:
    """The forms of a signed record and of all records in it, as `artifacts.codec` reads them."""
    shapes: dict[str, list[dict[str, Any]]] = {}
    _shape(record, shapes)
    return shapes


def _shape(kind: Any, shapes: dict[str, list[dict[str, Any]]]) -> Any:
    origin = typing.get_origin(kind)
    if origin in (types.UnionType, typing.Union):
        (only,) = (option for option in typing.get_args(kind) if option is not type(None))
        return {"optional": _shape(only, shapes)}
    if origin is tuple:
        items = typing.get_args(kind)
        if len(items) == 2 and items[1] is Ellipsis:
            return {"list": _shape(items[0], shapes)}
        return {"tuple": [_shape(item, shapes) for item in items]}
    name = str(kind.__name__)
    if not is_dataclass(kind):
        return name
    if name not in shapes:
        shapes[name] = []
        hints = typing.get_type_hints(kind)
        for own in fields(kind):
            row: dict[str, Any] = {"name": own.name, "kind": _shape(hints[own.name], shapes)}
            if own.metadata.get("left_out_when_empty"):
                row["leftOut"] = True
            if "absent_means" in own.metadata:
                row["absent"] = _as_text(to_plain(own.metadata["absent_means"]))
            shapes[name].append(row)
    return {"record": name}


def _as_text(value: Any) -> Any:
    """Integers as the page compares them: it has no others of their size."""
    if isinstance(value, list):
        return [_as_text(item) for item in value]
    return str(value) if type(value) is int else value
