"""How wide text is on a terminal: Chinese, Japanese and Korean characters take two cells."""

from __future__ import annotations

import textwrap


def cells(text: str) -> int:
    """Columns that `text` takes (Unicode Standard Annex 11: wide and fullwidth take two, marks that
    combine with the character before them none)."""
    if text.isascii():
        return len(text)
    return sum(map(_cells_of, text))


def _cells_of(character: str) -> int:
    import unicodedata

    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def padded(text: str, width: int) -> str:
    """`text` and blanks, `width` columns in all; longer text as it is."""
    return text + " " * max(width - cells(text), 0)


def wrapped(text: str, width: int) -> list[str]:
    """Lines of at most `width` columns, as `textwrap.wrap` makes them, words never cut. Between
    wide characters a line may end where there is no blank: these scripts set none between words."""
    if text.isascii():
        return textwrap.wrap(text, width, break_long_words=False)
    lines: list[str] = []
    line = ""
    for piece in _pieces(text):
        if line and cells(line) + cells(piece.rstrip()) > width:
            lines.append(line.rstrip())
            line = ""
        line += piece
    return [*lines, line.rstrip()] if line.rstrip() else lines


_NEVER_FIRST = "、。，．：；！？）」』】〕》〉・ー…%)］｝"


def _pieces(text: str) -> list[str]:
    """What a line may end after: words with their blanks, and single wide characters, with the
    punctuation that may not begin a line."""
    pieces: list[str] = []
    is_open = False
    for character in " ".join(text.split()):
        if character in _NEVER_FIRST and pieces:
            pieces[-1] += character
        elif _cells_of(character) == 2 and not "\uac00" <= character <= "\ud7a3":
            pieces.append(character)
            is_open = False
        elif is_open:
            pieces[-1] += character
            is_open = character != " "
        elif character == " " and pieces:
            pieces[-1] += character
        else:
            pieces.append(character)
            is_open = True
    return pieces
