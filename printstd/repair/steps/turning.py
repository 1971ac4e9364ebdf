"""REP-06: facets turned over, where one side of the surface is the outside beyond doubt."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from printstd.artifacts.repair import RepairClass
from printstd.kernels.healing import facing_alike
from printstd.repair.shells import hosts_of, shells_of
from printstd.repair.working import Working
from printstd.words import said


def wound_alike(work: Working) -> Working:
    """Facets wound against the most of their shell are turned over; shells that have no two sides
    stay as they are."""
    if not ((work.edges.counts > 1) & ~work.edges.is_balanced).any():
        return work
    faces, count = facing_alike(work.faces.astype(np.int32))
    if not count:
        return work
    turned = (faces != work.faces).any(axis=1)
    after = replace(work, faces=faces.astype(np.int64))
    return after.did(
        work,
        "REP-06",
        RepairClass.BOUNDED,
        said("facets wound against their shell, turned over: {count}", count=count),
        facets=work.origin[turned],
        points=[work.corners[turned]],
        displacement_mm=0.0,
        rules=("GEO-02", "GEO-03", "GEO-08"),
    )


def facing_outwards(work: Working) -> Working:
    """A closed shell in the open that encloses less than nothing is turned over, and with it all
    that lies in it: the part was inside out as a whole. Which way shells within another one are
    meant to face is not guessed."""
    shells = shells_of(work)
    if not (shells.is_closed & (shells.volume < 0)).any():
        return work
    hosts = hosts_of(work, shells)
    if hosts is None:
        return work
    is_outermost = np.array([not own for own in hosts], bool)
    wrong = is_outermost & shells.is_closed & (shells.volume < 0)
    is_turned = wrong | np.array([bool(own) and bool(wrong[own].any()) for own in hosts], bool)
    turned = is_turned[shells.label]
    if not turned.any():
        return work
    faces = np.where(turned[:, None], work.faces[:, ::-1], work.faces)
    return replace(work, faces=faces).did(
        work,
        "REP-06",
        RepairClass.BOUNDED,
        said("shells that were inside out, turned over: {count}", count=int(is_turned.sum())),
        facets=work.origin[turned],
        points=[work.corners[shells.label == number] for number in np.flatnonzero(is_turned)],
        displacement_mm=0.0,
        rules=("GEO-08", "GEO-11"),
    )
