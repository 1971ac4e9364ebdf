"""Yes only for what verifies under the policy, for this printer, nozzle and material."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from printstd.certify.carriers.carried import open_carrier
from printstd.certify.dsse import sign_bundle
from printstd.certify.revocation import revocation_statement
from printstd.errors import VerificationError
from printstd.gate.gate import Gate
from printstd.gate.journal import read_journal
from tests import small_part
from tests.unit.certify.authority import Authority
from tests.unit.certify.signing import signer
from tests.unit.gate.certified import (
    carried,
    certificates,
    key,
    long_program,
    payload_of,
    store,
    write_gate,
)

PROGRAM = long_program(20)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where the host keeps programs; the gate is beside it."""
    write_gate(tmp_path / "gate")
    (tmp_path / "files").mkdir()
    return tmp_path / "files"


def gate_of(place: Path) -> Gate:
    return Gate(place.parent / "gate" / "gate.toml")


def put(place: Path, data: bytes, name: str = "a.gcode") -> Path:
    path = place / name
    path.write_bytes(data)
    return path


def test_certificates_count_beside_the_program_in_it_and_in_a_folder(place: Path) -> None:
    made = certificates(PROGRAM)
    inside = put(place, carried(PROGRAM), "inside.gcode")
    beside = put(place, PROGRAM, "beside.gcode")
    put(place, made[0], "beside.gcode.cert.json")
    put(place, made[1], "beside.gcode.recheck.json")
    plain = put(place, PROGRAM, "plain.gcode")
    gate = gate_of(place)
    assert not gate.decide_file(plain).is_allowed
    for path in (inside, beside):
        decision = gate.decide_file(path)
        assert decision.is_allowed, decision.reason
        assert decision.program == PROGRAM
        assert decision.level == "C2"
        assert decision.keys == (key().key_id,) * 2
    store(place.parent / "gate" / "certificates", PROGRAM, made)
    decision = gate.decide_file(plain)
    assert decision.is_allowed
    assert decision.program_sha256 == hashlib.sha256(PROGRAM).hexdigest()


def test_every_byte_of_a_certified_file_counts(place: Path) -> None:
    """Whichever byte is changed, of the program or of the certificates: it is a no."""
    whole = carried(PROGRAM)
    gate = gate_of(place)
    assert gate.decide_file(put(place, whole)).is_allowed
    start = len(PROGRAM)
    places = [*range(0, start, 131), *range(start, len(whole), 997), len(whole) - 1]
    for at in places:
        changed = bytearray(whole)
        changed[at] ^= 1
        assert not gate.decide_file(put(place, bytes(changed))).is_allowed, at
    for changed in (whole[:-1], whole + b"\n", whole + b"G1 X0\n", b"G1 X0\n" + whole, b""):
        assert not gate.decide_file(put(place, changed)).is_allowed


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"profile": "mk4s"}, "another printer"),
        ({"nozzle_mm": 0.6}, "another nozzle"),
        ({"materials": ["petg"]}, "another material"),
        ({"profile_sha256": ["0" * 64]}, "not the version"),
        ({"capability_until": "2020-01-01"}, "capability has expired"),
        ({"nozzle_hours": 401.0, "nozzle_hours_max": 400.0}, "run longer"),
    ],
)
def test_the_program_is_bound_to_the_machine(place: Path, more: dict, reason: str) -> None:
    path = put(place, carried(PROGRAM))
    decision = Gate(place.parent / "gate" / "gate.toml", **more).decide_file(path)
    assert not decision.is_allowed
    assert reason in decision.reason
    assert decision.advice
    assert decision.program is None


def test_the_accepted_version_of_a_profile_is_accepted(place: Path) -> None:
    stated = payload_of(certificates(PROGRAM)[0])["predicate"]["profiles"]
    (sha256,) = [row["digest"]["sha256"] for row in stated if row["role"] == "printer"]
    gate = Gate(place.parent / "gate" / "gate.toml", profile_sha256=[sha256])
    assert gate.decide_file(put(place, carried(PROGRAM))).is_allowed


def capable(serial: str, until: str):
    """A certificate that rests on the capability of one machine."""
    row = {
        "name": "c.json",
        "digest": {"sha256": "0" * 64},
        "says": {"printer": "peer", "serial": serial, "validUntil": until},
    }
    return lambda s: s["predicate"].update(records={"capability": row})


def test_a_capability_is_of_one_machine_and_to_a_day(place: Path) -> None:
    settings = place.parent / "gate" / "gate.toml"
    path = put(place, carried(PROGRAM, capable("A-1", "2099-01-01")))
    assert Gate(settings, serial="A-1").decide_file(path).is_allowed
    other = Gate(settings, serial="A-2").decide_file(path)
    assert "another machine" in other.reason
    # An equal machine whose own capability holds.
    assert Gate(settings, serial="A-2", capability_until="2099-01-01").decide_file(path).is_allowed
    path = put(place, carried(PROGRAM, capable("A-1", "2020-01-01")))
    assert "has expired" in Gate(settings, serial="A-1").decide_file(path).reason


@pytest.mark.parametrize(
    "lost", ["serial", "validUntil", "a day that is none", "a serial that is empty"]
)
def test_a_capability_that_does_not_say_of_what_is_a_no(place: Path, lost: str) -> None:
    """What is not told is no permission."""

    def change(statement: dict) -> None:
        capable("A-1", "2099-01-01")(statement)
        says = statement["predicate"]["records"]["capability"]["says"]
        says.pop(lost, None)
        if lost == "a day that is none":
            says["validUntil"] = "for ever"
        elif lost not in ("serial", "validUntil"):
            says["serial"] = ""

    settings = place.parent / "gate" / "gate.toml"
    decision = Gate(settings, serial="A-1").decide_file(put(place, carried(PROGRAM, change)))
    assert "does not say of what" in decision.reason


def two_tools(statement: dict) -> None:
    demand = statement["predicate"]["demand"]
    demand["tools"] = [
        {
            "number": number,
            "is_shared": False,
            "material": demand["material"],
            "filament_um": 1750,
            "scale_xy_e6": 1_000_000,
            "scale_z_e6": 1_000_000,
        }
        for number in (0, 1)
    ]
    rows = statement["predicate"]["profiles"]
    rows.append({"role": "material_2", "id": "pva", "digest": {"sha256": "0" * 64}})


def test_each_tool_has_its_own_material(place: Path) -> None:
    path = put(place, carried(PROGRAM, two_tools))
    settings = place.parent / "gate" / "gate.toml"
    assert Gate(settings, materials=["peer", "pva"]).decide_file(path).is_allowed
    for loaded in (["peer"], ["peer", "peer"], ["pva", "peer"]):
        decision = Gate(settings, materials=loaded).decide_file(path)
        assert "another material" in decision.reason


def test_a_signed_no_is_a_no(place: Path) -> None:
    bundles = certificates(PROGRAM, lambda s: s["predicate"].pop("x", None))
    failed = certificates(
        PROGRAM,
        lambda s: s["predicate"].update(verdict="FAILED") if "verdict" in s["predicate"] else None,
    )
    path = put(place, PROGRAM)
    folder = place.parent / "gate" / "certificates"
    store(folder, PROGRAM, failed)
    decision = gate_of(place).decide_file(path)
    assert not decision.is_allowed
    assert "verdict is FAILED" in decision.reason
    store(folder, PROGRAM, bundles)
    assert gate_of(place).decide_file(path).is_allowed


def test_a_stranger_s_signature_is_a_no(place: Path) -> None:
    decision = gate_of(place).decide_file(put(place, carried(PROGRAM, by=signer())))
    assert not decision.is_allowed
    assert "does not verify" in decision.reason


def test_a_pinned_policy_is_held_with_all_that_it_names(place: Path, capsys) -> None:
    from printstd.gate.commands import main

    folder = place.parent / "gate"
    path = put(place, carried(PROGRAM))
    assert main(["pin", "--settings", str(folder / "gate.toml")]) == 0
    pin = capsys.readouterr().out
    write_gate(folder, more=pin)
    assert gate_of(place).decide_file(path).is_allowed
    for name in ("policy.toml", "maker.pub"):
        kept = (folder / name).read_bytes()
        (folder / name).write_bytes(kept + b"\n")
        assert "pinned" in gate_of(place).decide_file(path).reason
        (folder / name).write_bytes(kept)
    (folder / "maker.pub").unlink()
    assert not gate_of(place).decide_file(path).is_allowed


def test_a_revoked_certificate_is_a_no(place: Path) -> None:
    folder = place.parent / "gate"
    path = put(place, carried(PROGRAM))
    policy = folder / "policy.toml"
    policy.write_text(policy.read_text() + '[revocations]\nfolder = "revocations"\n')
    assert "folder of revocations is not there" in gate_of(place).decide_file(path).reason
    (folder / "revocations").mkdir()
    assert gate_of(place).decide_file(path).is_allowed
    bundle = carried_bundles(path)[1]
    payload = base64.b64decode(json.loads(bundle)["dsseEnvelope"]["payload"])
    gone = revocation_statement(
        [("x", payload)], reason="wrong lot", superseded_by=None, issued_at="2026-10-01T00:00:00Z"
    )
    (folder / "revocations" / "1.json").write_bytes(sign_bundle(gone, key()))
    decision = gate_of(place).decide_file(path)
    assert "was revoked" in decision.reason
    assert "wrong lot" in decision.reason


def test_a_revocation_in_the_gate_s_folders_counts_for_certificates_from_elsewhere(
    place: Path,
) -> None:
    """Inside the file, beside it, or sent with it: who hands them in does not choose."""
    path = put(place, carried(PROGRAM))
    made = certificates(PROGRAM)
    sent = {"cert": ("cert", made[0]), "recheck": ("recheck", made[1])}
    folder = place.parent / "gate" / "certificates"
    store(folder, PROGRAM, certificates(PROGRAM))
    gate = gate_of(place)
    assert gate.decide_file(path).is_allowed
    assert gate.decide_bytes(PROGRAM, place / "x.gcode", "x", sent).is_allowed
    payload = base64.b64decode(json.loads(made[1])["dsseEnvelope"]["payload"])
    assert payload == base64.b64decode(
        json.loads(carried_bundles(path)[1])["dsseEnvelope"]["payload"]
    )
    gone = revocation_statement(
        [("x", payload)], reason="wrong lot", superseded_by=None, issued_at="2026-10-01T00:00:00Z"
    )
    name = f"{hashlib.sha256(PROGRAM).hexdigest()}.recheck.revocation.json"
    (folder / name).write_bytes(sign_bundle(gone, key()))
    for decision in (
        gate.decide_file(path),
        gate.decide_bytes(PROGRAM, place / "x.gcode", "x", sent),
    ):
        assert not decision.is_allowed
        assert "wrong lot" in decision.reason


def carried_bundles(path: Path) -> tuple[bytes, ...]:
    return open_carrier(path.read_bytes(), path.name).bundles


def test_a_demanded_co_signature_must_be_there(place: Path) -> None:
    policy = place.parent / "gate" / "policy.toml"
    root = Authority("nca")
    (policy.parent / "nca.pem").write_bytes(root.certificate.public_bytes(Encoding.PEM))
    policy.write_text(
        policy.read_text() + '[[co_signer]]\nstatement = "recheck"\nroots = ["nca.pem"]\n'
    )
    decision = gate_of(place).decide_file(put(place, carried(PROGRAM)))
    assert "demands a co-signature" in decision.reason


@pytest.mark.parametrize("broken", ["gate.toml", "policy.toml", "maker.pub"])
def test_whatever_cannot_be_read_is_a_no(place: Path, broken: str) -> None:
    path = put(place, carried(PROGRAM))
    (place.parent / "gate" / broken).write_bytes(b"\xff = [")
    assert not gate_of(place).decide_file(path).is_allowed
    (place.parent / "gate" / broken).unlink()
    assert not gate_of(place).decide_file(path).is_allowed


def test_a_yes_that_cannot_be_recorded_is_a_no(place: Path) -> None:
    path = put(place, carried(PROGRAM))
    (place.parent / "gate" / "journal.jsonl").mkdir()
    decision = gate_of(place).decide_file(path)
    assert not decision.is_allowed
    assert "cannot be recorded" in decision.reason


def test_every_decision_is_in_the_journal(place: Path) -> None:
    gate = gate_of(place)
    gate.decide_file(put(place, carried(PROGRAM), "good.gcode"))
    gate.decide_file(put(place, PROGRAM, "bad.gcode"))
    gate.decide_file(place / "none.gcode")
    file = place.parent / "gate" / "journal.jsonl"
    records = read_journal(file.read_bytes(), file.name).records
    assert [(r["file"], r["verdict"]) for r in records] == [
        ("good.gcode", "allowed"),
        ("bad.gcode", "refused"),
        ("none.gcode", "refused"),
    ]
    assert records[0]["program_sha256"] == hashlib.sha256(PROGRAM).hexdigest()
    assert all(r["reason"] and r["advice"] for r in records[1:])
    json.dumps(records)


def test_a_copy_is_what_was_verified_or_an_error(place: Path) -> None:
    gate = gate_of(place)
    decision = gate.decide_file(put(place, carried(PROGRAM)))
    copied = gate.copy_of(decision)
    assert copied.path.read_bytes() == PROGRAM
    assert copied.path.stat().st_mode & 0o222 == 0
    # What somebody left there in its place is written over.
    copied.path.chmod(0o644)
    copied.path.write_bytes(PROGRAM + b"G1 X0\n")
    with pytest.raises(VerificationError, match="changed before"):
        gate.check_copy(copied.path, copied.sha256)
    assert gate.copy_of(decision).path.read_bytes() == PROGRAM
    refused = gate.decide_file(put(place, PROGRAM, "plain.gcode"))
    with pytest.raises(VerificationError, match="only what is allowed"):
        gate.copy_of(refused)


def test_real_statements_of_a_real_part_are_allowed(place: Path) -> None:
    pair = small_part.pair(key())
    store(place.parent / "gate" / "certificates", pair.program, (pair.generation, pair.recheck))
    assert gate_of(place).decide_file(put(place, pair.program)).is_allowed
