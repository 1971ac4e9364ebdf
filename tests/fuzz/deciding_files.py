"""Files that a verdict rests on, mutated: programs and what carries them, certificates, profiles,
texts of a log.

Of each reader the same holds: it gives what it read, or says no by the errors that are its own.
Files are small, since a campaign is as fast as they are: most statements have few rules, most
programs few lines. Keys are fixed, so that a seed's file is the same wherever the same version is
installed.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Final, NamedTuple

from cryptography.hazmat.primitives.asymmetric import ed25519
from pydantic import BaseModel

from printstd.adapters.keys import FileSigner
from printstd.audit.lexer import lex
from printstd.certify.dsse import read_bundle, sign_bundle
from printstd.certify.keys import public_key_of
from printstd.certify.log.checkpoint import Checkpoint, cosign, read_checkpoint, sign_checkpoint
from printstd.certify.log.entry import entry_of, read_entry
from printstd.certify.log.notes import (
    COSIGNATURE,
    ED25519,
    NoteError,
    Verifier,
    read_note,
    with_lines,
)
from printstd.certify.log.proof import LogProof, read_proof
from printstd.certify.log.quorum import read_policy
from printstd.certify.reading import read_statement
from printstd.certify.strict_json import StrictJsonError, canonical
from printstd.errors import InputError, ProfileProblem, VerificationError
from printstd.profiles.load import MODELS, typed
from printstd.profiles.raw import parse
from tests import small_part
from tests.fuzz import carrier_files
from tests.fuzz.mesh_files import mutated
from tests.fuzz.numbers_and_bytes import (
    Mutation,
    delete,
    flip,
    glue,
    insert_word,
    interesting,
    line_ends,
    replace_word,
    splice,
    swap_lines,
    truncate,
)
from tests.unit.certify.log.logs import ORIGIN

BYTES: Final[tuple[Mutation, ...]] = (
    flip,
    interesting,
    delete,
    insert_word,
    replace_word,
    truncate,
    splice,
    line_ends,
    swap_lines,
    glue,
)
_PROGRAM: Final = b"""; a small program
G21
G90
M83
M104 S215
M109 S215
G28
G92 E0
M204 P1000 T1500
G1 Z0.2 F9000
G1 X10.5 Y-3.25 F9000
G1 X20 Y3 E1.2345 F1800
G2 X30 Y13 I10 J0 E.75
G3 X20 Y3 I-5 J-5 E0.5
M106 S127.5
G4 P20
EXCLUDE_OBJECT_START NAME=part_1
SET_VELOCITY_LIMIT ACCEL=1000 SQUARE_CORNER_VELOCITY=5
M84
M104 S0
"""


@cache
def _programs() -> tuple[bytes, ...]:
    """The whole once, and pieces of four lines, which cost a tenth of it."""
    lines = _PROGRAM.splitlines(keepends=True)
    return _PROGRAM, *(b"".join(lines[at : at + 4]) for at in range(0, len(lines) - 3, 2))


PROFILES: Final = Path(__file__).parents[2] / "profiles"
OF_PROFILES: Final = {
    "materials/pla.toml": "material",
    "allowlists/marlin2.toml": "allowlist",
    "dialects/klipper.toml": "dialect",
}
"""Small files of profiles, and what each is."""


class Kind(NamedTuple):
    """made : bytes of a generator. read : of bytes; raises one of `refusals`, or nothing."""

    made: Callable[[Random], bytes]
    read: Callable[[bytes], object]
    refusals: tuple[type[Exception], ...]


def _of(samples: Callable[[], tuple[bytes, ...]]) -> Callable[[Random], bytes]:
    return lambda random: mutated(random.choice(samples()), BYTES, random)


@cache
def _signer(number: int) -> FileSigner:
    private = ed25519.Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)
    return FileSigner(private, public_key_of(private.public_key(), "a fixed key"))


@cache
def _bundles() -> tuple[bytes, ...]:
    pair = small_part.pair(_signer(1))
    small = [sign_bundle(one, _signer(1)) for one in _thin_payloads()]
    return pair.generation, *small * 6, sign_bundle(b'{"_type":"x","subject":[]}', _signer(1))


@cache
def _payloads() -> tuple[bytes, ...]:
    pair = small_part.pair(_signer(1))
    whole = (read_bundle(one, "x").payload for one in (pair.generation, pair.recheck))
    return *whole, *_thin_payloads() * 9


@cache
def _thin_payloads() -> tuple[bytes, ...]:
    """The two statements with one of each long list."""
    whole = small_part.statements(small_part.program())
    return tuple(canonical(_thin(json.loads(one))) for one in whole)


_LONG: Final = ("checks", "rules", "commands", "tolerance_rows", "profiles", "dependencies", "rows")


def _thin(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _thin(own, key) for key, own in value.items()}
    if isinstance(value, list):
        return [_thin(own) for own in (value[:1] if key in _LONG else value)]
    return value


@cache
def _log_texts() -> tuple[bytes, ...]:
    own, its = _signer(2), _signer(3)
    public = Verifier(ORIGIN, ED25519, own.public.key.public_bytes_raw())
    witness = Verifier("w.example", COSIGNATURE, its.public.key.public_bytes_raw())
    note = sign_checkpoint(Checkpoint(public.name, 9, bytes(range(32))), public, own)
    seen = with_lines(note, [cosign(note, witness, its, 1_750_000_000)])
    proof = LogProof(5, tuple(bytes([n]) * 32 for n in range(4)), seen, b"{}")
    policy = f"log {public.vkey}\nwitness w {witness.vkey}\ngroup g any w\nquorum g\n"
    entry = entry_of(_bundles()[0], "x").data
    return str(seen).encode(), str(proof).encode(), policy.encode(), entry


def _read_program(data: bytes) -> object:
    found = lex(data)
    if found.problems:
        assert all(str(one).strip() for one in found.problems)
        raise NoteError("problems in the text")
    return found


def _read_log_text(data: bytes) -> object:
    """By whichever reader its beginning asks for; the others must refuse it in their own way."""
    found: list[object] = []
    for read in (_note, read_proof, read_policy, read_entry):
        try:
            found.append(read(data))
        except (NoteError, StrictJsonError):
            continue
    if not found:
        raise NoteError("nothing of a log")
    return found


def _note(data: bytes) -> object:
    return read_checkpoint(read_note(data).text)


@cache
def _profiles() -> tuple[bytes, ...]:
    return tuple((PROFILES / name).read_bytes() for name in OF_PROFILES)


@cache
def _keys() -> dict[str, frozenset[str]]:
    return {kind: frozenset(MODELS[kind].model_fields) for kind in OF_PROFILES.values()}


def _read_profile(data: bytes) -> object:
    problems: list[ProfileProblem] = []
    raw = parse("process", "p", "p.toml", data, problems)
    model: BaseModel | None = None
    if raw is not None:
        # As what its keys make it most likely to be; the others would only call them unknown.
        wanted = max(_keys(), key=lambda kind: len(_keys()[kind] & raw.values.keys()))
        model = typed(raw, MODELS[wanted], problems)
    if model is None:
        assert problems, "refused without a reason"
        assert all(str(problem).strip() for problem in problems)
        raise NoteError("no profile")
    return model


KINDS: Final[dict[str, Kind]] = {
    "gcode": Kind(_of(_programs), _read_program, (NoteError,)),
    "carriers": Kind(carrier_files.carrier, carrier_files.read, (InputError,)),
    "bundle": Kind(_of(_bundles), lambda data: read_bundle(data, "x"), (VerificationError,)),
    "statement": Kind(_of(_payloads), read_statement, (StrictJsonError,)),
    "log": Kind(_of(_log_texts), _read_log_text, (NoteError,)),
    "profile": Kind(_of(_profiles), _read_profile, (NoteError,)),
}


def check(kind: str, data: bytes) -> bool:
    """Was it taken? Whatever else the reader raises is a finding."""
    own = KINDS[kind]
    refusal = None
    try:
        own.read(data)
    except own.refusals as error:
        refusal = error
    assert refusal is None or str(refusal).strip(), "a refusal without a cause"
    return refusal is None
