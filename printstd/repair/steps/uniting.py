"""REP-08: bodies that overlap become one body."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import manifold3d
import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.repair import RepairClass
from printstd.kernels.components import component_labels
from printstd.kernels.facets import facet_shapes
from printstd.kernels.nearest_facets import facet_tree, nearest_facets
from printstd.kernels.pair_tests import Contact
from printstd.kernels.triangle_pairs import contacts
from printstd.kernels.weld import tolerance_mm, weld
from printstd.repair.shells import Shells, shells_of
from printstd.repair.working import Working
from printstd.words import said

_RULES: Final = ("GEO-10", "GEO-11")


def united(work: Working) -> Working:
    """Shells that pass through each other are united, where each of them is closed, faces outwards
    and does not pass through itself, and no cavity reaches into them. Bodies that only touch stay
    as they are. What the solid is does not change: both are the same under the Positive fill rule
    of 3MF Core 1.4.0, 4.1.
    """
    shells = shells_of(work)
    if shells.n_shells < 2 or not work.edges.is_balanced.all():
        return work
    pairs = _crossing_shells(work, shells)
    if pairs is None or not len(pairs):
        return work
    apart = pairs[:, 0] != pairs[:, 1]
    label, count = component_labels(shells.n_shells, pairs[apart, 0], pairs[apart, 1])
    size = np.bincount(label, minlength=count)
    crossed_itself = np.unique(pairs[~apart, 0])
    before = work
    gone = np.zeros(len(work.faces), bool)
    bodies: list[tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]] = []
    groups = []
    for number in np.flatnonzero(size > 1).tolist():
        members = np.flatnonzero(label == number)
        if not _is_plain(shells, members, crossed_itself):
            work = work.refused(
                "REP-08",
                said(
                    "bodies that pass through each other, and one of them is open, faces inwards, "
                    "passes through itself or has a cavity there: what is solid is a guess"
                ),
                facets=work.origin[np.isin(shells.label, members)],
                points=[work.corners[np.isin(shells.label, members)]],
                rules=_RULES,
            )
            continue
        body = _union(work, shells, members)
        if body is None:
            continue
        own = np.isin(shells.label, members)
        gone |= own
        bodies.append((*body, _origins(work, own, body)))
        groups.append(members)
    if not bodies:
        return work
    shift = len(work.vertices) + np.cumsum([0, *(len(body[0]) for body in bodies[:-1])])
    faces = [body[1] + step for body, step in zip(bodies, shift.tolist(), strict=True)]
    after = replace(
        work,
        vertices=np.concatenate([work.vertices, *(body[0] for body in bodies)]),
        faces=np.concatenate([work.faces[~gone], *faces]),
        origin=np.concatenate([work.origin[~gone], *(body[2] for body in bodies)]),
    )
    return after.did(
        before,
        "REP-08",
        RepairClass.BOUNDED,
        said(
            "bodies that passed through each other, united: {count} into {bodies}",
            count=sum(len(members) for members in groups),
            bodies=len(groups),
        ),
        facets=work.origin[gone],
        points=[work.corners[np.isin(shells.label, members)] for members in groups],
        displacement_mm=0.0,
        rules=_RULES,
    )


def _crossing_shells(work: Working, shells: Shells) -> NDArray[np.int64] | None:
    """(k, 2) int64, lower first: shells with facets that pass through each other; a shell with
    itself where it passes through itself. None where that would take too long."""
    shapes = facet_shapes(work.vertices, work.faces)
    near = np.zeros(shells.n_shells, bool)
    for number in range(shells.n_shells):
        meets = (shells.low <= shells.high[number]).all(axis=1)
        meets &= (shells.high >= shells.low[number]).all(axis=1)
        near[number] = int(meets.sum()) > 1
    facets = np.flatnonzero(near[shells.label] & (shapes.height > 0))
    largest = float(np.abs(work.vertices).max())
    found = contacts(
        work.vertices,
        work.faces,
        shapes.normal,
        work.edges,
        facets=facets,
        tolerance=tolerance_mm(largest),
    )
    if found is None:
        return None
    is_through = (found.kind == Contact.CUT) & (found.depth > tolerance_mm(largest))
    pair = np.stack(
        [shells.label[found.first[is_through]], shells.label[found.second[is_through]]], axis=1
    )
    return np.unique(np.sort(pair, axis=1), axis=0)


def _is_plain(
    shells: Shells, members: NDArray[np.int64], crossed_itself: NDArray[np.int64]
) -> bool:
    is_sound = shells.is_closed[members].all() and (shells.volume[members] > 0).all()
    if not is_sound or np.isin(members, crossed_itself).any():
        return False
    low, high = shells.low[members].min(axis=0), shells.high[members].max(axis=0)
    is_near = (shells.low <= high).all(axis=1) & (shells.high >= low).all(axis=1)
    return not bool((is_near & (shells.volume < 0)).any())


def _union(
    work: Working, shells: Shells, members: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]] | None:
    """(vertices, faces) of the united body; None where the library takes a body for none."""
    solids = []
    for number in members.tolist():
        used, faces = np.unique(work.faces[shells.label == number], return_inverse=True)
        mesh = manifold3d.Mesh64(
            np.ascontiguousarray(work.vertices[used]),
            np.ascontiguousarray(faces.reshape(-1, 3).astype(np.uint64)),
        )
        solid = manifold3d.Manifold(mesh)
        if solid.status() != manifold3d.Error.NoError or solid.is_empty():
            return None
        solids.append(solid)
    made = manifold3d.Manifold.batch_boolean(solids, manifold3d.OpType.Add)
    if made.status() != manifold3d.Error.NoError or made.is_empty():
        return None
    mesh = made.to_mesh64()
    points = np.ascontiguousarray(np.asarray(mesh.vert_properties)[:, :3], np.float64)
    welded = weld(points, np.asarray(mesh.tri_verts).astype(np.int32))
    faces = welded.faces.astype(np.int64)
    a, b, c = faces.T
    return welded.vertices, faces[(a != b) & (b != c) & (c != a)]


def _origins(
    work: Working,
    own: NDArray[np.bool_],
    body: tuple[NDArray[np.float64], NDArray[np.int64]],
) -> NDArray[np.int64]:
    """For each facet of the united body the source's facet that it lies on."""
    middle = body[0][body[1]].mean(axis=1)
    nearest = nearest_facets(middle, facet_tree(work.corners[own])).facet
    return work.origin[np.flatnonzero(own)[nearest]]
