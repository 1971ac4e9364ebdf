"""Writes report.schema.json beside this file from the records that reports are made of."""

from __future__ import annotations

import json
from pathlib import Path

from printstd.report.as_json import schema

TARGET = Path(__file__).with_name("report.schema.json")


def text() -> str:
    return json.dumps(schema(), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
