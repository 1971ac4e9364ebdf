"""The examples and claims of docs/standards.md hold as they stand there."""

from __future__ import annotations

import re
from pathlib import Path

from printstd.audit.registry import RULES
from printstd.profiles.fits import parse_limits
from printstd.profiles.proving import Known, ProofVerdict, prove
from printstd.profiles.resolve import resolve
from printstd.profiles.resolved import Request
from printstd.profiles.show import check_all
from printstd.validate.registry import CHECKS
from tests.unit.profiles.sources import BUNDLED, Overlay

GUIDE = (Path(__file__).parents[3] / "docs" / "standards.md").read_text("utf-8")
STANDARD, PACK = re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)


def test_the_country_that_is_added_is_proven_and_cited() -> None:
    source = Overlay({"standards/example-1": STANDARD, "packs/ex": PACK})
    assert check_all(source, ("ex",))[0] == []
    proofs = prove(source, "ex", Known(CHECKS, RULES), "2026-11-26")
    assert {proof.verdict for proof in proofs} <= {ProofVerdict.PASS, ProofVerdict.WARN}
    resolved = resolve(Request(pack="ex"), source)
    assert resolved.indication == "EX 2768-m"
    assert resolved.deviation_mm(20) == 0.2
    limits = parse_limits("EX 2768-c", resolved.size_tables, nominal_nm=20_000_000)
    assert (limits.upper_nm, limits.source) == (500_000, "EX 2768-1:2001")


def test_the_table_of_packs_names_them_all_with_what_they_cite() -> None:
    rows = re.findall(r"^\| `([a-z]{2,3})` \| ([^|]*) \|", GUIDE, re.MULTILINE)
    assert {pack for pack, _ in rows} == set(BUNDLED.names("packs"))
    for pack, sizes in rows:
        if pack == "us":
            continue
        resolved = resolve(Request(pack=pack), BUNDLED)
        assert sizes.startswith(resolved.designation.designation), pack


def test_kazakhstan_and_russia_tell_which_words_are_regulated() -> None:
    for pack in ("kz", "ru"):
        words = resolve(Request(pack=pack), BUNDLED).pack.regulated_words
        assert {"сертификат", "декларация", "certificate"} <= set(words)
