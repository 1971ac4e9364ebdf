"""Users, keys, sessions and the wait after wrong passwords."""

from __future__ import annotations

import base64
import json
from itertools import pairwise
from pathlib import Path

import pytest

from printstd.errors import InputError, UsageError
from printstd.service.access import FILE, SESSION_S, Access, Scope
from printstd.service.throttle import Throttle

PASSWORD = "correct horse battery"


class Clock:
    def __init__(self) -> None:
        self.now = 1_790_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def access(tmp_path: Path, clock: Clock) -> Access:
    made = Access(tmp_path, clock)
    made.set_user("Анна", PASSWORD, Scope.OPERATE)
    return made


def test_scopes_hold_those_before_them() -> None:
    order = list(Scope)
    for at, own in enumerate(order):
        assert [own.holds(other) for other in order] == [n <= at for n in range(len(order))]


def test_neither_passwords_nor_keys_are_kept(access: Access, tmp_path: Path) -> None:
    key = access.new_key(Scope.READ, "grafana")
    text = (tmp_path / FILE).read_text("utf-8")
    assert PASSWORD not in text
    assert key not in text
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0


def test_a_user_by_password_alone(access: Access) -> None:
    who = access.by_password("Анна", PASSWORD)
    assert who is not None
    assert who.scope is Scope.OPERATE
    assert access.by_password("Анна", PASSWORD + " ") is None
    assert access.by_password("anna", PASSWORD) is None


def test_a_session_ends_with_its_time_its_password_and_its_user(
    access: Access, clock: Clock
) -> None:
    def begin() -> str:
        who = access.by_password("Анна", PASSWORD)
        assert who is not None
        return access.begin_session(who)

    cookie = begin()
    assert (found := access.by_session(cookie)) is not None
    assert found.name == "Анна"
    clock.now += SESSION_S
    assert access.by_session(cookie) is None
    cookie = begin()
    access.set_user("Анна", "another horse battery", Scope.OPERATE)
    assert access.by_session(cookie) is None
    access.set_user("Анна", PASSWORD, Scope.OPERATE)
    cookie = begin()
    access.remove_user("Анна")
    assert access.by_session(cookie) is None


def test_a_changed_cookie_is_nobody(access: Access) -> None:
    who = access.by_password("Анна", PASSWORD)
    assert who is not None
    cookie = access.begin_session(who)
    body, _, mark = cookie.partition(".")
    claim = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    forged = base64.urlsafe_b64encode(json.dumps({**claim, "until": 1 << 40}).encode()).decode()
    for wrong in (
        f"{forged.rstrip('=')}.{mark}",
        body,
        f"{body}.",
        f".{mark}",
        "",
        "a.b",
        cookie[:-1],
    ):
        assert access.by_session(wrong) is None


def test_a_scope_that_was_taken_away_is_gone_from_open_sessions(access: Access) -> None:
    who = access.by_password("Анна", PASSWORD)
    assert who is not None
    cookie = access.begin_session(who)
    access.set_user("Анна", PASSWORD, Scope.READ)
    # Another salt: the session is of the old password's hash.
    assert access.by_session(cookie) is None


def test_tokens_are_of_one_session(access: Access) -> None:
    sessions = []
    for _ in range(2):
        who = access.by_password("Анна", PASSWORD)
        assert who is not None
        found = access.by_session(access.begin_session(who))
        assert found is not None
        sessions.append(found)
    assert access.csrf_token(sessions[0]) != access.csrf_token(sessions[1])


def test_keys_by_scope_until_revoked(access: Access, tmp_path: Path, clock: Clock) -> None:
    key = access.new_key(Scope.SUBMIT, "line 1")
    # Another process made it: this one reads the file again.
    elsewhere = Access(tmp_path, clock)
    found = elsewhere.by_key(key)
    assert found is not None
    assert (found.scope, found.session) == (Scope.SUBMIT, "")
    assert elsewhere.by_key(key[:-1] + ("A" if key[-1] != "A" else "B")) is None
    access.revoke_key(key[:8])
    assert elsewhere.by_key(key) is None
    with pytest.raises(InputError):
        access.revoke_key(key[:8])


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("", PASSWORD),
        ("a" * 65, PASSWORD),
        (" anna", PASSWORD),
        ("an\nna", PASSWORD),
        ("b", "short"),
    ],
)
def test_what_is_no_user_is_refused(access: Access, name: str, password: str) -> None:
    with pytest.raises(UsageError):
        access.set_user(name, password, Scope.READ)
    assert [user.name for user in access.users()] == ["Анна"]


def test_a_broken_file_is_refused_whole(access: Access, tmp_path: Path, clock: Clock) -> None:
    (tmp_path / FILE).write_text('{"signing_key": "k", "users": [], "keys": {}}')
    with pytest.raises(InputError):
        Access(tmp_path, clock).by_password("Анна", PASSWORD)


def test_who_guesses_waits_longer_each_time() -> None:
    clock = Clock()
    throttle = Throttle(clock)
    waits = []
    for _ in range(12):
        throttle.failed("user a", "address 1")
        waits.append(throttle.wait_s("user a"))
    assert waits[:4] == [0.0] * 4
    assert all(one < other for one, other in pairwise(waits[4:]))
    assert throttle.wait_s("address 1", "user b") > 0
    assert throttle.wait_s("user b") == 0
    clock.now += waits[-1]
    assert throttle.wait_s("user a") == 0
    throttle.passed("user a", "address 1")
    throttle.failed("user a")
    assert throttle.wait_s("user a") == 0
