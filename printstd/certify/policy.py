"""Trust policies: whose signatures count, and how much must have been shown.

``--trust KEY`` is the implicit policy "C2, this key, no log". A policy file says more::

    minimum_level = "C2"          # C1: signed; C2: and independently re-checked
    max_age_days = 365            # optional
    packs = ["kz"]                # optional: packs that are accepted
    [keys]
    generator = ["maker.pub"]     # PEM files, relative to the policy file
    recheck = ["lab.pub"]
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from printstd.certify.keys import PublicKey, load_public_key
from printstd.errors import ProfileError, ProfileProblem
from printstd.words import said

LEVELS = ("C0", "C1", "C2", "C3", "C4")


@dataclass(frozen=True, slots=True, eq=False)
class TrustPolicy:
    """What `verify` demands."""

    name: str
    minimum_level: str
    generator_keys: tuple[PublicKey, ...]
    recheck_keys: tuple[PublicKey, ...]
    max_age_days: int | None = None
    packs: tuple[str, ...] = ()


def trusting(keys: tuple[PublicKey, ...], name: str) -> TrustPolicy:
    """The implicit policy of ``--trust``: level C2 under these keys in both roles, no log."""
    return TrustPolicy(name, "C2", keys, keys)


_KNOWN = {"minimum_level", "max_age_days", "packs", "keys"}


def read_policy(text: bytes, name: str, read_key: Callable[[str], bytes]) -> TrustPolicy:
    """A policy file; ProfileError with every problem in it. `read_key` opens a key path."""
    import tomllib  # a --trust needs no TOML

    problems: list[ProfileProblem] = []

    def wrong(key: str, got: object, wanted: str) -> None:
        problems.append(ProfileProblem(name, None, key, repr(got), wanted))

    try:
        data: dict[str, Any] = tomllib.loads(text.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ProfileError((ProfileProblem(name, None, "", str(error), "TOML"),)) from error
    for key in sorted(set(data) - _KNOWN):
        wrong(key, data[key], said("one of {values}", values=", ".join(sorted(_KNOWN))))
    level = data.get("minimum_level", "C2")
    if level not in ("C1", "C2"):
        wrong("minimum_level", level, said("C1 or C2 (this version reaches no higher level)"))
    age = data.get("max_age_days")
    if age is not None and (type(age) is not int or age < 1):
        wrong("max_age_days", age, said("a whole number of days"))
    packs = data.get("packs", [])
    if not isinstance(packs, list) or not all(isinstance(pack, str) for pack in packs):
        wrong("packs", packs, said("a list of pack ids"))
    table = data.get("keys")
    if not isinstance(table, dict):
        wrong("keys", table, said("a table with generator and recheck lists"))
        table = {}
    for key in sorted(set(table) - {"generator", "recheck"}):
        wrong(said("keys.{key}", key=key), table[key], said("generator or recheck"))
    roles: dict[str, tuple[PublicKey, ...]] = {}
    for role in ("generator", "recheck"):
        paths = table.get(role, [])
        if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
            wrong(said("keys.{role}", role=role), paths, said("a list of PEM files"))
            paths = []
        roles[role] = tuple(load_public_key(read_key(path), path) for path in paths)
    if level != "C1" and not roles["recheck"]:
        wrong("keys.recheck", table.get("recheck"), said("at least one key"))
    if problems:
        raise ProfileError(tuple(problems))
    return TrustPolicy(name, level, roles["generator"], roles["recheck"], age, tuple(packs))
