"""The manual's pages of what `printstd repair` does, proves and refuses."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

_SOURCE: Final = """Source
    Facts of validation, 4.1 (policy) and 4.2 (proof); 3MF Core 1.4.0, 4.1 for what a
    sound mesh is"""

_RULES: Final = (
    (
        "REP-01",
        "Facets without area left out",
        """That a facet which is a point or a line is left out, and that its neighbours meet.""",
        """Such facets enclose nothing, but they stand between two facets that belong together.""",
        """A facet that names a vertex twice is left out. Of one whose third corner lies on the
    edge between the other two, to the rounding of float64, the neighbour beyond that
    edge is divided at the corner first. The surface as a set of points stays the
    same: lossless.""",
        """Corners 0, 10 and 4 mm along one line: the facet goes, its neighbour becomes two.""",
    ),
    (
        "REP-02",
        "Repeated facets left out",
        """That a facet is there once.""",
        """A body that was exported twice is counted twice, and every edge has four facets.""",
        """Of facets with the same three vertices and the same winding the first is kept, where
    that leaves no edge out of balance that was in it. Facets back to back are left: a
    wall without thickness is somebody's intention or a fault, and which of the two is
    not told. Lossless.""",
        """A box of 12 facets written twice has 12 facets after repair.""",
    ),
    (
        "REP-03",
        "Cracks welded",
        """That open edges on both sides of a crack become one edge.""",
        """Numbers written with few digits leave neighbours a few micrometres apart.""",
        """Open vertices are joined with a tolerance that begins at that of reading and is
    doubled up to the bound, so a crack is closed with about twice its own width and
    no more. It ends where a facet would lose a corner. The largest displacement is
    told, and proved by REP-09.""",
        """Two halves of a box 0.004 mm apart close under class m, whose bound is 0.01 mm.""",
    ),
    (
        "REP-04",
        "Edges divided at T-junctions",
        """That an edge has a vertex wherever its neighbour has one.""",
        """A long edge beside two short ones leaves all three open though nothing is missing.""",
        """Open vertices within the bound of an open edge that is not theirs divide the facet of
    that edge, nearest to the edge's beginning first. It is done only where it closes
    edges.""",
        """A side of a box of two facets beside one of four closes after one division.""",
    ),
    (
        "REP-05",
        "Small flat holes filled",
        """That a hole which is flat to the bound and no wider than the nozzle is closed.""",
        """Facets are lost one at a time by programs that simplify. What is wider than a nozzle
    could have been printed: somebody must say what was there.""",
        """The rim must be one simple loop. It is flat where no corner leaves its plane by more
    than the bound; it is as wide as its two farthest corners are apart. A slit may be
    longer, where all that is put in lies within the bound of the surface. How far
    fillings lie from the model's surface is the size of the guess, and is told. A
    filling that would make a loose sheet a body without thickness is refused.""",
        """One facet of a fine sphere is missing: it is filled. A box without its lid: refused.""",
    ),
    (
        "REP-06",
        "Facets turned over",
        """That the outside of the surface is the outside of the body.""",
        """Slicers that fill by winding leave a hole where it is not.""",
        """Within a shell the side that more facets have stays. A closed shell in the open whose
    volume is negative is turned over with all that lies in it. Which way a shell
    inside another one is meant to face is not guessed. No point of the surface moves.""",
        """A box of which one side is wound the other way; a box that is inside out.""",
    ),
    (
        "REP-07",
        "Dust left out",
        """That shells smaller than the bound are left out.""",
        """Specks of a few micrometres make files fail that are sound for everybody who looks.""",
        """The diagonal of the shell's box is at most the bound. Any larger shell stays: it could
    be printed, or be what is left of something that could.""",
        """A tetrahedron of 2 um beside a bracket.""",
    ),
    (
        "REP-08",
        "Overlapping bodies united",
        """That bodies which pass through each other are one body.""",
        """Slicers that fill by even and odd leave a hole where two bodies overlap.""",
        """Shells with facets that pass through each other are united (Manifold library), where
    each is closed, faces outwards, does not pass through itself, and no cavity is
    near. The solid under the Positive fill rule stays the same: the new surface is
    proved to lie on the old one (REP-09), and what is gone is looked at, at some
    thousands of points, all of which must lie inside the new body. Bodies that only
    touch are left.""",
        """Two bars crosswise through each other, 24 facets, become one body.""",
    ),
    (
        "REP-09",
        "How far the surface was moved",
        """That the repaired surface stays within the bound of the model's, and the other way
    round.""",
        """Volume, box and sampled distances overlook what matters: repairs have moved a surface
    by 2.5 mm while its volume changed by half a per cent.""",
        """From the two files alone. Facets that both have contribute nothing. The others are
    divided until the largest distance of every piece is known to a tenth of the
    bound: it is at most the distance of its middle plus its radius, and at most the
    largest distance of its corners from one facet, since distance to a convex set is
    convex. Fillings (REP-05) and dust (REP-07) are told apart. Distance has no sign,
    so on both sides of up to 200 changed facets, twice the bound away, winding
    numbers must say the same of both models. Where that is not so, nothing is
    written.""",
        """A vertex pulled 2.5 mm away is a distance of 2.5 mm, whatever the volume says.""",
    ),
    (
        "REP-10",
        "What would be left",
        """That the repaired file has no fault that a check of meshes (GEO-..) fails.""",
        """A file that is half repaired looks repaired.""",
        """The written bytes are read back and checked as `validate` does. What is left is
    refused: holes without a plane, surfaces that pass deep through themselves, edges
    of four facets, nesting that could mean either, surfaces without two sides. So are
    projects whose objects have settings of their own, which one mesh cannot say.""",
        """A clip whose arms were drawn through each other.""",
    ),
)

TITLES: Final = MappingProxyType({rule: title for rule, title, *_ in _RULES})
"""Rule id -> title, in report order."""


def explain(rule_id: str) -> str | None:
    """The manual's page of one of them, or None where there is no such rule."""
    for rule, title, demand, why, how, example in _RULES:
        if rule == rule_id:
            return (
                f"{rule}: {title}\n\n"
                f"What it demands\n    {demand}\n\nWhy\n    {why}\n\n"
                f"How it is measured\n    {how}\n\nExample\n    {example}\n\n{_SOURCE}\n"
            )
    return None
