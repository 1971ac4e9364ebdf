"""The clear text of a STEP file: its frame, its entities, and what the few that matter say.

    ISO-10303-21; HEADER; ... ENDSEC; DATA; #1=NAME(...); ... ENDSEC; END-ISO-10303-21;

The frame is demanded whole, so that a file that was cut on the way is refused (ISO 10303-21:2016,
5.1). Texts are left as they are: nothing is taken from them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from printstd.errors import InputError
from printstd.words import said

MAX_BYTES: Final = 256 << 20
MAX_ENTITIES: Final = 5_000_000
MAX_PARAMETERS: Final = 65_536
"""Of one entity that is looked into."""

_BEGIN: Final = b"ISO-10303-21;"
_END: Final = b"END-ISO-10303-21;"
_BOM: Final = b"\xef\xbb\xbf"
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0e-\x1f\x7f]")
_COMMENT: Final = re.compile(rb"'[^']*+'|/\*(?:[^*]|\*(?!/))*+\*/|/\*")
_SECTION: Final = re.compile(
    rb"\s*+(HEADER|ANCHOR|REFERENCE|DATA|SIGNATURE)\s*+(?:\((?:[^';]++|'[^']*+')*+)?;"
)
_ENDSEC: Final = re.compile(rb"\s*+ENDSEC\s*+;")
_HEADER_ENTRY: Final = re.compile(rb"\s*+([A-Z_][A-Z0-9_]*+)\s*+\((?:[^';]++|'[^']*+')*+;")
_ENTITY: Final = re.compile(
    rb"\s*+#([0-9]{1,18})\s*+=\s*+(?:(!?[A-Z_a-z][A-Z0-9_a-z]*+)\s*+)?(\((?:[^';=]++|'[^']*+')*+);"
)
_REFERENCE: Final = re.compile(rb"'[^']*+'|#([0-9]{1,18})")
_STATEMENT: Final = re.compile(rb"(?:[^';]++|'[^']*+')*+;")
_PART_NAME: Final = re.compile(rb"'[^']*+'|([A-Z_][A-Z0-9_]*+)\s*+\(|([()])")
_TOKEN: Final = re.compile(
    rb"\s*+(?:('(?:[^']|'')*+')|(#[0-9]{1,18})|([-+]?[0-9]++\.?[0-9]*+(?:[Ee][-+]?[0-9]{1,4})?)"
    rb"|(\.[A-Z0-9_]++\.)|(\"[0-9A-Fa-f]*+\")|([A-Z_][A-Z0-9_]*+)|([$*(),]))"
)

Value = float | str | int | tuple["Value", ...] | None
"""A parameter: number, ``.ENUM.`` with its dots, text with its quotes, reference as int, list; of a
typed value, as ``LENGTH_MEASURE(1.)``, the value. None where it is left out."""


@dataclass(frozen=True, slots=True)
class Entity:
    """One instance. parts : (name, its parameters as they stand) of each simple entity that it is
    made of; one, save for complex instances."""

    number: int
    parts: tuple[tuple[str, bytes], ...]

    def values(self, name: str) -> tuple[Value, ...] | None:
        """The parameters of the part of this name; None where it has none."""
        for own, raw in self.parts:
            if own == name:
                return parameters(raw, self.number)
        return None


@dataclass(frozen=True, slots=True)
class Exchange:
    """A STEP file's data. counts : of every name of a simple entity. asked : those instances that
    have one of the names that were asked for, by their number."""

    counts: Counter[str]
    asked: dict[int, Entity]

    def named(self, *names: str) -> Iterator[tuple[Entity, tuple[Value, ...]]]:
        """Instances that have a part of such a name, with its parameters, as the file has them."""
        for entity in self.asked.values():
            for own, raw in entity.parts:
                if own in names:
                    yield entity, parameters(raw, entity.number)


def read_exchange(data: bytes, names: Iterable[str]) -> Exchange:
    """The file's entities, those of `names` to be looked into. InputError on what is no whole
    exchange structure."""
    if len(data) > MAX_BYTES:
        raise refused(
            "STEP-008",
            said("the STEP file is larger than is read"),
            got=said("{count} bytes", count=len(data)),
            wanted=said("at most {most} bytes", most=MAX_BYTES),
        )
    text = _text(data)
    at = _header(text)
    wanted = frozenset(name.encode("ascii") for name in names)
    counts: Counter[str] = Counter()
    asked: dict[int, Entity] = {}
    seen: set[bytes] = set()
    named: set[bytes] = set()
    n_data = 0
    while not text.startswith(_END, at):
        section = _SECTION.match(text, at)
        if section is None:
            raise _cut(text, at)
        kind, at = section[1], section.end()
        if kind == b"REFERENCE":
            raise refused(
                "STEP-007",
                said("the STEP file takes parts of its data from other files"),
                got=said("a REFERENCE section"),
                wanted=said("one file that has all of the part"),
            )
        if kind == b"DATA":
            n_data += 1
            at = _entities(text, at, wanted, counts, asked, seen, named)
        else:
            while _ENDSEC.match(text, at) is None:
                step = _STATEMENT.match(text, at)
                if step is None:
                    raise _cut(text, at)
                at = step.end()
        at = _closed(text, at)
        at += len(text[at : at + 4096]) - len(text[at : at + 4096].lstrip())
    if text[at + len(_END) :].strip(b" \t\r\n\f\v\x1a\0"):
        raise refused(
            "STEP-005",
            said("something follows the end of the STEP file"),
            where=said("behind END-ISO-10303-21;"),
            got=repr(text[at + len(_END) :].strip()[:40])[1:],
            wanted=said("nothing after END-ISO-10303-21;"),
        )
    if not n_data:
        raise refused(
            "STEP-004",
            said("the STEP file has no data"),
            got=said("no DATA section"),
            wanted=said("HEADER, DATA and END-ISO-10303-21"),
        )
    named.discard(b"")
    missing = named - seen
    if missing:
        first = min(missing, key=int).decode("ascii")
        raise refused(
            "STEP-005",
            said("an entity is named that the STEP file does not have"),
            where=f"#{first}",
            got=said("{count} such names", count=len(missing)),
            wanted=said("every entity that is named"),
        )
    return Exchange(counts, asked)


def _text(data: bytes) -> bytes:
    """Without comments; InputError on bytes that are no text."""
    text = data.removeprefix(_BOM).lstrip().rstrip(b" \t\r\n\f\v\x1a\0")
    control = _CONTROL.search(text)
    if control is not None:
        raise refused(
            "STEP-006",
            said("there are bytes in the STEP file that no text has"),
            where=said("line {line}", line=text.count(b"\n", 0, control.start()) + 1),
            got=said("byte {value}", value=control[0][0]),
            wanted=said("the clear text of ISO 10303-21"),
        )

    def without(found: re.Match[bytes]) -> bytes:
        if found[0].startswith(b"'"):
            return found[0]
        if found[0] == b"/*":
            raise _cut(text, found.start())
        return b" "

    return _COMMENT.sub(without, text) if b"/*" in text else text


def _header(text: bytes) -> int:
    """Where the header section ends."""
    if not text.startswith(_BEGIN):
        raise refused(
            "STEP-001",
            said("this is no STEP file"),
            got=repr(text[:20])[1:],
            wanted="ISO-10303-21;",
        )
    section = _SECTION.match(text, len(_BEGIN))
    if section is None or section[1] != b"HEADER":
        raise _cut(text, len(_BEGIN))
    at, names = section.end(), []
    while entry := _HEADER_ENTRY.match(text, at):
        names.append(entry[1])
        at = entry.end()
    if b"FILE_SCHEMA" not in names:
        raise refused(
            "STEP-004",
            said("the header of the STEP file does not say its schema"),
            got=", ".join(name.decode("ascii") for name in names[:5]) or said("nothing"),
            wanted="FILE_DESCRIPTION, FILE_NAME, FILE_SCHEMA",
        )
    at = _closed(text, at)
    return at + len(text[at : at + 4096]) - len(text[at : at + 4096].lstrip())


def _closed(text: bytes, at: int) -> int:
    end = _ENDSEC.match(text, at)
    if end is None:
        raise _cut(text, at)
    return end.end()


def _entities(
    text: bytes,
    at: int,
    wanted: frozenset[bytes],
    counts: Counter[str],
    asked: dict[int, Entity],
    seen: set[bytes],
    named: set[bytes],
) -> int:
    """Of one DATA section; where it ends. seen, named : numbers that are there, and that entities
    refer to."""
    tally: Counter[bytes] = Counter()
    match = _ENTITY.match
    while found := match(text, at):
        number, name, raw = found.groups()
        if not raw.rstrip().endswith(b")"):
            raise _bad_entity(int(number), raw)
        at = found.end()
        named.update(_REFERENCE.findall(raw))
        number = number.lstrip(b"0") or b"0"
        if number in seen:
            raise refused(
                "STEP-005",
                said("two entities of the STEP file have one number"),
                where=f"#{number.decode('ascii')}",
                got=said("it is there again"),
                wanted=said("each number once"),
            )
        seen.add(number)
        if len(seen) > MAX_ENTITIES:
            raise refused(
                "STEP-008",
                said("the STEP file has more entities than are read"),
                got=said("more than {most}", most=MAX_ENTITIES),
                wanted=said("at most {most}", most=MAX_ENTITIES),
            )
        if name is not None:
            tally[name] += 1
            if name in wanted:
                own = ((name.decode("ascii"), raw),)
                asked[int(number)] = Entity(int(number), own)
            continue
        parts = _complex(raw, int(number))
        tally.update(own for own, _ in parts)
        if any(own in wanted for own, _ in parts):
            asked[int(number)] = Entity(
                int(number), tuple((own.decode("ascii"), values) for own, values in parts)
            )
    counts.update({name.decode("ascii", "replace"): n for name, n in tally.items()})
    return at


def _complex(raw: bytes, number: int) -> list[tuple[bytes, bytes]]:
    """``( A(1) B(2) )`` -> [(A, (1)), (B, (2))]."""
    parts: list[tuple[bytes, bytes]] = []
    depth, name, begin = 0, b"", 0
    for token in _PART_NAME.finditer(raw):
        opens = token[1] is not None or token[2] == b"("
        if token[2] == b")":
            depth -= 1
            if depth == 1:
                parts.append((name, raw[begin : token.end()]))
        if opens:
            depth += 1
            if depth == 2:
                name, begin = token[1] or b"", token.end() - 1
        if len(parts) > 64 or depth > 64:
            break
    if depth or not parts or any(not own for own, _ in parts):
        raise _bad_entity(number, raw)
    return parts


def parameters(raw: bytes, number: int) -> tuple[Value, ...]:
    """``(1.,#2,$,(3,4))`` as values; InputError where it is no list of parameters."""
    lists: list[list[Value]] = [[]]
    typed: list[bool] = [False]
    at, count, wants_value, after_name = 0, 0, True, False
    while at < len(raw):
        token = _TOKEN.match(raw, at)
        count += 1
        if token is None or count > MAX_PARAMETERS or len(lists) > 16:
            if not raw[at:].strip():
                break
            raise _bad_entity(number, raw)
        at = token.end()
        text, reference, figure, member, binary, name, sign = token.groups()
        if sign == b",":
            if wants_value or len(lists) < 2 or typed[-1]:
                raise _bad_entity(number, raw)
            wants_value = True
            continue
        if sign == b")":
            if len(lists) < 2 or after_name or (wants_value and lists[-1]):
                raise _bad_entity(number, raw)
            own, is_typed = lists.pop(), typed.pop()
            if is_typed and len(own) != 1:
                raise _bad_entity(number, raw)
            lists[-1].append(own[0] if is_typed else tuple(own))
            wants_value = False
            continue
        if not wants_value or (after_name and sign != b"("):
            raise _bad_entity(number, raw)
        if sign == b"(":
            lists.append([])
            typed.append(after_name)
            after_name = False
            continue
        if name is not None:
            after_name = True
            continue
        wants_value = False
        if figure is not None:
            lists[-1].append(float(figure))
        elif reference is not None:
            lists[-1].append(int(reference[1:]))
        elif sign is not None:
            lists[-1].append(None)
        else:
            lists[-1].append((text or member or binary or b"").decode("latin-1"))
    if len(lists) != 1 or len(lists[0]) != 1 or not isinstance(lists[0][0], tuple):
        raise _bad_entity(number, raw)
    return lists[0][0]


def refused(
    code: str, what: str, *, got: str, wanted: str, hint: str = "", where: str | None = None
) -> InputError:
    return InputError(
        what,
        where=where,
        got=got,
        wanted=wanted,
        hint=hint or said("export the part again as STEP (AP203, AP214 or AP242), or as 3MF"),
        code=code,
    )


def _cut(text: bytes, at: int) -> InputError:
    line = text.count(b"\n", 0, at) + 1
    got = text[at : at + 40].strip()
    if not text.endswith(_END):
        return refused(
            "STEP-004",
            said("the STEP file is cut off or not closed"),
            where=said("line {line}", line=line),
            got=repr(text[-20:])[1:],
            wanted=said("END-ISO-10303-21; at its end"),
            hint=said("copy or download the file again"),
        )
    return refused(
        "STEP-005",
        said("the STEP file does not keep to the form of ISO 10303-21"),
        where=said("line {line}, comments not counted", line=line),
        got=repr(got)[1:],
        wanted=said("HEADER and DATA sections of entities, each closed by a semicolon"),
    )


def _bad_entity(number: int, raw: bytes) -> InputError:
    return refused(
        "STEP-005",
        said("the parameters of an entity cannot be read"),
        where=f"#{number}",
        got=repr(raw[:60])[1:],
        wanted=said("a list as ISO 10303-21 has it"),
    )
