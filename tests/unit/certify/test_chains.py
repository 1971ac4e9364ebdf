"""The X.509 profile of a signer's certificate, and the traps of the library that checks paths."""

from __future__ import annotations

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from printstd.certify.chains import (
    ChainError,
    check_order,
    check_person,
    check_profile,
    check_signer,
    check_stamper,
    identities,
    load_roots,
    parts_of,
    public_key,
)
from printstd.errors import InputError
from tests.unit.certify.authority import (
    AFTER_LEAF,
    NO_USAGE,
    NOW,
    URI,
    Authority,
    gost_certificate,
    named,
    p256,
    rsa_key,
    stamp_certificate,
    usage,
)

ROOT = Authority("root")
MIDDLE = Authority("middle", ROOT)
KEY = p256()


def accepted(leaf, *, intermediates=(), roots=(ROOT,), at=NOW, check=check_signer) -> bool:
    try:
        check(
            leaf,
            [one.certificate for one in intermediates],
            [one.certificate for one in roots],
            at,
        )
    except ChainError:
        return False
    return True


def test_a_certificate_of_the_profile_is_accepted_under_its_root_and_through_its_middle():
    assert accepted(ROOT.issue(KEY))
    assert accepted(MIDDLE.issue(KEY), intermediates=[MIDDLE])
    assert accepted(ROOT.issue(KEY, is_authority=None))
    assert accepted(ROOT.issue(rsa_key()))
    of_rsa = Authority("rsa root", key=rsa_key())
    assert accepted(of_rsa.issue(KEY), roots=[of_rsa])


def test_the_path_must_be_whole_and_lead_to_a_trusted_root():
    assert not accepted(MIDDLE.issue(KEY))
    assert not accepted(ROOT.issue(KEY), roots=[Authority("root")])
    assert not accepted(ROOT.issue(KEY), roots=[])
    assert not accepted(ROOT.issue(KEY), intermediates=[MIDDLE] * 9)


@pytest.mark.parametrize(
    "changes",
    [
        {"purposes": None},
        {"purposes": (ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH)},
        {"key_usage": NO_USAGE},
        {"key_usage": usage(key_encipherment=True)},
        {"uri": None},
        {"is_authority": True},
    ],
    ids=["no purpose", "of a server", "no usage", "no signing", "no uri", "an authority"],
)
def test_each_part_of_the_profile_is_demanded_by_verifier_and_signer(changes):
    leaf = ROOT.issue(KEY, **changes)
    assert not accepted(leaf)
    with pytest.raises(ChainError):
        check_profile(leaf)
    check_profile(ROOT.issue(KEY))


def test_several_purposes_are_fine_for_a_signer_and_not_for_a_stamper():
    both = (ExtendedKeyUsageOID.CODE_SIGNING, ExtendedKeyUsageOID.TIME_STAMPING)
    assert accepted(ROOT.issue(KEY, purposes=both))
    assert accepted(stamp_certificate(ROOT, KEY), check=check_stamper)
    for changes in ({"purposes": both}, {"critical_purpose": False}, {"is_authority": True}):
        assert not accepted(stamp_certificate(ROOT, KEY, **changes), check=check_stamper)
    assert not accepted(ROOT.issue(KEY), check=check_stamper)


def test_validity_is_of_the_time_that_is_asked_for():
    leaf = ROOT.issue(KEY)
    assert not accepted(leaf, at=AFTER_LEAF)
    assert not accepted(leaf, at="2025-12-31T23:59:59Z")
    with pytest.raises(ChainError, match="not at 2027"):
        check_signer(leaf, [], [ROOT.certificate], AFTER_LEAF)


def test_an_unknown_critical_extension_is_refused():
    odd = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")
    assert not accepted(ROOT.issue(KEY, extra=odd))


def test_a_leaf_issues_nothing_and_path_lengths_are_kept():
    leaf = ROOT.issue(KEY)
    forged = Authority("line 1", key=KEY)  # the leaf's name and key, claiming to be an authority
    assert not accepted(forged.issue(p256()), intermediates=[forged])
    short = Authority("root", key=ROOT.key, path_length=0)
    assert accepted(leaf, roots=[short])
    assert not accepted(MIDDLE.issue(KEY), intermediates=[MIDDLE], roots=[short])


def test_a_root_must_be_an_authority_and_ed25519_roots_are_refused_by_the_library():
    pem = ROOT.issue(KEY).public_bytes(Encoding.PEM)
    with pytest.raises(InputError, match="authority"):
        load_roots(pem, "leaf.pem")
    assert load_roots(ROOT.certificate.public_bytes(Encoding.PEM), "root.pem")
    with pytest.raises(InputError):
        load_roots(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "x")
    edwards = Authority("edwards", key=ed25519.Ed25519PrivateKey.generate())
    assert not accepted(edwards.issue(KEY), roots=[edwards])


def test_the_certified_key_and_its_names_are_read():
    leaf = ROOT.issue(KEY)
    assert public_key(leaf).algorithm == "ecdsa-p256-sha256"
    assert identities(leaf) == (URI,)
    assert identities(ROOT.certificate) == ()
    holder = named("Иванов", OU="BIN123456789012", serialNumber="IIN1")
    assert {"OU=BIN123456789012", "serialNumber=IIN1", "C=KZ"} <= set(parts_of(holder))
    with pytest.raises(ChainError, match="not accepted"):
        public_key(gost_certificate())


def test_a_person_s_certificate_needs_no_profile_but_a_root_and_a_right_to_sign():
    person = {"uri": None, "purposes": None, "days": 3000}
    assert accepted(ROOT.issue(KEY, **person), check=check_person)
    notary = usage(content_commitment=True)
    assert accepted(ROOT.issue(KEY, key_usage=notary, **person), check=check_person)
    lock = usage(key_encipherment=True)
    assert not accepted(ROOT.issue(KEY, key_usage=lock, **person), check=check_person)
    assert not accepted(ROOT.issue(KEY, **person), roots=[Authority("x")], check=check_person)


def test_a_chain_is_given_in_its_order():
    leaf = MIDDLE.issue(KEY)
    check_order([leaf, MIDDLE.certificate, ROOT.certificate], "chain.pem")
    with pytest.raises(InputError, match="no chain"):
        check_order([leaf, ROOT.certificate], "chain.pem")
