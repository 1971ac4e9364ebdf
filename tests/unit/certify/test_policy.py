"""Trust policies: strict, every problem named at once."""

from __future__ import annotations

import pytest

from printstd.certify.dates import days_between
from printstd.certify.keys import public_pem
from printstd.certify.policy import read_policy
from printstd.errors import ProfileError
from tests.unit.certify.signing import signer

GOOD = b"""
minimum_level = "C2"
max_age_days = 30
packs = ["kz"]
[keys]
generator = ["a.pub"]
recheck = ["a.pub", "b.pub"]
"""


def test_a_policy_holds_the_keys_that_its_files_hold():
    keys = {"a.pub": signer().public, "b.pub": signer("ed25519").public}
    policy = read_policy(GOOD, "p.toml", lambda name: public_pem(keys[name]))
    assert [k.key_id for k in policy.generator_keys] == [keys["a.pub"].key_id]
    assert [k.key_id for k in policy.recheck_keys] == [k.key_id for k in keys.values()]
    assert (policy.minimum_level, policy.max_age_days, policy.packs) == ("C2", 30, ("kz",))


def test_all_problems_of_a_policy_are_named_together():
    text = b'minimum_level = "C9"\nmax_age_days = "30"\npacks = "kz"\nkey = 1\n[keys]\nx = []\n'
    with pytest.raises(ProfileError) as caught:
        read_policy(text, "p.toml", lambda name: b"")
    keys = {problem.key for problem in caught.value.problems}
    assert keys == {"minimum_level", "max_age_days", "packs", "key", "keys.x", "keys.recheck"}


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
