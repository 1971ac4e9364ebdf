"""`certify` over statements that are there: what it attaches, exports, revokes and lists, and what
`verify` then says. (openssl's own signatures are in tests/e2e.)"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from printstd.adapters.keys import load_signer
from printstd.certify.dsse import read_bundle
from printstd.cli.main import run
from tests import small_part
from tests.integration.command import listing
from tests.unit.certify.authority import (
    URI,
    Authority,
    co_signature,
    gost_co_signature,
    named,
    p256,
    rsa_key,
    stamp,
    stamp_certificate,
)

NOW = ("--time", "1800000000")
RECHECK, CERT = "p.gcode.recheck.json", "p.gcode.cert.json"


@pytest.fixture
def bench(desk: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(desk)
    pair = small_part.pair(load_signer(desk / "k.key"))
    for name, data in (
        ("p.gcode", pair.program),
        (CERT, pair.generation),
        (RECHECK, pair.recheck),
    ):
        (desk / name).write_bytes(data)
    return desk


def payload(path: Path) -> bytes:
    return read_bundle(path.read_bytes(), path.name).payload


def facts(capsys, *arguments: str) -> tuple[int, list[tuple[str, str]]]:
    capsys.readouterr()
    code = run([*arguments, "--format", "json"])
    (subject,) = json.loads(capsys.readouterr().out)["subjects"]
    return code, [(fact["name"], fact["value"]) for fact in subject["facts"]]


def verify(capsys, *more: str) -> tuple[int, list[tuple[str, str]]]:
    return facts(capsys, "verify", "p.gcode", *(more or ("--trust", "k.pub")), *NOW)


def test_the_exported_statement_is_the_signed_bytes_and_the_request_of_the_signature(bench):
    for name in (CERT, RECHECK):
        assert run(["certify", name, "--export", "statement", "-q"]) == 0
        exported = bench / name.replace(".json", ".statement.json")
        assert exported.read_bytes() == payload(bench / name)
        assert run(["certify", name, "--export", "stamp-request", "-q"]) == 0
        signature = read_bundle((bench / name).read_bytes(), name).signature
        request = (bench / name.replace(".json", ".tsq")).read_bytes()
        assert hashlib.sha256(signature).digest() in request


def test_co_signatures_stand_beside_their_statement_each_once(bench, capsys):
    root = Authority("NCA")
    holder = named("Иванов", OU="BIN1")
    own = root.issue(rsa_key(), subject=holder, uri=None, purposes=None, days=7300)
    (bench / "a.p7s").write_bytes(co_signature(payload(bench / RECHECK), own, rsa_key()))
    (bench / "gost.p7s").write_bytes(gost_co_signature())
    for file in ("a.p7s", "a.p7s", "gost.p7s"):
        assert run(["certify", RECHECK, "--co-sign", file, "-q"]) == 0
    assert (bench / "p.gcode.recheck.p7s").read_bytes() == (bench / "a.p7s").read_bytes()
    assert (bench / "p.gcode.recheck.2.p7s").read_bytes() == (bench / "gost.p7s").read_bytes()
    assert not (bench / "p.gcode.recheck.3.p7s").exists()
    code, rows = verify(capsys)
    told = [value for name, value in rows if name == "co-signature"]
    assert code == 0
    assert "owner was not checked" in told[0]
    assert "present, not checked" in told[1]
    assert "GOST (Kazakhstan)" in told[1]
    before = listing(bench)
    assert run(["certify", CERT, "--co-sign", "a.p7s", "-q"]) == 4  # over the other statement
    assert listing(bench) == before
    (bench / "p.gcode.cert.p7s").write_bytes((bench / "a.p7s").read_bytes())
    assert run(["verify", "p.gcode", "--trust", "k.pub", *NOW, "-q"]) == 6


def test_a_chain_and_a_stamp_outlive_the_certificate(bench, capsys):
    root = Authority("root")
    private = load_signer(bench / "other.key").private
    leaf = root.issue(private)
    pem = [one.public_bytes(Encoding.PEM) for one in (leaf, root.certificate)]
    (bench / "chain.pem").write_bytes(b"".join(pem))
    (bench / "root.pem").write_bytes(pem[1])
    call = ["certify", "p.gcode", "--model", "small.stl", *small_part.PEER, "--key", "other.key"]
    (bench / CERT).unlink()
    # A certificate that is not valid when it signs would convince nobody: told to the signer.
    before = listing(bench)
    for moment in ("1700000000", "1900000000"):
        assert run([*call, "--chain", "chain.pem", "--time", moment, "-q"]) == 4
        assert "valid from 2026" in capsys.readouterr().err
    assert listing(bench) == before
    assert run([*call, "--chain", "chain.pem", "--time", "1780000000", "-q"]) == 0
    (bench / "policy.toml").write_text(
        f'[[identity]]\nrole = "recheck"\nuri = "{URI}"\nroots = ["root.pem"]\n'
        '[timestamps]\nroots = ["root.pem"]\n',
        "utf-8",
    )
    trust = ("verify", "p.gcode", "--policy", "policy.toml", "--time")
    code, rows = facts(capsys, *trust, "1780000000")
    assert code == 0
    assert URI in dict(rows)["re-checked"]
    assert run([*trust, "1900000000", "-q"]) == 6
    stamp_key = p256()
    stamper = stamp_certificate(root, stamp_key)
    signature = read_bundle((bench / RECHECK).read_bytes(), "x").signature
    (bench / "r.tsr").write_bytes(stamp(signature, stamper, stamp_key))
    assert run(["certify", RECHECK, "--stamp", "r.tsr", "-q"]) == 0
    code, rows = facts(capsys, *trust, "1900000000")
    assert code == 0
    assert "valid when it was stamped" in dict(rows)["re-checked"]
    _, rows = facts(capsys, "inspect", RECHECK)
    assert URI in dict(rows)["certificate"]
    assert dict(rows)["time stamp"].startswith("2026-03-01T12:00:00Z")


def test_a_revoked_program_is_refused_and_the_list_shows_what_was_taken_away(bench, capsys):
    (bench / "gone").mkdir()
    policy = '[keys]\ngenerator = ["k.pub"]\nrecheck = ["k.pub"]\n[revocations]\nfolder = "gone"\n'
    (bench / "policy.toml").write_text(policy + "max_age_days = 7\n", "utf-8")
    trust = ("--policy", "policy.toml")
    sign = ("--key", "k.key", "-q", *NOW)
    assert verify(capsys, *trust)[0] == 6  # no list
    assert run(["certify", "gone", "--list-revocations", *sign]) == 0
    assert verify(capsys, *trust)[0] == 0
    for path in ("wrong.gcode", "small.gcode"):
        assert run(["certify", path, "--revoke", "x", *sign]) == 4  # no statements
    other = [*sign, "-o", "gone/1.json"]
    assert run(["certify", CERT, "--revoke", "wrong lot", "--superseded-by", RECHECK, *other]) == 0
    assert run(["certify", "gone", "--list-revocations", *sign]) == 0
    assert verify(capsys, *trust)[0] == 6
    _, rows = facts(capsys, "inspect", "gone/1.json")
    assert dict(rows)["reason"] == "wrong lot"
    assert dict(rows)["superseded by"].endswith(
        hashlib.sha256(payload(bench / RECHECK)).hexdigest()
    )
    (bench / "gone" / "1.json").unlink()
    capsys.readouterr()
    assert run(["verify", "p.gcode", *trust, *NOW]) == 6
    assert "revocation that the list names" in capsys.readouterr().out
    # Without a policy it is looked for beside the program.
    (bench / "gone" / "list.json").unlink()
    assert run(["certify", RECHECK, "--revoke", "x", *sign]) == 0
    assert (bench / "p.gcode.recheck.revocation.json").exists()
    assert verify(capsys)[0] == 6


def test_a_result_for_other_engines_is_written_with_the_re_check_alone_where_it_says_yes(
    bench, capsys
):
    call = ["certify", "p.gcode", "--model", "small.stl", *small_part.PEER, "--key", "k.key"]
    assert run([*call, "--svr", "-q"]) == 0
    code, rows = verify(capsys)
    assert code == 0
    assert "PRINTSTD_C2" in dict(rows)["properties"]
    _, rows = facts(capsys, "inspect", "p.gcode.svr.json")
    assert "PRINTSTD_C2" in dict(rows)["properties"]
    no = ["certify", "wrong.gcode", "--model", "small.stl", *small_part.PEER, "--key", "k.key"]
    assert run([*no, "--svr", "--sign-failure", "-q"]) == 1
    assert (bench / "wrong.gcode.recheck.json").exists()
    assert not (bench / "wrong.gcode.svr.json").exists()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([RECHECK, "--co-sign", "small.stl"], 4),
        ([RECHECK, "--co-sign", "absent.p7s"], 4),
        ([RECHECK, "--stamp", "small.stl"], 4),
        (["small.stl", "--export", "statement"], 4),
        ([RECHECK, CERT, "--export", "statement"], 2),
        ([RECHECK, "--export", "statement", "--revoke", "x", "--key", "k.key"], 2),
        ([RECHECK, "--revoke", "x"], 2),
        ([RECHECK, "--revoke", " ", "--key", "k.key"], 2),
        ([RECHECK, "--superseded-by", CERT], 2),
        ([RECHECK, "--list-revocations", "--key", "k.key"], 2),
        ([RECHECK, "--list-revocations", "--key", "k.key", "-o", "l.json"], 4),
        ([RECHECK, "--export", "statement", "-o", RECHECK], 2),
    ],
)
def test_bad_input_changes_nothing(bench, arguments, code):
    before = listing(bench)
    assert run(["certify", *arguments, "-q"]) == code
    assert listing(bench) == before


def test_the_recipe_is_printed_and_verify_wants_a_program(capsys):
    from printstd.certify.openssl_recipe import RECIPE

    assert run(["verify", "--print-recipe"]) == 0
    assert capsys.readouterr().out == RECIPE
    assert run(["verify"]) == 2
