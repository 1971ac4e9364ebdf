"""The passport: what was signed comes back, its address is the one on the label, and nothing that
contradicts it is taken."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace

import pytest

from printstd.artifacts.codec import from_plain, to_plain
from printstd.artifacts.passport import PassportRecord
from printstd.certify.dsse import read_bundle
from printstd.certify.passport import is_passport, link, read_passport
from printstd.errors import RecordError, VerificationError
from printstd.profiles.read_records import read_passport_details
from tests.unit.certify.carriers import cases

GOOD = b"""
[part]
serial = "A-000123"
gtin = "4006381333931"
[cost]
currency = "KZT"
total = "12.50"
items = [{ name = "machine", amount = "12.5" }]
"""


def stated(**changes):
    found = read_passport(cases.passport(), "p", (cases.key().public,))
    part = replace(found.record.part, **changes)
    return replace(found, record=replace(found.record, part=part))


def test_what_was_signed_comes_back():
    assert is_passport(cases.passport())
    assert not is_passport(cases.pair().recheck)
    found = read_passport(cases.passport(), "p", (cases.key().public,))
    assert found.key_id == cases.key().key_id
    assert found.record.cost is not None
    assert found.record.cost.total == "10.50"
    assert from_plain(PassportRecord, to_plain(found.record)) == found.record
    statement = json.loads(read_bundle(cases.passport(), "p").payload)
    assert [row["digest"]["sha256"] for row in statement["subject"]] == [
        found.record.certified.statement_sha256,
        found.record.certified.program_sha256,
        found.record.certified.model_sha256,
    ]
    # What nobody said is not there, rather than empty.
    assert "polymer" not in statement["predicate"]["record"]["material"]


def test_a_stranger_signs_no_passport_and_no_other_form_is_read():
    with pytest.raises(VerificationError, match="not signed by a key"):
        read_passport(cases.passport(), "p", (cases.stranger().public,))
    for change in cases.PASSPORTS_BADLY.values():
        with pytest.raises(VerificationError):
            read_passport(cases.resigned(cases.passport(), change), "p", (cases.key().public,))


def test_the_address_has_the_digest_of_the_signed_statement():
    found = stated()
    address = link(found)
    assert address is not None
    wanted = r"HTTPS://ID\.EXAMPLE\.ORG/01/04006381333931/21/A-1\?H=([A-Z2-7]{32})"
    match = re.fullmatch(wanted, address)
    assert match is not None
    assert base64.b32decode(match[1]).hex() == found.sha256[:40]
    without = link(stated(gtin=""))
    assert without is not None
    assert "/01/" not in without
    odd = link(stated(serial="a/b?c=d%"))
    assert odd is not None
    assert "/21/a%2Fb%3Fc%3Dd%25?H=" in odd
    assert link(stated(resolver="")) is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"4006381333931", b"4006381333932"),
        (b"4006381333931", b"40063813"),
        (b'"A-000123"', b'"123456789012345678901"'),
        (b'"A-000123"', b'"\xd0\x90-1"'),
        (b'"A-000123"', b'"a b"'),
        (b'total = "12.50"', b'total = "13"'),
        (b'total = "12.50"', b"total = 12.5"),
        (b'total = "12.50"', b'total = "1e3"'),
        (b'"KZT"', b'"kzt"'),
        (b"[part]", b"[part]\nodd = 1"),
        (b"[cost]", b'[link]\nresolver = "https://x.org"\n[cost]'),
        (b"[cost]", b'[link]\nresolver = "x"\n[cost]'),
        (
            b"[cost]",
            (
                b'[time]\nstarted_at = "2026-11-26T08:00:00Z"\n'
                b'finished_at = "2026-11-26T07:00:00Z"\n[cost]'
            ),
        ),
        (b'serial = "A-000123"\n', b""),
    ],
)
def test_details_are_strict(old, new):
    assert read_passport_details(GOOD, "p.toml").says.part.serial == "A-000123"
    text = GOOD.replace(old, new, 1)
    assert text != GOOD
    with pytest.raises(RecordError):
        read_passport_details(text, "p.toml")
