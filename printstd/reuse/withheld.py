"""Settings without those that a stage has no business with.

The key of a stage holds all settings that it is given. To keep a change of the fan from spoiling
the walls, the fan is taken away from the settings before the walls are planned: where they look at
it all the same, they stop, instead of using what their key does not hold. So nobody lists what a
stage reads; a new setting is in every key until somebody withholds it.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any, NoReturn

from pydantic import BaseModel

from printstd.errors import InternalError
from printstd.profiles.resolved import Resolved


class Withheld:
    """In the place of a setting: whatever is done with it is an InternalError."""

    __slots__ = ("_path",)

    def __init__(self, path: str) -> None:
        self._path = path

    def _refuse(self, *_: object) -> NoReturn:
        raise InternalError(
            f"a stage reads {self._path}, which is not in the key under which its result is kept",
            wanted="only settings that it is given",
            hint="take the setting out of the stage's list of what is withheld",
        )

    def __getattr__(self, name: str) -> NoReturn:
        # Copying and pickling (to a worker) look for methods of their own, and find none.
        if name.startswith("__"):
            raise AttributeError(name)
        self._refuse()

    def __reduce__(self) -> tuple[object, ...]:
        return (Withheld, (self._path,))

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse
    __bool__ = __hash__ = __len__ = __iter__ = __contains__ = __getitem__ = _refuse
    __int__ = __float__ = __index__ = __round__ = __str__ = _refuse


ABOUT = (
    "request",
    "pack",
    "table",
    "designation",
    "bands",
    "grades",
    "grades_designation",
    "edge_bands",
    "angle_bands",
    "geometrical_class",
    "geometrical_designation",
    "moulding",
    "moulding_designation",
    "origins",
    "digests",
    "records",
    "material.provenance",
    "material.properties",
    "process.provenance",
    "printer.provenance",
)
"""What no stage that makes a program may look at: where settings come from, and what the finished
part is judged by."""


NOT_FOR_PATHS = (
    "allowlist",
    "dialect",
    "process.arcs",
    "printer.clearance",
    *(
        f"material.{name}"
        for name in (
            "density_g_cm3",
            "nozzle_c",
            "first_layer_nozzle_c",
            "bed_c",
            "first_layer_bed_c",
            "min_wall_mm",
            "recommended_wall_mm",
        )
    ),
)
"""What is said to the machine, and says nothing of where and how fast the nozzle goes."""


NOT_FOR_CHECKS = (
    "request",
    "origins",
    "digests",
    "records",
    "dialect",
    "allowlist",
    "material.fan",
    "process.speeds",
    "process.accelerations",
    "process.infill",
    "printer.motion",
    "printer.retraction",
)
"""What says nothing of a model."""

NOT_FOR_SECTIONS = (
    *NOT_FOR_CHECKS,
    "process.walls",
    "process.overhangs",
    "process.fuzzy_skin",
    "process.shells",
    "process.bridges",
    "process.ironing",
    "process.adhesion",
    "process.supports",
    "process.integrity",
    "process.design",
    "process.printability",
)
"""What says nothing of a model's sections."""


@lru_cache(maxsize=16)
def without(resolved: Resolved, paths: tuple[str, ...]) -> Resolved:
    """The settings with `Withheld` in the place of some. paths : ``material.fan`` (of every tool's
    material), or a field of `Resolved`.

    Only tables and numbers can be withheld inside a profile: a text or a choice may be compared by
    `is`, which nothing can stop. TypeError where something else is asked for. Left where it is is
    what a range of heights lays other values over, and what no profile has.
    """
    in_ranges = {name for one in resolved.process.ranges for name in one.model_fields_set}
    changed: dict[str, Any] = {"tool_materials": resolved.tool_materials}
    for path in paths:
        head, *rest = path.split(".")
        if not rest:
            changed[head] = Withheld(path)
            continue
        profile = changed.get(head, getattr(resolved, head))
        if profile is None or (head == "process" and rest[0] in in_ranges):
            continue
        changed[head] = _without(profile, rest, path)
        if head == "material":
            # So of the materials of all tools: what a stage does not see of one it sees of none.
            others = tuple(_without(one, rest, path) for one in changed["tool_materials"])
            changed["tool_materials"] = others
    return replace(resolved, **changed)


def _without(model: Any, names: list[str], path: str) -> Any:
    name, *rest = names
    value = getattr(model, name)
    if rest:
        return model.model_copy(update={name: _without(value, rest, path)})
    if not isinstance(value, (BaseModel, int, float)) or isinstance(value, bool):
        raise TypeError(f"{path}: {type(value).__name__} cannot be withheld")
    return model.model_copy(update={name: Withheld(path)})
