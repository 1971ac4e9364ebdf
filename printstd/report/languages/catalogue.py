"""A gettext catalogue (.po) -> what it says for a template.

Read as it is committed, not compiled to .mo: there is one file per language, it cannot be stale,
and a whole one is read in some hundredths of a second, which English does not pay. Strict: what
msgfmt would refuse or skip with a warning is an error here, with its line.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from printstd.errors import InternalError
from printstd.words import Counted

_LINE: Final = re.compile(r'(msgid_plural|msgid|msgstr(?:\[(\d)\])?)? ?("(?:[^"\\]|\\.)*")\s*\Z')
_PLURAL_FORMS: Final = re.compile(r"Plural-Forms: *([^\n]*)\n")

# Rules of the languages that have catalogues (Unicode CLDR, cardinal numbers that are whole), by
# the line that gettext tools know them by: no expression of a file is ever run.
_RULES: Final[Mapping[str, Callable[[int], int]]] = {
    "nplurals=1; plural=0;": lambda n: 0,
    "nplurals=2; plural=(n != 1);": lambda n: int(n != 1),
    "nplurals=2; plural=(n > 1);": lambda n: int(n > 1),
    "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && "
    "(n%100<10 || n%100>=20) ? 1 : 2);": lambda n: (
        0
        if n % 10 == 1 and n % 100 != 11
        else 1
        if 2 <= n % 10 <= 4 and not 10 <= n % 100 < 20
        else 2
    ),
}


@dataclass(slots=True)
class Entry:
    """One message: its English, and what the language has for it."""

    line: int
    template: str = ""
    many: str | None = None
    """Of a counted message: its English plural."""
    forms: dict[int, str] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()
    """For translators (``#.``) and from them (``#``)."""

    @property
    def is_translated(self) -> bool:
        return bool(self.forms) and all(self.forms.values())


class Catalogue:
    """What one language says for a template: a `printstd.words.Translate`."""

    def __init__(self, entries: list[Entry], plural: Callable[[int], int]) -> None:
        self._one = {e.template: e.forms[0] for e in entries if e.many is None and e.is_translated}
        self._counted = {
            (e.template, e.many): e.forms for e in entries if e.many is not None and e.is_translated
        }
        self._plural = plural

    def __call__(self, template: str) -> str:
        """What is not in the catalogue stays in English."""
        if isinstance(template, Counted):
            forms = self._counted.get((template.one, template.many))
            return template if forms is None else forms[self._plural(abs(template.number))]
        return self._one.get(template, template)


def read_catalogue(text: str, name: str) -> Catalogue:
    """The catalogue in `text`; InternalError, with the line, where it is none."""
    entries = list(entries_of(text, name))
    return Catalogue([e for e in entries if e.template], plural_of(entries, name)[1])


def plural_of(entries: list[Entry], name: str) -> tuple[int, Callable[[int], int]]:
    """(how many forms a counted message has, number -> form) by the catalogue's header."""
    header = entries[0].forms.get(0, "") if entries and not entries[0].template else ""
    found = _PLURAL_FORMS.search(header)
    rule = _RULES.get(found.group(1)) if found else None
    if found is None or rule is None:
        raise _broken(name, 1, "a header with Plural-Forms of a language that is known")
    return int(found.group(1)[len("nplurals=")]), rule


def entries_of(text: str, name: str) -> Iterator[Entry]:
    """Every message of a catalogue, the header first."""
    entry, last = Entry(1), ""
    comments: list[str] = []
    flags: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        if line.startswith("#"):
            if line.startswith("#~"):
                raise _broken(name, number, "no obsolete message")
            if line.startswith("#,"):
                flags += [flag.strip() for flag in line[2:].split(",")]
            elif not line.startswith("#:"):
                comments.append(line[1:].removeprefix(".").strip())
            continue
        found = _LINE.match(line)
        if found is None:
            raise _broken(name, number, "a keyword and a text in quotes")
        key, form, quoted = found.groups()
        value = str(ast.literal_eval(quoted))
        if key == "msgid":
            if last:
                yield entry
            entry = Entry(number, value, None, {}, tuple(flags), tuple(comments))
            comments, flags = [], []
        elif key == "msgid_plural":
            entry.many = value
        elif key is not None:
            entry.forms[int(form or 0)] = value
        elif last == "msgid":
            entry.template += value
        elif last == "msgid_plural":
            entry.many = (entry.many or "") + value
        elif last.startswith("msgstr"):
            entry.forms[max(entry.forms)] += value
        else:
            raise _broken(name, number, "a message before its text goes on")
        last = key or last
    if last:
        yield entry


def _broken(name: str, line: int, wanted: str) -> InternalError:
    return InternalError(
        "a catalogue of translations is damaged", where=f"{name}, line {line}", wanted=wanted
    )
