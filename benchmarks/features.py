"""All that can be switched on, each as a process of its own: for claims over every feature."""

from __future__ import annotations

from typing import Final, NamedTuple

from printstd.profiles.infill_models import InfillPattern


class Feature(NamedTuple):
    """settings : as `--set` takes them. copies : on the plate. is_healed : a facet is taken out of
    the model, and the hole healed."""

    settings: tuple[tuple[str, str], ...] = ()
    copies: int = 1
    is_healed: bool = False


def _on(*assignments: str) -> tuple[tuple[str, str], ...]:
    return tuple((key, value) for key, _, value in (text.partition("=") for text in assignments))


_SUPPORTS: Final = "supports.enabled=true"

FEATURES: Final[dict[str, Feature]] = {
    "plain": Feature(),
    **{
        f"supports {style}": Feature(_on(_SUPPORTS, f"supports.style={style}"))
        for style in ("grid", "snug", "tree")
    },
    "supports on raft": Feature(_on(_SUPPORTS, "raft.layers=3")),
    "variable walls": Feature(_on("walls.generator=variable")),
    "walls outside first": Feature(_on("walls.order=outer_inner", "walls.precise_outer=true")),
    "one wall on tops": Feature(_on("walls.one_on_top=true", "walls.one_on_first_layer=true")),
    "overhang speeds": Feature(_on("overhangs.is_dynamic=true", "overhangs.extra_walls=true")),
    **{
        f"infill {pattern}": Feature(_on(f"infill.pattern={pattern}", "infill.density_ratio=0.2"))
        for pattern in InfillPattern
    },
    "combined infill": Feature(_on("infill.combine_layers=2")),
    "ironing": Feature(_on("ironing.surfaces=top")),
    "adaptive layers": Feature(_on("layers.max_surface_error_um=60")),
    "exact top": Feature(_on("layers.exact_top=true")),
    "ranges": Feature(_on("ranges=[{from_mm=1, to_mm=3, infill={density_ratio=0.4}}]")),
    "heal": Feature(is_healed=True),
    "arcs": Feature(_on("arcs.max_deviation_mm=0.01")),
    "circles": Feature(_on("compensation.circle_chord_mm=0.005")),
    "detours": Feature(_on("avoid_crossing_walls=true")),
    "fuzzy skin": Feature(_on("fuzzy_skin.walls=all")),
    "vase": Feature(
        _on(
            "spiral_vase.is_on=true",
            "spiral_vase.is_smooth=true",
            "walls.count=1",
            "shells.top_layers=0",
            "shells.top_min_thickness_mm=0",
            "infill.density_ratio=0",
        )
    ),
    "plate of three": Feature(copies=3),
    "one by one": Feature(_on("plate.by_object=true"), copies=2),
}
