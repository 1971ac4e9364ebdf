"""gate.toml: which policy holds at this printer, and what this printer is.

    policy = "policy.toml"             # docs/certificates.md; relative to this file
    policy_sha256 = "..."              # of it and all that it reads: `printstd gate pin`
    certificates = ["certificates"]    # folders that are searched where none lies with the program
    journal = "journal.jsonl"          # what was decided, appended, hash-chained
    verified = "verified"              # read-only copies of what was verified

    [printer]
    id = "voron-07"                    # as the farm calls it
    profile = "voron-2.4-350"          # the profile that programs for it are made for
    profile_sha256 = ["..."]           # optional: the versions of that profile that are accepted
    nozzle_mm = 0.4
    materials = ["pla"]                # loaded now, by tool from 0
    serial = "V2-1234"                 # optional: what a capability record may name
    capability_until = "2027-01-31"    # optional: to when this machine's own capability holds
    nozzle_hours = 120                 # optional, both: what it has run, and may
    nozzle_hours_max = 400

    [klipper]
    macros = "macros.json"             # what was approved: `printstd gate approve-macros`
    calibration = ["probe.samples"]    # optional: more options that calibrating may change
    timeout_s = 20                     # optional: a verdict that takes longer is a no

The file is read anew for every decision: a spool that is changed counts at once.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from printstd.adapters.files import read_file
from printstd.errors import ProfileError, ProfileProblem
from printstd.words import said

MAX_SETTINGS_BYTES: Final = 256 << 10
_TOP: Final = ("policy", "policy_sha256", "certificates", "journal", "verified")
_TABLES: Final = ("printer", "klipper")
_PRINTER: Final = (
    "id",
    "profile",
    "profile_sha256",
    "nozzle_mm",
    "materials",
    "serial",
    "capability_until",
    "nozzle_hours",
    "nozzle_hours_max",
)
_KLIPPER: Final = ("macros", "calibration", "timeout_s")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class ThisPrinter:
    """The machine that the gate stands at. materials : profile ids by tool, from 0. nozzle_um : of
    every tool. capability_until : ``YYYY-MM-DD``."""

    id: str
    profile: str
    nozzle_um: int
    materials: tuple[str, ...]
    profile_sha256: tuple[str, ...] = ()
    serial: str | None = None
    capability_until: str | None = None
    nozzle_hours: float | None = None
    nozzle_hours_max: float | None = None


@dataclass(frozen=True, slots=True)
class GateSettings:
    """Paths are absolute or relative to the working directory, no longer to the file."""

    policy: Path
    policy_sha256: str | None
    certificates: tuple[Path, ...]
    journal: Path
    verified: Path
    printer: ThisPrinter
    macros: Path | None = None
    calibration: tuple[str, ...] = ()
    timeout_s: float = 20.0


def read_settings(file: Path, **printer: Any) -> GateSettings:
    """The gate's file; ProfileError with all that is wrong in it. printer : fields of the printer's
    table that hold instead (a request to the HTTP service names its printer)."""
    text = read_file(file, max_bytes=MAX_SETTINGS_BYTES)
    try:
        data: dict[str, Any] = tomllib.loads(text.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ProfileError((ProfileProblem(file.name, None, "", str(error), "TOML"),)) from error
    return _Reader(file).settings(data, printer)


class _Reader:
    """Reads one file and gathers all that is wrong with it."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.problems: list[ProfileProblem] = []

    def wrong(self, key: str, got: object, wanted: str) -> None:
        self.problems.append(ProfileProblem(self.file.name, None, key, repr(got), wanted))

    def settings(self, data: dict[str, Any], given: Mapping[str, Any]) -> GateSettings:
        self.only(data, "", (*_TOP, *_TABLES))
        klipper = self.table(data, "klipper")
        self.only(klipper, "klipper.", _KLIPPER)
        own = {**self.table(data, "printer"), **given}
        self.only(own, "printer.", _PRINTER)
        pin = data.get("policy_sha256")
        if pin is not None and not (isinstance(pin, str) and _SHA256.fullmatch(pin)):
            self.wrong("policy_sha256", pin, said("64 hexadecimal digits"))
        found = GateSettings(
            policy=self.path(data, "policy", "", None),
            policy_sha256=pin,
            certificates=tuple(
                self.file.parent / name for name in self.texts(data, "certificates", "")
            ),
            journal=self.path(data, "journal", "", "journal.jsonl"),
            verified=self.path(data, "verified", "", "verified"),
            printer=self.printer(own),
            macros=self.path(klipper, "macros", "klipper.", "") if "macros" in klipper else None,
            calibration=self.texts(klipper, "calibration", "klipper."),
            timeout_s=self.number(klipper, "timeout_s", "klipper.") or 20.0,
        )
        if self.problems:
            raise ProfileError(tuple(self.problems))
        return found

    def printer(self, own: Mapping[str, Any]) -> ThisPrinter:
        nozzle_mm = self.number(own, "nozzle_mm", "printer.")
        if "nozzle_mm" not in own:
            self.wrong("printer.nozzle_mm", None, said("the bore of its nozzle in mm"))
        materials = self.texts(own, "materials", "printer.")
        if not materials:
            self.wrong("printer.materials", own.get("materials"), said("what is loaded, by tool"))
        digests = self.texts(own, "profile_sha256", "printer.")
        if not all(_SHA256.fullmatch(digest) for digest in digests):
            self.wrong("printer.profile_sha256", list(digests), said("64 hexadecimal digits"))
        until = own.get("capability_until")
        if until is not None and not (isinstance(until, str) and _DAY.fullmatch(until)):
            self.wrong("printer.capability_until", until, said('a day like "2027-01-31"'))
        hours = self.number(own, "nozzle_hours", "printer.")
        most = self.number(own, "nozzle_hours_max", "printer.")
        if (hours is None) != (most is None):
            self.wrong("printer.nozzle_hours", hours, said("both hours and their limit"))
        return ThisPrinter(
            id=self.text(own, "id") or "",
            profile=self.text(own, "profile") or "",
            nozzle_um=round((nozzle_mm or 0) * 1000),
            materials=materials,
            profile_sha256=digests,
            serial=self.text(own, "serial") if "serial" in own else None,
            capability_until=until if isinstance(until, str) else None,
            nozzle_hours=hours,
            nozzle_hours_max=most,
        )

    def only(self, table: Mapping[str, Any], prefix: str, known: tuple[str, ...]) -> None:
        for key in sorted(set(table) - set(known)):
            self.wrong(
                prefix + key, table[key], said("one of {values}", values=", ".join(sorted(known)))
            )

    def table(self, data: Mapping[str, Any], key: str) -> dict[str, Any]:
        found = data.get(key, {})
        if isinstance(found, dict):
            return found
        self.wrong(key, found, said("a table"))
        return {}

    def texts(self, table: Mapping[str, Any], key: str, prefix: str) -> tuple[str, ...]:
        found = table.get(key, [])
        if isinstance(found, list) and all(isinstance(one, str) and one for one in found):
            return tuple(found)
        self.wrong(prefix + key, found, said("a list of texts"))
        return ()

    def text(self, table: Mapping[str, Any], key: str) -> str | None:
        found = table.get(key)
        if isinstance(found, str) and found:
            return found
        self.wrong(f"printer.{key}", found, said("a text"))
        return None

    def number(self, table: Mapping[str, Any], key: str, prefix: str) -> float | None:
        found = table.get(key)
        if found is None:
            return None
        if type(found) in (int, float) and 0 <= found < 1e6:
            return float(found)
        self.wrong(prefix + key, found, said("a number"))
        return None

    def path(self, table: Mapping[str, Any], key: str, prefix: str, default: str | None) -> Path:
        found = table.get(key, default)
        if isinstance(found, str) and found:
            return self.file.parent / found
        self.wrong(prefix + key, found, said("a path, relative to this file"))
        return self.file.parent
