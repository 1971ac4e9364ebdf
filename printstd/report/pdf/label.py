"""The label of a part as PDF: one page of the label's size, its QR code as squares of ink.

The bytes follow from the label's words alone: no date, no random name.
"""

from __future__ import annotations

import io
from typing import Final

from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph

from printstd.report.part_label import HEIGHT_MM, QUIET_MODULES, WIDTH_MM, LabelText, qr_modules
from printstd.report.pdf.faces import BOLD, LATIN, Faces, ReadFont

_MARGIN_MM: Final = 2.0
_CODE_MM: Final = 27.0
"""With its quiet zone: modules of 0.5 mm and more for the codes that addresses need."""
_SIZES_PT: Final = (7.0, 6.5, 6.0, 5.5, 5.0, 4.5, 4.0)


def render_label(label: LabelText, *, fonts: ReadFont) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(WIDTH_MM * mm, HEIGHT_MM * mm), invariant=1, pageCompression=0)
    canvas.setTitle(label.title)
    canvas.setAuthor("printstd")
    _draw_code(canvas, label.link)
    _draw_words(canvas, label, Faces(fonts))
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def _draw_code(canvas: Canvas, link: str) -> None:
    modules = qr_modules(link)
    size_mm = _CODE_MM / (len(modules) + 2 * QUIET_MODULES)
    left = _MARGIN_MM + QUIET_MODULES * size_mm
    top = HEIGHT_MM - _MARGIN_MM - QUIET_MODULES * size_mm
    for y, row in enumerate(modules):
        x = 0
        while x < len(row):
            run = 0
            while x + run < len(row) and row[x + run]:
                run += 1
            if run:
                # Runs, not squares: no hairline of white between modules where a viewer rounds.
                canvas.rect(
                    (left + x * size_mm) * mm,
                    (top - (y + 1) * size_mm) * mm,
                    run * size_mm * mm,
                    size_mm * mm,
                    stroke=0,
                    fill=1,
                )
            x += max(run, 1)


def _draw_words(canvas: Canvas, label: LabelText, faces: Faces) -> None:
    """The title and the rows beside the code, the address under it; as large as all of them fit."""
    left_mm = _MARGIN_MM + _CODE_MM + 1
    width = (WIDTH_MM - left_mm - _MARGIN_MM) * mm
    room = (HEIGHT_MM - 2 * _MARGIN_MM) * mm
    rows: list[Paragraph] = []
    for size in _SIZES_PT:
        rows = [_set(faces, label.title, size * 1.35, bold=True)]
        for name, value in label.rows:
            words = f"{faces.markup(name + ':')} {faces.markup(value)}"
            rows.append(_paragraph(words, size, LATIN, faces.breaks_anywhere(name + value)))
        if sum(row.wrap(width, room)[1] for row in rows) <= room:
            break
    y = HEIGHT_MM * mm - _MARGIN_MM * mm
    for row in rows:
        height = row.wrap(width, room)[1]
        if y - height < 0:
            break
        row.drawOn(canvas, left_mm * mm, y - height)
        y -= height
    address = _set(faces, label.link, 4.0)
    address.wrap(_CODE_MM * mm, room)
    address.drawOn(
        canvas, _MARGIN_MM * mm, HEIGHT_MM * mm - (_MARGIN_MM + _CODE_MM) * mm - address.height
    )


def _set(faces: Faces, words: str, size: float, *, bold: bool = False) -> Paragraph:
    markup = faces.markup(words, bold=bold)
    return _paragraph(markup, size, BOLD if bold else LATIN, faces.breaks_anywhere(words))


def _paragraph(markup: str, size: float, face: str, breaks_anywhere: bool) -> Paragraph:
    style = ParagraphStyle(
        "label",
        fontName=face,
        fontSize=size,
        leading=size * 1.25,
        wordWrap="CJK" if breaks_anywhere else None,
        splitLongWords=1,
    )
    return Paragraph(markup, style)
