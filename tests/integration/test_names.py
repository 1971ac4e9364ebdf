"""Files may be called anything; the machine gets ASCII, and the statement binds the two."""

from __future__ import annotations

import base64
import json
import os
import re
from hashlib import sha256

import pytest

from printstd.certify.reading import read_statement
from printstd.cli.main import run
from printstd.pipeline import ascii_name, part_label
from tests import small_part
from tests.integration.command import printstd
from tests.small_part import PEER

NAMES = (
    "Кронштейн №4 (изм. 2).stl",
    "支架 v2.stl",
    "حامل.stl",
    "part with  spaces.stl",
    "-o.stl",
    "a;b|c&d$(e)`f`'g'.stl",
    "%s%n{0}[red]bold[red].stl",
    ".stl",
    "x" * 230 + ".stl",
    "no-suffix",
    "e\u0301te\u0301.stl",
    "👷.stl",
)


def payload_of(data: bytes) -> bytes:
    return base64.b64decode(json.loads(data)["dsseEnvelope"]["payload"])


@pytest.mark.parametrize("name", NAMES)
def test_a_model_of_any_name_goes_through_slice_and_inspect(desk, name, monkeypatch, capsys):
    monkeypatch.chdir(desk)
    (desk / "small.stl").rename(desk / name)
    assert run(["slice", f"./{name}", *PEER, "-o", "out.gcode"]) == 0
    assert name in capsys.readouterr().out
    program = (desk / "out.gcode").read_bytes()
    assert program.isascii()
    assert part_label(sha256(small_part.model()).hexdigest()).encode() in program
    plain = desk / "plain.stl"
    plain.write_bytes(small_part.model())
    assert run(["slice", "plain.stl", *PEER, "-o", "plain.gcode", "-q"]) == 0
    assert (desk / "plain.gcode").read_bytes() == program
    assert run(["inspect", f"./{name}"]) == 0
    assert capsys.readouterr().out.startswith(f"{name}\n")


def test_the_whole_line_under_a_cyrillic_name(desk):
    model, product = "Кронштейн №4 (изм. 2).stl", "Кронштейн №4 (изм. 2).gcode"
    (desk / "small.stl").rename(desk / model)
    (desk / "ключи").mkdir()
    assert printstd("keys", "new", "ключи/мастер", cwd=desk).code == 0
    call = ("certify", model, *PEER, "--key", "ключи/мастер.key", "-o", product)
    done = printstd(*call, cwd=desk)
    assert done.code == 0, done.err
    assert f"wrote  {product}.recheck.json" in done.out
    trust = ("--trust", "ключи/мастер.pub")
    assert printstd("verify", product, "--model", model, *trust, cwd=desk).code == 0

    said = json.loads(payload_of((desk / f"{product}.cert.json").read_bytes()))
    assert re.fullmatch(r"[A-Za-z0-9_-]+\.gcode", said["predicate"]["machineName"])
    assert said["predicate"]["partLabel"].encode() in (desk / product).read_bytes()
    assert said["subject"][0]["name"] == product
    assert said["predicate"]["inputs"][0]["name"] == model
    # A file is told by its digest, not by its name: under another it verifies all the same.
    for ending in ("", ".cert.json", ".recheck.json"):
        (desk / f"{product}{ending}").rename(desk / f"renamed.gcode{ending}")
    assert printstd("verify", "renamed.gcode", *trust, cwd=desk).code == 0


def test_names_that_ascii_takes_as_they_are_stay_and_others_never_collide():
    assert ascii_name("bracket_v2.stl") == "bracket_v2"
    made = [ascii_name(name) for name in NAMES]
    assert len(set(made)) == len(NAMES)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name) for name in made)


@pytest.mark.skipif(os.name != "posix", reason="names that are no text are POSIX's")
def test_names_that_are_no_text_or_steer_terminals_are_shown_as_escapes(desk):
    raw = os.fsencode(desk) + b"/bad\xff\x1b[31m\nname.stl"
    os.rename(desk / "small.stl", raw)
    name = os.fsdecode(raw)
    for form in ("text", "json"):
        done = printstd("validate", name, "--format", form, "--report", "r", cwd=desk)
        assert done.code == 0, done.err
        shown = (desk / "r").read_text("utf-8")
        assert "bad\\xff" in shown.replace("\\\\", "\\")
        assert "\x1b" not in shown
    call = ("certify", name, *PEER, "--key", "k.key", "-o", "out.gcode")
    done = printstd(*call, cwd=desk)
    assert done.code == 0, done.err
    said = read_statement(payload_of((desk / "out.gcode.cert.json").read_bytes()))
    assert said.models[0][0] == "bad\\xff\\x1b[31m\\nname.stl"
