"""The JSON report: by its published schema, and all of it comes back."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

import pytest

from printstd.report.as_json import parse, render, schema
from tests.unit.profiles.json_schema import violations
from tests.unit.report.test_as_text import FINDINGS, document

ROOT = Path(__file__).parents[3]
PUBLISHED = ROOT / "docs" / "schema" / "report.schema.json"


def test_the_published_schemas_are_those_of_the_records():
    maker = runpy.run_path(str(PUBLISHED.with_name("make_schema.py")))
    for name in maker["SCHEMAS"]:
        assert maker["target"](name).read_text("utf-8") == maker["text"](name), "make schemas"
    assert json.loads(PUBLISHED.read_text("utf-8")) == json.loads(json.dumps(schema()))


def test_a_report_keeps_to_the_schema_and_reads_back_equal():
    report = document(*FINDINGS)
    text = render(report)
    assert violations(json.loads(PUBLISHED.read_text("utf-8")), json.loads(text)) == []
    assert parse(text) == report


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.pop("exit_code"),
        lambda d: d.update(schema_version=1),
        lambda d: d["subjects"][0].pop("name"),
        lambda d: d["subjects"][0]["sections"][0].update(outcome="MAYBE"),
        lambda d: d["subjects"][0]["sections"][0]["findings"][0].update(status="OK"),
        lambda d: d["subjects"][0]["sections"][0]["findings"][0].update(measured="3"),
        lambda d: d["subjects"][0]["sections"][0]["findings"][1]["where"][0].update(point_mm=[1]),
    ],
)
def test_what_breaks_the_schema_is_seen(change):
    value = json.loads(render(document(*FINDINGS)))
    change(value)
    assert violations(json.loads(PUBLISHED.read_text("utf-8")), value)
