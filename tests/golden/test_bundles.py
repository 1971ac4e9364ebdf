"""Bundles made once and kept: what was signed then verifies now, and no damaged one does."""

from __future__ import annotations

import pytest

from printstd.certify.chains import load_certificates, load_roots
from printstd.certify.keys import load_public_key
from printstd.certify.opening import open_statement
from printstd.certify.signers import Role, StampRoots, TrustedIdentity
from printstd.errors import PrintstdError
from tests.golden import bundles

NOW = str(bundles.index()["now"])


def opened(case: bundles.Case, now: str = NOW):
    if case.key is not None:
        role, stamps = Role((load_public_key(case.key, "k"),)), StampRoots()
    else:
        assert case.roots
        assert case.stamps
        assert case.uri
        chain = load_certificates(case.roots, "roots")
        *middle, root = chain if len(chain) > 1 else (chain[0],)
        role = Role((), (TrustedIdentity(case.uri, (root,), tuple(middle)),))
        stamps = StampRoots(load_roots(case.stamps, "stamps"))
    return open_statement(
        case.bundle,
        case.name,
        kind=case.type,
        program=case.program,
        trusted=role,
        now=now,
        stamps=stamps,
    )


@pytest.mark.parametrize("case", bundles.cases(), ids=lambda case: case.name)
def test_a_golden_bundle_verifies(case):
    found = opened(case)
    assert found.certificate.predicate_type == case.type
    assert found.by.identity == case.uri
    # Its certificate has expired by then, and was stamped before.
    assert (found.by.stamped_at is not None) == (case.roots is not None)


@pytest.mark.parametrize(
    ("what", "case"), bundles.all_damaged(), ids=[what for what, _ in bundles.all_damaged()]
)
def test_a_damaged_one_does_not(what, case):
    with pytest.raises(PrintstdError):
        opened(case)
