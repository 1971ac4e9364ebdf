"""What slicers add to a package: plates and kinds of parts (Bambu Studio, OrcaSlicer), kinds of
volumes (PrusaSlicer and its kin), scripts that they would run.

None of it is in a specification; the parts and keys are those that these programs write.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from printstd.artifacts.finding import Finding, Status
from printstd.intake.limits import Limits
from printstd.intake.notices import remark
from printstd.intake.threemf.names import refuse
from printstd.intake.threemf.package import Package
from printstd.intake.threemf.xml_events import as_dict, parse_xml
from printstd.words import said

PLATES_PART: Final = "Metadata/model_settings.config"
_VOLUMES_PART: Final = re.compile(r"metadata/\w*slic3?e?r\w*_model\.config", re.I)
_SETTINGS_PART: Final = re.compile(r"metadata/[^/]*\.config", re.I)
_SCRIPT: Final = re.compile(
    rb'"post_process"\s*:\s*(?:\[\s*)?"[^"\s]|^;?[ \t]*post_process[ \t]*=[ \t]*(?!"")[^\s;]', re.M
)

_MATERIAL: Final = frozenset(("normal_part", "modelpart"))
_CUTS: Final = frozenset(("negative_part", "negativevolume"))
_MODIFIERS: Final = frozenset(("modifier_part", "parametermodifier"))
_BLOCKERS: Final = frozenset(("support_blocker", "supportblocker"))
_ENFORCERS: Final = frozenset(("support_enforcer", "supportenforcer"))
"""Kinds of parts and volumes, lower case: material, what is cut out of it, where other settings
hold, and where supports are wanted or not."""

_ABOUT: Final = frozenset(
    ("name", "matrix", "volume_type", "modifier", "face_count", "text_info", "mesh", "thumbnail")
)
_ABOUT_PREFIXES: Final = ("source_", "mesh_", "cut_", "svg_", "emboss_")
"""Metadata of objects that say what they are and not how they are printed."""
_USUAL: Final = frozenset((("extruder", "0"), ("extruder", "1")))

PRUSA: Final = "PrusaSlicer"
ORCA: Final = "OrcaSlicer"
"""In whose words settings are."""

SOURCE: Final = "project files of Bambu Studio, OrcaSlicer and PrusaSlicer"


@dataclass(slots=True)
class Plate:
    """number : 1-based. instances : (object id, which of its build items, from 0)."""

    number: int = 0
    name: str = ""
    instances: set[tuple[int, int]] = field(default_factory=set)


class As(StrEnum):
    """What a part of an object is there for."""

    MATERIAL = "material"
    CUT = "cut"
    """It is cut out of the material of its build item."""
    REGION = "region"
    """Other settings hold inside it."""
    BLOCKER = "blocker"
    """No supports begin inside it."""
    ENFORCER = "enforcer"
    """Whatever hangs inside it is supported."""
    NOTHING = "nothing"

    @property
    def is_region(self) -> bool:
        """It is no part of the model, and says something about what lies inside it."""
        return self in (As.REGION, As.BLOCKER, As.ENFORCER)


@dataclass(slots=True)
class Volume:
    """A range of triangles of an object's mesh (PrusaSlicer and its kin). kind : lower case."""

    first: int
    last: int
    kind: str = "modelpart"
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def use(self) -> As:
        return use_of(self.kind)


@dataclass(slots=True)
class Part:
    """A component of an object (Bambu Studio, OrcaSlicer). kind : lower case."""

    kind: str = "normal_part"
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def use(self) -> As:
        return use_of(self.kind)


@dataclass(slots=True)
class ObjectSettings:
    """Print settings that an object has of its own, in the words of `family`."""

    family: str
    values: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Project:
    """parts : (object, component's object). volumes : of an object, in the order of the file."""

    plates: list[Plate] = field(default_factory=list)
    parts: dict[tuple[int, int], Part] = field(default_factory=dict)
    volumes: dict[int, list[Volume]] = field(default_factory=dict)
    objects: dict[int, ObjectSettings] = field(default_factory=dict)

    extruders: dict[int, int] = field(default_factory=dict)
    """Object -> extruder, from 1, that is to make it, where the project says."""

    def part(self, object_id: int, part_id: int) -> Part:
        return self.parts.get((object_id, part_id)) or Part()

    def extruder_of(self, object_id: int) -> int:
        return self.extruders.get(object_id, 1)

    def note_of_object(self, object_id: int, key: str, value: str) -> None:
        """Extruder 0 means "as everything else"."""
        _note(self.objects[object_id].values, key, value)
        if key == "extruder" and value.isdecimal() and 0 < int(value) < 1000:
            self.extruders[object_id] = int(value)

    def without_extruders(self) -> None:
        """Where extruders of objects are heeded, they are no settings of their own."""
        for number, own in self.objects.items():
            if own.values.get("extruder") == str(self.extruder_of(number)):
                del own.values["extruder"]


def use_of(kind: str) -> As:
    """kind : lower case. A kind that nobody knows is nothing that could be printed."""
    if kind in _MATERIAL:
        return As.MATERIAL
    if kind in _CUTS:
        return As.CUT
    if kind in _BLOCKERS:
        return As.BLOCKER
    if kind in _ENFORCERS:
        return As.ENFORCER
    return As.REGION if kind in _MODIFIERS else As.NOTHING


def _note(settings: dict[str, str], key: str, value: str) -> None:
    """Take down a print setting; what says what a thing is, and not how it is printed, is none."""
    is_about = key in _ABOUT or key.startswith(_ABOUT_PREFIXES)
    if key and not is_about and (key, value) not in _USUAL:
        settings[key] = value


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
                said(
                    "the project carries scripts that a slicer would run on its output "
                    "({scripts}, post_process); printstd never runs them",
                    scripts=", ".join(scripts),
                ),
                status=Status.WARN,
                source="CVE-2023-47268",
            )
        )
    programs = [name for name in package.names if name.lower().endswith((".gcode", ".bgcode"))]
    if programs:
        found.append(
            remark(
                "3MF-034",
                said(
                    "the package holds finished programs, which were not read: {programs}",
                    programs=", ".join(programs),
                ),
                source=SOURCE,
            )
        )
    return found


def _check_plates(plates: list[Plate]) -> None:
    numbers = [plate.number for plate in plates]
    if sorted(numbers) != list(range(1, len(plates) + 1)):
        refuse(
            42,
            said("the plates are not numbered 1, 2, 3 and so on"),
            PLATES_PART,
            ", ".join(map(str, numbers)),
            said("plater_id from 1, each once"),
        )
    plates.sort(key=lambda plate: plate.number)


def _number(values: dict[str, str], key: str, part: str, line: int) -> int:
    text = values.get(key, "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        refuse(
            44,
            said("`{key}` is no whole number", key=key),
            said("{part}, line {line}", part=part, line=line),
            repr(text),
        )
    return int(text)


class _SettingsHandler:
    """``config > object > part`` and ``config > plate > model_instance``, with metadata as keys
    and values. Everything else is let be: the file holds settings of all kinds."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._path: list[str] = []
        self._object = 0
        self._part = Part()
        self._instance: dict[str, str] = {}

    def start(self, name: str, attributes: list[str], line: int) -> None:
        values = as_dict(attributes)
        self._path.append(name)
        match self._path:
            case ["config", "object"]:
                self._object = _number(values, "id", PLATES_PART, line)
                self._project.objects[self._object] = ObjectSettings(ORCA)
            case ["config", "object", "part"]:
                key = self._object, _number(values, "id", PLATES_PART, line)
                self._part = Part(values.get("subtype", "normal_part").lower())
                self._project.parts[key] = self._part
            case ["config", "object", "metadata"]:
                told = values.get("key", ""), values.get("value", "")
                self._project.note_of_object(self._object, *told)
            case ["config", "object", "part", "metadata"]:
                _note(self._part.settings, values.get("key", ""), values.get("value", ""))
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
    of triangles."""

    def __init__(self, part: str, project: Project) -> None:
        self._part = part
        self._project = project
        self._object = 0
        self._volume: Volume | None = None

    def start(self, name: str, attributes: list[str], line: int) -> None:
        values = as_dict(attributes)
        if name == "object":
            self._object = _number(values, "id", self._part, line)
            self._project.objects[self._object] = ObjectSettings(PRUSA)
            self._volume = None
        elif name == "volume":
            first, last = (_number(values, key, self._part, line) for key in ("firstid", "lastid"))
            self._volume = Volume(first, last)
            self._project.volumes.setdefault(self._object, []).append(self._volume)
        elif name == "metadata":
            key, value = values.get("key", ""), values.get("value", "")
            if values.get("type") == "volume" and self._volume is not None:
                self._of_volume(self._volume, key, value, line)
            elif self._object in self._project.objects:
                self._project.note_of_object(self._object, key, value)

    def _of_volume(self, volume: Volume, key: str, value: str, line: int) -> None:
        if key == "modifier" and value == "1":
            volume.kind = "parametermodifier"
        elif key == "volume_type":
            volume.kind = value.lower()
            if volume.use is As.NOTHING:
                refuse(
                    43,
                    said("a volume of a kind that printstd does not know"),
                    said("{part}, line {line}", part=self._part, line=line),
                    value,
                    said(
                        "ModelPart, NegativeVolume, ParameterModifier, SupportBlocker, "
                        "SupportEnforcer"
                    ),
                    said("delete it in the slicer and save again, or export the part as STL"),
                )
        else:
            _note(volume.settings, key, value)

    def end(self, name: str, line: int) -> None:
        if name == "volume":
            self._volume = None

    def text(self, text: str) -> None:
        return

    def prefix(self, prefix: str | None, namespace: str) -> None:
        return
