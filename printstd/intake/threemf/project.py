"""What slicers add to a package: plates and kinds of parts (Bambu Studio, OrcaSlicer), kinds of
volumes (PrusaSlicer and its kin), scripts that they would run.

None of it is in a specification; the parts and keys are those that these programs write.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from printstd.artifacts.finding import Finding, Status
from printstd.intake.limits import Limits
from printstd.intake.notices import remark
from printstd.intake.threemf.names import refuse
from printstd.intake.threemf.package import Package
from printstd.intake.threemf.xml_events import as_dict, parse_xml

PLATES_PART: Final = "Metadata/model_settings.config"
_VOLUMES_PART: Final = re.compile(r"metadata/\w*slic3?e?r\w*_model\.config", re.I)
_SETTINGS_PART: Final = re.compile(r"metadata/[^/]*\.config", re.I)
_SCRIPT: Final = re.compile(
    rb'"post_process"\s*:\s*(?:\[\s*)?"[^"\s]|^;?[ \t]*post_process[ \t]*=[ \t]*(?!"")[^\s;]', re.M
)

_MATERIAL: Final = frozenset(("normal_part", "modelpart"))
_CUTS: Final = frozenset(("negative_part", "negativevolume"))
"""Kinds of parts and volumes, lower case: material, and what is cut out of it. All others
(modifiers, support blockers and enforcers) are neither."""

_ABOUT: Final = frozenset(
    ("name", "matrix", "volume_type", "modifier", "face_count", "text_info", "mesh", "thumbnail")
)
_ABOUT_PREFIXES: Final = ("source_", "mesh_", "cut_", "svg_", "emboss_")
"""Metadata of objects that say what they are and not how they are printed."""
_USUAL: Final = frozenset((("extruder", "0"), ("extruder", "1")))

SOURCE: Final = "project files of Bambu Studio, OrcaSlicer and PrusaSlicer"


@dataclass(slots=True)
class Plate:
    """number : 1-based. instances : (object id, which of its build items, from 0)."""

    number: int = 0
    name: str = ""
    instances: set[tuple[int, int]] = field(default_factory=set)


@dataclass(slots=True)
class Project:
    plates: list[Plate] = field(default_factory=list)
    kinds: dict[tuple[int, int], str] = field(default_factory=dict)
    """(object, component's object) -> kind of part, lower case."""
    cut_ranges: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    """Object -> first and last triangle of each of its volumes that is to be cut out."""
    settings: dict[int, dict[str, str]] = field(default_factory=dict)
    """Object -> print settings that it or a part of it overrides, which are not applied."""

    extruders: dict[int, int] = field(default_factory=dict)
    """Object -> extruder, from 1, that is to make it, where the project says."""

    def extruder_of(self, object_id: int) -> int:
        return self.extruders.get(object_id, 1)

    def note_extruder(self, object_id: int, key: str, value: str) -> None:
        """0 means "as everything else"."""
        if key == "extruder" and value.isdecimal() and 0 < int(value) < 1000:
            self.extruders[object_id] = int(value)

    def note_setting(self, object_id: int, key: str, value: str) -> None:
        is_about = key in _ABOUT or key.startswith(_ABOUT_PREFIXES)
        if key and not is_about and (key, value) not in _USUAL:
            self.settings.setdefault(object_id, {})[key] = value

    def is_material(self, object_id: int, part_id: int) -> bool:
        return self.kinds.get((object_id, part_id), "normal_part") in _MATERIAL

    def is_cut(self, object_id: int, part_id: int) -> bool:
        return self.kinds.get((object_id, part_id), "normal_part") in _CUTS


def read_project(package: Package, limits: Limits) -> Project:
    """Plates and parts; InputError 3MF-042, -043, -044."""
    project = Project()
    if package.has(PLATES_PART):
        handler = _SettingsHandler(project)
        parse_xml(package.read(PLATES_PART), PLATES_PART, handler, limits.xml_depth)
        _check_plates(project.plates)
    for name in package.names:
        if _VOLUMES_PART.fullmatch(name):
            handler_of = _VolumesHandler(name, project)
            parse_xml(package.read(name), name, handler_of, limits.xml_depth)
    return project


def project_remarks(package: Package) -> list[Finding]:
    """Scripts and finished programs in the package: never run, never read, but said."""
    found: list[Finding] = []
    scripts = [
        name
        for name in package.names
        if _SETTINGS_PART.fullmatch(name) and _SCRIPT.search(package.read(name))
    ]
    if scripts:
        found.append(
            remark(
                "3MF-033",
                f"the project carries scripts that a slicer would run on its output "
                f"({', '.join(scripts)}, post_process); printstd never runs them",
                status=Status.WARN,
                source="CVE-2023-47268",
            )
        )
    programs = [name for name in package.names if name.lower().endswith((".gcode", ".bgcode"))]
    if programs:
        found.append(
            remark(
                "3MF-034",
                f"the package holds finished programs, which were not read: {', '.join(programs)}",
                source=SOURCE,
            )
        )
    return found


def _check_plates(plates: list[Plate]) -> None:
    numbers = [plate.number for plate in plates]
    if sorted(numbers) != list(range(1, len(plates) + 1)):
        refuse(
            42,
            "the plates are not numbered 1, 2, 3 and so on",
            PLATES_PART,
            ", ".join(map(str, numbers)),
            "plater_id from 1, each once",
        )
    plates.sort(key=lambda plate: plate.number)


def _number(values: dict[str, str], key: str, part: str, line: int) -> int:
    text = values.get(key, "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        refuse(44, f"`{key}` is no whole number", f"{part}, line {line}", repr(text))
    return int(text)


class _SettingsHandler:
    """``config > object > part`` and ``config > plate > model_instance``, with metadata as keys
    and values. Everything else is let be: the file holds settings of all kinds."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._path: list[str] = []
        self._object = 0
        self._instance: dict[str, str] = {}

    def start(self, name: str, attributes: list[str], line: int) -> None:
        values = as_dict(attributes)
        self._path.append(name)
        match self._path:
            case ["config", "object"]:
                self._object = _number(values, "id", PLATES_PART, line)
            case ["config", "object", "part"]:
                key = self._object, _number(values, "id", PLATES_PART, line)
                self._project.kinds[key] = values.get("subtype", "normal_part").lower()
            case ["config", "object", "metadata"] | ["config", "object", "part", "metadata"]:
                told = values.get("key", ""), values.get("value", "")
                self._project.note_setting(self._object, *told)
                if len(self._path) == 3:
                    self._project.note_extruder(self._object, *told)
            case ["config", "plate"]:
                self._project.plates.append(Plate())
            case ["config", "plate", "metadata"]:
                plate = self._project.plates[-1]
                if values.get("key") == "plater_id":
                    plate.number = _number(values, "value", PLATES_PART, line)
                elif values.get("key") == "plater_name":
                    plate.name = values.get("value", "")
            case ["config", "plate", "model_instance"]:
                self._instance = {}
            case ["config", "plate", "model_instance", "metadata"]:
                self._instance[values.get("key", "")] = values.get("value", "")

    def end(self, name: str, line: int) -> None:
        if self._path == ["config", "plate", "model_instance"]:
            self._project.plates[-1].instances.add(
                (
                    _number(self._instance, "object_id", PLATES_PART, line),
                    _number(self._instance, "instance_id", PLATES_PART, line),
                )
            )
        self._path.pop()

    def text(self, text: str) -> None:
        return

    def prefix(self, prefix: str | None, namespace: str) -> None:
        return


class _VolumesHandler:
    """``config > object > volume > metadata``: one mesh holds all volumes of an object as ranges
    of triangles. Those to be cut out are kept apart; others that are no part would be read as
    material: refused by name."""

    def __init__(self, part: str, project: Project) -> None:
        self._part = part
        self._project = project
        self._object = 0
        self._range: tuple[str, str, int] = ("", "", 0)

    def start(self, name: str, attributes: list[str], line: int) -> None:
        values = as_dict(attributes)
        if name == "object":
            self._object = _number(values, "id", self._part, line)
        elif name == "volume":
            self._range = values.get("firstid", ""), values.get("lastid", ""), line
        elif name == "metadata":
            told = values.get("key", ""), values.get("value", "")
            self._project.note_setting(self._object, *told)
            if values.get("type") == "volume":
                self._metadata(values, line)
            else:
                self._project.note_extruder(self._object, *told)

    def _metadata(self, values: dict[str, str], line: int) -> None:
        kind = values.get("value", "")
        if values.get("key") == "modifier" and kind == "1":
            kind = "ParameterModifier"
        elif values.get("key") != "volume_type":
            return
        if kind.lower() in _CUTS:
            first, last, at = self._range
            both = {"firstid": first, "lastid": last}
            found = tuple(_number(both, key, self._part, at) for key in both)
            self._project.cut_ranges.setdefault(self._object, []).append((found[0], found[1]))
        elif kind.lower() not in _MATERIAL:
            refuse(
                43,
                "a volume that is no part of the model",
                f"{self._part}, line {line}",
                kind,
                "ModelPart or NegativeVolume",
                "delete it in the slicer and save again, or export the part as STL",
            )

    def end(self, name: str, line: int) -> None:
        return

    def text(self, text: str) -> None:
        return

    def prefix(self, prefix: str | None, namespace: str) -> None:
        return
