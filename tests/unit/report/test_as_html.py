"""The page: it loads nothing, nothing in it is run but its own scripts, and all is in it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from printstd.kernels.display_mesh import QUANTA
from printstd.report.as_html import render
from printstd.report.as_json import render as as_json
from printstd.report.document import ReportDocument
from printstd.report.markup import VOID
from printstd.report.redaction import redact
from printstd.report.scene import CODES, NO_VALUE
from printstd.report.speech import Speech
from tests.unit.report.documents import (
    FINDINGS,
    HOSTILE,
    PAGES,
    TEXTS,
    document,
    hostile,
    picture,
    with_rows,
)


class Read(HTMLParser):
    """The page as a browser takes it apart: elements, their texts, and what is unbalanced."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[int, str] = {}
        self._open: list[tuple[str, int]] = []
        self.feed(page)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self._open.append((tag, len(self.elements) - 1))

    def handle_endtag(self, tag):
        assert self._open.pop()[0] == tag

    def handle_data(self, data):
        for _, number in self._open:
            self.texts[number] = self.texts.get(number, "") + data

    def of(self, tag: str, **wanted: str) -> list[str]:
        """Texts of the elements of a kind."""
        return [
            self.texts.get(number, "")
            for number, (name, own) in enumerate(self.elements)
            if name == tag
            and all(own.get(k.rstrip("_").replace("_", "-")) == v for k, v in wanted.items())
        ]


def page_of(made: ReportDocument, pictures=True, speech=None) -> str:
    names = HOSTILE if made.title == HOSTILE[0] else ("part.stl",)
    shown = {n: (picture(name),) for n, name in enumerate(names)} if pictures else {}
    more = {"speech": speech} if speech else {}
    return render(made, pages=PAGES, texts=TEXTS, pictures=shown, **more)


@pytest.mark.parametrize(
    "made", [document(*FINDINGS), hostile(), document(), with_rows(document(*FINDINGS))]
)
@pytest.mark.parametrize("pictures", [True, False])
def test_only_its_own_scripts_run_and_no_address_is_asked(made, pictures):
    page = page_of(made, pictures)
    read = Read(page)
    policy = next(own["content"] for tag, own in read.elements if own.get("http-equiv"))
    assert policy.startswith("default-src 'none';")
    for word in ("unsafe", "http", "*", "data:", "blob:"):
        assert word not in policy
    scripts = [own for tag, own in read.elements if tag == "script" and "type" not in own]
    assert len(scripts) == (2 if pictures else 1)
    for tag, kind in (("script", "script-src"), ("style", "style-src")):
        allowed = next(part for part in policy.split("; ") if part.startswith(kind)).split()[1:]
        own = [
            read.texts[number]
            for number, (name, attributes) in enumerate(read.elements)
            if name == tag and "type" not in attributes
        ]
        digests = [base64.b64encode(hashlib.sha256(t.encode()).digest()).decode() for t in own]
        assert [f"'sha256-{digest}'" for digest in digests] == allowed
    for tag, own in read.elements:
        assert tag not in ("img", "iframe", "link", "object", "embed", "a", "form", "base")
        for name, value in own.items():
            assert not name.startswith("on")
            assert name not in ("style", "src", "href", "srcdoc", "action")
            assert "://" not in (value or "") or name == "xmlns"
    assert not re.search(r"fetch\(|XMLHttpRequest|import\(|WebSocket|sendBeacon", page)


def test_names_that_mean_harm_are_shown_as_what_they_are():
    read = Read(page_of(hostile()))
    told = " ".join(read.texts.values())
    for name in HOSTILE:
        shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in name)
        assert shown in told
        assert shown in read.of("h2")
    assert [part["name"] for part in json.loads(read.of("script", id="scene")[0])["parts"]] == [
        *HOSTILE
    ]


def test_everything_that_was_found_is_there_and_the_open_questions_come_first():
    page = page_of(document(*FINDINGS))
    read = Read(page)
    rows = read.of("tr", data_status="FAIL")
    assert len(rows) == 1
    assert "3 open edges" in rows[0]
    for finding in FINDINGS:
        (row,) = [row for row in read.of("tr") if row.startswith(finding.rule_id)]
        assert str(finding.message) in row
    for words in ("ISO 2768-1", "2026-09-25", "a note", "|d| + U", "Every edge joins two facets."):
        assert words in " ".join(read.texts.values())
    assert page.index('id="open"') < page.index("<table")
    first = read.of("section", id="open")[0]
    assert [rule in first for rule in ("PRN-07", "DIM-01", "GEO-99", "THK-01")] == [True] * 3 + [
        False
    ]


def test_its_digest_is_that_of_the_json_of_the_same_run():
    made = document(*FINDINGS)
    digest = hashlib.sha256(as_json(made).encode()).hexdigest()
    page = page_of(made)
    assert digest in page
    assert f"PS-{digest[:4]}-{digest[4:8]}-{digest[8:12]}".upper() in page
    assert page_of(made) == page


def test_rows_that_nobody_knows_are_a_table():
    read = Read(page_of(with_rows(document(*FINDINGS))))
    assert "unheard of" in read.of("h3")
    (row,) = [row for row in read.of("tr") if row.startswith("112.5")]
    assert "yes" in row
    redacted = Read(page_of(redact(with_rows(document(*FINDINGS)))))
    assert "point mm" in read.of("th")
    assert "point mm" not in redacted.of("th")


def test_the_words_are_those_of_the_language_and_the_title_is_the_packs():
    words = {"What was not evaluated": "Не бағаланбады", "FAIL": "сәйкес емес"}
    page = page_of(document(*FINDINGS), speech=Speech("kk", lambda t: words.get(t, t)))
    read = Read(page)
    assert read.elements[0] == ("html", {"lang": "kk"})
    assert read.of("h1") == ["Тексеру есебі"]
    assert "Не бағаланбады" in read.of("h2")
    assert "сәйкес емес" in read.of("span", class_="status FAIL")


def test_the_part_is_drawn_where_it_is_and_its_figures_are_the_given_ones():
    part = picture()
    read = Read(page_of(document(*FINDINGS)))
    (meta,) = json.loads(read.of("script", id="scene")[0])["parts"]

    def block(name: str, kind: str) -> np.ndarray:
        return np.frombuffer(base64.b64decode(read.of("script", id=f"p0-{name}")[0]), kind)

    xyz = block("xyz", "<u2").reshape(-1, 3) * meta["step_mm"] + meta["low_mm"]
    faces = block("faces", "<u2").reshape(-1, 3)
    used = part.vertices_mm[part.faces]
    assert np.abs(xyz[faces] - used).max() <= 0.51 * meta["step_mm"]
    assert meta["step_mm"] == np.ptp(part.vertices_mm, axis=0).max() / QUANTA
    field = part.fields[0]
    codes = block("f0", "u1")
    known = ~np.isnan(field.values)
    assert (codes[~known] == NO_VALUE).all()
    shown = codes[known] / CODES * field.high
    assert (shown <= field.values[known] + 1e-9).all()
    inside = field.values[known] <= field.high
    assert np.abs(shown - field.values[known])[inside].max() <= field.high / CODES + 1e-9
    # What is below the limit is marked, and nothing else.
    below = codes < meta["fields"][0]["below"]
    assert (below == (np.nan_to_num(field.values, nan=9.0) < field.limit)).all()


def test_a_style_that_could_end_its_element_is_none_of_ours():
    for text in (TEXTS.style, TEXTS.table, TEXTS.view3d):
        assert "</" not in text
        assert "<!--" not in text
