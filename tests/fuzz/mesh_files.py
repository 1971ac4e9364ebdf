"""STL, OBJ and PLY files with something wrong in them: a sound seed and one to four mutations."""

from __future__ import annotations

import struct
from random import Random

from tests import meshes
from tests.fuzz.numbers_and_bytes import FLOATS, OF_BYTES, OF_TEXT, WORDS, Mutation

CUBE = meshes.cube(20.0)
TWO = meshes.merged(meshes.tetrahedron(10.0), meshes.cube(3.0, (30.0, 0.0, 0.0)))


def mutated(data: bytes, mutations: tuple[Mutation, ...], random: Random) -> bytes:
    for _ in range(random.choice((1, 1, 1, 2, 3, 4))):
        data = random.choice(mutations)(data, random) if data else b""
    return data


# --- STL -------------------------------------------------------------------------------------


def poison_float(data: bytes, random: Random) -> bytes:
    """A number of a binary facet is none, or far away."""
    facets = max((len(data) - 84) // 50, 1)
    at = 84 + 50 * random.randrange(facets) + 4 * random.randrange(12)
    return data[:at] + random.choice(FLOATS) + data[at + 4 :]


def poison_count(data: bytes, random: Random) -> bytes:
    true = (len(data) - 84) // 50
    count = random.choice((0, 1, true - 1, true + 1, true // 2, 1000, 2**31, 2**32 - 1)) % 2**32
    return data[:80] + struct.pack("<I", count) + data[84:]


def swap_endianness(data: bytes, random: Random) -> bytes:
    size = random.choice((2, 4))
    body = data[80:]
    turned = b"".join(body[i : i + size][::-1] for i in range(0, len(body), size))
    return data[:80] + turned


def double_header(data: bytes, random: Random) -> bytes:
    return data[: random.choice((80, 84))] + data


def text_header(data: bytes, random: Random) -> bytes:
    text = b"solid a\nfacet normal 0 0 1\nouter loop\nvertex 0 0 0"
    return text.ljust(80, b" \n\0"[random.randrange(3) :][:1]) + data[80:]


def whole_facets(data: bytes, random: Random) -> bytes:
    """Facets more or less, and a count that is right: the file is sound, its surface may not be."""
    at = 84 + 50 * random.randrange(max((len(data) - 84) // 50, 1))
    body = data[84:at] + (
        data[at + 50 :] if random.random() < 0.5 else data[at : at + 50] + data[at:]
    )
    return data[:80] + struct.pack("<I", len(body) // 50) + body


KEYWORDS = (
    *(b"facet", b"normal", b"outer", b"loop", b"vertex", b"endloop", b"endfacet", b"endsolid"),
    *(b"solid", b"facet normal 0 0 1", b"color 1 0 0", b"vertex 1 2", b"ENDLOOP"),
)


def keyword(data: bytes, random: Random) -> bytes:
    at = random.randrange(len(data) + 1)
    return data[:at] + random.choice((b" ", b"", b"\n")) + random.choice(KEYWORDS) + data[at:]


_BINARY = (*OF_BYTES, poison_float, poison_float, poison_count, swap_endianness, double_header)
_STL: tuple[tuple[bytes, tuple[Mutation, ...]], ...] = (
    (meshes.stl_binary(CUBE), (*_BINARY, text_header, whole_facets)),
    (meshes.stl_binary(TWO, b"solid made by a program"), (*_BINARY, text_header, whole_facets)),
    (meshes.stl_ascii(CUBE), (*OF_TEXT, keyword)),
    (meshes.stl_ascii(TWO, "деталь") + meshes.stl_ascii(CUBE, "b"), (*OF_TEXT, keyword)),
)


def stl(random: Random) -> bytes:
    data, mutations = random.choice(_STL)
    return mutated(data, mutations, random)


# --- OBJ -------------------------------------------------------------------------------------


def _face(random: Random) -> bytes:
    corners = random.choice((1, 2, 3, 3, 4, 5, 9, 40))
    form = random.choice(("{}", "{}/1", "{}//2", "{}/1/2", "{}/", "{}//", "/{}", "{}/-1/-1"))
    number = lambda: random.choice((0, -1, -8, -9, 8, 9, 1, 2, 3, 4, 5, 6, 7, 2**31, 10**12))  # noqa: E731
    return " ".join(["f", *(form.format(number()) for _ in range(corners))]).encode()


def _line(random: Random) -> bytes:
    return random.choice(
        (
            *(
                b"v 1 2",
                b"v 1 2 3 4",
                b"v 1 2 3 1 0 0",
                b"v 1 2 3 1 1 0 0",
                b"v 1,5 2 3",
                b"v nan 0 0",
            ),
            *(b"v 1e38 1e38 1e38", b"v 1e308 -1e308 0", b"vn 0 0 1", b"vt 0 0", b"g a b", b"o x"),
            *(
                b"mtllib " + b"a" * 3000,
                b"usemtl \xff",
                b"s off",
                b"l 1 2",
                b"p 1",
                b"# c",
                b"call a.obj",
            ),
            *(
                b"curv2 1 2",
                b"v 1 2 3 \\",
                b"f 1 2 \\\n3",
                b"\\",
                b"F 1 2 3",
                b"vertex 1 2 3",
                b"f",
            ),
        )
    )


def obj_line(data: bytes, random: Random) -> bytes:
    lines = data.split(b"\n")
    made = _face(random) if random.random() < 0.6 else _line(random)
    lines.insert(random.randrange(len(lines) + 1), made)
    return b"\n".join(lines)


def zero_based(data: bytes, random: Random) -> bytes:
    """Every index less by one, or counted from the end."""
    step = random.choice((-1, 1, -9))
    lines = []
    for line in data.split(b"\n"):
        words = line.split()
        if words[:1] == [b"f"]:
            words[1:] = [
                str(int(word) + step).encode() if word.isdigit() else word for word in words[1:]
            ]
            line = b" ".join(words)
        lines.append(line)
    return b"\n".join(lines)


def many_corners(data: bytes, random: Random) -> bytes:
    """A face of hundreds of corners, of the vertices there are in any order."""
    corners = " ".join(str(random.randint(1, 8)) for _ in range(random.choice((50, 300))))
    return data + f"f {corners}\n".encode()


def faces_first(data: bytes, random: Random) -> bytes:
    return b"\n".join(sorted(data.split(b"\n"), reverse=random.random() < 0.3))


_QUADS = (
    b"v 0 0 0\nv 4 0 0\nv 4 4 0\nv 2 1 0\nv 0 4 0\nv 2 2 5\n"
    b"g base\nusemtl m\nf 5 4 3 2 1\nf 1 2 6\nf 2 3 6\nf 3 4 6\nf -3 -2 -1\nf 5 1 6\n"
)
_OBJ = (*OF_TEXT, obj_line, obj_line, zero_based, many_corners, faces_first)


def obj(random: Random) -> bytes:
    return mutated(random.choice((meshes.obj(CUBE), meshes.obj(TWO), _QUADS)), _OBJ, random)


# --- PLY -------------------------------------------------------------------------------------

HEADER_LINES = (
    *(b"element face 4294967295", b"element vertex 0", b"element vertex 8", b"element edge 1"),
    *(b"property list uchar int vertex_indices", b"property list uchar int a", b"property float x"),
    *(
        b"property list float float q",
        b"property double nx",
        b"property list uint uint8 b",
        b"property",
    ),
    *(b"format ascii 1.0", b"format binary_big_endian 1.0", b"format binary_little_endian 9.9"),
    *(
        b"comment \xff",
        b"obj_info x",
        b"end_header",
        b"ply",
        b"property int64 x",
        b"element face -1",
    ),
)


def header_line(data: bytes, random: Random) -> bytes:
    head, mark, body = data.partition(b"end_header\n")
    lines = head.split(b"\n")
    at = random.randrange(1, len(lines) + 1) if lines else 0
    if random.random() < 0.5 and at < len(lines):
        lines[at] = random.choice(HEADER_LINES)
    else:
        lines.insert(at, random.choice(HEADER_LINES))
    return b"\n".join(lines) + mark + body


def header_word(data: bytes, random: Random) -> bytes:
    head, mark, body = data.partition(b"end_header\n")
    words = head.split(b" ")
    words[random.randrange(len(words))] = random.choice(
        (*WORDS, b"float", b"uchar", b"list", b"vertex", b"face", b"vertex_index", b"int")
    )
    return b" ".join(words) + mark + body


def body_number(data: bytes, random: Random) -> bytes:
    at = data.find(b"end_header\n") + 11
    if len(data) <= at:
        return data
    at += random.randrange(len(data) - at)
    size = random.choice((1, 4, 8))
    value = random.choice((b"\xff", b"\0", b"\x7f", b"\x80")) * size
    return (
        data[:at] + (random.choice(FLOATS) if random.random() < 0.5 else value) + data[at + size :]
    )


_PLY = tuple(
    (
        meshes.ply(CUBE, encoding=encoding, real=real),
        (*(OF_TEXT if encoding == "ascii" else OF_BYTES), header_line, header_word, body_number),
    )
    for encoding, real in (
        ("ascii", "double"),
        ("ascii", "float"),
        ("binary_little_endian", "double"),
        ("binary_little_endian", "float"),
        ("binary_big_endian", "double"),
    )
)


def ply(random: Random) -> bytes:
    data, mutations = random.choice(_PLY)
    return mutated(data, mutations, random)
