"""Trust policies: strict, every problem named at once."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from printstd.certify.dates import days_between
from printstd.certify.keys import public_pem
from printstd.certify.policy import read_policy
from printstd.errors import InputError, ProfileError
from tests.unit.certify.authority import Authority, p256
from tests.unit.certify.log import logs
from tests.unit.certify.signing import signer

GOOD = b"""
minimum_level = "C2"
max_age_days = 30
packs = ["kz"]
[keys]
generator = ["a.pub"]
recheck = ["a.pub", "b.pub"]
"""

WHOLE = b"""
minimum_level = "C4"
max_age_days = 30
packs = ["kz"]
standards = ["iso-2768-1:m"]
same_program = true
[keys]
generator = ["a.pub"]
recheck = ["b.pub"]
revoke = ["b.pub"]
[[identity]]
role = "generator"
uri = "https://bureau.example/press/line-1"
roots = ["root.pem"]
[timestamps]
roots = ["root.pem"]
[log]
policy = "log.policy"
[revocations]
folder = "revoked"
max_age_days = 7
[[co_signer]]
statement = "recheck"
roots = ["root.pem"]
subject = ["OU=BIN123456789012"]
[profiles]
material = ["abababababababababababababababababababababababababababababababab"]
"""


def files() -> dict[str, bytes]:
    root = Authority("root")
    return {
        "a.pub": public_pem(signer().public),
        "b.pub": public_pem(signer("ed25519").public),
        "root.pem": root.certificate.public_bytes(Encoding.PEM),
        "leaf.pem": root.issue(p256()).public_bytes(Encoding.PEM),
        "log.policy": f"log {logs.key()[0].vkey}\nquorum none\n".encode(),
    }


def read(text: bytes):
    return read_policy(text, "p.toml", files().__getitem__)


def wrong(text: bytes) -> set[str]:
    with pytest.raises(ProfileError) as caught:
        read(text)
    return {problem.key for problem in caught.value.problems}


def test_a_policy_holds_the_keys_that_its_files_hold():
    keys = {"a.pub": signer().public, "b.pub": signer("ed25519").public}
    policy = read_policy(GOOD, "p.toml", lambda name: public_pem(keys[name]))
    assert [k.key_id for k in policy.generator_keys] == [keys["a.pub"].key_id]
    assert [k.key_id for k in policy.recheck_keys] == [k.key_id for k in keys.values()]
    assert (policy.minimum_level, policy.max_age_days, policy.packs) == ("C2", 30, ("kz",))
    # Whoever may state may revoke, where nobody is named for it.
    assert len(policy.revoke.keys) == 3


def test_everything_that_a_policy_can_say_is_read():
    policy = read(WHOLE)
    assert (policy.minimum_level, policy.same_program) == ("C4", True)
    assert policy.standards == ("iso-2768-1:m",)
    assert policy.profiles == {"material": ("ab" * 32,)}
    assert [one.uri for one in policy.generator_identities] == [
        "https://bureau.example/press/line-1"
    ]
    assert policy.recheck_identities == ()
    assert len(policy.stamps.roots) == 1
    assert policy.log is not None
    assert policy.log.text.startswith(b"log bureau.example")
    assert policy.revocations is not None
    assert (policy.revocations.folder, policy.revocations.max_age_days) == ("revoked", 7)
    assert policy.co_signers[0].subject == ("OU=BIN123456789012",)
    assert [k.algorithm for k in policy.revoke.keys] == ["ed25519"]


def test_all_problems_of_a_policy_are_named_together():
    text = b'minimum_level = "C9"\nmax_age_days = "30"\npacks = "kz"\nkey = 1\n[keys]\nx = []\n'
    assert wrong(text) == {
        "minimum_level",
        "max_age_days",
        "packs",
        "key",
        "keys.x",
        "keys.recheck",
    }


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        (b"same_program = true", b"same_program = 1", "same_program"),
        (b'role = "generator"', b'role = "king"', "identity.role"),
        (b'uri = "https://bureau.example/press/line-1"', b"", "identity.uri"),
        (b'folder = "revoked"', b"folder = 1", "revocations.folder"),
        (b'folder = "revoked"\nmax_age_days = 7', b'folder = "x"\nmax_age_days = 0', "revocations"),
        (b'policy = "log.policy"', b"policy = []", "log.policy"),
        (b'statement = "recheck"', b'statement = "x"', "co_signer.statement"),
        (b'subject = ["OU=BIN123456789012"]', b"subject = 1", "co_signer.subject"),
        (b'[timestamps]\nroots = ["root.pem"]', b"[timestamps]\nroots = []", "timestamps.roots"),
        (b"[timestamps]", b"[timestamps]\nurl = 1", "timestamps.url"),
        (b"abababab", b"ABABABAB", "profiles.material"),
        (b"[log]\npolicy", b"[[log]]\npolicy", "log"),
        # Found where the policy is read, and not first where a program has a proof.
        (b'policy = "log.policy"', b'policy = "a.pub"', "log.policy"),
    ],
)
def test_each_table_is_strict(old, new, key):
    assert WHOLE.count(old)
    found = wrong(WHOLE.replace(old, new, 1))
    assert any(one == key or one.startswith(f"{key}.") for one in found), found


@pytest.mark.parametrize(
    ("text", "key"),
    [
        (b"packs = []\n[keys]\n", "packs"),
        (b"standards = []\n[keys]\n", "standards"),
        (b"[keys]\nrevoke = []\n", "keys.revoke"),
        (b"[as_run]\nkeys = []\n[keys]\n", "as_run.keys"),
    ],
)
def test_a_list_that_nothing_is_on_is_no_demand_and_so_an_error(text, key):
    """It reads as "nothing is accepted", and would accept everything."""
    assert wrong(text + b'recheck = ["a.pub"]\n') == {key}


def test_the_higher_levels_want_two_signers_and_a_log():
    one = WHOLE.replace(b'recheck = ["b.pub"]', b'recheck = ["a.pub"]')
    start, end = one.index(b"[[identity]]"), one.index(b"[timestamps]")
    same = one[:start] + one[end:]
    assert "keys" in wrong(same)
    assert wrong(WHOLE.replace(b'[log]\npolicy = "log.policy"\n', b"")) == {"log"}
    assert read(same.replace(b'"C4"', b'"C2"')).minimum_level == "C2"
    assert wrong(b'minimum_level = "C1"\n') == {"keys"}


def test_a_root_that_is_no_authority_is_refused():
    with pytest.raises(InputError, match="authority"):
        read(WHOLE.replace(b'roots = ["root.pem"]', b'roots = ["leaf.pem"]', 1))


@pytest.mark.parametrize("text", [b"\xff", b"a = ", b"a = 1\na = 2"])
def test_text_that_is_no_toml_is_a_profile_error(text):
    with pytest.raises(ProfileError):
        read_policy(text, "p.toml", lambda name: b"")


def test_days_are_counted_by_the_calendar():
    import datetime

    start = datetime.date(2023, 12, 30)
    for days in (0, 1, 2, 59, 60, 61, 366, 800, 40000):
        end = start + datetime.timedelta(days=days)
        assert days_between(f"{start}T23:59:59Z", f"{end}T00:00:00Z") == days
    assert days_between("yesterday", "2026-01-01T00:00:00Z") is None
    assert days_between("2026-13-01T00:00:00Z", "2026-01-01T00:00:00Z") is None
