"""Writes the schemas of all JSON that printstd prints beside this file, from the records that it
is made of. Called with a name, prints that one."""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path

from printstd.profiles.calibration_models import CalibrationRecordFile
from printstd.report import as_json, farm_lists, model_diff
from printstd.report.profile_lists import (
    ImportReport,
    ProfileDiff,
    ProfileList,
    ProfileProofs,
    ProfileValues,
    schema,
)

SCHEMAS = {
    "report": as_json.schema,
    "model-diff": model_diff.schema,
    "profiles-list": lambda: schema(ProfileList, "profiles-list"),
    "profiles-import": lambda: schema(ImportReport, "profiles-import"),
    "profiles-check": lambda: schema(ProfileProofs, "profiles-check"),
    "profiles-diff": lambda: schema(ProfileDiff, "profiles-diff"),
    "profiles-show": lambda: schema(ProfileValues, "profiles-show"),
    "calibration": lambda: schema(CalibrationRecordFile, "calibration"),
    **{name: partial(farm_lists.schema, name) for name in farm_lists.SCHEMAS},
}


def target(name: str) -> Path:
    return Path(__file__).with_name(f"{name}.schema.json")


def text(name: str) -> str:
    return json.dumps(SCHEMAS[name](), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    if sys.argv[1:]:
        sys.stdout.write(text(sys.argv[1]))
    else:
        for name in SCHEMAS:
            target(name).write_text(text(name), encoding="utf-8")
