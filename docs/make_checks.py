"""Writes docs/checks.md from the registry of checks: `python docs/make_checks.py` (`make docs`).

A test holds the file to what this makes, so the table cannot rot.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from printstd.adapters.profile_files import default_source
from printstd.pipeline import resolve
from printstd.profiles.resolved import Request
from printstd.validate.blockers import BLOCKERS
from printstd.validate.registry import all_rules, explain

TARGET: Final = Path(__file__).with_name("checks.md")
_PACKS: Final = ("int", "kz")

_HEAD: Final = """# Checks

What `printstd validate` and `certify` look at, in the order of the report. `printstd explain ID`
prints the whole page of a check: why, how it is measured, an example, and what it cannot see. This
table is made from those pages (`make docs`).

A check ends in PASS, FAIL, WARN, INFO, INDETERMINATE, NOT_EVALUATED or NOT_APPLICABLE. Any FAIL is
a no. What is *mandatory* in a pack must run and decide, or the run is undecided. What *stops
slicing* is refused by `slice`, too. Limits come from the profiles: sizes of small shapes from
`[design]` of the process, where each has its source, and `--set design.hole_mm="[0.8, 1.5]"` sets
others.

| check | what it demands | limit from | mandatory | stops slicing |
|---|---|---|---|---|
"""


def text() -> str:
    """The whole of docs/checks.md."""
    packs = {
        pack: resolve(Request(pack=pack), default_source()).pack.mandatory_checks for pack in _PACKS
    }
    rows = []
    for check in all_rules():
        wanted_by = ", ".join(pack for pack, rules in packs.items() if check.id in rules)
        cells = (
            f"{check.id} {check.title}",
            _demands(check.id),
            check.source,
            wanted_by or "-",
            "yes" if check.id in BLOCKERS else "-",
        )
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return _HEAD + "\n".join(rows) + "\n"


def _demands(rule_id: str) -> str:
    """The section of the page that says it, as one line."""
    page = explain(rule_id) or ""
    body = page.partition("\nWhat it demands\n")[2].partition("\n\n")[0]
    return " ".join(body.split())


if __name__ == "__main__":
    TARGET.write_text(text(), "utf-8")
