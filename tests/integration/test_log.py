"""`printstd log` as its users call it, and killed while it writes."""

from __future__ import annotations

import re

import pytest

from tests.integration.command import ROOT, printstd
from tests.killing.logs import at_every_point, at_random_times, trial
from tests.unit.certify.log.logs import bundle


def test_killed_at_durable_operations_nothing_is_lost_or_forked(tmp_path):
    """A share of the campaign (`make kill-log` kills at every point, and at 200 random times): the
    first of them before a log of the first form is brought up."""
    points = at_every_point(
        lambda point: trial(tmp_path / f"{point}", 1, is_older=point == 0), 1, every=5
    )
    assert points >= 10


def test_killed_at_random_times_nothing_is_lost_or_forked(tmp_path):
    work = trial(tmp_path, 40)
    at_random_times(work, 40, 3, seed=7)
    assert work.kills == 3


@pytest.fixture
def office(tmp_path):
    """A folder with keys of a log and a witness, and three certificates."""
    for name in ("log", "witness"):
        printstd("keys", "new", name, "--algorithm", "ed25519", cwd=tmp_path)
    for n in range(3):
        (tmp_path / f"{n}.cert.json").write_bytes(bundle(f"{n}"))
    return tmp_path


def vkey_in(text: str) -> str:
    found = re.search(r"^(?:log|witness) (\S+\+\S+)$", text, re.MULTILINE)
    assert found, text
    return found[1]


def test_a_log_is_begun_grown_published_witnessed_and_audited(office):
    def call(*arguments: str, code: int = 0) -> str:
        done = printstd("log", *arguments, cwd=office)
        assert done.code == code, done.err
        return done.out + done.err

    begun = call("new", "l.sqlite", "--key", "log.key", "--origin", "bureau.example/log")
    vkey = vkey_in(begun)
    call("append", "l.sqlite", "0.cert.json", "1.cert.json", "--key", "log.key")
    assert "0 new entries, 2 in all" in call(
        "append", "l.sqlite", "1.cert.json", "--key", "log.key"
    )
    call("publish", "l.sqlite", "pub")
    witness = ["--key", "witness.key", "--name", "w.example", "--state", "state", "-o", "seen"]
    assert "a witness begins once" in call("witness", "pub", "--log", vkey, *witness, code=2)
    seen = call("witness", "pub", "--log", vkey, *witness, "--begin")
    assert "cosigned 2 entries" in seen
    assert "1 new cosignatures" in call("cosign", "l.sqlite", "seen", "--witness", vkey_in(seen))
    call("prove", "l.sqlite", "0.cert.json")
    proof = (office / "0.cert.json.tlog-proof").read_text()
    assert "— w.example " in proof
    call("append", "l.sqlite", "2.cert.json", "--key", "log.key")
    call("publish", "l.sqlite", "pub")
    assert "cosigned 3 entries" in call("witness", "pub", "--log", vkey, *witness)
    assert "\n3\n" in call("show", "l.sqlite")
    stale = call("cosign", "l.sqlite", "0.cert.json", "--witness", vkey_in(seen), code=4)
    assert "what to do" in stale
    for place in ("l.sqlite", "pub"):
        told = call("audit", place, "--log", vkey)
        assert "3 entries" in told
        assert "0 problems" in told
    tile = office / "pub" / "tile" / "entries" / "000.p" / "3"
    tile.write_bytes(tile.read_bytes().replace(b"v1", b"v2", 1))
    assert "0 problems" not in call("audit", "pub", "--log", vkey, code=1)


def test_bad_input_is_refused_and_nothing_is_logged(office):
    printstd("log", "new", "l.sqlite", "--key", "log.key", "--origin", "x.example", cwd=office)
    printstd("keys", "new", "p256", cwd=office)
    (office / "bad.json").write_text("{}")
    cases = [
        (("append", "l.sqlite", "0.cert.json", "bad.json", "--key", "log.key"), 6),
        (("append", "l.sqlite", "0.cert.json", "--key", "p256.key"), 4),
        (("append", "l.sqlite", "0.cert.json", "--key", "witness.key"), 4),
        (("append", "none.sqlite", "0.cert.json", "--key", "log.key"), 4),
        (("new", "l.sqlite", "--key", "log.key", "--origin", "x.example"), 2),
        (("new", "m.sqlite", "--key", "log.key", "--origin", "two words"), 4),
        (("prove", "l.sqlite", "0.cert.json"), 4),
        (("audit", "bad.json"), 7),
        (("publish", "postgresql://nobody@127.0.0.1:1/none", "pub"), 7),
    ]
    for arguments, code in cases:
        done = printstd("log", *arguments, cwd=office)
        assert done.code == code, (arguments, done.err)
        assert "what to do" in done.err
    assert "0 entries" in printstd("log", "audit", "l.sqlite", cwd=office).out
    assert not list(office.glob("*.tlog-proof"))


@pytest.fixture(scope="module")
def certified(tmp_path_factory):
    """A program certified by a generator and re-checked by another key, both logged and witnessed;
    a policy that wants all of it."""
    folder = tmp_path_factory.mktemp("certified")

    def call(*arguments: object) -> str:
        done = printstd(*arguments, cwd=folder)
        assert done.code == 0, done.err
        return done.out + done.err

    for name in ("log", "witness"):
        call("keys", "new", name, "--algorithm", "ed25519")
    for name in ("maker", "checker"):
        call("keys", "new", name)
    cube = ROOT / "samples" / "cube20.stl"
    call("certify", cube, "--printer", "mk4s", "-o", "a.gcode", "--key", "maker.key")
    call(
        "certify",
        "a.gcode",
        "--model",
        cube,
        "--printer",
        "mk4s",
        "--key",
        "checker.key",
        "-o",
        "a.gcode",
    )
    log = vkey_in(call("log", "new", "l.sqlite", "--key", "log.key", "--origin", "x.example/log"))
    statements = ("a.gcode.cert.json", "a.gcode.recheck.json")
    call("log", "append", "l.sqlite", *statements, "--key", "log.key")
    call("log", "publish", "l.sqlite", "pub")
    seen = call(
        *("log", "witness", "pub", "--log", log, "--key", "witness.key", "--name", "w.example"),
        *("--state", "state", "-o", "seen", "--begin"),
    )
    witness = vkey_in(seen)
    call("log", "cosign", "l.sqlite", "seen", "--witness", witness)
    call("log", "prove", "l.sqlite", *statements)
    (folder / "log.policy").write_text(f"log {log}\nwitness w {witness}\nquorum w\n")
    (folder / "policy.toml").write_text(
        'minimum_level = "C3"\n\n[keys]\ngenerator = ["maker.pub"]\nrecheck = ["checker.pub"]\n'
        '[log]\npolicy = "log.policy"\n'
    )
    return folder


def test_a_logged_program_of_two_keys_is_of_level_c3_and_c4_if_made_again(certified):
    verify = ("verify", "a.gcode", "--policy", "policy.toml")
    done = printstd(*verify, cwd=certified)
    assert done.code == 0, done.err
    assert "C3" in done.out
    cube = ROOT / "samples" / "cube20.stl"
    done = printstd(*verify, "--model", cube, "--rebuild", cwd=certified)
    assert done.code == 0, done.err
    assert "C4" in done.out


DAMAGE = {
    "no proof": lambda text: None,
    "no cosignature": lambda text: text.replace("— w.example", "— v.example"),
    "another index": lambda text: text.replace("index 1", "index 0"),
    "another size": lambda text: text.replace("\n2\n", "\n3\n"),
    "not a proof": lambda text: "{}",
}


@pytest.mark.parametrize("what", DAMAGE)
def test_a_proof_that_does_not_hold_is_refused(certified, what):
    file = certified / "a.gcode.recheck.json.tlog-proof"
    good = file.read_text()
    bad = DAMAGE[what](good)
    assert bad != good
    try:
        if bad is None:
            file.unlink()
        else:
            file.write_text(bad)
        done = printstd("verify", "a.gcode", "--policy", "policy.toml", cwd=certified)
    finally:
        file.write_text(good)
    assert done.code == 6
    assert "what to do" in done.out + done.err
