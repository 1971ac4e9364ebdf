"""Who may do what at the farm's page: local users, API keys with scopes, sessions.

Passwords are kept as scrypt hashes (RFC 7914), API keys as their SHA-256: they have 256 bits of
their own. A session is a signed cookie that ends with its time, its user or its password.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from printstd.adapters.files import read_file, write_all
from printstd.errors import InputError, UsageError
from printstd.words import said

FILE: Final = "access.json"
SESSION_S: Final = 12 * 3600
LEAST_PASSWORD: Final = 10
_SCRYPT: Final = {"n": 1 << 14, "r": 8, "p": 1}
_MAX_BYTES: Final = 1 << 20


class Scope(StrEnum):
    """Each holds those before it."""

    READ = "read"
    """See printers, queue, history."""
    SUBMIT = "submit"
    """Check and certify models, put jobs into the queue."""
    OPERATE = "operate"
    """Pause, resume, cancel, say that a bed is clear."""
    ADMIN = "admin"
    """Users and keys."""

    def holds(self, wanted: Scope) -> bool:
        order = list(Scope)
        return order.index(self) >= order.index(wanted)


@dataclass(frozen=True, slots=True)
class User:
    """salt, digest : of the password, hex."""

    name: str
    scope: Scope
    salt: str
    digest: str


@dataclass(frozen=True, slots=True)
class ApiKey:
    """id : its first letters, which name it. sha256 : of the whole."""

    id: str
    scope: Scope
    note: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody who was recognised. session : of a cookie, empty for an API key."""

    name: str
    scope: Scope
    session: str = ""


@dataclass(frozen=True, slots=True)
class _Kept:
    signing_key: str
    users: Mapping[str, User] = field(default_factory=dict)
    keys: Mapping[str, ApiKey] = field(default_factory=dict)


class Access:
    """Users and keys in the farm's folder. The file is read again at every question, so what the
    command line changes holds at once. now_s : seconds since 1970."""

    def __init__(self, folder: Path, now_s: Callable[[], float]) -> None:
        self._file, self._now_s = folder / FILE, now_s
        self._read: tuple[tuple[int, int], _Kept] | None = None

    # Users and keys

    def users(self) -> list[User]:
        return sorted(self._kept().users.values(), key=lambda one: one.name)

    def api_keys(self) -> list[ApiKey]:
        return sorted(self._kept().keys.values(), key=lambda one: one.id)

    def set_user(self, name: str, password: str, scope: Scope) -> None:
        """A new user, or a new password or scope for a known one."""
        if not name or len(name) > 64 or not name.isprintable() or name != name.strip():
            raise UsageError(
                said("this is no name of a user"),
                got=repr(name),
                wanted=said("1 to 64 characters"),
                hint=said("letters of any script will do"),
            )
        if len(password) < LEAST_PASSWORD:
            raise UsageError(
                said("this password is too short"),
                got=said("{count} characters", count=len(password)),
                wanted=said("at least {least}", least=LEAST_PASSWORD),
                hint=said("several words are easier to keep in mind"),
            )
        salt = secrets.token_hex(16)
        kept = self._kept()
        user = User(name, scope, salt, _digest(password, salt))
        self._keep(replace(kept, users={**kept.users, name: user}))

    def remove_user(self, name: str) -> None:
        kept = self._kept()
        if name not in kept.users:
            raise InputError(
                said("there is no user of this name"),
                got=name,
                wanted=", ".join(sorted(kept.users)) or said("a user; there is none yet"),
                hint=said("`printstd farm user list` names all of them"),
            )
        users = {key: user for key, user in kept.users.items() if key != name}
        self._keep(replace(kept, users=users))

    def new_key(self, scope: Scope, note: str) -> str:
        """The key itself, which is kept nowhere."""
        secret = secrets.token_urlsafe(32)
        kept = self._kept()
        key = ApiKey(secret[:8], scope, note, hashlib.sha256(secret.encode()).hexdigest())
        self._keep(replace(kept, keys={**kept.keys, key.id: key}))
        return secret

    def revoke_key(self, key_id: str) -> None:
        kept = self._kept()
        if key_id not in kept.keys:
            raise InputError(
                said("there is no API key of this name"),
                got=key_id,
                wanted=", ".join(sorted(kept.keys)) or said("a key; there is none yet"),
                hint=said("`printstd farm key list` names all of them"),
            )
        keys = {name: key for name, key in kept.keys.items() if name != key_id}
        self._keep(replace(kept, keys=keys))

    # Recognising

    def by_password(self, name: str, password: str) -> Who | None:
        """As much work for an unknown name as for a known one."""
        user = self._kept().users.get(name)
        salt = user.salt if user is not None else "00" * 16
        digest = _digest(password[:1024], salt)
        if user is None or not hmac.compare_digest(digest, user.digest):
            return None
        return Who(user.name, user.scope)

    def by_key(self, secret: str) -> Who | None:
        key = self._kept().keys.get(secret[:8])
        own = hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
        if key is None or not hmac.compare_digest(own, key.sha256):
            return None
        return Who(f"key {key.id}", key.scope)

    def begin_session(self, who: Who) -> str:
        """The cookie's value."""
        user = self._kept().users[who.name]
        claim = {
            "user": user.name,
            "until": int(self._now_s()) + SESSION_S,
            "password": user.digest[:16],
            "id": secrets.token_hex(8),
        }
        body = base64.urlsafe_b64encode(json.dumps(claim).encode()).decode().rstrip("=")
        return f"{body}.{self._signed(body)}"

    def by_session(self, cookie: str) -> Who | None:
        body, _, mark = cookie.partition(".")
        if not hmac.compare_digest(mark, self._signed(body)):
            return None
        claim = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        user = self._kept().users.get(claim["user"])
        if user is None or claim["password"] != user.digest[:16]:
            return None
        if claim["until"] <= self._now_s():
            return None
        return Who(user.name, user.scope, claim["id"])

    def csrf_token(self, who: Who) -> str:
        """What a page of this session must send with whatever changes something."""
        return self._signed(f"csrf {who.session}")

    def _signed(self, text: str) -> str:
        key = self._kept().signing_key.encode()
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()

    # The file

    def _kept(self) -> _Kept:
        try:
            found = self._file.stat()
        except FileNotFoundError:
            self._keep(_Kept(secrets.token_hex(32)))
            found = self._file.stat()
        stamp = (found.st_mtime_ns, found.st_ino)
        if self._read is None or self._read[0] != stamp:
            self._read = (stamp, _read(self._file))
        return self._read[1]

    def _keep(self, kept: _Kept) -> None:
        document = {
            "signing_key": kept.signing_key,
            "users": {
                user.name: {"scope": user.scope, "salt": user.salt, "digest": user.digest}
                for user in kept.users.values()
            },
            "keys": {
                key.id: {"scope": key.scope, "note": key.note, "sha256": key.sha256}
                for key in kept.keys.values()
            },
        }
        text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
        write_all({self._file: text.encode("utf-8")}, mode=0o600)
        self._read = None


def _digest(password: str, salt: str) -> str:
    return hashlib.scrypt(
        password.encode("utf-8"), salt=bytes.fromhex(salt), maxmem=64 << 20, **_SCRYPT
    ).hex()


def _read(file: Path) -> _Kept:
    try:
        document: dict[str, Any] = json.loads(read_file(file, max_bytes=_MAX_BYTES))
        return _Kept(
            str(document["signing_key"]),
            {
                name: User(name, Scope(row["scope"]), row["salt"], row["digest"])
                for name, row in document["users"].items()
            },
            {
                name: ApiKey(name, Scope(row["scope"]), row["note"], row["sha256"])
                for name, row in document["keys"].items()
            },
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            said("the file of users and keys cannot be read"),
            where=str(file),
            got=str(error),
            wanted=said("what `printstd farm user` wrote"),
            hint=said("mend it, or remove it and add users again"),
        ) from error
