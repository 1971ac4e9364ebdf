"""The profiles: what the presets say, what they do not say, and where each of it comes from.

Everything is checked by the strict loader, alone and together, before anybody sees it.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from printstd.errors import ProfileError, ProfileProblem
from printstd.importing.account import Entry, Told, account
from printstd.importing.convert import Values, rounded
from printstd.importing.defaults import defaults_of
from printstd.importing.filament import KNOWN_TYPES
from printstd.importing.foreign import Choice, Family, Kind, Library, Preset
from printstd.importing.machine import MINIMUM_CRUISE_RATIO, SQUARE_CORNER_MM_S
from printstd.importing.own_block import own_settings
from printstd.importing.own_code import reach_of
from printstd.importing.toml_text import toml_text
from printstd.ports import ProfileSource
from printstd.profiles import consistency
from printstd.profiles.load import MODELS, Loaded, load
from printstd.profiles.machine_code import allowed_letters
from printstd.profiles.models import Allowlist, Confidence, Firmware, Material, Printer
from printstd.profiles.raw import KINDS
from printstd.profiles.resolve import resolve
from printstd.profiles.resolved import Request

BASES: Final = {Kind.PROCESS: "peer-0.20", Kind.MATERIAL: "peer", Kind.PRINTER: "peer"}
"""What holds where neither file nor slicer says anything: profiles with every extra off."""
_WINDOW_C: Final = 15
"""Around the temperatures of a material whose kind printstd does not know."""
_SHORT_RETRACTION_MM: Final = 3.0
"""Up to here the extruder stands on the hot end; beyond, a tube leads there."""
_MAX_RETRACTION_MM: Final = (6.0, 10.0)
_LAYER_WINDOW: Final = ("layer_height_mm", "first_layer_height_mm")
_NAME: Final = re.compile(r"[^a-z0-9.]+")
_LONGEST_NAME: Final = 80


@dataclass(frozen=True, slots=True)
class MadeProfile:
    """One profile to write. folder : as in profiles/."""

    kind: Kind
    name: str
    preset: str
    text: str

    @property
    def folder(self) -> str:
        return KINDS[self.kind.value]


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import gives."""

    profiles: tuple[MadeProfile, ...]
    entries: tuple[Entry, ...]


def build(
    choice: Choice,
    library: Library,
    source: ProfileSource,
    hottest: tuple[int, int] | None = None,
) -> Imported:
    """Profiles of everything chosen.

    source : the profiles that are there already; a name of theirs is not taken. hottest : degrees
    of nozzle and bed that the hottest filament for this printer asks for, where others are known.
    Raises ProfileError where a value cannot be read or the strict loader refuses the outcome.
    """
    told, values = _told(choice, source)
    trees: dict[Kind, dict[str, Any]] = {}
    notes: dict[Kind, dict[str, str]] = {}
    for preset in choice.presets:
        trees[preset.kind], notes[preset.kind] = _tree(preset, told, source)
    names = {preset.kind: _name(preset, source) for preset in choice.presets}
    if choice.family is not Family.OWN:
        _finish(trees, notes, values, source, hottest)
    made = []
    for preset in choice.presets:
        kind = preset.kind
        tree = {"id": names[kind], **{k: v for k, v in trees[kind].items() if k != "id"}}
        if kind is Kind.PROCESS:
            tree["title_en"] = preset.name
        tree["provenance"] = {
            "source": _source(preset, library),
            "confidence": Confidence.IMPORTED.value,
            "by_key": notes[kind],
        }
        text = toml_text(tree, (f"Imported from {preset.family.value}: {_plain(preset.name)}",))
        made.append(MadeProfile(kind, names[kind], preset.name, text))
    _check(made, source)
    return Imported(tuple(made), told.entries)


def _told(choice: Choice, source: ProfileSource) -> tuple[Told, Values]:
    def allowed(name: str) -> Mapping[str, set[str]]:
        loaded = load(source, Allowlist, "allowlist", name, [])
        rules = loaded.model.commands if loaded else ()
        return {rule.command: allowed_letters(rule) for rule in rules}

    values = Values(choice, defaults_of(choice.family), allowed)
    told = own_settings(choice) if choice.family is Family.OWN else account(choice, values)
    return told, values


def _tree(
    preset: Preset, told: Told, source: ProfileSource
) -> tuple[dict[str, Any], dict[str, str]]:
    """The base's tree under the settings told, and notes on those that no file says."""
    kind = preset.kind
    base = _base(kind, source)
    tree = base.model_dump(mode="json", exclude={"provenance"})
    notes = dict.fromkeys(_leaves(tree), f"not in the file: as in {BASES[kind]}")
    for setting, (value, is_stated) in told.settings[kind].items():
        _put(tree, setting, value)
        for key in [key for key in notes if key == setting or key.startswith(f"{setting}.")]:
            del notes[key]
        if not is_stated:
            notes[setting] = f"not in the file: {preset.family.value}'s default"
    for key in ("id", "title_en"):
        notes.pop(key, None)
    return tree, {key: note for key, note in notes.items() if _at(tree, key) is not None}


def _base(kind: Kind, source: ProfileSource) -> Any:
    problems: list[ProfileProblem] = []
    loaded = load(source, MODELS[kind.value], kind.value, BASES[kind], problems)
    if loaded is None:
        raise ProfileError(tuple(problems))
    return loaded.model


def _leaves(tree: Mapping[str, Any], before: str = "") -> list[str]:
    found = []
    for key, value in tree.items():
        if isinstance(value, Mapping):
            found += _leaves(value, f"{before}{key}.")
        else:
            found.append(before + key)
    return found


def _put(tree: dict[str, Any], setting: str, value: Any) -> None:
    *tables, key = setting.split(".")
    for table in tables:
        if not isinstance(tree.get(table), dict):
            tree[table] = {}
        tree = tree[table]
    tree[key] = value


def _at(tree: Any, setting: str) -> Any:
    for key in setting.split("."):
        tree = tree.get(key) if isinstance(tree, Mapping) else None
    return tree


# ------------------------------------------------------------- what no slicer's preset says


def _finish(
    trees: Mapping[Kind, dict[str, Any]],
    notes: Mapping[Kind, dict[str, str]],
    values: Values,
    source: ProfileSource,
    hottest: tuple[int, int] | None,
) -> None:
    process, material = trees.get(Kind.PROCESS), trees.get(Kind.MATERIAL)
    printer = trees.get(Kind.PRINTER)
    if material is not None:
        _finish_material(material, notes[Kind.MATERIAL], source)
    if printer is not None:
        _finish_printer(printer, notes[Kind.PRINTER], values, process, material, hottest)


def _finish_material(tree: dict[str, Any], notes: dict[str, str], source: ProfileSource) -> None:
    """Windows and walls: of the bundled material of this kind; the preset's own temperatures
    always lie inside."""
    known = KNOWN_TYPES.get(str(tree["name"]).upper())
    loaded = load(source, Material, "material", known, []) if known else None
    where = f"as in {known}" if loaded else "ours: around the preset's temperatures"
    for key, targets in (
        ("nozzle_window_c", ("nozzle_c", "first_layer_nozzle_c")),
        ("bed_window_c", ("bed_c", "first_layer_bed_c")),
    ):
        asked = [int(tree[target]) for target in targets]
        low, high = min(asked) - _WINDOW_C, max(asked) + _WINDOW_C
        if loaded:
            low, high = getattr(loaded.model, key)
        wide = [max(0, min(low, *asked)), min(500, max(high, *asked))]
        tree[key] = wide
        notes[key] = where if wide == [low, high] else f"{where}, widened to the preset's own"
    if loaded:
        for key in ("min_wall_mm", "recommended_wall_mm"):
            tree[key] = getattr(loaded.model, key)
            notes[key] = where
        if "density_g_cm3" in notes:
            tree["density_g_cm3"] = loaded.model.density_g_cm3
            notes["density_g_cm3"] = f"not in the file: {where}"


def _finish_printer(
    tree: dict[str, Any],
    notes: dict[str, str],
    values: Values,
    process: Mapping[str, Any] | None,
    material: Mapping[str, Any] | None,
    hottest: tuple[int, int] | None,
) -> None:
    tree["vendor"] = values.get("printer_vendor") or "imported"
    tree["model"] = values.get("printer_model") or "imported"
    tree["proven"] = "parsed"
    for key in ("vendor", "model", "proven"):
        notes.pop(key, None)
    if tree["firmware"] == Firmware.KLIPPER.value:
        motion = tree["motion"]
        motion["jerk_mm_s"] = None
        motion["square_corner_velocity_mm_s"] = SQUARE_CORNER_MM_S
        motion["minimum_cruise_ratio"] = MINIMUM_CRUISE_RATIO
        for key in ("square_corner_velocity_mm_s", "minimum_cruise_ratio"):
            notes[f"motion.{key}"] = "Klipper's default (knowledge, high)"
        for axis in "xyze":
            notes.pop(f"motion.jerk_mm_s.{axis}", None)
    _finish_volume(tree, notes)
    retraction = tree["retraction"]
    longest = _MAX_RETRACTION_MM[retraction["length_mm"] > _SHORT_RETRACTION_MM]
    retraction["max_length_mm"] = max(longest, retraction["length_mm"])
    notes["retraction.max_length_mm"] = "ours: what draws melt into the cold side, or nothing yet"
    _finish_heat(tree, notes, material, hottest)
    tree["uses_pressure_advance"] = bool(material and material.get("pressure_advance_s"))
    notes.pop("uses_pressure_advance", None)
    for key in _LAYER_WINDOW:
        if process is None:
            break
        height = process[key]
        if height > tree["max_layer_height_mm"]:
            tree["max_layer_height_mm"] = height
            notes["max_layer_height_mm"] = "widened to the layers of the process imported with it"
        if height < tree["min_layer_height_mm"]:
            tree["min_layer_height_mm"] = height
            notes["min_layer_height_mm"] = "widened to the layers of the process imported with it"


def _finish_volume(tree: dict[str, Any], notes: dict[str, str]) -> None:
    """Travel: the bed, and where the machine's own code goes."""
    volume = tree["volume"]
    bed = tuple(volume[f"{axis}_{end}_mm"] for end in ("min", "max") for axis in "xy")
    reach = reach_of([*tree["start_code"], *tree["end_code"]], bed)
    for number, (end, axis) in enumerate((e, a) for e in ("min", "max") for a in "xy"):
        volume[f"travel_{axis}_{end}_mm"] = rounded(reach[number])
        where = "the bed's" if reach[number] == bed[number] else "where start or end code goes"
        notes[f"volume.travel_{axis}_{end}_mm"] = f"ours: {where}"


def _finish_heat(
    tree: dict[str, Any],
    notes: dict[str, str],
    material: Mapping[str, Any] | None,
    hottest: tuple[int, int] | None,
) -> None:
    """No preset says what a hot end stands: what the maker's own filaments ask for, it stands."""
    asked = [hottest] if hottest else []
    if material is not None:
        nozzle = max(material["nozzle_c"], material["first_layer_nozzle_c"])
        asked.append((nozzle, max(material["bed_c"], material["first_layer_bed_c"])))
    if not asked:
        notes["max_nozzle_c"] = notes["max_bed_c"] = "ours: not in the file; check your machine"
        tree["max_nozzle_c"], tree["max_bed_c"] = 240, 60
        return
    tree["max_nozzle_c"] = max(nozzle for nozzle, _ in asked)
    tree["max_bed_c"] = max(bed for _, bed in asked)
    note = "what the hottest filament in the file for this printer asks for"
    notes["max_nozzle_c"] = notes["max_bed_c"] = note


# ------------------------------------------------------------------------------- names, checks


def _name(preset: Preset, source: ProfileSource) -> str:
    """A file's name: letters, digits, dots and hyphens. One that is taken by a profile of
    another origin gets an ending, so that an import never hides it."""
    plain = unicodedata.normalize("NFKD", preset.name).encode("ascii", "ignore").decode().lower()
    name = _NAME.sub("-", plain).strip("-.")[:_LONGEST_NAME].strip("-.")
    if not name:
        name = hashlib.sha256(preset.name.encode()).hexdigest()[:8]
    folder = KINDS[preset.kind.value]
    if name in source.names(folder) and not is_imported(source.read(folder, name)[1]):
        name += "-imported"
    return name


def is_imported(data: bytes) -> bool:
    """Whether a profile's text is an import's."""
    return f'\nconfidence = "{Confidence.IMPORTED.value}"\n'.encode() in data


def _source(preset: Preset, library: Library) -> str:
    """The preset, and the files that its values stand in, with their digests."""
    used = {line.file for line in preset.lines.values()}
    files = [
        f"{_plain(file.name)} (sha256 {hashlib.sha256(file.data).hexdigest()})"
        for file in library.files
        if file.name in used or any(name.startswith(f"{file.name}/") for name in used)
    ]
    return f"{preset.family.value} preset {_plain(preset.name)!r} in {', '.join(files)}"


def _plain(text: str) -> str:
    """On one line, whatever the preset is called."""
    return "".join(c if c.isprintable() else "?" for c in text)


class _Overlay:
    """`ports.ProfileSource`: profiles that are not yet written, over those that are."""

    def __init__(self, made: list[MadeProfile], source: ProfileSource) -> None:
        self._made = {(profile.folder, profile.name): profile for profile in made}
        self._source = source

    def names(self, kind: str) -> list[str]:
        own = {name for folder, name in self._made if folder == kind}
        return sorted(own | set(self._source.names(kind)))

    def read(self, kind: str, name: str) -> tuple[str, bytes]:
        profile = self._made.get((kind, name))
        if profile is None:
            return self._source.read(kind, name)
        return f"{profile.folder}/{name}.toml (from {profile.preset})", profile.text.encode()


def _check(made: list[MadeProfile], source: ProfileSource) -> None:
    """Each profile by itself; all three together where there are three."""
    overlay = _Overlay(made, source)
    problems: list[ProfileProblem] = []
    checks: dict[Kind, Callable[[Loaded[Any]], Any]] = {
        Kind.PROCESS: consistency.check_process,
        Kind.MATERIAL: consistency.check_material,
    }
    for profile in made:
        model = MODELS[profile.kind.value]
        loaded: Loaded[Any] | None = load(
            overlay, model, profile.kind.value, profile.name, problems
        )
        if loaded is None:
            continue
        if profile.kind is Kind.PRINTER:
            printer: Printer = loaded.model
            allowed = load(overlay, Allowlist, "allowlist", printer.allowlist, problems)
            if allowed is not None:
                problems += consistency.check_printer(loaded, allowed.model)
        else:
            problems += checks[profile.kind](loaded)
    if problems:
        raise ProfileError(tuple(dict.fromkeys(problems)))
    names = {profile.kind: profile.name for profile in made}
    if len(names) == len(Kind):
        request = Request(
            process=names[Kind.PROCESS],
            material=names[Kind.MATERIAL],
            printer=names[Kind.PRINTER],
        )
        resolve(request, overlay)
