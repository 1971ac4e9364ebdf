"""What holds of every file whatever, and of the case that a seed makes (facts of validation, 7)."""

from __future__ import annotations

import mmap
import resource
import signal
import struct
import time
from collections.abc import Callable
from random import Random
from typing import Final

import numpy as np

from printstd.artifacts.mesh import ModelFile
from printstd.errors import InputError
from printstd.intake import Limits, read_model
from tests import meshes
from tests.fuzz import deciding_files, mesh_files, packages, step_files
from tests.fuzz.numbers_and_bytes import repeated

MAKERS: Final[dict[str, Callable[[Random], bytes]]] = {
    "stl": mesh_files.stl,
    "3mf": packages.three_mf,
    "obj": mesh_files.obj,
    "ply": mesh_files.ply,
    "step": step_files.step_file,
    **{kind: own.made for kind, own in deciding_files.KINDS.items()},
}
LONG: Final = "long-"
"""Before a kind's name: its files with something repeated in them, for what takes a square of a
file's size, or more."""
LIMITS: Final = Limits(size_bytes=1 << 24, facets=20_000, inflated_bytes=1 << 24, objects=500)
HANG_S: Final = 10
MOST_S: Final = 2.0
"""CPU time, so that a busy machine makes no failure."""
MOST_OF_LONG_S: Final = 6.0
"""What cuts polygons of thousands of corners into triangles stops by itself after a few seconds."""
MOST_BYTES: Final = 2 << 30
_OF_THE_WHOLE: Final = ("001", "002", "008", "009", "011", "040", "041")
"""What is wrong with the file as a whole needs no place in it."""
_OF_THE_WHOLE_STEP: Final = ("004", "007", "010", "012", "013", "014")
"""Cut off or without a section, data elsewhere, no solid; and what the library made of it."""


class Hang(Exception):
    """A file took longer than anybody waits."""


def case(kind: str, seed: int) -> bytes:
    """The file of one seed: the same again, by whatever process."""
    random = Random(f"{kind} {seed}")
    made = MAKERS[kind.removeprefix(LONG)](random)
    return repeated(made, random) if kind.startswith(LONG) else made


def check(kind: str, data: bytes) -> bool:
    """Was the file taken? AssertionError, or whatever else came of it, where this does not hold:

    - refused with InputError and nothing else, with code, cause, and a place;
    - taken: finite, within range, not empty, every index in range;
    - taken: written with all digits and read again, it has the same facets;
    - at most MOST_S of CPU time, of long ones MOST_OF_LONG_S.
    """
    start = time.process_time()
    most_s = MOST_OF_LONG_S if kind.startswith(LONG) else MOST_S
    kind = kind.removeprefix(LONG)
    if kind in deciding_files.KINDS:
        was_taken = deciding_files.check(kind, data)
        assert time.process_time() - start <= most_s, "slow"
        return was_taken
    name = f"part.{kind}"
    refusal, file = None, None
    try:
        file = _read(kind, data, name)
    except InputError as error:
        refusal = error
    assert time.process_time() - start <= most_s, "slow"
    if file is None:
        _check_refusal(refusal)
        return False
    mesh = file.mesh
    assert 1 <= len(mesh.faces) <= LIMITS.facets, "empty, or more facets than are read"
    assert int(mesh.faces.min()) >= 0, "an index below 0"
    assert int(mesh.faces.max()) < len(mesh.vertices_mm), "an index out of range"
    assert bool(np.isfinite(mesh.vertices_mm).all()), "a coordinate that is not finite"
    assert float(np.abs(mesh.vertices_mm).max()) <= LIMITS.coordinate_mm, "out of range"
    assert np.isfinite(mesh.weld_gap_mm), "a gap that is not finite"
    for finding in file.findings:
        assert dict(finding.details).get("code"), "a remark without a code"
    _check_written_again(mesh.vertices_mm, mesh.faces)
    return True


def _read(kind: str, data: bytes, name: str) -> ModelFile:
    if kind == "step":
        return step_files.read(data, LIMITS)
    return read_model(data, name=name, limits=LIMITS)


def _check_refusal(error: InputError | None) -> None:
    assert error is not None
    assert error.code, "a refusal without a code"
    assert error.what.strip(), "a refusal without a cause"
    assert "\n" not in error.what, "a cause in several sentences"
    prefix, _, number = error.code.rpartition("-")
    is_whole = number in _OF_THE_WHOLE or (prefix == "STEP" and number in _OF_THE_WHOLE_STEP)
    assert error.where or is_whole, f"{error.code} without a place: {error.what}"


def _check_written_again(vertices: np.ndarray, faces: np.ndarray) -> None:
    again = read_model(meshes.ply((vertices, faces)), name="again.ply", limits=LIMITS).mesh
    ours, theirs = vertices[faces], again.vertices_mm[again.faces]
    assert ours.shape == theirs.shape, "facets were lost"
    assert bool((ours == theirs).all()), "written and read again, corners lie elsewhere"


class Watch:
    """Ends a file that takes longer than HANG_S of CPU time, by one timer for many files: it
    rings every HANG_S and finds the seed at work that it found before.

    at_work : 8 bytes for that seed, which others may look at.
    """

    def __init__(self, at_work: bytearray | mmap.mmap) -> None:
        self._at_work = at_work
        self._seed = self._seen = -1

    def __enter__(self) -> Watch:
        signal.signal(signal.SIGPROF, self._ring)
        signal.setitimer(signal.ITIMER_PROF, HANG_S, HANG_S)
        return self

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)

    def _ring(self, *_: object) -> None:
        if self._seed >= 0 and self._seed == self._seen:
            raise Hang(f"more than {HANG_S} s")
        self._seen = self._seed

    def guarded(self, kind: str, seed: int) -> bool:
        """`check` of a seed's file."""
        self._at_work[:8] = struct.pack("<q", seed)
        data = case(kind, seed)
        try:
            self._seed = seed
            return check(kind, data)
        finally:
            self._seed = -1


def bound_memory() -> None:
    """From here on this process gets MOST_BYTES beyond what it has; more is a MemoryError."""
    with open("/proc/self/statm", encoding="ascii") as statm:
        now = int(statm.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + MOST_BYTES, now + MOST_BYTES))


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
