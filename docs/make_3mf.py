"""Writes docs/3mf.md from the rules that are tested: `python -m docs.make_3mf` (`make docs`)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tests.conformance.threemf.chapters import RULES

TARGET: Final = Path(__file__).with_name("3mf.md")

_HEAD: Final = """# What is read of 3MF, and what is refused

Read are 3MF Core 1.x and its Production extension (objects in other parts of the package), in
every unit, with components, mirrored and repeated objects. The properties of the Materials and
Properties extension are checked and not printed (`3MF-039` where the file requires them). Any
other extension that a file *requires* is refused by name (`3MF-022`); one that it merely uses is
left out, and said where it may tell where material goes (`3MF-035`). A file is refused whole or
read whole: no triangle and no object is dropped in silence. `printstd validate FILE.3mf` exits 4
with the code, the place and the cause.

Each row is a rule of a specification, with files that break it and files that keep to it, all
made by `tests/conformance/threemf/chapters.py` (`pytest tests/conformance/threemf`); the
consortium's own test files are not among them. This table is made from those tests (`make docs`).

Taken though the schema does not have them, because slicers that many use write them: `printable`
at items, components and objects (PrusaSlicer, Bambu Studio, OrcaSlicer), `paint_...` at
triangles, and names of metadata without a namespace (Bambu Studio, OrcaSlicer). Not judged by the
reader but by checks, on files of every format: whether the surface is closed and wound one way
(`GEO-02`, `GEO-03`), does not pass through itself (`GEO-10`), and is turned outside out
(`GEO-08`). Scripts and finished programs inside of a project are never run, and are told of
(`3MF-033`, `3MF-034`; docs/projects.md).

| chapter | rule | refused with | files that break it | files that keep to it |
|---|---|---|---|---|
"""


def text() -> str:
    """The whole of docs/3mf.md."""
    rows = []
    for rule in RULES:
        codes = ", ".join(sorted({case.code for case in rule.cases if case.code}))
        bad = "; ".join(case.name for case in rule.cases if case.code)
        good = "; ".join(case.name for case in rule.cases if not case.code)
        cells = (rule.chapter, rule.says, codes, bad, good)
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return _HEAD + "\n".join(rows) + "\n"


if __name__ == "__main__":
    TARGET.write_text(text(), "utf-8")
