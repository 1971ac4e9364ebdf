"""Klipper's macros that a print can reach, and the rest of its configuration, as digests.

A certificate covers a program, not what printer.cfg makes of its commands. So an operator approves
the configuration once, and the gate refuses when what a print can reach has changed since, by name.
Values that calibrating changes are left out: a mesh, a Z offset or a PID run is no change.

Read from what Klipper itself says that it runs with (``configfile.settings``), not from files: an
include, an override or a file that was edited and not loaded cannot mislead.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from printstd.errors import VerificationError
from printstd.words import said

Settings = Mapping[str, Mapping[str, Any]]
"""``configfile.settings``: section -> option -> value, names in lower case."""

_MACRO: Final = "gcode_macro "
_DELAYED: Final = "delayed_gcode "
_WORD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")
_COMMAND: Final = re.compile(rb"^[ \t]*([A-Za-z_][A-Za-z0-9_.]*)", re.MULTILINE)

_CALIBRATED_SECTIONS: Final = (
    "bed_mesh ",
    "input_shaper",
    "skew_correction",
    "axis_twist_compensation",
)
"""Whole sections that calibrating writes: profiles of meshes are ``bed_mesh NAME``."""
_CALIBRATED: Final = frozenset(
    {
        "control",
        "delta_radius",
        "heater_temp_offset",
        "position_endstop",
        "pressure_advance",
        "pressure_advance_smooth_time",
        "pid_kp",
        "pid_ki",
        "pid_kd",
        "reg_drive_current",
        "calibrate",
        "trigger_phase",
        "x_offset",
        "y_offset",
        "z_offset",
        "z_adjust",
        "zero_reference_position",
    }
)
"""Options that SAVE_CONFIG and calibrating by hand change, in whatever section. A scale of an axis
or of the extruder (``rotation_distance``) is none of them: it is geometry, and is approved anew."""


@dataclass(frozen=True, slots=True)
class Approved:
    """What an operator looked at: digest by name of macro and by name of section."""

    macros: Mapping[str, str]
    sections: Mapping[str, str]


def digests(settings: Settings, calibration: Sequence[str] = ()) -> Approved:
    """Of all macros and sections. calibration : more options (``section.option`` or ``option``)
    that calibrating may change on this machine."""
    extra = frozenset(calibration)
    macros, sections = {}, {}
    for section, options in settings.items():
        kept = {
            option: value
            for option, value in options.items()
            if not _is_calibrated(section, option, extra)
        }
        if section.startswith(_CALIBRATED_SECTIONS):
            continue
        if section.startswith(_MACRO):
            macros[section.removeprefix(_MACRO).upper()] = _digest(kept)
        else:
            sections[section] = _digest(kept)
    return Approved(macros, sections)


def _is_calibrated(section: str, option: str, extra: frozenset[str]) -> bool:
    if section.startswith((_MACRO, _DELAYED)):
        return f"{section}.{option}" in extra
    return option in _CALIBRATED or option in extra or f"{section}.{option}" in extra


def _digest(options: Mapping[str, Any]) -> str:
    text = json.dumps(options, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def commands_of(program: bytes) -> frozenset[str]:
    """The first word of every line, in upper case: what Klipper takes for its command."""
    return frozenset(found.decode("ascii").upper() for found in set(_COMMAND.findall(program)))


def reachable(settings: Settings, program: bytes) -> frozenset[str]:
    """Macros, by name in upper case, that a print of this program can run: those that it calls,
    those that run by themselves (homing, runout, idle, errors, delayed ones), those that an
    operator runs during a print, and all that any of these names anywhere in its text.

    Words are looked for wherever they stand, so a name that is put together at run time is not
    found: `check_macros` therefore holds the other sections and the list of macros as a whole."""
    texts = {
        section.removeprefix(_MACRO).upper(): _text(options)
        for section, options in settings.items()
        if section.startswith(_MACRO)
    }
    roots = set(commands_of(program)) | _OPERATORS
    for section, options in settings.items():
        if not section.startswith(_MACRO):
            roots |= _words(_text(options))
    found: set[str] = set()
    waiting = [name for name in roots if name in texts]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        waiting += [word for word in _words(texts[name]) if word in texts]
    return frozenset(found)


_OPERATORS: Final = frozenset(
    {
        "PAUSE",
        "RESUME",
        "CANCEL_PRINT",
        "CLEAR_PAUSE",
        "M600",
        "SDCARD_PRINT_FILE",
        "SDCARD_RESET_FILE",
        "M23",
        "M24",
        "M26",
    }
)
"""What people and hosts run before, in and after a print; the gate's own macros are among them."""


def _text(options: Mapping[str, Any]) -> str:
    """All values that are texts, and the old name of a command that a macro replaces."""
    return "\n".join(value for value in options.values() if isinstance(value, str))


def _words(text: str) -> set[str]:
    return {word.upper() for word in _WORD.findall(text)}


def check_macros(
    settings: Settings,
    program: bytes,
    approved: Approved,
    *,
    printer: str,
    calibration: Sequence[str] = (),
    audited: Mapping[str, tuple[str, ...]] | None = None,
) -> tuple[str, ...]:
    """The reachable macros. VerificationError that names the first macro or section that is not as
    it was approved.

    audited : by name, the lines that the certificate says a macro runs, which were audited: one
    that runs just these needs nobody's approval, one that plainly runs others is refused even so.
    A macro that was approved or audited and is gone is a change too: its name then means something
    else, or nothing."""
    now = digests(settings, calibration)
    names = sorted(reachable(settings, program))
    declared = audited or {}
    called = commands_of(program)
    gone = sorted((called & (approved.macros.keys() | declared.keys())) - now.macros.keys())
    for name in gone:
        raise _not_same(said("macro {name}", name=name), None, approved.macros.get(name), printer)
    for name in names:
        if name in declared:
            options = settings[next(s for s in settings if s.upper() == f"GCODE_MACRO {name}")]
            is_as_audited = runs_just(str(options.get("gcode", "")), declared[name])
            if is_as_audited:
                continue
            if is_as_audited is False:
                raise VerificationError(
                    said("macro {name} does not run the lines that were audited", name=name),
                    where=printer,
                    got=str(options.get("gcode", "")).strip(),
                    wanted="\n".join(declared[name]),
                    hint=said("make it what the printer's profile says, or correct the profile"),
                )
        _same(
            said("macro {name}", name=name),
            now.macros.get(name),
            approved.macros.get(name),
            printer,
        )
    for section in sorted(now.sections.keys() | approved.sections.keys()):
        _same(
            said("section [{section}]", section=section),
            now.sections.get(section),
            approved.sections.get(section),
            printer,
        )
    return tuple(names)


def runs_just(text: str, lines: Sequence[str]) -> bool | None:
    """Does a macro's template run these lines (`CommandRule.expansion`), with ``{KEY}`` and
    ``{KEY=60}`` for ``{params.KEY}`` and ``{params.KEY|default(60)}``; None where it computes."""
    plain = _PARAMETER.sub(
        lambda found: f"{{{found[1]}={found[2]}}}" if found[2] else f"{{{found[1]}}}", text
    )
    own = [" ".join(line.partition(";")[0].split()) for line in plain.split("\n")]
    own = [line for line in own if line and not line.startswith("#")]
    if own == [" ".join(line.split()) for line in lines]:
        return True
    return None if _COMPUTED.search(_DECLARED.sub("", plain)) else False


_PARAMETER: Final = re.compile(
    r"\{\s*params\.([A-Z0-9_]+)\s*(?:\|\s*default\(\s*([^(){}|]*?)\s*\)\s*)?"
    r"(?:\|\s*(?:int|float)\s*)?\}"
)
_DECLARED: Final = re.compile(r"\{[A-Z0-9_]+(?:=[^{}]*)?\}")
_COMPUTED: Final = re.compile(r"[{}]|^!", re.MULTILINE)
"""What is left of a template's language; Kalico's own macros in Python begin with ``!``."""


def _same(what: str, found: str | None, wanted: str | None, printer: str) -> None:
    if found != wanted:
        raise _not_same(what, found, wanted, printer)


def _not_same(what: str, found: str | None, wanted: str | None, printer: str) -> VerificationError:
    return VerificationError(
        said("{what} of the printer's configuration is not the one that was approved", what=what),
        where=printer,
        got=said("sha256 {sha256}", sha256=found) if found else said("none"),
        wanted=said("sha256 {sha256}", sha256=wanted)
        if wanted
        else said("none: it was not there, or nobody approved it"),
        hint=said("read what it does; `printstd gate approve-macros` approves it"),
    )


def write_approved(found: Approved) -> bytes:
    """The file of what was approved."""
    told = {"version": 1, "macros": dict(found.macros), "sections": dict(found.sections)}
    return (json.dumps(told, indent=1, sort_keys=True, ensure_ascii=True) + "\n").encode("ascii")


def read_approved(data: bytes, name: str) -> Approved:
    """VerificationError where it is no such file."""
    try:
        told = json.loads(data)
        if told["version"] != 1:
            raise ValueError(told["version"])
        return Approved(_table(told["macros"]), _table(told["sections"]))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise VerificationError(
            said("the file of approved macros cannot be read"),
            where=name,
            got=str(error),
            wanted=said("what `printstd gate approve-macros` writes"),
            hint=said("approve the macros again"),
        ) from error


def _table(told: Any) -> dict[str, str]:
    if not all(isinstance(key, str) and isinstance(value, str) for key, value in told.items()):
        raise ValueError("texts are wanted")
    return dict(told)
