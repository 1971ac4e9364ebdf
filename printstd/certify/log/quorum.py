"""Which logs and witnesses a verifier trusts (C2SP tlog-policy), as its text says.

    log VKEY [URL]
    witness NAME VKEY [URL]
    group NAME any|all|K MEMBER...
    quorum NAME|none

``#`` begins a comment. Addresses are read and not used: nothing here asks a network.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from printstd.certify.log.notes import COSIGNATURE, ED25519, NoteError, Verifier, read_vkey

MAX_POLICY_BYTES: Final = 64 << 10


@dataclass(frozen=True, slots=True)
class Group:
    """needed : how many of its members (witnesses or groups) must have signed."""

    needed: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LogPolicy:
    """quorum : name of a witness or group, None where no witness is asked for."""

    logs: tuple[Verifier, ...]
    witnesses: Mapping[str, Verifier]
    groups: Mapping[str, Group]
    quorum: str | None

    def is_met(self, signed: Iterable[str]) -> bool:
        """By these witnesses, as the policy names them."""
        seen = frozenset(signed)
        return self.quorum is None or self._holds(self.quorum, seen)

    def _holds(self, name: str, seen: frozenset[str]) -> bool:
        group = self.groups.get(name)
        if group is None:
            return name in seen
        return sum(self._holds(member, seen) for member in group.members) >= group.needed


def read_policy(data: bytes) -> LogPolicy:
    """NoteError with the line where it is not one."""
    if len(data) > MAX_POLICY_BYTES:
        raise NoteError(f"a policy of {len(data)} bytes, at most {MAX_POLICY_BYTES} are read")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NoteError("not UTF-8") from error
    logs: list[Verifier] = []
    witnesses: dict[str, Verifier] = {}
    groups: dict[str, Group] = {}
    quorum: list[str] = []
    for number, row in enumerate(text.splitlines(), start=1):
        words = row.partition("#")[0].split()
        if not words:
            continue
        try:
            match words:
                case ["log", vkey] | ["log", vkey, _]:
                    logs.append(_key(vkey, ED25519))
                case ["witness", name, vkey] | ["witness", name, vkey, _]:
                    _new(name, witnesses, groups)
                    witnesses[name] = _key(vkey, COSIGNATURE)
                case ["group", name, count, *members] if members:
                    _new(name, witnesses, groups)
                    groups[name] = _group(count, members, {*witnesses, *groups})
                case ["quorum", name]:
                    quorum.append(name)
                case _:
                    raise NoteError("not a line of log, witness, group or quorum")
        except NoteError as error:
            raise NoteError(f"line {number}: {error}") from error
    if not logs:
        raise NoteError("no log is trusted")
    if len(quorum) != 1:
        raise NoteError(f"{len(quorum)} quorums, one is wanted (or 'quorum none')")
    if quorum[0] != "none" and quorum[0] not in {*witnesses, *groups}:
        raise NoteError(f"the quorum {quorum[0]} is no witness and no group")
    return LogPolicy(tuple(logs), witnesses, groups, None if quorum[0] == "none" else quorum[0])


def _key(vkey: str, kind: int) -> Verifier:
    key = read_vkey(vkey)
    if key.kind != kind:
        raise NoteError(f"a key of kind {key.kind}, {kind} is wanted")
    return key


def _new(name: str, *known: Mapping[str, object]) -> None:
    if name == "none" or any(name in one for one in known):
        raise NoteError(f"the name {name} is taken")


def _group(count: str, members: list[str], known: set[str]) -> Group:
    unknown = [member for member in members if member not in known]
    if unknown or len(set(members)) != len(members):
        raise NoteError(f"members are named once, after their own line: {', '.join(members)}")
    needed = {"any": 1, "all": len(members)}.get(count)
    if needed is None:
        if not count.isascii() or not count.isdigit() or not 1 <= int(count) <= len(members):
            raise NoteError(f"{count}: any, all or a number up to {len(members)}")
        needed = int(count)
    return Group(needed, tuple(members))
