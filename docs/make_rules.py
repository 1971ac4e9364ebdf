"""Writes docs/rules.md from the registry of audit rules: `python docs/make_rules.py` (`make docs`).

A test holds the file to what this makes, so the table cannot rot.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from printstd.audit.registry import RULES, explain

TARGET: Final = Path(__file__).with_name("rules.md")
SECTIONS: Final = ("What it demands", "Why", "How it is measured", "Example", "Source")
"""Every page has them, in this order; some have `BEADS` as well."""
BEADS: Final = "Bead models"

_HEAD: Final = """# Rules of the audit

What `printstd audit` and `certify` look at in a finished program, whoever made it, in the order of
the report: the text (L), what the machine is made to do (M), the part that its beads make (G).
`printstd explain ID` prints the whole page of a rule, with an example. Comments are not read. This
table is made from those pages (`make docs`).

A rule ends in PASS, FAIL, WARN, INFO, INDETERMINATE, NOT_EVALUATED or NOT_APPLICABLE. Any FAIL is a
no. A pack lists the rules that must run and decide (`mandatory_audit_rules`; an empty list means
all of them).

"""


def text() -> str:
    """The whole of docs/rules.md."""
    pages = {rule_id: sections_of(rule_id) for rule_id in RULES}
    columns = ["What it demands", "How it is measured"]
    if any(BEADS in page for page in pages.values()):
        columns.append(BEADS)
    header = ["rule", "what it demands", "how it is measured", "limit from"]
    header[3:3] = ["bead models"] if BEADS in columns else []
    rows = []
    for rule_id, rule in RULES.items():
        told = [_line(pages[rule_id].get(name, "-")) for name in columns]
        cells = [f"{rule_id} {rule.title}", *told, rule.source]
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    table = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header), *rows]
    return _HEAD + "\n".join(table) + "\n"


def sections_of(rule_id: str) -> dict[str, str]:
    """Heading -> text of a rule's page, as it is indented there."""
    found: dict[str, str] = {}
    heading = ""
    for line in (explain(rule_id) or "").splitlines()[1:]:
        if line and not line.startswith(" "):
            heading = line
            found[heading] = ""
        elif heading:
            found[heading] += line.strip() + "\n"
    return found


def _line(body: str) -> str:
    return " ".join(body.split())


if __name__ == "__main__":
    TARGET.write_text(text(), "utf-8")
