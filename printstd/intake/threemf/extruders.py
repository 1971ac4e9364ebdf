"""Which extruder a project means for what it holds: the `extruder` key that PrusaSlicer, Bambu
Studio and OrcaSlicer give to objects. It is in no specification."""

from __future__ import annotations

import re
from typing import Final

from printstd.intake.limits import Limits
from printstd.intake.threemf.names import refuse
from printstd.intake.threemf.package import Package
from printstd.intake.threemf.project import read_project
from printstd.intake.threemf.reader import chosen_plate
from printstd.intake.threemf.xml_events import as_dict, parse_xml

_SETTINGS: Final = re.compile(r"metadata/(?:\w*slic3?e?r\w*_model|model_settings)\.config", re.I)


def extruder_of_3mf(data: bytes, plate: int | None, limits: Limits) -> int | None:
    """From 1; None where the project says none. data : a package that `read_3mf` takes.

    Raises InputError 3MF-045 where objects of the plate want different ones: they are one model.
    """
    package = Package(data, limits)
    found: dict[int, int] = {}
    for name in package.names:
        if _SETTINGS.fullmatch(name):
            parse_xml(package.read(name), name, _Handler(found), limits.xml_depth)
    chosen = chosen_plate(read_project(package, limits).plates, plate)
    if chosen is not None and chosen.instances:
        found = {number: found.get(number, 1) for number, _ in chosen.instances}
    wanted = sorted(set(found.values()))
    if len(wanted) > 1:
        refuse(
            45,
            "objects of one project are made by different extruders",
            "objects of the project",
            ", ".join(f"object {number}: extruder {own}" for number, own in sorted(found.items())),
            "one extruder for all objects of a file",
            "export each object to a file of its own, or choose one with --extruder",
        )
    return wanted[0] if wanted else None


class _Handler:
    """``config > object > metadata`` with key ``extruder``; 0 means "as everything else"."""

    def __init__(self, found: dict[int, int]) -> None:
        self._found, self._path, self._object = found, list[str](), ""

    def start(self, name: str, attributes: list[str], line: int) -> None:
        del line
        self._path.append(name)
        values = as_dict(attributes)
        if self._path == ["config", "object"]:
            self._object = values.get("id", "")
            if self._object.isdecimal():
                self._found.setdefault(int(self._object), 1)
        is_own = self._path == ["config", "object", "metadata"]
        if is_own and values.get("key") == "extruder" and self._object.isdecimal():
            value = values.get("value", "")
            if value.isdecimal() and int(value) > 0:
                self._found[int(self._object)] = int(value)

    def end(self, name: str, line: int) -> None:
        del name, line
        self._path.pop()

    def text(self, text: str) -> None:
        return

    def prefix(self, prefix: str | None, namespace: str) -> None:
        return
