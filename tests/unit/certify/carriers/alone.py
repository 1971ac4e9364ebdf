"""What no program lies with: statements about a part, and passports, good and bad."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

from printstd.adapters.surroundings import tool_facts
from printstd.artifacts.passport import (
    CertifiedPart,
    Cost,
    CostItem,
    Counter,
    Machine,
    Maintenance,
    Material,
    PartIdentity,
    PassportRecord,
    Procurement,
    Times,
)
from printstd.certify.dsse import sign_bundle
from printstd.certify.passport import passport_statement
from printstd.certify.predicates import PART
from printstd.certify.strict_json import canonical
from tests import small_part
from tests.unit.certify.carriers.signed import (
    OLD,
    Files,
    key,
    pair,
    resigned,
    same,
    statement_of,
    stranger,
)


@functools.cache
def part_statement() -> bytes:
    """About one part, in the form that plates give."""
    recheck = statement_of(pair().recheck)
    own = recheck["predicate"]
    model = own["model"]
    part = {
        "label": "part_a",
        "model_sha256": model["digest"]["sha256"],
        "model_unit_nm": 1_000_000,
        "model_plate": None,
        "placement": own["demand"]["placement"],
        "layer_count": 16,
    }
    predicate = {
        "critical": ["model", "part", "verdict"],
        "issuedAt": own["issuedAt"],
        "expiresAt": None,
        "verifier": own["verifier"],
        "verdict": "PASSED",
        "allowed_undecided": [],
        "level": "C2",
        "plate": {"sha256": "0" * 64},
        "part": part,
        "model": model,
        "standard": {**own["standard"], "toleranceClass": "x"},
        "profiles": own["profiles"],
        "rules": [{"id": "G-05", "result": "PASS", "message": "X"}],
        "measured": {"layers": 16},
        "sizes": [],
    }
    statement = {
        "_type": recheck["_type"],
        "subject": [
            {"name": "program", "digest": recheck["subject"][0]["digest"]},
            {"name": model["name"], "digest": model["digest"]},
        ],
        "predicateType": PART,
        "predicate": predicate,
    }
    return sign_bundle(canonical(statement), key())


@functools.cache
def passport() -> bytes:
    recheck = statement_of(pair().recheck)
    model = recheck["predicate"]["model"]
    record = PassportRecord(
        PartIdentity("A-1", "04006381333931", "", "id.example.org"),
        CertifiedPart(
            "gcode-recheck/v1",
            "1" * 64,
            recheck["subject"][0]["digest"]["sha256"],
            model["name"],
            model["digest"]["sha256"],
            "",
            "ISO 2768-m",
            "int",
            small_part.NOW,
            "PASSED",
        ),
        Times(2222, 7077),
        Material("PLA", lot="L1"),
        Machine("MK4S"),
        "2" * 64,
        Cost("KZT", "10.50", (CostItem("machine", "10.50"),)),
        Procurement(order_id="PO-1"),
        Maintenance(counters=(Counter("printing", "1284.5", "h"),)),
    )
    payload = passport_statement(record, tool=tool_facts(), issued_at=small_part.NOW)
    return sign_bundle(payload, key())


PARTS_BADLY: dict[str, Callable[[Any], None]] = {
    "another verdict": lambda s: s["predicate"].update(verdict="FAILED"),
    "another model": lambda s: s["subject"][1]["digest"].update(sha256="0" * 64),
    "one field more": lambda s: s["predicate"]["part"].update(x=1),
    "a text for a number": lambda s: s["predicate"]["part"].update(layer_count="16"),
    "expired": lambda s: s["predicate"].update(expiresAt="2020-01-01T00:00:00Z"),
    "not critical": lambda s: s["predicate"].update(critical=["model", "part"]),
    "a certificate that is no digest": lambda s: s["predicate"].update(certificate={"sha256": "x"}),
    "a certificate that is a text": lambda s: s["predicate"].update(certificate="1" * 64),
}
PASSPORTS_BADLY: dict[str, Callable[[Any], None]] = {
    "a number for an amount": lambda s: s["predicate"]["record"]["cost"].update(total=10),
    "a subject less": lambda s: s["subject"].pop(),
    "another program": lambda s: s["subject"][1]["digest"].update(sha256="0" * 64),
    "an empty text": lambda s: s["predicate"]["record"]["material"].update(polymer=""),
    "one field more": lambda s: s["predicate"]["record"].update(x=1),
    "of a part that failed": lambda s: _certified(s).update(verdict="FAILED"),
    "of no time": lambda s: _certified(s).update(issued_at="2026-09-21"),
    "resting on others alone": lambda s: _certified(s).update(rests_on=["3" * 64]),
    "resting on no digest": lambda s: _certified(s).update(rests_on=["1" * 64, "x"]),
    "resting on nothing": lambda s: _certified(s).update(rests_on=[]),
}


def _certified(statement: Any) -> Any:
    return statement["predicate"]["record"]["certified"]


def traced_part(bundle: bytes | None = None, generation: str | None = "3" * 64) -> bytes:
    """One that names all that it rests on."""
    link = None if generation is None else {"sha256": generation}
    return resigned(bundle or part_statement(), lambda s: s["predicate"].update(certificate=link))


def traced_passport(issued_at: str = small_part.NOW) -> bytes:
    """The same. issued_at : of the certificate that it quotes."""
    return resigned(
        passport(),
        lambda s: _certified(s).update(rests_on=["1" * 64, "3" * 64], issued_at=issued_at),
    )


POLICIES: dict[str, str] = {
    "its pack": 'packs = ["int"]',
    "another pack": 'packs = ["kz"]',
    "young": "max_age_days = 1",
    "not older than the quoted": "max_age_days = 18000",
    "signed": 'minimum_level = "C1"',
}
"""What a page, too, can hold a statement to."""


def parts_and_passports() -> Iterator[tuple[str, Files]]:
    yield "part", {"part.json": part_statement()}
    yield "passport", {"passport.json": passport()}
    yield "part: traced", {"part.json": traced_part()}
    yield "part: of no generation", {"part.json": traced_part(generation=None)}
    yield "passport: traced", {"passport.json": traced_passport()}
    yield "passport: of an old certificate", {"passport.json": traced_passport(OLD)}
    for name, bundle, badly in (
        ("part", part_statement(), PARTS_BADLY),
        ("passport", passport(), PASSPORTS_BADLY),
    ):
        yield f"{name}: stranger's", {f"{name}.json": resigned(bundle, same, stranger())}
        for how, change in badly.items():
            yield f"{name}: {how}", {f"{name}.json": resigned(bundle, change)}
