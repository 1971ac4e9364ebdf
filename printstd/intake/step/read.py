"""STEP to the mesh that stands for it: tessellated, measured, and written down as binary STL.

Corners are put on a grid of 10 nm, finer than float32 metres (in which the library gives them) are
at a quarter of a metre, so that 60 mm are 60 mm and the last bit of a sine makes no other mesh. The
measured chord error is that of the STL itself.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from math import ceil
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.cad import CadMesh, CadSource, ExactFaces, SurfaceKind
from printstd.artifacts.finding import Finding, Status
from printstd.artifacts.wording import LENGTH_UNITS
from printstd.errors import InputError
from printstd.intake.limits import Limits
from printstd.intake.notices import PARSE_RULE
from printstd.intake.step.contents import Contents, read_contents
from printstd.intake.step.glb import MAX_MM, ODD, Placed, read_glb, turned, unusable
from printstd.intake.step.part21 import refused
from printstd.kernels.chord_error import (
    cone_error,
    cylinder_error,
    free_error,
    plane_error,
    sphere_error,
    torus_error,
)
from printstd.kernels.distinct import distinct
from printstd.kernels.recognition.grouped import maxima
from printstd.ports import Tessellator
from printstd.units import LengthUnit
from printstd.words import said

_MM_PER_M: Final = 1000.0
_STEPS_PER_MM: Final = 100_000
_NM: Final = 1_000_000
_TRIES: Final = 5
_LEAST_DEFLECTION_MM: Final = 1e-4
_STL_FACET: Final = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("more", "<u2")])
_NAMES: Final = {
    "plane": SurfaceKind.PLANE,
    "cylinder": SurfaceKind.CYLINDER,
    "cone": SurfaceKind.CONE,
    "sphere": SurfaceKind.SPHERE,
    "torus": SurfaceKind.TORUS,
}


class ChordLimit(NamedTuple):
    """mm : how far the mesh may stray from the CAD surfaces. source : why so far."""

    mm: float
    source: str


def read_step(
    data: bytes,
    tessellator: Tessellator,
    limit: ChordLimit,
    *,
    unit: LengthUnit | None = None,
    deflection_nm: int | None = None,
    limits: Limits | None = None,
) -> CadMesh:
    """The mesh of a STEP file, no farther from its surfaces than `limit`, and they themselves.

    unit : what the user says that it is in; the file says it itself, so another one is an error.
    deflection_nm : of an earlier run, to make the same mesh again; None: as `limit` wants it.
    Raises InputError where the file is refused, the library cannot read it, or no mesh comes near
    enough.
    """
    contents = read_contents(data)
    if unit is not None and unit is not contents.unit:
        raise InputError(
            said("the file says its own unit, and it is another one"),
            got=said("--units {asked}", asked=unit.value),
            wanted=contents.unit.value,
            hint=said("leave --units out; use --scale to print it at another size"),
            code="STEP-041",
        )
    most = (limits or Limits()).facets
    asked_mm = limit.mm if deflection_nm is None else deflection_nm / _NM
    for _ in range(_TRIES):
        if asked_mm < _LEAST_DEFLECTION_MM:
            break
        asked_mm = round(asked_mm * _NM) / _NM
        glb = tessellator.glb(data, deflection_mm=asked_mm)
        mesh = _meshed(read_glb(glb, max_facets=most), contents)
        if mesh.chord_mm <= limit.mm or deflection_nm is not None:
            return _cad_mesh(data, contents, mesh, round(asked_mm * _NM), limit, tessellator.name)
        asked_mm /= 2
    raise InputError(
        said("the mesh of the STEP file cannot be held to its surfaces"),
        got=said("asked for a deflection down to {mm:g} mm", mm=asked_mm),
        wanted=said("a chord error of at most {mm:g} mm: {why}", mm=limit.mm, why=limit.source),
        hint=said("choose a coarser --class, if the drawing does, or export a mesh from CAD"),
        code="STEP-013",
    )


class _Meshed(NamedTuple):
    """stl : (f,) records. faces : theirs. chord_mm : the largest of all facets."""

    stl: NDArray[Any]
    faces: ExactFaces
    chord_mm: float


def _meshed(parts: list[Placed], contents: Contents) -> _Meshed:
    if not sum(len(part.triangles) for part in parts):
        raise unusable("no triangles")
    distinct_parts = {(part.mesh, id(part.surfaces)): len(part.surfaces) for part in parts}
    if sum(distinct_parts.values()) < contents.faces:
        raise refused(
            "STEP-014",
            said("the library has left out faces of the STEP file's solids"),
            got=said("{count} faces", count=sum(distinct_parts.values())),
            wanted=said("{count} faces", count=contents.faces),
        )
    rows = [_Face.of(surface, part, contents) for part in parts for surface in part.surfaces]
    first = np.cumsum([0, *(len(part.surfaces) for part in parts)])
    of_facet = np.concatenate([part.face + first[n] for n, part in enumerate(parts)])
    corners = np.concatenate([part.triangles for part in parts])
    normals = np.concatenate([part.normals for part in parts])
    snapped = (np.rint(corners * _STEPS_PER_MM) / _STEPS_PER_MM + 0.0).astype("<f4")
    # What fell together on the grid closes over without a gap.
    same = [(snapped[:, a] == snapped[:, b]).all(axis=1) for a, b in ((0, 1), (1, 2), (2, 0))]
    kept = ~(same[0] | same[1] | same[2])
    snapped, of_facet, normals = snapped[kept], of_facet[kept], normals[kept]
    if not len(snapped):
        raise unusable("no triangles")
    known = ExactFaces(
        of_facet.astype(np.int32),
        np.array([row.kind for row in rows], np.int8),
        np.array([row.point for row in rows]).reshape(-1, 3),
        np.array([row.axis for row in rows]).reshape(-1, 3),
        np.array([row.radius for row in rows]),
        np.array([row.angle for row in rows]),
        np.array([row.around for row in rows]),
        np.zeros(len(rows)),
    )
    stl = np.zeros(len(snapped), _STL_FACET)
    stl["corners"] = snapped
    off = _errors(snapped.astype(np.float64), normals, known)
    known = replace(known, chord=maxima(of_facet, off, len(rows)))
    return _Meshed(stl, known, float(off.max()))


def _errors(
    corners: NDArray[np.float64], normals: NDArray[np.float64], faces: ExactFaces
) -> NDArray[np.float64]:
    """(f,) mm: how far each facet strays from its surface."""
    found = np.zeros(len(corners))
    kind = faces.kind[faces.of_facet]
    for one in SurfaceKind:
        rows = np.flatnonzero(kind == one)
        own = faces.of_facet[rows]
        flat, point, axis = corners[rows], faces.point[own], faces.axis[own]
        radius = faces.radius[own]
        if one is SurfaceKind.FREE:
            found[rows] = free_error(flat, normals[rows])
        elif one is SurfaceKind.PLANE:
            found[rows] = plane_error(flat, point, axis)
        elif one is SurfaceKind.CYLINDER:
            found[rows] = cylinder_error(flat, point, axis, radius)
        elif one is SurfaceKind.CONE:
            found[rows] = cone_error(flat, point, axis, faces.angle[own])
        elif one is SurfaceKind.SPHERE:
            found[rows] = sphere_error(flat, point, radius)
        else:
            found[rows] = torus_error(flat, point, axis, faces.around[own], radius)
    return found


class _Face(NamedTuple):
    """A row of `ExactFaces`."""

    kind: SurfaceKind
    point: NDArray[np.float64]
    axis: NDArray[np.float64]
    radius: float = 0.0
    angle: float = 0.0
    around: float = 0.0

    @classmethod
    def of(cls, surface: dict[str, Any] | None, part: Placed, contents: Contents) -> _Face:
        """Where the mesh's part stands. Sizes are the file's own numbers; what the file does not
        say of the surface that the library names is no size of it."""
        free = cls(SurfaceKind.FREE, np.zeros(3), np.array([0.0, 0.0, 1.0]))
        try:
            kind = _NAMES[surface["type"]] if surface is not None else SurfaceKind.FREE
            if surface is None:
                return free
            where = next(surface[key] for key in ("origin", "apex", "center") if key in surface)
            way = surface["normal"] if kind is SurfaceKind.PLANE else surface.get("axis", (0, 0, 1))
            point, axis = np.array(where, np.float64), np.array(way, np.float64)
            if not ((np.abs(point) <= MAX_MM).all() and 0.5 < np.abs(axis).max() <= 2):
                raise unusable("a surface without a place")
            point = turned(point * _MM_PER_M, part.turn) + part.shift
            axis = turned(axis, part.turn)
            axis = axis / np.sqrt((axis * axis).sum())
            if kind is SurfaceKind.PLANE:
                made = cls(kind, point, axis)
            elif kind is SurfaceKind.CONE:
                angle = abs(float(surface["semi_angle"]))
                sizes = contents.vouched(kind, angle)
                made = cls(kind, point, axis, angle=sizes[0]) if sizes else free
            elif kind is SurfaceKind.TORUS:
                both = (surface["major_radius"], surface["minor_radius"])
                sizes = contents.vouched(kind, *(float(own) * _MM_PER_M for own in both))
                made = cls(kind, point, axis, sizes[1], 0.0, sizes[0]) if sizes else free
            else:
                sizes = contents.vouched(kind, float(surface["radius"]) * _MM_PER_M)
                made = cls(kind, point, axis, sizes[0]) if sizes else free
        except (*ODD, StopIteration) as error:
            raise unusable(str(error)[:80]) from error
        if made.point.shape != (3,) or not np.isfinite([*made.point, *made.axis]).all():
            raise unusable("a surface without a place")
        return made


def _cad_mesh(
    data: bytes,
    contents: Contents,
    mesh: _Meshed,
    deflection_nm: int,
    limit: ChordLimit,
    tessellator: str,
) -> CadMesh:
    header = b"binary STL, mm, tessellated from STEP".ljust(80)
    stl = header + len(mesh.stl).to_bytes(4, "little") + mesh.stl.tobytes()
    used = distinct(mesh.faces.of_facet)
    source = CadSource(
        sha256=hashlib.sha256(data).hexdigest(),
        size_bytes=len(data),
        unit=contents.unit,
        deflection_nm=deflection_nm,
        chord_nm=ceil(mesh.chord_mm * _NM),
        chord_limit_nm=round(limit.mm * _NM),
        limit_from=limit.source,
        free_faces=int((mesh.faces.kind[used] == SurfaceKind.FREE).sum()),
        faces=len(used),
        tessellator=tessellator,
    )
    return CadMesh(stl, source, mesh.faces, (_told(source, hashlib.sha256(stl).hexdigest()),))


def _told(source: CadSource, mesh_sha256: str) -> Finding:
    values = {
        "chord": source.chord_nm / 1000,
        "limit": source.chord_limit_nm / 1000,
        "free": source.free_faces,
        "faces": source.faces,
    }
    if source.free_faces:
        message = said(
            "the mesh strays from the STEP file's surfaces by {chord:.3f} um at most, as measured "
            "and, on {free} of {faces} faces that are free forms, estimated; the limit is "
            "{limit:g} um",
            **values,
        )
    else:
        message = said(
            "the mesh strays from the STEP file's surfaces by {chord:.3f} um at most, measured on "
            "all {faces} faces; the limit is {limit:g} um",
            **values,
        )
    return Finding(
        PARSE_RULE,
        Status.INFO,
        message,
        source.limit_from,
        measured=source.chord_nm / _NM,
        limit=source.chord_limit_nm / _NM,
        unit="mm",
        details=(
            ("code", "STEP-020"),
            (said("deflection asked for"), f"{source.deflection_nm / _NM:g} mm"),
            (said("tessellated by"), source.tessellator),
            (said("unit of the STEP file"), LENGTH_UNITS[source.unit]),
            (said("mesh"), said("sha256 {sha256}", sha256=mesh_sha256)),
        ),
    )
