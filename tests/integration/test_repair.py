"""`printstd repair` as a user meets it: products, exit codes, reports, refusals."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.integration.command import printstd

SAMPLES = Path(__file__).parents[2] / "samples"


@pytest.fixture
def desk(tmp_path):
    for name in ("one_side_flipped.stl", "open_box.stl", "cube20.stl"):
        shutil.copy(SAMPLES / name, tmp_path)
    return tmp_path


def test_a_repaired_model_passes_where_the_broken_one_failed(desk):
    request = ("--pack", "int", "--class", "m", "--printer", "mk4s")
    before = (desk / "one_side_flipped.stl").read_bytes()
    assert printstd("validate", "one_side_flipped.stl", *request, cwd=desk).code == 1
    done = printstd("repair", "one_side_flipped.stl", "-o", "whole.stl", *request, cwd=desk)
    assert done.code == 0, done.err
    assert "a verdict depends on it" in done.out
    assert "wrote  whole.stl" in done.out
    assert printstd("validate", "whole.stl", *request, cwd=desk).code == 0
    assert (desk / "one_side_flipped.stl").read_bytes() == before


def test_a_refusal_is_a_no_and_writes_nothing(desk):
    done = printstd("repair", "open_box.stl", "-o", "whole.3mf", cwd=desk)
    assert done.code == 1
    assert "REP-05" in done.out
    assert "wider than a nozzle" in done.out
    assert not (desk / "whole.3mf").exists()


def test_the_json_carries_every_action_and_the_proof(desk):
    done = printstd(
        *("repair", "one_side_flipped.stl", "-o", "whole.3mf", "--format", "json"), cwd=desk
    )
    (subject,) = json.loads(done.out)["subjects"]
    (section,) = subject["sections"]
    assert section["stage"] == "repair"
    assert section["outcome"] == "PASSED"
    assert [f["rule_id"] for f in section["findings"]] == ["REP-06", "REP-09", "REP-10"]
    assert section["findings"][0]["where"][-1]["facets"] == [4, 5]
    assert subject["outputs"] == ["whole.3mf"]


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("cube20.stl", "-o", "cube20.stl"), 2, "overwrite"),
        (("cube20.stl", "-o", "whole.obj"), 2, "STL or 3MF"),
        (("cube20.stl", "-o", "whole.stl", "--bound", "0.5"), 2, "--bound"),
        (("cube20.stl",), 2, "output"),
        (("nothing.stl", "-o", "whole.stl"), 4, "no such file"),
        (("cube20.stl", "-o", "nowhere/whole.stl"), 7, "no such folder"),
    ],
)
def test_a_call_that_cannot_be_says_why(desk, arguments, code, told):
    done = printstd("repair", *arguments, cwd=desk)
    assert done.code == code, done.err
    assert told in done.err + done.out
    assert not (desk / "whole.stl").exists()


def test_the_same_call_gives_the_same_bytes(desk):
    for name in ("a.stl", "b.stl", "a.3mf", "b.3mf"):
        assert printstd("repair", "one_side_flipped.stl", "-o", name, cwd=desk).code == 0
    for kind in ("stl", "3mf"):
        assert (desk / f"a.{kind}").read_bytes() == (desk / f"b.{kind}").read_bytes()


def test_a_redacted_report_tells_neither_region_nor_facets(desk):
    done = printstd(
        *("repair", "one_side_flipped.stl", "-o", "whole.stl", "--format", "json"),
        *("--redact", "geometry"),
        cwd=desk,
    )
    (subject,) = json.loads(done.out)["subjects"]
    told = {fact["name"]: fact["value"] for fact in subject["facts"]}
    assert told["REP-06: region"] == told["REP-06: facets of the source"] == "[redacted]"
    finding = subject["sections"][0]["findings"][0]
    assert finding["where"] == []
    assert ["facets of the source", "[redacted]"] in finding["details"]
