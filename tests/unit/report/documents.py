"""Documents for tests of the formats: every status, places of every kind, names that mean harm."""

from __future__ import annotations

from dataclasses import dataclass, make_dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from printstd.adapters.page_files import report_font, report_texts
from printstd.artifacts.finding import Finding, Status, Where
from printstd.artifacts.surface_field import SurfaceField
from printstd.profiles.decision import decide
from printstd.report.document import (
    SCHEMA_VERSION,
    Cited,
    Fact,
    Problem,
    ReportDocument,
    Subject,
    section_of,
)
from printstd.report.pictures import PartPicture, Stance, cuts_of
from printstd.report.rule_page import RulePage
from printstd.words import said
from tests import meshes

HOSTILE = (
    "</script><script>alert(1)</script>.stl",
    "\"><img src=x onerror='alert(1)'>.stl",
    "]]>&amp;<!--.stl",
    "a\x1b[31mb\x00c\u202egpj.stl",
    "@POLICY@ {0} %s \\u003c.stl",
    "Кронштейн №4 (изм. 2) Ғ 支架 부품.stl",
)
PLACE = Where(
    point_mm=(61.237, -47.519, 38.641),
    box_mm=(61.0, -48.0, 38.5, 61.5, -47.0, 38.75),
    facets=(3, 7),
)
FINDINGS = (
    Finding("GEO-02", Status.FAIL, said("{count} open edges", count=3), "3MF Core 1.4.0, 4.1", 3.0,
            0.0, "edges", (PLACE, Where(facets=(9,)))),
    Finding("THK-01", Status.WARN, "a wall at (61.24 -47.52 38.64) mm", "printer: nozzle_mm",
            0.51234, 0.8, "mm", (replace(PLACE, layer=4),),
            (("near", "61.237, -47.519, 38.641 mm"),)),
    Finding("PRN-07", Status.NOT_EVALUATED, "no printer was named", "printer: volume"),
    Finding("DIM-01", Status.INDETERMINATE, "U covers the limit", "table 1", 10.1, 10.2, "mm"),
    Finding("FEA-02", Status.NOT_APPLICABLE, "no round surface", "table 1"),
    Finding("G-06", Status.PASS, "filled", "process", 1.0237, 1.06, "of the section's volume"),
    Finding("G-12", Status.INFO, "a bridge", "process", 0.0, None, "mm", (Where(line=17),)),
)  # fmt: skip
PAGES = {
    "GEO-02": RulePage(
        "GEO-02",
        "Open edges",
        "GEO-02: Open edges\n\nWhat it demands\n    Every edge joins two facets.\n\n"
        "Why\n    A hole has\n    no inside.",
    )
}


def document(
    *findings: Finding, mandatory: tuple[str, ...] = (), **subject: object
) -> ReportDocument:
    rules = (*dict.fromkeys(f.rule_id for f in findings), "GEO-99")
    decision = decide(findings, rules_run=rules, mandatory=mandatory)
    section = section_of("validate", findings, decision, rules)
    made = Subject(
        "part.stl", "ab" * 32, (Fact("placed at", "1.0, 2.0, 3.0 mm"),), (section,), (), None,
        decision.exit_code, geometry_sha256="cd" * 32, source_format="stl-binary",
    )  # fmt: skip
    return ReportDocument(
        SCHEMA_VERSION, "printstd", "0.1.0", "validate", "Report", "ISO 2768-m",
        (replace(made, **subject),), decision.exit_code,
        titles={"en": "Report", "kk": "Тексеру есебі", "ru": "Отчёт о проверке"},
        languages=("kk", "ru", "en"),
        basis=(Fact("pack", "kz"),),
        standards=(Cited("ISO 2768-1", "General tolerances", "sizes", "in force", "2026-09-25",
                         "a note", "a catalogue"),),
        decision_rule="|d| + U",
    )  # fmt: skip


def hostile() -> ReportDocument:
    """Every text that may come from a file is one of the names that mean harm."""
    base = document(*FINDINGS)
    subjects = []
    for name in HOSTILE:
        found = Finding(
            "GEO-02", Status.FAIL, said("bad {name}", name=name), name, 1.0, 0.0, "mm", (PLACE,),
            ((name, name),),
        )  # fmt: skip
        one = document(found, name=name, facts=(Fact(name, name),), outputs=(name,), hints=(name,))
        subjects += one.subjects
    broken = Problem("[PAR-02] cut short\n  where: " + HOSTILE[0], 4)
    subjects.append(Subject(HOSTILE[1], None, (), (), (), broken, 4))
    return replace(base, subjects=tuple(subjects), exit_code=4, title=HOSTILE[0], titles={})


@dataclass(frozen=True)
class Characteristic:
    number: str
    nominal_mm: float
    is_met: bool
    point_mm: tuple[float, float, float]
    facets: tuple[int, ...]


def with_rows(base: ReportDocument) -> ReportDocument:
    """The same with a list of records that no renderer knows."""
    wider = make_dataclass(
        "WiderSubject",
        [("unheard_of", tuple, ())],
        bases=(Subject,),
        frozen=True,
        slots=True,
    )
    row = Characteristic("1", 12.5, True, (61.237, -47.519, 38.641), (1, 2))
    subjects = tuple(
        wider(**{name: getattr(one, name) for name in Subject.__dataclass_fields__},
              unheard_of=(row,))
        for one in base.subjects
    )  # fmt: skip
    return replace(base, subjects=subjects)


@cache
def picture(name: str = "part.stl") -> PartPicture:
    """A tube with a thin wall, a figure on each facet, and a cut."""
    vertices, faces = meshes.cylinder(6.0, 20.0, 48)
    values = np.linspace(0.1, 3.0, len(faces))
    values[::5] = np.nan
    field = SurfaceField("thickness", "mm", values, 2.0, 0.8, "THK-01", "thick")
    finding = FINDINGS[1]
    stance = Stance(np.eye(3), 1.0, np.zeros(3))
    return PartPicture(name, vertices, faces, (field,), cuts_of([finding], stance, vertices, faces))


TEXTS = report_texts()
FONTS = report_font
SAMPLES = Path(__file__).parents[3] / "samples"
