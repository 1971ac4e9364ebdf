"""`profiles import` as a user calls it: exit codes, nothing half-written, profiles that print."""

from __future__ import annotations

import json
import shutil

import pytest

from tests.integration.command import ROOT, listing, printstd, says
from tests.unit.importing.texts import (
    BUNDLE,
    FILAMENT,
    MACHINE,
    PROCESS_LEAF,
    PROCESS_MIDDLE,
    PROCESS_ROOT,
)
from tests.unit.profiles.json_schema import violations

TRIPLE = ("--printer-name", "Acme One", "--print", "Fine and fast", "--filament", "Acme PLA")
USE = ("--printer", "acme-one", "--process", "fine-and-fast", "--material", "acme-pla")


@pytest.fixture
def desk(tmp_path):
    (tmp_path / "acme.ini").write_text(BUNDLE, "utf-8")
    shutil.copy(ROOT / "samples" / "bracket.stl", tmp_path)
    return tmp_path


def test_an_imported_triple_slices_audits_and_comes_back_from_its_program(desk):
    done = printstd("profiles", "import", "acme.ini", "-o", "mine", *TRIPLE, cwd=desk)
    assert done.code == 0, done.err
    assert "100.0 %" in done.out
    assert sorted(listing(desk / "mine")) == [
        "materials/acme-pla.toml",
        "printers/acme-one.toml",
        "processes/fine-and-fast.toml",
    ]
    env = {"PRINTSTD_PROFILES": str(desk / "mine")}
    assert printstd("profiles", "check", cwd=desk, **env).code == 0
    sliced = printstd("slice", "bracket.stl", "-o", "b.gcode", "-q", *USE, cwd=desk, **env)
    assert sliced.code == 0, sliced.err
    audit = printstd("audit", "b.gcode", "--model", "bracket.stl", *USE, cwd=desk, **env)
    assert audit.code == 0, audit.out
    again = printstd("profiles", "import", "b.gcode", "-o", "again", cwd=desk)
    assert again.code == 0, again.err
    env2 = {"PRINTSTD_PROFILES": str(desk / "again")}
    one, two = (
        json.loads(printstd("profiles", "show", "--format", "json", *USE, cwd=desk, **e).out)
        for e in (env, env2)
    )
    told = [
        {
            value["key"]: value["value"]
            for value in shown["values"]
            if "provenance" not in value["key"] and not value["key"].endswith("title_en")
        }
        for shown in (one, two)
    ]
    assert told[0] == told[1]
    # The same program, to the byte, but for the digests, which cover the provenance too.
    more = printstd("slice", "bracket.stl", "-o", "c.gcode", "-q", *USE, cwd=desk, **env2)
    assert more.code == 0, more.err
    first, second = (
        [line for line in (desk / name).read_bytes().split(b"\n") if b"sha256" not in line
         and b"title_en" not in line and b"profile_version" not in line]
        for name in ("b.gcode", "c.gcode")
    )  # fmt: skip
    assert first == second


def test_the_report_as_json_follows_its_schema(desk):
    done = printstd(
        "profiles", "import", "acme.ini", "-o", "mine", *TRIPLE, "--format", "json", cwd=desk
    )
    report = json.loads(done.out)
    schema = ROOT / "docs" / "schema" / "profiles-import.schema.json"
    assert violations(json.loads(schema.read_text("utf-8")), report) == []
    assert report["lost"] == 0
    assert report["carried"] == sum(s["fate"] == "carried" for s in report["settings"])
    assert {p["kind"] for p in report["profiles"]} == {"process", "material", "printer"}


def test_folders_of_chains_are_read(desk):
    folder = desk / "Acme"
    for kind, name, preset in (
        ("process", "root", PROCESS_ROOT),
        ("process", "middle", PROCESS_MIDDLE),
        ("process", "leaf", PROCESS_LEAF),
        ("machine", "two", MACHINE),
        ("filament", "pla", FILAMENT),
    ):
        (folder / kind).mkdir(parents=True, exist_ok=True)
        (folder / kind / f"{name}.json").write_text(json.dumps(preset), "utf-8")
    done = printstd("profiles", "import", "Acme", "-o", "mine", "-q", cwd=desk)
    assert done.code == 0, done.err
    assert done.out == ""
    process = (desk / "mine/processes/0.20mm-standard-acme-two.toml").read_text("utf-8")
    assert "\nperimeter_mm_s = 300.0\n" in process
    leaf = folder / "process" / "leaf.json"
    alone = printstd("profiles", "import", leaf, "-o", "leaf", cwd=desk)
    assert alone.code == 3
    assert "fdm_process_middle" in alone.err


@pytest.mark.parametrize(
    ("arguments", "text", "code"),
    [
        (("acme.ini", "-o", "out"), None, 2),
        (("acme.ini", "-o", "out", "--printer-name", "Acme Won"), None, 2),
        (("acme.ini",), None, 2),
        ((), None, 2),
        (("acme.ini", "-o", "out", "--printer-name", "Acme One 0.6", *TRIPLE[2:]), None, 3),
        (("acme.ini", "-o", "out", *TRIPLE), BUNDLE.replace("= *fine*; *fast*", "= *gone*"), 3),
        (("acme.ini", "-o", "out", *TRIPLE), BUNDLE.replace("first_layer_height = 0.25",
                                                            "first_layer_height = 0.39"), 3),
        (("acme.ini", "-o", "out", *TRIPLE), "words", 4),
        (("none.ini", "-o", "out", *TRIPLE), None, 4),
        (("bracket.stl", "-o", "out"), None, 4),
        (("acme.ini", "-o", "acme.ini/out", *TRIPLE), None, 7),
    ],
)  # fmt: skip
def test_what_fails_says_so_and_writes_nothing(desk, arguments, text, code):
    if text is not None:
        (desk / "acme.ini").write_text(text, "utf-8")
    before = listing(desk)
    done = printstd("profiles", "import", *arguments, cwd=desk)
    assert done.code == code, done.err
    assert done.out == ""
    assert done.err
    assert listing(desk) == before
    assert not (desk / "out").exists()


def test_a_file_that_somebody_wrote_is_left_alone_and_an_import_is_renewed(desk):
    mine = desk / "mine" / "printers" / "acme-one.toml"
    mine.parent.mkdir(parents=True)
    mine.write_text("id = 'acme-one'\n", "utf-8")
    before = listing(desk)
    done = printstd("profiles", "import", "acme.ini", "-o", "mine", *TRIPLE, cwd=desk)
    assert done.code == 2
    assert says(done.err, "where", "what to do")
    assert listing(desk) == before
    mine.unlink()
    for _ in range(2):
        done = printstd("profiles", "import", "acme.ini", "-o", "mine", *TRIPLE, cwd=desk)
        assert done.code == 0, done.err
