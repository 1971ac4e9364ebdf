"""What a person may choose of the profiles."""

from __future__ import annotations

from printstd.ports import ProfileSource
from printstd.profiles.load import load
from printstd.profiles.standard_models import Pack, ToleranceTable


def classes_of(source: ProfileSource, pack: str) -> dict[str, object]:
    """The classes of a pack's general tolerances and the one that it takes by itself; none where
    the drawing states every tolerance."""
    found = load(source, Pack, "pack", pack, [])
    if found is None:
        return {"classes": [], "default": None}
    table = load(source, ToleranceTable, "standard", found.model.tolerance_table, [])
    classes = list(table.model.classes) if table is not None else []
    return {"classes": classes, "default": found.model.default_class}
