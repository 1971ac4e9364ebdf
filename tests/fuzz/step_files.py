"""STEP files with something wrong in them, and wrong answers of the library that reads them.

The library itself is not called: it has a process of its own, and half a second for each file
would be most of a campaign. Its part is played by a drum of 48 sides.
"""

from __future__ import annotations

import json
import re
import struct
from random import Random
from typing import Any, Final

from printstd.artifacts.mesh import ModelFile
from printstd.cad import cad_file
from printstd.intake import Limits
from printstd.intake.step.read import ChordLimit, read_step
from samples.step.make_step import PlatePart, hole
from tests.fuzz.mesh_files import mutated
from tests.fuzz.numbers_and_bytes import OF_BYTES, OF_TEXT, Mutation
from tests.step_files import FakeTessellator, drum, step

_WHOLE: Final = step(PlatePart((20.0, 20.0, 5.0), 0.0, (hole(10.0, 10.0, 10.0),)))
TEXT: Final = re.sub(rb"(CLOSED_SHELL\('',\()[^)]*,(#\d+,#\d+,#\d+\))", rb"\1\2", _WHOLE)
"""With a solid of the three faces that the drum has."""
ANSWER: Final = drum(48)
_LIMIT: Final = ChordLimit(0.02, "a fuzzed file")
_WORDS: Final = (
    *(b"#1", b"#0", b"#999999999999999999", b"()", b"((", b"$", b"*", b"'", b"''", b"/*", b"*/"),
    *(b";", b"=", b"ENDSEC;", b"DATA;", b"END-ISO-10303-21;", b"1.E400", b"-1.", b".T.", b"\\X2\\"),
    *(b"CLOSED_SHELL", b"MANIFOLD_SOLID_BREP", b"SI_UNIT(.KILO.,.METRE.)", b"REFERENCE;"),
)
_PLACES: Final = re.compile(rb"#\d+|[-+]?\d+\.\d*(?:E[-+]?\d+)?|[A-Z_]{4,}|[(),;=']")


def place(data: bytes, random: Random) -> bytes:
    """A reference, number, name or sign becomes another one, of the file or not."""
    found = [m.span() for m in _PLACES.finditer(data)]
    if not found:
        return data
    begin, end = random.choice(found)
    other = random.choice(found)
    word = random.choice(_WORDS) if random.random() < 0.5 else data[other[0] : other[1]]
    return data[:begin] + word + data[end:]


def statement(data: bytes, random: Random) -> bytes:
    """One is left out, comes twice, or changes places with another."""
    rows = data.split(b";")
    a, b = random.randrange(len(rows)), random.randrange(len(rows))
    what = random.randrange(3)
    if what == 0:
        del rows[a]
    elif what == 1:
        rows.insert(b, rows[a])
    else:
        rows[a], rows[b] = rows[b], rows[a]
    return b";".join(rows)


def document(data: bytes, random: Random) -> bytes:
    """A value of the answer's description becomes another."""
    size = struct.unpack_from("<I", data, 12)[0]
    try:
        whole = json.loads(data[20 : 20 + size])
    except ValueError:
        return data
    holders: list[tuple[Any, Any]] = []
    waiting = [whole]
    while waiting:
        one = waiting.pop()
        items = one.items() if isinstance(one, dict) else enumerate(one)
        for key, value in items:
            holders.append((one, key))
            if isinstance(value, (dict, list)):
                waiting.append(value)
    holder, key = random.choice(holders)
    holder[key] = random.choice(
        (None, -1, 0, 1, 2**31, 2**63, 1e308, float("nan"), "VEC3", [], {}, [0], [1, 2, 3], True)
    )
    text = json.dumps(whole).encode()
    rest = data[20 + size :]
    head = struct.pack("<4sIIII", b"glTF", 2, 20 + len(text) + len(rest), len(text), 0x4E4F534A)
    return head + text + rest


_OF_STEP: Final[tuple[Mutation, ...]] = (*OF_TEXT, *[place] * 8, *[statement] * 4)
_OF_ANSWERS: Final[tuple[Mutation, ...]] = (*OF_BYTES, *[document] * 12)


def step_file(random: Random) -> bytes:
    """A STEP file, or, where it begins with ``glTF``, what the library says of a sound one."""
    if random.random() < 0.3:
        data = ANSWER
        for _ in range(random.choice((1, 1, 2))):
            mutation = random.choice(_OF_ANSWERS)
            data = mutation(data, random) if data.startswith(b"glTF") and len(data) > 20 else data
        return data
    return mutated(TEXT, _OF_STEP, random)


def read(data: bytes, limits: Limits) -> ModelFile:
    """As the line does, the library's part played."""
    text, answer = (TEXT, data) if data.startswith(b"glTF") else (data, ANSWER)
    return cad_file(read_step(text, FakeTessellator(answer), _LIMIT, limits=limits), "part.step")
