"""Setting words: paragraphs in one or two languages, and tables of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Flowable, LongTable, Paragraph, Spacer, Table, TableStyle

from printstd.artifacts.finding import Status
from printstd.report.pdf.faces import BOLD, LATIN, Faces
from printstd.report.pdf.sheet import INK, PALE, RULE, WIDTH
from printstd.report.speech import Speech

_HEAD_BACK: Final = HexColor("#f0f2f4")
STATUS_COLOURS: Final = {
    Status.FAIL: HexColor("#b34700"),
    Status.NOT_EVALUATED: HexColor("#6a3d9a"),
    Status.INDETERMINATE: HexColor("#6a3d9a"),
    Status.WARN: HexColor("#8a5a00"),
    Status.INFO: HexColor("#33566f"),
    Status.PASS: HexColor("#005a8c"),
    Status.NOT_APPLICABLE: HexColor("#6b747d"),
}
"""Beside the word, never instead of it."""


class Setter:
    """Paragraphs in the first language, with the second one under it where it says otherwise."""

    def __init__(
        self, faces: Faces, speeches: Sequence[Speech], *, splits_rows: bool = False
    ) -> None:
        """splits_rows : of tables, over pages, as needs a row that is higher than a page."""
        self.faces, self.speeches = faces, tuple(speeches[:2])
        self._splits_rows = splits_rows

    def line(
        self,
        words: str,
        *,
        size: float = 8.5,
        bold: bool = False,
        colour: Color = INK,
        right: bool = False,
        after: float = 0,
        before: float = 0,
    ) -> Paragraph:
        """A paragraph that is in no language: names, figures, digests."""
        style = ParagraphStyle(
            "own",
            fontName=BOLD if bold else LATIN,
            fontSize=size,
            leading=size * 1.32,
            textColor=colour,
            alignment=2 if right else 0,
            spaceAfter=after,
            spaceBefore=before,
            wordWrap="CJK" if self.faces.breaks_anywhere(words) else None,
            splitLongWords=1,
        )
        return Paragraph(self.faces.markup(words, bold=bold), style)

    def say(
        self, sentence: str | Callable[[Speech], str], *, size: float = 8.5, **how: Any
    ) -> list[Flowable]:
        """A sentence, in both languages."""
        told = sentence if callable(sentence) else (lambda speech: speech.say(sentence))
        words = list(dict.fromkeys(told(speech) for speech in self.speeches))
        after = how.pop("after", 0)
        found = [self.line(words[0], size=size, **how)]
        how = {key: value for key, value in how.items() if key in ("right", "colour")}
        how.setdefault("colour", PALE)
        found += [self.line(other, size=size * 0.9, **how) for other in words[1:]]
        if after:
            found.append(Spacer(0, after))
        return found

    def heading(
        self, sentence: str | Callable[[Speech], str], *, size: float = 12
    ) -> list[Flowable]:
        found = self.say(sentence, size=size, bold=True, before=9, after=3)
        for flowable in found:
            flowable.keepWithNext = True
        return found

    def table(
        self,
        heads: Sequence[Any],
        rows: Sequence[Sequence[Any]],
        widths: Sequence[float],
    ) -> Flowable:
        """A table whose head is on every page that it goes over. widths : shares of the line."""
        total = sum(widths)
        table = LongTable(
            [list(heads), *(list(row) for row in rows)],
            colWidths=[WIDTH * width / total for width in widths],
            repeatRows=1,
            splitInRow=int(self._splits_rows),
        )
        table.setStyle(
            TableStyle(
                [
                    ("BACKGROUND", (0, 0), (-1, 0), _HEAD_BACK),
                    ("LINEBELOW", (0, 0), (-1, -1), 0.4, RULE),
                    *PADDING,
                ]
            )
        )
        return table

    def pairs(self, rows: Sequence[tuple[Any, Any]]) -> Flowable:
        """Names and what they are."""
        table = Table(
            [list(row) for row in rows],
            colWidths=[WIDTH * 0.28, WIDTH * 0.72],
            splitInRow=int(self._splits_rows),
        )
        table.setStyle(TableStyle(PADDING))
        return table


PADDING: Final = [
    ("FONT", (0, 0), (-1, -1), LATIN),  # or empty cells bring one that is not embedded
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 3),
    ("RIGHTPADDING", (0, 0), (-1, -1), 3),
    ("TOPPADDING", (0, 0), (-1, -1), 1.5),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
]
