"""Preconditions that several checks share."""

from __future__ import annotations

from printstd.artifacts.finding import Status
from printstd.kernels.edges import has_three_vertices
from printstd.validate.check import Reason
from printstd.validate.context import CheckContext
from printstd.words import said


def facets(context: CheckContext) -> Reason | None:
    """At least one facet that is a triangle."""
    if bool(has_three_vertices(context.faces).any()):
        return None
    return Status.NOT_EVALUATED, said("the model has no facet with three different corners")


def closed_surface(context: CheckContext) -> Reason | None:
    """The surface parts space into inside and outside: every edge balanced."""
    if context.edges.is_balanced.all():
        return None
    return (
        Status.NOT_EVALUATED,
        said(
            "the surface is open or wound both ways (GEO-02, GEO-03), so it has no inside to "
            "measure"
        ),
    )


def cut_layers(context: CheckContext) -> Reason | None:
    """The part can be cut into the layers that it is printed in."""
    if context.printed is not None:
        return None
    return Status.NOT_EVALUATED, said("the part is too large to be cut into its layers here")


def printer(context: CheckContext) -> Reason | None:
    """A printer was named."""
    if context.resolved.printer is not None:
        return None
    return Status.NOT_EVALUATED, said("no printer was named; give --printer NAME")


def tolerance_table(context: CheckContext) -> Reason | None:
    """The pack carries a table of general tolerances with the chosen class, or the drawing's own
    tolerance was given."""
    resolved = context.resolved
    if resolved.bands:
        return None
    if resolved.wants_title_block:
        return (
            Status.NOT_EVALUATED,
            said(
                "{standard} has no table of general tolerances, and the tolerance of the drawing's "
                "title block is not given: --set pack.title_block_tolerance_mm=MM",
                standard=resolved.designation.designation,
            ),
        )
    return (
        Status.NOT_APPLICABLE,
        said("pack {pack} carries no table of general tolerances", pack=resolved.pack.id),
    )


def unit(context: CheckContext) -> Reason | None:
    """The unit is stated, or there is no reason to think of another one."""
    # Here: slicing asks for other needs alone.
    from printstd.validate.unit_evidence import likeliest_unit

    if context.mesh.source.is_unit_stated or not context.once(likeliest_unit).is_doubtful:
        return None
    return (
        Status.NOT_EVALUATED,
        said("the unit is in doubt (UNT-01), and with it every size; give --units"),
    )
