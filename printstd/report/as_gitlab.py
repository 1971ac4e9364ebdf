"""The report as GitLab's Code Quality: an array of issues, for the widget of a merge request.

GitLab compares the fingerprints of the two branches, and takes two items with one fingerprint for
one: it is that of the baseline (file, stage, rule and place, `report.baseline`) with the
number of the finding among those of one kind.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from printstd.artifacts.finding import Status
from printstd.report.baseline import fingerprint
from printstd.report.document import ReportDocument
from printstd.report.loud import Remark, remarks
from printstd.report.speech import ENGLISH, Speech

_BY_STATUS: Final[Mapping[Status, str]] = MappingProxyType(
    {Status.FAIL: "critical", Status.WARN: "minor"}
)


def render(
    document: ReportDocument, *, files: Sequence[str] | None = None, speech: Speech = ENGLISH
) -> str:
    """files : the subjects' paths from the root of the repository."""
    seen: Counter[str] = Counter()
    issues = []
    for remark in remarks(document, speech, files):
        if remark.finding is not None and remark.finding.status is Status.INFO:
            continue  # nothing that a change could have made worse
        mark = _mark(remark)
        seen[mark] += 1
        issues.append(
            {
                "description": remark.text,
                "check_name": remark.rule or "printstd",
                "fingerprint": _digest(f"{mark} {seen[mark]}"),
                "severity": _severity(remark),
                "location": {"path": remark.file, "lines": {"begin": remark.line}},
            }
        )
    return json.dumps(issues, ensure_ascii=False, indent=1) + "\n"


def _severity(remark: Remark) -> str:
    if remark.finding is None:
        return "blocker"
    # What was left open is as grave as its rule: one that the pack makes mandatory blocks.
    return _BY_STATUS.get(remark.finding.status, "major" if remark.level == "error" else "info")


def _mark(remark: Remark) -> str:
    if remark.finding is None:
        return _digest("\0".join((remark.file, remark.stage, remark.rule)))
    return fingerprint(remark.file, remark.stage, remark.finding)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:32]
