"""Faults of statements, of what belongs to what, and of files that lie beside each other (facts of
certification 3, 4 and 8.2). The maker's own key signs them: nothing but what is said is wrong."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from printstd.certify.predicates import GENERATION
from tests import small_part
from tests.mutation.operators.certified import (
    Certified,
    ContainerOperator,
    payload_of,
    signed_text,
)

FAMILY: Final = "statement"
ANOTHER_FILE: Final = "the program is not the file that was signed"
NOT_OURS: Final = "not one that this version understands"
UNLINKED: Final = "made for another generation certificate"
DIFFERENT: Final = "different models or demands"
_OTHER: Final = "0" * 64


def _said(change: Callable[[dict[str, Any]], object], generation: bool = False):  # type: ignore[no-untyped-def]
    return lambda c, rng: c.stated(change, generation=generation)


def _top(**fields: Any):  # type: ignore[no-untyped-def]
    return _said(lambda s: s.update(fields))


def _predicate(**fields: Any):  # type: ignore[no-untyped-def]
    return _said(lambda s: s["predicate"].update(fields))


def _raw(old: bytes, new: bytes):  # type: ignore[no-untyped-def]
    """The signed text itself changed, and signed as it is."""

    def edit(c: Certified, rng: random.Random) -> Certified:
        assert c.recheck is not None
        payload = payload_of(c.recheck)
        assert old in payload
        return replace(c, recheck=signed_text(payload.replace(old, new, 1), c.signer))

    return edit


def _subjects_swapped(s: dict[str, Any]) -> None:
    s["subject"] = s["subject"][::-1]


def _second_subject(s: dict[str, Any]) -> None:
    s["subject"] = [
        {"name": "evil.gcode", "digest": {"sha256": _OTHER}},
        *s["subject"],
    ]


def _changed_program(c: Certified, rng: random.Random) -> Certified:
    data = bytearray(c.program)
    data[rng.randrange(len(data))] ^= 1
    return replace(c, program=bytes(data))


def _older(c: Certified, rng: random.Random) -> Certified:
    """The re-check of an older issue beside a newer generation certificate."""
    newer = c.stated(
        lambda s: s["predicate"].update(issuedAt="2026-09-25T00:00:00Z"), generation=True
    )
    return replace(newer, recheck=c.recheck)


def _of_another_file(c: Certified, rng: random.Random) -> Certified:
    """Both certificates copied beside another program."""
    return replace(c, program=small_part.wrong_program())


def _no_generation(c: Certified, rng: random.Random) -> Certified:
    return replace(c, generation=None)


def _no_recheck(c: Certified, rng: random.Random) -> Certified:
    return replace(c, recheck=None)


def _swapped_roles(c: Certified, rng: random.Random) -> Certified:
    return replace(c, generation=c.recheck, recheck=c.generation)


def _lax(s: dict[str, Any]) -> None:
    s["predicate"]["demand"]["integrity"]["outward_um"] = 3000


def _another_unit(s: dict[str, Any]) -> None:
    s["predicate"]["demand"]["model_unit_nm"] = 25_400_000


def _another_model(s: dict[str, Any]) -> None:
    s["predicate"]["model"]["digest"]["sha256"] = _OTHER


def _critical(s: dict[str, Any]) -> None:
    s["predicate"]["critical"] = [*s["predicate"]["critical"], "only_on_mondays"]
    s["predicate"]["only_on_mondays"] = True


def _critical_gone(s: dict[str, Any]) -> None:
    del s["predicate"]["critical"]


def _expired(c: Certified, rng: random.Random) -> Certified:
    ending = c.stated(
        lambda s: s["predicate"].update(expiresAt="2026-09-30T00:00:00Z"), generation=True
    )
    return replace(ending, now="2026-10-01T00:00:00Z")


def _too_old(c: Certified, rng: random.Random) -> Certified:
    policy = c.policy
    return replace(c, policy=lambda: replace(policy(), max_age_days=3))


def _other_pack(c: Certified, rng: random.Random) -> Certified:
    policy = c.policy
    return replace(c, policy=lambda: replace(policy(), packs=("kz",)))


def _not_yet(c: Certified, rng: random.Random) -> Certified:
    policy = c.policy
    aged = replace(c, policy=lambda: replace(policy(), max_age_days=3))
    return replace(aged, now="2026-09-01T00:00:00Z")


def _named_alike(c: Certified, rng: random.Random) -> Certified:
    """A subject whose name looks like the file's, of another file: names decide nothing."""
    return replace(
        c.stated(lambda s: s["subject"][0].update(name="Кyбики №2.gcode")),
        program=small_part.wrong_program(),
    )


def _op(id: str, expected: str, edit: Any, about: str, because: str = "") -> ContainerOperator:
    return ContainerOperator(id, FAMILY, expected, edit, about, because)


OPERATORS: Final = (
    _op("E01", ANOTHER_FILE, _changed_program, "one bit of the program"),
    _op("E02", ANOTHER_FILE, _of_another_file, "certificates copied beside another program"),
    _op("E03", ANOTHER_FILE, _said(_second_subject), "a first subject that is another file"),
    _op("E04", ANOTHER_FILE, _said(_subjects_swapped), "file and command stream exchanged"),
    _op("E05", NOT_OURS, _top(_type="https://in-toto.io/Statement/v0.1"), "an older statement"),
    _op("E06", NOT_OURS, _top(predicateType=GENERATION), "a re-check called a generation"),
    _op("E07", NOT_OURS, _top(predicateType="https://slsa.dev/provenance/v1"), "another predicate"),
    _op("E08", NOT_OURS, _top(subject=[]), "no subject"),
    _op("E09", NOT_OURS, _said(_critical), "a critical field that nobody knows"),
    _op("E10", NOT_OURS, _said(_critical_gone), "no list of critical fields"),
    _op("E11", NOT_OURS, _predicate(verdict="passed"), "a verdict in small letters"),
    _op("E12", "signed verdict FAILED", _predicate(verdict="FAILED"), "a signed no"),
    _op("E13", NOT_OURS, _raw(b'"verdict":', b'"verdict":"FAILED","verdict":'), "a key twice"),
    _op("E14", NOT_OURS, _raw(b'"outward_um":30', b'"outward_um":30.0'), "a float"),
    _op("E15", NOT_OURS, _raw(b'"outward_um":30', b'"outward_um":1e400'), "a number without end"),
    _op("E16", UNLINKED, _older, "an older re-check beside a newer generation certificate"),
    _op("E17", UNLINKED, _no_generation, "the generation certificate taken away"),
    _op("E18", "the policy demands level", _no_recheck, "the re-check taken away"),
    _op("E19", NOT_OURS, _swapped_roles, "generation and re-check exchanged"),
    _op("E20", DIFFERENT, _said(_lax), "a re-check held to laxer limits"),
    _op("E21", DIFFERENT, _said(_another_unit), "a re-check of the model in inches"),
    _op("E22", DIFFERENT, _said(_another_model), "a re-check of another model"),
    _op("E23", "the certificate has expired", _expired, "after its end"),
    _op("E24", "older than the policy allows", _too_old, "older than the policy allows"),
    _op("E25", "not yet valid", _not_yet, "issued in the future"),
    _op("E26", "does not accept this pack", _other_pack, "a pack that the policy does not name"),
    _op("E27", ANOTHER_FILE, _named_alike, "a name that looks like the file's"),
)
