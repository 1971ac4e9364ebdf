"""The label of a part in ZPL II, for label printers of 203 dots an inch (8 a millimetre).

The QR code is a bitmap, so that it is the same code on every printer. Words are fields of the
printer's own font in UTF-8 (``^CI28``): Latin and Cyrillic come with it, other scripts need a font
that has them; the PDF needs none.
"""

from __future__ import annotations

from typing import Final

from printstd.report.part_label import HEIGHT_MM, QUIET_MODULES, WIDTH_MM, LabelText, qr_modules

DOTS_PER_MM: Final = 8
_MARGIN: Final = 16
_CODE_DOTS: Final = 216
"""Room for the code with its quiet zone: 27 mm."""
_LINE: Final = 26
_FONT: Final = 20


def render_label(label: LabelText) -> bytes:
    modules = qr_modules(label.link)
    scale = max(_CODE_DOTS // (len(modules) + 2 * QUIET_MODULES), 1)
    left = _MARGIN + QUIET_MODULES * scale
    text_at = _MARGIN + _CODE_DOTS + _MARGIN
    lines = [
        "^XA",
        "^CI28",
        f"^PW{round(WIDTH_MM * DOTS_PER_MM)}",
        f"^LL{round(HEIGHT_MM * DOTS_PER_MM)}",
        "^LH0,0",
        f"^FO{left},{left}{_graphic(modules, scale)}^FS",
        _field(text_at, _MARGIN, _FONT + 6, label.title),
    ]
    room = (round(HEIGHT_MM * DOTS_PER_MM) - _MARGIN - 2 * _LINE) // _LINE
    for number, (name, value) in enumerate(label.rows[:room], start=1):
        lines.append(_field(text_at, _MARGIN + 6 + number * _LINE, _FONT, f"{name}: {value}"))
    lines.append(_field(_MARGIN, _MARGIN + _CODE_DOTS + 4, 14, label.link, width=528, rows=3))
    lines.append("^XZ")
    return ("\n".join(lines) + "\n").encode("utf-8")


def _field(x: int, y: int, font: int, words: str, *, width: int = 296, rows: int = 1) -> str:
    """A block of text. What steers the printer in it is written in hexadecimal."""
    safe = "".join(
        c if c.isprintable() and c not in "^~_\\" else "".join(f"_{b:02X}" for b in c.encode())
        for c in words
    )
    return f"^FO{x},{y}^A0N,{font},{font}^FB{width},{rows},0,L^FH^FD{safe}^FS"


def _graphic(modules: tuple[tuple[bool, ...], ...], scale: int) -> str:
    """``^GFA``: the code as rows of hexadecimal digits, each module `scale` dots wide and high."""
    row_bytes = (len(modules) * scale + 7) // 8
    rows = []
    for row in modules:
        bits = "".join(("1" if dark else "0") * scale for dark in row).ljust(row_bytes * 8, "0")
        rows += [f"{int(bits, 2):0{row_bytes * 2}X}"] * scale
    total = row_bytes * len(rows)
    return f"^GFA,{total},{total},{row_bytes},{''.join(rows)}"
