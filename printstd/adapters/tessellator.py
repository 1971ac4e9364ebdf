"""Triangles of a STEP file's bodies, by Open CASCADE in a process of its own (extra `step`)."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from printstd.adapters import tessellate_worker
from printstd.errors import InputError, OutsideError
from printstd.words import said

ANGLE_RAD: Final = 0.2
"""Facets of a round shape turn by this at most, however small it is: 32 sides."""
MAX_SECONDS: Final = 300
MAX_MEMORY_BYTES: Final = 8 << 30

_SIGKILL, _SIGXCPU = 9, 24
_LIBRARY: Final = "cascadio"
_NOISE: Final = re.compile(r"\x1b\[[0-9;]*m|\*{2,}")


class CascadioTessellator:
    """The `Tessellator` of printstd: the library `cascadio`, which carries Open CASCADE."""

    def __init__(self, *, seconds: int = MAX_SECONDS, memory_bytes: int = MAX_MEMORY_BYTES) -> None:
        self._seconds, self._memory_bytes = seconds, memory_bytes

    @property
    def name(self) -> str:
        """``cascadio 0.1.1``; InputError where it is not installed."""
        from importlib.metadata import PackageNotFoundError, version

        try:
            return f"{_LIBRARY} {version(_LIBRARY)}"
        except PackageNotFoundError as error:
            raise InputError(
                said("STEP files are read with an extra that is not installed"),
                got=said("no library {name}", name=_LIBRARY),
                wanted="printstd[step]",
                hint=said('pip install "printstd[step]", or export the part as 3MF'),
                code="STEP-003",
            ) from error

    def glb(self, data: bytes, *, deflection_mm: float) -> bytes:
        """Binary glTF in metres with the extension ``TM_brep_faces``. InputError where the library
        refuses the file, ends badly, or takes too long or too much memory over it."""
        _ = self.name
        numbers = (repr(deflection_mm), repr(ANGLE_RAD), self._seconds, self._memory_bytes)
        command = [sys.executable, "-P", str(Path(tessellate_worker.__file__))]
        command += [str(number) for number in numbers]
        # In a folder of its own nothing that a file may name is found.
        with tempfile.TemporaryDirectory(prefix="printstd-step-") as folder:
            try:
                done = subprocess.run(
                    command,
                    input=data,
                    capture_output=True,
                    cwd=folder,
                    timeout=self._seconds + 30,
                    check=False,
                )
            except subprocess.TimeoutExpired as error:
                raise self._refused(self._too_long()) from error
            except OSError as error:
                raise OutsideError(
                    said("the tessellator could not be started"),
                    where=command[0],
                    got=str(error),
                    wanted=said("a process of its own for the STEP file"),
                ) from error
        if done.returncode == 0 and done.stdout:
            return done.stdout
        raise self._refused(self._why(done.returncode, done.stderr))

    def _too_long(self) -> str:
        return said("more than {seconds} s", seconds=self._seconds)

    def _why(self, code: int, talk: bytes) -> str:
        lines = [
            _NOISE.sub("", line).strip() for line in talk.decode("utf-8", "replace").split("\n")
        ]
        told = [line for line in lines if line]
        if code == tessellate_worker.NO_GLTF:
            errors = [line for line in told if "ERR" in line] or told
            return errors[0][:200] if errors else said("no triangles")
        if "MemoryError" in talk.decode("utf-8", "replace") or b"bad_alloc" in talk:
            return said("more than {size} GiB of memory", size=self._memory_bytes >> 30)
        if code == -_SIGXCPU:
            return self._too_long()
        if code == -_SIGKILL:
            return said("the system ended it (signal 9): too much time or memory")
        if code < 0:
            return said("the library broke off (signal {number})", number=-code)
        return told[-1][:200] if told else said("exit code {code}", code=code)

    def _refused(self, got: str) -> InputError:
        return InputError(
            said("the library cannot make triangles of this STEP file"),
            got=got,
            wanted=said("solids that it can read"),
            hint=said("export the part again as STEP (AP203, AP214 or AP242), or as 3MF"),
            code="STEP-011",
        )
