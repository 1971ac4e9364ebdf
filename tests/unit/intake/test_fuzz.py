"""Mutated files of every format: read to finite numbers, or InputError; never anything else.

Time is bounded by the size of the file: each example has a deadline.
"""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from printstd.errors import InputError
from printstd.intake import Limits, read_model
from tests import meshes
from tests.meshes import mesh_xml, model_xml, zip_3mf

CUBE = meshes.cube(20.0)
LIMITS = Limits(size_bytes=1 << 20, facets=5_000, inflated_bytes=1 << 22, objects=500)

_SETTINGS = (
    '<?xml version="1.0"?><config><object id="1"><part id="1" subtype="normal_part"/></object>'
    '<plate><metadata key="plater_id" value="1"/><model_instance>'
    '<metadata key="object_id" value="1"/><metadata key="instance_id" value="0"/>'
    "</model_instance></plate></config>"
)
_MODEL = model_xml(
    f'<object id="1">{mesh_xml(CUBE)}</object>'
    '<object id="2"><components><component objectid="1" transform="1 0 0 0 1 0 0 0 1 0 0 5"/>'
    "</components></object>",
    '<item objectid="1"/><item objectid="2"/>',
    f'unit="inch" xmlns:p="{meshes.PRODUCTION_3MF}" requiredextensions="p"',
)
SEEDS: dict[str, bytes] = {
    "binary.stl": meshes.stl_binary(CUBE),
    "ascii.stl": meshes.stl_ascii(CUBE),
    "part.obj": meshes.obj(CUBE) + b"f 1//1 2//2 3//3 4//4 -1\n",
    "binary.ply": meshes.ply(CUBE),
    "big.ply": meshes.ply(CUBE, encoding="binary_big_endian", real="float"),
    "ascii.ply": meshes.ply(CUBE, encoding="ascii"),
    "part.3mf": zip_3mf(_MODEL, {"Metadata/model_settings.config": _SETTINGS}),
}

WORDS = [
    *(b"nan", b"-inf", b"1e999", b"1e-999", b"-0", b"1e38", b"-1", b"0", b"99999999999", b"1_0"),
    *(b"facet", b"endsolid", b"vertex", b"solid ", b"endloop", b"f ", b"v ", b"\\\n", b"#", b"/"),
    *(b"element face 4294967295\n", b"property list uchar int a\n", b"end_header\n", b"ply\n"),
    *(
        b"\0",
        b"\xff\xff\xff\xff",
        b"\r",
        b"\xef\xbb\xbf",
        b"PK\x03\x04",
        b"PK\x05\x06",
        b"<!DOCTYPE a>",
    ),
    *(b"<mesh>", b"</mesh>", b'objectid="2"', b'"', b"<", b"&amp;", b"\xd9\xa1", b"0" * 300),
]

mutations = st.lists(
    st.tuples(
        st.sampled_from(["flip", "set", "insert", "delete", "repeat", "cut", "word"]),
        st.integers(0, 1 << 20),
        st.integers(0, 1 << 20),
    ),
    min_size=1,
    max_size=6,
)


def mutated(data: bytes, steps: list[tuple[str, int, int]]) -> bytes:
    for kind, where, what in steps:
        at = where % max(len(data), 1)
        size = 1 + what % 64
        if kind == "flip":
            data = (
                data[:at] + bytes([data[at] ^ (1 << what % 8)]) + data[at + 1 :] if data else data
            )
        elif kind == "set":
            data = data[:at] + bytes([what % 256]) + data[at + 1 :]
        elif kind == "insert":
            data = data[:at] + bytes([what % 256]) * (1 + what // 256 % 5) + data[at:]
        elif kind == "delete":
            data = data[:at] + data[at + size :]
        elif kind == "repeat":
            data = data[: at + size] + data[at:]
        elif kind == "cut":
            data = data[:at]
        else:
            data = data[:at] + WORDS[what % len(WORDS)] + data[at:]
    return data


def read_or_refuse(data: bytes, name: str) -> None:
    refusal, file = None, None
    try:
        file = read_model(data, name=name, limits=LIMITS)
    except InputError as error:
        refusal = error
    if file is None:
        assert refusal is not None
        assert refusal.code
        assert refusal.what
        return
    mesh = file.mesh
    assert np.isfinite(mesh.vertices_mm).all()
    assert np.abs(mesh.vertices_mm).max() <= LIMITS.coordinate_mm
    assert 1 <= len(mesh.faces) <= LIMITS.facets
    assert np.isfinite(mesh.weld_gap_mm)


@pytest.mark.parametrize("name", SEEDS)
def test_the_seeds_themselves_are_read(name: str) -> None:
    assert len(read_model(SEEDS[name], name=name, limits=LIMITS).mesh.faces) >= 12


fuzzed = settings(
    max_examples=250, deadline=1500, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


@pytest.mark.parametrize("name", SEEDS)
def test_mutated_bytes_are_read_or_refused(name: str) -> None:
    @fuzzed
    @given(mutations)
    def check(steps: list[tuple[str, int, int]]) -> None:
        read_or_refuse(mutated(SEEDS[name], steps), name)

    check()


PARTS = ("3D/3dmodel.model", "_rels/.rels", "[Content_Types].xml", "Metadata/model_settings.config")


@pytest.mark.parametrize("part", PARTS)
def test_mutated_parts_of_a_sound_package_are_read_or_refused(part: str) -> None:
    with zipfile.ZipFile(io.BytesIO(SEEDS["part.3mf"])) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}

    @fuzzed
    @given(mutations)
    def check(steps: list[tuple[str, int, int]]) -> None:
        changed = parts | {part: mutated(parts[part], steps)}
        read_or_refuse(zip_3mf("", changed), "part.3mf")

    check()


@fuzzed
@given(st.binary(max_size=400), st.sampled_from([*SEEDS, "noname", "a.txt"]))
@example(b"\0" * 84, "binary.stl")
@example(b"\0" * 134, "binary.stl")
@example(b"PK\x03\x04", "part.3mf")
@example(b"solid \nfacet\nvertex", "ascii.stl")
def test_any_bytes_are_read_or_refused(data: bytes, name: str) -> None:
    read_or_refuse(data, name)


words = st.lists(st.sampled_from([*WORDS, b" ", b"\n", b"1 2 3 ", b"4.5e-3 "]), max_size=60)


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("ascii.stl", b"solid a\nfacet normal 0 0 1 outer loop vertex 0 0 0 "),
        ("part.obj", b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n"),
        ("ascii.ply", b"ply\nformat ascii 1.0\nelement vertex 3\nproperty float x\n"),
    ],
)
def test_words_of_the_grammar_in_any_order_are_read_or_refused(name: str, start: bytes) -> None:
    @fuzzed
    @given(words)
    def check(some: list[bytes]) -> None:
        read_or_refuse(start + b"".join(some), name)

    check()


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("binary.stl", lambda d: d[:80] + b"\xff\xff\xff\xff" + d[84:]),
        ("binary.ply", lambda d: d.replace(b"vertex 8", b"vertex 4000000000")),
        ("binary.ply", lambda d: d.replace(b"face 12", b"face 4999")),
        ("ascii.ply", lambda d: d.replace(b"vertex 8", b"vertex 4000000000")),
        ("ascii.ply", lambda d: d.replace(b"\n3 0 2 1", b"\n4000000000 0 2 1")),
        ("part.obj", lambda d: d + b"f 1 2 999999999999\n"),
    ],
)
def test_memory_follows_the_file_not_what_it_declares(
    name: str, change: Callable[[bytes], bytes]
) -> None:
    data = change(SEEDS[name])
    assert data != SEEDS[name]
    tracemalloc.start()
    try:
        with pytest.raises(InputError):
            read_model(data, name=name, limits=LIMITS)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2_000_000
