"""The meshes of CAD files beside a certified program: what the audit measured against. Another
version of the library may make another mesh of the same file, and the certificate is about this
one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from printstd.pipeline import Prepared


def mesh_sidecar(program: Path, number: int) -> Path:
    """``OUT.gcode`` -> ``OUT.gcode.model.stl``, ``OUT.gcode.model-2.stl``, ..."""
    which = f"-{number + 1}" if number else ""
    return program.with_name(f"{program.name}.model{which}.stl")


def mesh_places(models: Sequence[Path], program: Path) -> list[Path]:
    """Where they will go, at most. A pipe cannot be looked into before it is read."""
    from printstd.adapters.files import read_head
    from printstd.cad import is_cad

    once = [path for path in dict.fromkeys(models) if path.is_file() and is_cad(read_head(path))]
    return [mesh_sidecar(program, number) for number, _ in enumerate(once)]


def kept_meshes(parts: Sequence[Prepared], program: Path) -> dict[Path, bytes]:
    """Each once, in the order of the parts."""
    meshes = {part.source.sha256: part.model.data for part in parts if part.source.cad}
    return {mesh_sidecar(program, n): mesh for n, mesh in enumerate(meshes.values())}
