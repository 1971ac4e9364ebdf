"""The sheet that a printed report is laid on: margins, head and foot of every page."""

from __future__ import annotations

from typing import Any, Final

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate

from printstd.report.pdf.faces import BOLD, LATIN

LEFT: Final = 18 * mm
TOP: Final = 20 * mm
FOOT: Final = 20 * mm
WIDTH: Final = A4[0] - 2 * LEFT
INK: Final = HexColor("#1d2329")
PALE: Final = HexColor("#56606a")
RULE: Final = HexColor("#c9cfd6")


class Numbered(Canvas):  # type: ignore[misc]
    """Pages are written when their number is known: each says of how many it is."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        # Every page begins with a font, used or not: not one that would have to be embedded, too.
        super().__init__(*arguments, **options | {"initialFontName": LATIN})
        self._pages: list[dict[str, Any]] = []
        self.foot: Foot | None = None

    def showPage(self) -> None:
        self._pages.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        for number, page in enumerate(self._pages, 1):
            self.__dict__.update(page)
            if self.foot is not None:
                self.foot.draw(self, number, len(self._pages))
            super().showPage()
        super().save()


class Foot:
    """What stands on every page: whose it is, its number, and a digest that binds the pages."""

    def __init__(self, number: str, digest_label: str, sha256: str, page: str) -> None:
        """page : a template with ``{number}`` and ``{total}``, in Latin or Cyrillic letters or as
        figures alone."""
        self.number, self.digest_label, self.sha256, self.page = number, digest_label, sha256, page

    def draw(self, canvas: Canvas, number: int, total: int) -> None:
        canvas.saveState()
        canvas.setStrokeColor(RULE)
        canvas.setLineWidth(0.5)
        canvas.line(LEFT, FOOT - 5 * mm, A4[0] - LEFT, FOOT - 5 * mm)
        canvas.setFillColor(INK)
        canvas.setFont(BOLD, 8)
        canvas.drawString(LEFT, FOOT - 9 * mm, self.number)
        canvas.setFont(LATIN, 8)
        said = self.page.format(number=number, total=total)
        canvas.drawRightString(A4[0] - LEFT, FOOT - 9 * mm, said)
        canvas.setFillColor(PALE)
        canvas.setFont(LATIN, 6.5)
        canvas.drawString(LEFT, FOOT - 12.5 * mm, f"{self.digest_label}: {self.sha256}")
        canvas.restoreState()


class Sheet(BaseDocTemplate):  # type: ignore[misc]
    """A4 pages, whose bytes depend on what is on them alone."""

    def __init__(self, file: Any, *, title: str, creator: str, language: str, foot: Foot) -> None:
        super().__init__(
            file,
            pagesize=A4,
            leftMargin=LEFT,
            rightMargin=LEFT,
            topMargin=TOP,
            bottomMargin=FOOT,
            title=title,
            creator=creator,
            producer=creator,
            author=creator,
            lang=language,
            invariant=1,
        )
        frame = Frame(LEFT, FOOT, WIDTH, A4[1] - TOP - FOOT, 0, 0, 0, 0, id="body")

        def start(canvas: Numbered, document: BaseDocTemplate) -> None:
            canvas.foot = foot

        self.addPageTemplates([PageTemplate("page", [frame], onPage=start)])
