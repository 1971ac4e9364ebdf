"""The table of characteristics as CSV, in the order of AS9102 form 3.

UTF-8 with a mark, commas and decimal points, as RFC 4180 has it: spreadsheets open it without
asking. A text that a spreadsheet would take for a formula is written behind an apostrophe: cells
come from a customer's file.
"""

from __future__ import annotations

import csv
import io
from dataclasses import fields
from enum import Enum
from typing import Final

from printstd.report.characteristics import CharacteristicRow
from printstd.report.document import ReportDocument

_HEADERS: Final = {
    "number": "Char. No.",
    "reference": "Reference Location",
    "designator": "Characteristic Designator",
    "requirement": "Requirement",
    "results": "Results",
    "u": "U (k=2)",
    "verdict": "Verdict",
}
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def render(document: ReportDocument) -> str:
    """Rows of every subject; the first column names it where there are several."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    names = [field.name for field in fields(CharacteristicRow)]
    several = len(document.subjects) > 1
    head = [_HEADERS.get(name, name.replace("_", " ")) for name in names]
    writer.writerow(["Part", *head] if several else head)
    for subject in document.subjects:
        for row in subject.characteristics:
            cells = [_cell(getattr(row, name)) for name in names]
            writer.writerow([_cell(subject.name), *cells] if several else cells)
    return "\N{ZERO WIDTH NO-BREAK SPACE}" + out.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6f}".rstrip("0").rstrip(".") if value else "0"
    text = str(value.value if isinstance(value, Enum) else value)
    return f"'{text}" if text.startswith(_FORMULA) else text
