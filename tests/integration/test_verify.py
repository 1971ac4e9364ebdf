"""`verify` over whole files: offline, light, and no changed byte of any of them passes."""

from __future__ import annotations

import base64
import json
import random
import shutil
from pathlib import Path

import pytest

from printstd.adapters.keys import load_signer
from printstd.certify.dsse import sign_bundle
from printstd.certify.strict_json import canonical
from printstd.cli.main import run
from tests.integration.command import in_a_process, listing, printstd, says
from tests.small_part import PEER

PRODUCTS = ("out.gcode", "out.gcode.cert.json", "out.gcode.recheck.json")
VERIFY = ("verify", "out.gcode", "--trust", "k.pub")


@pytest.fixture(scope="module")
def products(stock: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("certified") / "desk"
    shutil.copytree(stock, folder)
    done = printstd(
        "certify", "small.stl", *PEER, "--key", "k.key", "-o", "out.gcode", "-q", cwd=folder
    )
    assert done.code == 0, done.err
    return {name: (folder / name).read_bytes() for name in PRODUCTS}


@pytest.fixture
def certified(desk: Path, products: dict[str, bytes]) -> Path:
    for name, data in products.items():
        (desk / name).write_bytes(data)
    return desk


def resign(path: Path, key: Path, change) -> None:
    envelope = json.loads(path.read_bytes())["dsseEnvelope"]
    statement = json.loads(base64.b64decode(envelope["payload"]))
    change(statement)
    path.write_bytes(sign_bundle(canonical(statement), load_signer(key)))


def test_it_works_with_no_network_no_clock_it_can_trust_and_no_profiles(certified):
    """Every attempt to reach a socket or a profile ends the process."""
    guard = """
import sys
def guard(event, arguments):
    opened = str(arguments[0]) if arguments else ""
    if event.startswith("socket.") or (event == "open" and opened.endswith(".toml")):
        sys.stderr.write(f"FORBIDDEN {event} {opened}")
        raise SystemExit(99)
sys.addaudithook(guard)
"""
    done = in_a_process(*VERIFY, "--model", "small.stl", cwd=certified, code=guard)
    assert (done.code, done.err) == (0, "")
    assert "level       C2" in done.out
    assert "audit: PASSED" in done.out


def test_a_changed_bit_of_any_file_is_refused_or_changes_nothing(certified, monkeypatch, capsys):
    monkeypatch.chdir(certified)
    call = [*VERIFY, "--time", "1800000000"]
    assert run([*call, "--format", "json"]) == 0
    expected = capsys.readouterr().out
    seen = {0: 0, 6: 0}
    draws = random.Random(7)
    for name in PRODUCTS:
        path = certified / name
        good = path.read_bytes()
        for _ in range(40):
            bad = bytearray(good)
            bad[draws.randrange(len(bad))] ^= 1 << draws.randrange(8)
            path.write_bytes(bad)
            code = run([*call, "--format", "json"])
            out = capsys.readouterr().out
            seen[code] += 1
            assert code == 6 or (name != "out.gcode" and out == expected), (name, code)
        path.write_bytes(good)
    assert seen[6] > 100  # what passes is a blank of the JSON, and there are few


def test_a_changed_bit_of_the_model_is_refused(certified, monkeypatch, capsys):
    monkeypatch.chdir(certified)
    path = certified / "small.stl"
    good = path.read_bytes()
    draws = random.Random(8)
    for _ in range(10):
        bad = bytearray(good)
        bad[draws.randrange(len(bad))] ^= 1 << draws.randrange(8)
        path.write_bytes(bad)
        assert run([*VERIFY, "--model", "small.stl"]) == 6
        assert "not the model" in capsys.readouterr().err


def test_a_changed_demand_or_verdict_signed_by_another_key_is_refused(certified):
    def lax(statement):
        statement["predicate"]["demand"]["integrity"]["outward_um"] = 5000

    for name in PRODUCTS[1:]:
        path = certified / name
        good = path.read_bytes()
        resign(path, certified / "other.key", lax)
        assert printstd(*VERIFY, cwd=certified).code == 6
        path.write_bytes(good)


def test_a_signer_who_lies_about_the_audit_is_found_out_when_the_model_is_there(desk):
    """The trusted key itself signs PASSED over a program whose walls are displaced."""
    call = ("certify", "wrong.gcode", "--model", "small.stl", *PEER, "--key", "k.key")
    assert printstd(*call, "--sign-failure", cwd=desk).code == 1

    def lie(statement):
        statement["predicate"]["verdict"] = "PASSED"
        for row in statement["predicate"]["rules"]:
            row["result"] = "PASS"

    resign(desk / "wrong.gcode.recheck.json", desk / "k.key", lie)
    verify = ("verify", "wrong.gcode", "--trust", "k.pub")
    assert printstd(*verify, cwd=desk).code == 0
    done = printstd(*verify, "--model", "small.stl", cwd=desk)
    assert done.code == 1
    assert "audit: FAILED" in done.out

    def small_lie(statement):
        for row in statement["predicate"]["rules"]:
            if row["id"] == "G-12":
                row["result"] = "INFO"

    good = ("certify", "small.gcode", "--model", "small.stl", *PEER, "--key", "k.key")
    assert printstd(*good, cwd=desk).code == 0
    resign(desk / "small.gcode.recheck.json", desk / "k.key", small_lie)
    verify = ("verify", "small.gcode", "--trust", "k.pub", "--model", "small.stl")
    done = printstd(*verify, cwd=desk)
    assert done.code == 6
    assert says(done.err, "got", "wanted")["got"] == "G-12 PASS"


def test_a_re_check_by_another_key_names_the_maker_s_certificate_and_demand(certified):
    """The bureau signs what it made, the laboratory what it found."""
    before = listing(certified)
    call = ("certify", "out.gcode", "--model", "small.stl", *PEER, "--key", "other.key")
    done = printstd(*call, cwd=certified)
    assert done.code == 0, done.err
    after = listing(certified)
    assert [name for name in after if after[name] != before.get(name)] == ["out.gcode.recheck.json"]
    assert printstd(*VERIFY, cwd=certified).code == 6
    (certified / "p.toml").write_text(
        'minimum_level = "C2"\n[keys]\ngenerator = ["k.pub"]\nrecheck = ["other.pub"]\n'
    )
    done = printstd("verify", "out.gcode", "--policy", "p.toml", cwd=certified)
    assert done.code == 0, done.err

    done = printstd(*call, "--set", "process.integrity.outward_mm=0.02", cwd=certified)
    assert done.code == 2
    assert "another request" in done.err
    assert says(done.err, "got", "wanted", "what to do")["got"] == "other integrity"
    (certified / "out.gcode.cert.json").write_bytes(b"{}")
    done = printstd(*call, cwd=certified)
    assert done.code == 4
    assert "not its own" in done.err


def test_without_a_key_it_says_what_it_found_and_vouches_for_nothing(certified):
    done = printstd("verify", "out.gcode", cwd=certified)
    assert done.code == 6
    assert "claims: verdict PASSED, this program" in done.out
    assert "PASSED" not in done.out.replace("claims: verdict PASSED", "")
    (certified / "out.gcode").write_bytes(b"G28\n")
    assert (
        "claims: verdict PASSED, another program"
        in printstd("verify", "out.gcode", cwd=certified).out
    )


@pytest.mark.parametrize("kind", ["cert", "recheck"])
def test_what_stands_at_a_certificate_s_place_is_judged_as_one(certified, monkeypatch, kind):
    monkeypatch.chdir(certified)
    path = certified / f"out.gcode.{kind}.json"
    good = path.read_bytes()
    for bad in (b"", b"null", b"\xff", good[:-200], good + b"{}", b" " * (1 << 20) + good):
        path.write_bytes(bad)
        assert run([*VERIFY]) == 6
        assert run(["verify", "out.gcode"]) == 6
    path.unlink()
    path.mkdir()
    assert run([*VERIFY]) == 6
    path.rmdir()
    assert run([*VERIFY]) == 6
    path.write_bytes(good)
    assert run([*VERIFY]) == 0


def test_a_folder_of_keys_and_policies_that_are_wrong(certified):
    (certified / "trusted").mkdir()
    (certified / "k.pub").rename(certified / "trusted" / "k.pub")
    (certified / "other.pub").rename(certified / "trusted" / "other.pem")
    assert printstd("verify", "out.gcode", "--trust", "trusted", cwd=certified).code == 0
    (certified / "p.toml").write_text('minimum_level = "C9"\npakcs = []\n[keys]\nrecheck = []\n')
    done = printstd("verify", "out.gcode", "--policy", "p.toml", cwd=certified)
    assert done.code == 3
    for key in ("minimum_level", "pakcs", "keys.recheck"):
        assert key in done.err


def test_a_policy_about_age_goes_by_the_given_time(certified):
    keys = '[keys]\nrecheck = ["k.pub"]\ngenerator = ["k.pub"]\n'
    (certified / "p.toml").write_text(f"max_age_days = 30\n{keys}")
    call = ("verify", "out.gcode", "--policy", "p.toml")
    assert printstd(*call, cwd=certified).code == 0
    assert printstd(*call, "--time", "4000000000", cwd=certified).code == 6
    assert printstd(*call, "--time", "1000000000", cwd=certified).code == 6


def test_the_same_second_the_same_statement(desk):
    call = ("certify", "small.gcode", "--model", "small.stl", *PEER, "--time", "1790000000")
    payloads = []
    for _ in range(2):
        assert printstd(*call, "--key", "k.key", cwd=desk).code == 0
        bundle = json.loads((desk / "small.gcode.recheck.json").read_bytes())
        payloads.append(base64.b64decode(bundle["dsseEnvelope"]["payload"]))
    assert payloads[0] == payloads[1]
    assert b"2026-09-21T14:13:20Z" in payloads[0]
