"""Faces: the fonts of a printed report, and which of them has a character.

No glyph goes missing silently: what no font has is printed as its code point.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from itertools import groupby
from typing import Final

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from printstd.report.as_text import plain
from printstd.report.markup import text as escaped

ReadFont = Callable[[str], bytes]
"""Name of a font file of the package -> its bytes."""

LATIN: Final = "printstd-latin"
BOLD: Final = "printstd-bold"
_FILES: Final = {LATIN: "latin.ttf", BOLD: "latin-bold.ttf"}
_OTHERS: Final = (
    ("printstd-symbols", "symbols.ttf"),
    ("printstd-han", "han.ttf"),
    ("printstd-hangul", "hangul.ttf"),
)
"""Fonts of symbols and other scripts, asked in this order; a bold face of them would double the
package."""


class Faces:
    """Fonts are read when the first character needs them: most reports need no Han."""

    def __init__(self, read: ReadFont) -> None:
        self._read = read
        self._glyphs: dict[str, frozenset[int]] = {}
        for name, file in _FILES.items():
            self._load(name, file)

    def _load(self, name: str, file: str) -> frozenset[int]:
        found = self._glyphs.get(name)
        if found is None:
            font = TTFont(name, io.BytesIO(self._read(file)))
            # Anew for each document: what a document embeds must not depend on an earlier one.
            pdfmetrics.registerFont(font)
            found = self._glyphs[name] = frozenset(font.face.charToGlyph)
        return found

    def _face_of(self, character: str, base: str) -> str:
        """The font that has it; "" where none has."""
        code = ord(character)
        if code in self._glyphs[base]:
            return base
        if code < 0x1100:  # no font of other scripts has more of these
            return ""
        for name, file in _OTHERS:
            if code in self._load(name, file):
                return name
        return ""

    def markup(self, words: str, *, bold: bool = False) -> str:
        """`words` as reportlab's paragraph markup, each run in a font that has it."""
        base = BOLD if bold else LATIN
        lines = []
        for line in words.split("\n"):
            runs: list[str] = []
            for face, run in groupby(plain(line), key=lambda c: self._face_of(c, base)):
                own = "".join(run)
                if face == base:
                    runs.append(escaped(own))
                elif face:
                    runs.append(f'<font name="{face}">{escaped(own)}</font>')
                else:
                    runs.append("".join(f"&lt;U+{ord(c):04X}&gt;" for c in own))
            lines.append("".join(runs))
        return "<br/>".join(lines)

    def has_all(self, words: str) -> bool:
        """Whether the Latin face alone can set it."""
        return all(ord(c) in self._glyphs[LATIN] for c in words)

    def breaks_anywhere(self, words: str) -> bool:
        """Whether lines may break between any two characters: Chinese and Japanese do."""
        return any(0x2E80 <= ord(c) < 0xA960 or 0xF900 <= ord(c) < 0xFFE0 for c in words)
