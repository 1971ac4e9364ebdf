"""Bytes of a spreadsheet's text to the texts that they may be.

A mark at the start decides; so does valid UTF-8, which other encodings do not write by chance. What
is left are code pages in which every byte is some letter. All of those that the bytes may be in are
given back, and whoever knows what the text must say decides among them.
"""

from __future__ import annotations

import codecs
import unicodedata
from itertools import pairwise
from typing import Final, NamedTuple

from printstd.errors import InputError
from printstd.words import said

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8", "UTF-8 with a mark"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "UTF-16 little-endian"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "UTF-16 big-endian"),
)
_CODE_PAGES: Final = (
    ("cp1251", "Windows-1251"),
    ("kz1048", "KZ-1048"),
    ("cp1252", "Windows-1252"),
    ("gb18030", "GB 18030"),
)


class Decoded(NamedTuple):
    encoding: str
    """In words."""
    text: str


def decoded(data: bytes, name: str) -> list[Decoded]:
    """Every text that the bytes may be, no two alike. Raises InputError where they are none."""
    for mark, codec, said_name in _MARKS:
        if data.startswith(mark):
            try:
                return [Decoded(said_name, data[len(mark) :].decode(codec))]
            except UnicodeDecodeError as error:
                raise _refused(
                    name,
                    said(
                        "bytes that are no {encoding}, which the mark at its start promises, at "
                        "byte {byte}",
                        encoding=said_name,
                        byte=len(mark) + error.start,
                    ),
                ) from error
    if b"\0" in data:
        raise _refused(
            name, said("zero bytes and no byte-order mark at its start: UTF-16 without one?")
        )
    try:
        return [Decoded("ASCII" if data.isascii() else "UTF-8", data.decode("utf-8"))]
    except UnicodeDecodeError:
        pass
    found: list[Decoded] = []
    for codec, said_name in _CODE_PAGES:
        try:
            text = data.decode(codec)
        except UnicodeDecodeError:
            continue
        if all(text != known.text for known in found):
            found.append(Decoded(said_name, text))
    if not found:
        raise _refused(name, said("bytes of no encoding that is known here"))
    return found


def is_plausible(text: str) -> bool:
    """No word is written as people write none: in two scripts, or in Latin letters of which most
    have accents, or with a capital after a small letter."""
    word: list[str] = []
    for character in [*text, " "]:
        if character.isalpha():
            word.append(character)
            continue
        if word and not _is_word(word):
            return False
        word = []
    return True


def _is_word(letters: list[str]) -> bool:
    scripts = {unicodedata.name(letter, "").split(" ")[0] for letter in letters}
    if len(scripts & {"LATIN", "CYRILLIC", "GREEK", "CJK"}) > 1:
        return False
    accented = sum(not letter.isascii() for letter in letters)
    if scripts == {"LATIN"} and len(letters) > 1 and 2 * accented > len(letters):
        return False
    if scripts != {"LATIN"}:
        return not any(a.islower() and b.isupper() for a, b in pairwise(letters))
    return True


def _refused(name: str, got: str) -> InputError:
    return InputError(
        said("the encoding of this table cannot be told"),
        where=name,
        got=got,
        wanted=said(
            "UTF-8, UTF-16 with a byte-order mark, Windows-1251, KZ-1048, Windows-1252 or GB 18030"
        ),
        hint=said("save it from the spreadsheet as `CSV UTF-8`"),
        code="DRW-ENCODING",
    )
