"""`printstd preview` as a user runs it: products whole or not there, and what it says."""

from __future__ import annotations

import json
from html.parser import HTMLParser

import pytest

from tests.integration.command import in_a_process, listing, printstd, says
from tests.oracles.png_reader import read_png
from tests.small_part import LAYERS
from tests.unit.profiles.json_schema import violations


@pytest.mark.parametrize("name", ["слои.png", "слои.html", "L.PNG", "L.HtMl"])
def test_the_suffix_says_what_is_written_and_nothing_else_is(desk, name):
    before = listing(desk)
    done = printstd("preview", "small.gcode", "-o", name, cwd=desk)
    assert done.code == 0, done.err
    after = listing(desk)
    data = after.pop(name)
    assert after == before
    assert f"{LAYERS}, 3.200 mm high" in done.out
    assert name in done.out
    if name.lower().endswith(".png"):
        read_png(data)
    else:
        HTMLParser().feed(data.decode("utf-8"))
        assert data.startswith(b"<!DOCTYPE html>")


def test_the_same_program_gives_the_same_bytes_under_any_hash_seed_and_over_an_old_file(desk):
    for name in ("a.png", "a.html"):
        found = set()
        for seed in ("0", "1", "random"):
            done = printstd("preview", "small.gcode", "-o", name, cwd=desk, PYTHONHASHSEED=seed)
            assert done.code == 0, done.err
            found.add((desk / name).read_bytes())
        assert len(found) == 1


def test_layers_are_chosen_by_number(desk):
    for layers, count in (("3", 1), ("0,10,12-15", 6), ("2,2,1-3", 3)):
        call = ("preview", "small.gcode", "-o", "a.html", "--layers", layers, "--format", "json")
        done = printstd(*call, cwd=desk)
        assert done.code == 0, done.err
        facts = {f["name"]: f["value"] for f in json.loads(done.out)["subjects"][0]["facts"]}
        assert facts["drawn"] == f"{count} of them"
        page = (desk / "a.html").read_text("utf-8")
        meta = json.loads(page.split('id="meta">')[1].split("</script>")[0])
        assert len(meta["number"]) == count
    assert meta["number"] == [1, 2, 3]


@pytest.mark.parametrize(
    ("arguments", "labels"),
    [
        (("small.gcode",), ("got", "wanted", "what to do")),
        (("small.gcode", "-o", "a.jpg"), ("got", "wanted", "what to do")),
        (("small.gcode", "-o", "png"), ("got", "wanted", "what to do")),
        (("small.gcode", "-o", "a.png", "--layers", "16"), ("got", "wanted", "what to do")),
        (("small.gcode", "-o", "a.png", "--layers", "0-99999"), ("got", "wanted", "what to do")),
        (("small.gcode", "-o", "a.png", "--layers", "5-2"), ("got", "wanted", "what to do")),
        (("small.gcode", "-o", "a.png", "--layers", "-1"), ("got", "wanted")),
        (("small.gcode", "-o", "a.png", "--layers", "1.5"), ("got", "wanted", "what to do")),
        (("small.gcode", "-o", "a.png", "--layers", ""), ("got", "wanted", "what to do")),
        (("small.gcode", "-o", "./small.gcode/../small.gcode"), ("got", "wanted", "what to do")),
        (("-o", "a.png"), ("wanted", "what to do")),
    ],
)
def test_2_what_cannot_be_asked_for(desk, arguments, labels):
    before = listing(desk)
    done = printstd("preview", *arguments, cwd=desk)
    assert done.code == 2, done.out + done.err
    says(done.err, *labels)
    assert listing(desk) == before


def test_layers_out_of_range_name_what_there_is(desk):
    done = printstd("preview", "small.gcode", "-o", "a.png", "--layers", "3,99", cwd=desk)
    told = says(done.err, "got", "wanted")
    assert told["got"] == "99"
    assert told["wanted"].startswith(f"0 to {LAYERS - 1}")


@pytest.mark.parametrize("name", ["nothing.gcode", "cube.stl", "k.pub", "empty.gcode", "."])
def test_4_what_is_no_program_is_refused_and_an_old_picture_stays(desk, name):
    (desk / "empty.gcode").write_bytes(b"")
    (desk / "a.png").write_bytes(b"old")
    before = listing(desk)
    done = printstd("preview", name, "-o", "a.png", cwd=desk)
    assert done.code == 4, done.out + done.err
    says(done.err, "where", "wanted", "what to do")
    assert listing(desk) == before


def test_7_no_such_folder(desk):
    before = listing(desk)
    done = printstd("preview", "small.gcode", "-o", "no/a.png", cwd=desk)
    assert done.code == 7
    says(done.err, "where", "wanted", "what to do")
    assert listing(desk) == before


def test_json_keeps_to_the_published_schema(desk):
    from tests.integration.test_reports import SCHEMA

    done = printstd("preview", "small.gcode", "-o", "a.png", "--format", "json", cwd=desk)
    report = json.loads(done.out)
    assert violations(json.loads(SCHEMA.read_text("utf-8")), report) == []
    assert report["command"] == "preview"
    (subject,) = report["subjects"]
    assert subject["outputs"] == ["a.png"]


def test_drawing_pays_for_no_geometry_library_and_no_keys(desk):
    code = (
        "import sys\n"
        "from printstd.cli.main import run\n"
        "run(['preview', 'small.gcode', '-o', 'a.html', '-q'])\n"
        "heavy = ('scipy', 'shapely', 'trimesh', 'manifold3d', 'cryptography')\n"
        "print('FOUND', [m for m in heavy if m in sys.modules]); sys.exit()"
    )
    done = in_a_process(cwd=desk, code=code)
    assert "FOUND []" in done.out, done.out + done.err
