"""SARIF: valid by its schema, and what code scanning reads out of it is right."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import jsonschema
import pytest

from printstd.artifacts.finding import Status
from printstd.report.as_sarif import FINGERPRINT, LEVELS, render
from printstd.report.redaction import redact
from printstd.report.speech import Speech
from tests.unit.report.documents import FINDINGS, HOSTILE, PAGES, document, hostile

SCHEMA = json.loads(
    (Path(__file__).with_name("sarif") / "sarif-2.1.0-rtm.5.json").read_text("utf-8")
)
VALIDATOR = jsonschema.Draft4Validator(SCHEMA, format_checker=jsonschema.FormatChecker())


def run_of(made):
    log = json.loads(render(made, pages=PAGES))
    assert [error.message for error in VALIDATOR.iter_errors(log)] == []
    (run,) = log["runs"]
    return run


@pytest.mark.parametrize(
    "made", [document(*FINDINGS), hostile(), document(), redact(document(*FINDINGS))]
)
def test_it_keeps_to_the_schema_and_to_what_the_schema_cannot_say(made):
    run = run_of(made)
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        # SARIF 2.1.0, 3.27.10: a level other than none stands with kind fail alone.
        assert (result["kind"] == "fail") == (result["level"] != "none")
        for location in [*result["locations"], *result.get("relatedLocations", [])]:
            physical = location["physicalLocation"]
            artifact = run["artifacts"][physical["artifactLocation"]["index"]]
            assert artifact["location"]["uri"] == physical["artifactLocation"]["uri"]
            assert physical["region"]["startLine"] >= 1
    # The same shape under two names has the same marks; within one file none is there twice.
    marks = [
        (
            r["locations"][0]["physicalLocation"]["artifactLocation"]["index"],
            r["partialFingerprints"][FINGERPRINT],
        )
        for r in run["results"]
        if "properties" in r
    ]
    assert len(set(marks)) == len(marks)


def test_the_schema_that_is_asked_refuses_what_is_wrong():
    log = json.loads(render(document(*FINDINGS), pages=PAGES))
    log["runs"][0]["results"][0]["level"] = "fatal"
    assert list(VALIDATOR.iter_errors(log))


def test_every_finding_has_its_level_its_figures_and_its_place():
    run = run_of(document(*FINDINGS))
    for finding, result in zip(FINDINGS, run["results"], strict=False):
        assert (result["kind"], result["level"]) == LEVELS[finding.status]
        assert result["message"]["text"] == str(finding.message)
        assert result["properties"].get("measured") == finding.measured
        assert result["properties"].get("limit") == finding.limit
    first = run["results"][0]["locations"][0]
    region = first["physicalLocation"]["region"]
    assert (region["byteOffset"], region["byteLength"]) == (84 + 50 * 3, 50)
    assert first["properties"]["position_mm"] == [61.237, -47.519, 38.641]
    assert first["logicalLocations"][0]["fullyQualifiedName"] == "part.stl/facet 3"
    (other,) = run["results"][0]["relatedLocations"]
    assert other["physicalLocation"]["region"]["byteOffset"] == 84 + 50 * 9
    assert run["results"][6]["locations"][0]["physicalLocation"]["region"]["startLine"] == 17
    assert run["artifacts"][0]["hashes"]["sha-256"] == "ab" * 32


def test_bytes_are_told_of_binary_stl_alone():
    made = document(*FINDINGS, source_format="stl-ascii")
    region = run_of(made)["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 1}


def test_what_was_left_open_is_a_notice_of_the_run_too_and_a_silent_rule_a_result():
    run = run_of(document(*FINDINGS))
    (invocation,) = run["invocations"]
    notices = invocation["toolExecutionNotifications"]
    told = {n["associatedRule"]["id"] for n in notices if "associatedRule" in n}
    assert told == {"PRN-07", "DIM-01"}
    silent = [r for r in run["results"] if r["ruleId"] == "GEO-99"]
    assert [(r["kind"], r["level"]) for r in silent] == [("open", "none")]
    assert invocation["executionSuccessful"] is True
    assert run_of(hostile())["invocations"][0]["executionSuccessful"] is False


def test_a_rule_brings_its_page():
    rules = {rule["id"]: rule for rule in run_of(document(*FINDINGS))["tool"]["driver"]["rules"]}
    assert rules["GEO-02"]["shortDescription"]["text"] == "Open edges"
    assert rules["GEO-02"]["fullDescription"]["text"] == "Every edge joins two facets."
    assert "A hole has" in rules["GEO-02"]["help"]["text"]


def marks_of(made):
    return [r["partialFingerprints"][FINGERPRINT] for r in run_of(made)["results"][:7]]


def test_fingerprints_are_of_shape_rule_and_place():
    """Not of the file's bytes, its name, the sentence or the figure."""
    made = document(*FINDINGS)
    reworded = [replace(f, message="another", measured=1.0) for f in FINDINGS]
    same = document(*reworded, sha256="ee" * 32, name="again.obj", source_format="obj")
    assert marks_of(made) == marks_of(same)
    other_shape = marks_of(document(*FINDINGS, geometry_sha256="ff" * 32))
    assert not set(other_shape) & set(marks_of(made))
    moved = replace(
        FINDINGS[0], where=(replace(FINDINGS[0].where[0], point_mm=(61.237, -47.519, 9.0)),)
    )
    assert marks_of(document(moved, *FINDINGS[1:]))[0] != marks_of(made)[0]


def test_names_go_through_uris_and_messages_unharmed():
    run = run_of(hostile())
    assert [unquote(a["location"]["uri"]) for a in run["artifacts"]][: len(HOSTILE)] == list(
        HOSTILE
    )
    assert json.dumps(run["results"], ensure_ascii=False).isprintable()


def test_messages_are_in_the_language_that_was_asked_for():
    words = {"{count} open edges": "{count} ашық қыр"}
    log = json.loads(
        render(document(*FINDINGS), pages=PAGES, speech=Speech("kk", lambda t: words.get(t, t)))
    )
    assert log["runs"][0]["results"][0]["message"]["text"] == "3 ашық қыр"
    assert log["runs"][0]["tool"]["driver"]["language"] == "kk"


def test_every_status_has_a_level():
    assert set(LEVELS) == set(Status)
