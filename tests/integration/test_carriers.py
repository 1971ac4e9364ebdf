"""Carriers and passports as a user meets them: one command writes them, every other reads them."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import shutil
from pathlib import Path

import pytest

from printstd.certify.carriers.carried import open_carrier
from printstd.cli.main import run
from tests.integration.command import listing, printstd, says
from tests.unit.certify.log import logs

PEER = ("--printer", "peer", "--material", "peer", "--process", "peer-0.20", "-q")
CERTIFY = ("certify", "small.gcode", "--model", "small.stl", *PEER, "--key", "k.key")

DETAILS = """
[part]
serial = "A-1"
[link]
resolver = "id.example.org"
[cost]
currency = "KZT"
total = "12.50"
"""


def here(*arguments: str, cwd: Path) -> tuple[int, str]:
    """Exit code and output of a call in this process: starting one takes longer than the work."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.chdir(cwd), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        return run(list(arguments)), out.getvalue()


@pytest.fixture
def alone(desk: Path) -> Path:
    folder = desk / "alone"
    folder.mkdir()
    shutil.copy(desk / "k.pub", folder)
    return folder


@pytest.mark.parametrize(
    ("product", "more"),
    [("c.gcode", ("--embed", "tail")), ("c.bgcode", ()), ("c.gcode.3mf", ())],
)
def test_a_program_travels_alone_with_its_certificates(desk, alone, product, more):
    done = printstd(*CERTIFY, "-o", product, *more, cwd=desk)
    assert done.code == 0, done.err
    assert (desk / f"{product}.recheck.json").exists()
    shutil.move(desk / product, alone / product)
    verify = ("verify", product, "--trust", "k.pub")
    assert here(*verify, cwd=alone)[0] == 0
    assert here("verify", product, cwd=alone)[0] == 6
    assert "(inside, recheck)" in here("inspect", product, cwd=alone)[1]
    # The sidecar that stands beside it counts before what is inside.
    (alone / f"{product}.recheck.json").write_bytes(b"{}")
    assert here(*verify, cwd=alone)[0] == 6
    (alone / f"{product}.recheck.json").unlink()
    # What is audited is the program inside.
    assert here("audit", product, "--model", "../small.stl", *PEER, cwd=alone)[0] == 0
    data = bytearray((alone / product).read_bytes())
    at = data.find(b"G1 X")
    data[at + 3 : at + 4] = b"Y"
    (alone / product).write_bytes(data)
    assert here(*verify, cwd=alone)[0] in (4, 6)


def test_the_carrier_is_asked_for_clearly(desk):
    before = listing(desk)
    for more in (("--embed", "tail"), ("-o", "c.bgcode", "--embed", "tail")):
        done = printstd(*CERTIFY, *more, cwd=desk)
        assert done.code == 2
        says(done.err, "got", "wanted", "what to do")
    (desk / "c.gcode").write_bytes((desk / "small.gcode").read_bytes())
    over = printstd(
        "certify",
        "c.gcode",
        "--model",
        "small.stl",
        *PEER,
        "--key",
        "k.key",
        "--embed",
        "tail",
        "-o",
        "c.gcode",
        cwd=desk,
    )
    assert over.code == 2
    (desk / "c.gcode").unlink()
    assert listing(desk) == before


def test_slicing_into_a_container_gives_the_program_of_the_plain_file(desk):
    for name in ("a.gcode", "a.bgcode"):
        done = printstd("slice", "cube.stl", "--printer", "mk4s", "-q", "-o", name, cwd=desk)
        assert done.code == 0, done.err
    inside = open_carrier((desk / "a.bgcode").read_bytes(), "a").program
    assert inside == (desk / "a.gcode").read_bytes()


def test_a_passport_rests_on_a_certificate_that_verifies(desk):
    assert here(*CERTIFY, cwd=desk)[0] == 0
    (desk / "details.toml").write_text(DETAILS)
    make = ("passport", "small.gcode", "--details", "details.toml", "-o", "part.passport.json")
    done = printstd(*make, "--key", "k.key", cwd=desk)
    assert done.code == 0, done.err
    assert here("verify", "part.passport.json", "--trust", "k.pub", "-q", cwd=desk)[0] == 0
    assert here("verify", "part.passport.json", "--trust", "other.pub", cwd=desk)[0] == 6
    bundle = json.loads((desk / "part.passport.json").read_text())
    assert bundle["mediaType"].startswith("application/vnd.dev.sigstore.bundle")
    # Another key made nothing that this one trusts, and the first one's word is not asked for.
    assert here(*make, "--key", "other.key", cwd=desk)[0] == 6
    assert here(*make, "--key", "other.key", "--trust", "k.pub", cwd=desk)[0] == 0
    (desk / "details.toml").write_text(DETAILS.replace("12.50", "12.5.0"))
    bad = printstd(*make, "--key", "k.key", cwd=desk)
    assert bad.code == 4
    says(bad.err, "what to do")
    for more in ((), ("--label", "x.png"), ("--key", "k.key")):
        assert here("passport", "part.passport.json", *more, cwd=desk)[0] == 2


def test_a_page_is_written_for_the_keys_that_are_trusted(desk):
    done = printstd("verify", "--page", "v.html", "--trust", "k.pub", cwd=desk)
    assert done.code == 0, done.err
    page = (desk / "v.html").read_text(encoding="utf-8")
    assert "default-src 'none'" in page
    assert "http-equiv" in page
    assert done.out.split()[-1] == hashlib.sha256(page.encode()).hexdigest()
    assert here("verify", cwd=desk)[0] == 2
    assert here("verify", "small.gcode", "--page", "v.html", cwd=desk)[0] == 2
    # Not over the keys that it is written for; not for what no page can hold a program to.
    key = (desk / "k.pub").read_bytes()
    assert here("verify", "--page", "k.pub", "--trust", "k.pub", cwd=desk)[0] == 2
    assert (desk / "k.pub").read_bytes() == key
    (desk / "l.policy").write_text(f"log {logs.key()[0].vkey}\nquorum none\n")
    keys = '[keys]\nrecheck = ["k.pub"]\n'
    for more in (
        '[log]\npolicy = "l.policy"',
        '[revocations]\nfolder = "."',
        "[as_run]\nrequired = true",
    ):
        (desk / "p.toml").write_text(keys + more)
        assert here("verify", "--page", "w.html", "--policy", "p.toml", cwd=desk)[0] == 2
    assert not (desk / "w.html").exists()
