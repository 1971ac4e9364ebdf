"""ASCII STL: `solid`, facets of twenty-one words each, `endsolid`.

Any white space does between words (CR-only files exist), keywords in any case, names in any
script. The words of many facets are compared column by column; only where a column is wrong
are the words walked one by one to say which line is at fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple, NoReturn

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.finding import Finding, Status, Where
from printstd.errors import InputError
from printstd.intake.limits import Limits
from printstd.intake.notices import Geometry, check_facet_count, listed, remark
from printstd.intake.numbers import BadNumber, reals
from printstd.intake.sniff import UTF8_BOM
from printstd.words import counted, said

SOURCE: Final = "STL ASCII grammar: solid, facet normal, outer loop, three vertices, endsolid"

_VERTEX = (b"vertex", None, None, None)
_GRAMMAR: Final[tuple[bytes | None, ...]] = (
    *(b"facet", b"normal", None, None, None, b"outer", b"loop"),
    *(*_VERTEX, *_VERTEX, *_VERTEX, b"endloop", b"endfacet"),
)
"""One facet's words; None is a number."""
_WORDS: Final = len(_GRAMMAR)
_COORDINATE_WORDS: Final = (8, 9, 10, 12, 13, 14, 16, 17, 18)
_NORMAL_WORDS: Final = (2, 3, 4)
_CHUNK_BYTES: Final = 8 << 20

_NOT_A_NUMBER: Final = re.compile(rb"[-+]?(nan|inf|infinity|\d\.#\w+)(\(\S*\))?")
_GLUED_FACET: Final = re.compile(rb"\sfacet\s+normal\s")
_NUMBER_CHARS: Final = b"0123456789+-.e"
_HINT_EXPORT: Final = said("export the part again")
_COMMA_HINT: Final = said("export it again with a point as the decimal sign (set the locale to C)")


class _Section(NamedTuple):
    """One solid: its name, and where its facets lie in the text."""

    name: str
    start: int
    end: int
    is_ended: bool


def read_stl_ascii(data: bytes, limits: Limits) -> Geometry:
    """Corners of every facet of every solid, in file order; InputError STL-002, -006, -009,
    -010, -012, -013 or -016."""
    findings: list[Finding] = []
    if data.startswith(UTF8_BOM):
        data = data[len(UTF8_BOM) :]
        findings.append(remark("STL-023", said("the text begins with a UTF-8 mark"), source=SOURCE))
    # Lines count the same whichever way they end.
    text = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    lower = text.lower()
    sections = list(_sections(text, lower, findings))
    blocks: list[NDArray[np.float64]] = []
    n_facets = 0
    has_odd_normals = False
    for section in sections:
        at_end_of_file = not section.is_ended and section.end == len(lower)
        for start, end in _chunks(lower, section):
            words = lower[start:end].split()
            if at_end_of_file and end == section.end and _is_cut_endsolid(words):
                words.pop()
            chunk = _Chunk(lower, start, words, n_facets, at_end_of_file and end == section.end)
            blocks.append(chunk.corners())
            has_odd_normals |= chunk.has_odd_normals()
            n_facets += len(blocks[-1])
            check_facet_count(n_facets, limits.facets, "STL-009")
    if n_facets == 0:
        raise InputError(
            said("the file has no facets"),
            code="STL-002",
            got=said("{count} solids", count=len(sections)),
        )
    findings += _remarks(sections, has_odd_normals, text)
    return Geometry(np.concatenate(blocks).reshape(-1, 3), None, tuple(findings))


def _remarks(sections: list[_Section], has_odd_normals: bool, text: bytes) -> list[Finding]:
    found: list[Finding] = []
    if len(sections) > 1:
        names = ", ".join(repr(section.name) for section in sections[:8])
        if len(sections) > 8:
            names = said("{some} and {count} more", some=names, count=len(sections) - 8)
        found.append(
            remark(
                "STL-020",
                said(
                    "{count} solids were read: {names}",
                    count=len(sections),
                    names=names,
                ),
                source=SOURCE,
            )
        )
    open_ended = [section for section in sections if not section.is_ended]
    if open_ended:
        found.append(
            remark(
                "STL-021",
                said("no `endsolid`: every facet is whole, but the file may have been cut"),
                status=Status.WARN,
                source=SOURCE,
                where=(Where(line=_line_of(text, open_ended[0].end)),),
            )
        )
    if has_odd_normals:
        found.append(
            remark(
                "STL-022",
                said(
                    "stored normals that are no numbers were not used; normals follow the corners"
                ),
                source=SOURCE,
            )
        )
    return found


def _sections(text: bytes, lower: bytes, findings: list[Finding]) -> Iterator[_Section]:
    """Every solid, with all text accounted for."""
    name, start = "", -1
    after_end = 0
    for is_end, begin, finish, label in _solid_lines(text, lower):
        if start >= 0:
            yield _Section(name, start, begin, is_end)
            start = -1
            if is_end:
                after_end = finish
                continue
        else:
            _check_between(lower, after_end, begin, findings)
            if is_end:
                _refuse_grammar(lower, begin, "solid", "endsolid")
        name, start = label, finish
    if start >= 0:
        yield _Section(name, start, len(lower), False)
    else:
        _check_between(lower, after_end, len(lower), findings)


def _solid_lines(text: bytes, lower: bytes) -> Iterator[tuple[bool, int, int, str]]:
    """(is it endsolid, where it begins, where its name ends, name) of each such line."""
    at = lower.find(b"solid")
    while at >= 0:
        is_end = lower[max(at - 3, 0) : at] == b"end"
        begin = at - 3 if is_end else at
        after = at + 5
        if not lower[max(begin - 1, 0) : begin].strip() and not lower[after : after + 1].strip():
            finish = lower.find(b"\n", after)
            finish = len(lower) if finish < 0 else finish
            glued = _GLUED_FACET.search(lower, after, finish)
            finish = glued.start() if glued else finish
            label = text[after:finish].strip().decode("utf-8", "replace")
            yield is_end, begin, finish, label
            after = finish
        at = lower.find(b"solid", after)


def _check_between(lower: bytes, start: int, end: int, findings: list[Finding]) -> None:
    """Text outside of all solids: blank, or a remark, or an error where it holds facets."""
    outside = lower[start:end].strip(b" \t\n\v\f\x1a")
    if not outside:
        return
    if b"facet" in outside or b"vertex" in outside:
        raise InputError(
            said("facets outside of a solid"),
            where=said("line {line_of}", line_of=_line_of(lower, lower.index(outside, start))),
            wanted=said("`solid` before them"),
            hint=said("export the part again"),
            code="STL-016",
        )
    findings.append(
        remark(
            "STL-005",
            said("{count} bytes outside of any solid were not read", count=len(outside)),
            status=Status.WARN,
            source=SOURCE,
            where=(Where(line=_line_of(lower, lower.index(outside, start))),),
            details=(("bytes", str(len(outside))),),
        )
    )


def _chunks(lower: bytes, section: _Section) -> Iterator[tuple[int, int]]:
    """The section in pieces that end behind an `endfacet`, so that memory stays bounded."""
    start = section.start
    while start < section.end:
        cut = lower.find(b"endfacet", start + _CHUNK_BYTES, section.end)
        end = section.end if cut < 0 else cut + len(b"endfacet")
        yield start, end
        start = end


def _is_cut_endsolid(words: list[bytes]) -> bool:
    return len(words) % _WORDS == 1 and b"endsolid".startswith(words[-1])


class _Chunk:
    """Whole facets as one list of lower-case words."""

    def __init__(
        self, lower: bytes, start: int, words: list[bytes], first_facet: int, is_last: bool
    ) -> None:
        self.lower, self.start, self.words = lower, start, words
        self.first_facet, self.is_last = first_facet, is_last

    def corners(self) -> NDArray[np.float64]:
        """(k, 9) float64, the file's numbers."""
        words = self.words
        count, rest = divmod(len(words), _WORDS)
        if rest or any(
            words[k::_WORDS] != [keyword] * count
            for k, keyword in enumerate(_GRAMMAR)
            if keyword is not None
        ):
            self._refuse_word()
        corners = np.empty((count, 9))
        for column, k in enumerate(_COORDINATE_WORDS):
            try:
                corners[:, column] = reals(words[k::_WORDS])
            except BadNumber as bad:
                self._refuse_number(bad.index * _WORDS + k)
        finite = np.isfinite(corners).all(axis=1)
        if not finite.all():
            facets = np.flatnonzero(~finite)
            column = int(np.flatnonzero(~np.isfinite(corners[facets[0]]))[0])
            self._refuse_non_finite(
                facets.tolist(), int(facets[0]) * _WORDS + _COORDINATE_WORDS[column]
            )
        return corners

    def has_odd_normals(self) -> bool:
        """True where stored normals are `nan` and the like; they are not used."""
        is_odd = False
        for k in _NORMAL_WORDS:
            column = self.words[k::_WORDS]
            if not b"".join(column).translate(None, _NUMBER_CHARS):
                continue
            is_odd = True
            for index, word in enumerate(column):
                if word.translate(None, _NUMBER_CHARS) and not _NOT_A_NUMBER.fullmatch(word):
                    self._refuse_number(index * _WORDS + k)
        return is_odd

    def _refuse_word(self) -> NoReturn:
        words = self.words
        for index, word in enumerate(words):
            wanted = _GRAMMAR[index % _WORDS]
            if wanted is None:
                if word in _GRAMMAR:
                    self._refuse_at(index, said("a number is missing"), "STL-016", said("a number"))
                continue
            if word == wanted:
                continue
            if self.is_last and index == len(words) - 1 and wanted.startswith(word):
                break  # the word itself is cut: the end of the file is what is wrong
            if {word, wanted} == {b"vertex", b"endloop"}:
                self._refuse_at(
                    index, said("a loop without just three vertices"), "STL-013", said("3 vertices")
                )
            previous = words[index - 1] if index else b""
            if b"," in previous or b"," in word:
                self._refuse_at(
                    index, said("decimal commas"), "STL-012", said("1.5, not 1,5"), _COMMA_HINT
                )
            self._refuse_at(index, said("a word out of place"), "STL-016", f"`{wanted.decode()}`")
        facet = self.first_facet + len(words) // _WORDS
        where = said("line {line}, facet {facet}", line=self._line(len(words) - 1), facet=facet)
        if self.is_last:
            raise InputError(
                said("the file ends inside a facet"),
                where=where,
                got=said("{facet} whole facets and a part of one", facet=facet),
                wanted=said("the rest, and `endsolid`"),
                hint=said("copy or download the file again"),
                code="STL-006",
            )
        raise InputError(
            said("a facet is not whole"), where=where, wanted="`endfacet`", code="STL-016"
        )

    def _refuse_number(self, index: int) -> NoReturn:
        word = self.words[index]
        if b"," in word:
            self._refuse_at(
                index, said("a comma in a number"), "STL-012", said("1.5, not 1,5"), _COMMA_HINT
            )
        if _NOT_A_NUMBER.fullmatch(word):
            facets = {
                i // _WORDS
                for k in _COORDINATE_WORDS
                for i in range(k, len(self.words), _WORDS)
                if _NOT_A_NUMBER.fullmatch(self.words[i])
            }
            self._refuse_non_finite(sorted(facets), index)
        self._refuse_at(
            index, said("this is no number"), "STL-016", said("a decimal number such as -1.5e-3")
        )

    def _refuse_non_finite(self, facets: list[int], index: int) -> NoReturn:
        of_file = [self.first_facet + facet for facet in facets]
        raise InputError(
            counted(
                "{count} facet with a coordinate that is no finite number",
                "{count} facets with a coordinate that is no finite number",
                count=len(facets),
            ),
            where=said(
                "facet {listed}; line {line}", listed=listed(of_file), line=self._line(index)
            ),
            got=_shown(self.words[index]),
            wanted=said("finite coordinates"),
            hint=said("export the part again; leaving the facets out would leave holes"),
            code="STL-010",
        )

    def _refuse_at(
        self, index: int, what: str, code: str, wanted: str, hint: str = _HINT_EXPORT
    ) -> NoReturn:
        raise InputError(
            what,
            where=said(
                "line {line}, facet {facet}",
                line=self._line(index),
                facet=self.first_facet + index // _WORDS,
            ),
            got=_shown(self.words[index]),
            wanted=wanted,
            hint=hint,
            code=code,
        )

    def _line(self, index: int) -> int:
        """1-based line of a word."""
        for number, match in enumerate(re.finditer(rb"\S+", self.lower[self.start :])):
            if number >= index:
                return _line_of(self.lower, self.start + match.start())
        return _line_of(self.lower, len(self.lower))


def _refuse_grammar(lower: bytes, at: int, wanted: str, got: str) -> NoReturn:
    raise InputError(
        said("a word out of place"),
        where=said("line {line_of}", line_of=_line_of(lower, at)),
        got=f"`{got}`",
        wanted=f"`{wanted}`",
        hint=said("export the part again"),
        code="STL-016",
    )


def _line_of(text: bytes, at: int) -> int:
    return text.count(b"\n", 0, at) + 1


def _shown(word: bytes) -> str:
    text = word[:40].decode("utf-8", "backslashreplace")
    return f"`{text}`" + ("…" if len(word) > 40 else "")
