"""What stands on the label of a part, and its QR code: for PDF and for label printers alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from printstd.report.speech import Speech
from printstd.words import said

QUIET_MODULES: Final = 4
"""Of white around a code (ISO/IEC 18004)."""
WIDTH_MM: Final = 70.0
HEIGHT_MM: Final = 40.0
TITLE: Final = said("Part passport")


@dataclass(frozen=True, slots=True)
class LabelText:
    """A passport's words for a label. rows : (name, value), in the order of importance."""

    title: str
    rows: tuple[tuple[str, str], ...]
    link: str


def label_text(link: str, rows: tuple[tuple[str, str], ...], speech: Speech) -> LabelText:
    """Names of rows are sentences; values are figures, names and digests."""
    return LabelText(speech.say(TITLE), tuple((speech.say(n), v) for n, v in rows if v), link)


def qr_modules(text: str) -> tuple[tuple[bool, ...], ...]:
    """The dark modules of a QR code with error correction M, without its quiet zone."""
    import segno  # only labels need it

    code = segno.make(text, error="m", micro=False, boost_error=False)
    return tuple(tuple(bool(module) for module in row) for row in code.matrix)
