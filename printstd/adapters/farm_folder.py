"""A farm's folder: farm.toml says what holds for it, secrets.toml how its printers are spoken to.

The database lies in the folder too, unless farm.toml names a PostgreSQL for several coordinators.
"""

from __future__ import annotations

import json
import os
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from printstd.adapters.databases import is_postgresql
from printstd.adapters.files import read_file, write_all
from printstd.artifacts.calibration import CalibrationKind
from printstd.errors import InputError, ProfileError, ProfileProblem
from printstd.words import said

SETTINGS: Final = "farm.toml"
SECRETS: Final = "secrets.toml"
DATABASE: Final = "farm.sqlite"
TRUST: Final = "trust"
RECORD_KEY: Final = "farm.key"
_MAX_BYTES: Final = 1 << 20

Seconds = Annotated[float, Field(gt=0, le=86_400)]
Money = Annotated[Decimal, Field(ge=0, max_digits=15, decimal_places=6)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Group(_Table):
    """Printers that share a fuse: how many may heat at a time, seconds between two starts."""

    max_heating: Annotated[int, Field(ge=0)] = 0
    start_interval_s: Annotated[int, Field(ge=0)] = 0


class Rates(_Table):
    """What a print costs. materials_per_kg : by id of the material; ``default`` for others."""

    currency: str = ""
    machine_per_hour: Money = Decimal(0)
    per_print: Money = Decimal(0)
    materials_per_kg: dict[str, Money] = {}
    markup_percent: Money = Decimal(0)


class Calibrations(_Table):
    """required : kinds of which every print wants a valid one on its printer. valid_days : for how
    long a calibration counts from the day it was measured, unless it is given with another time."""

    required: tuple[CalibrationKind, ...] = ()
    valid_days: Annotated[int, Field(ge=1, le=3660)] = 90


class Waits(_Table):
    """See `printstd.coordinator.settings.Patience`; what is not named is as there."""

    poll_s: Seconds | None = None
    lease_s: Seconds | None = None
    silent_s: Seconds | None = None
    settle_s: Annotated[float, Field(ge=0, le=86_400)] | None = None
    at_once: Annotated[int, Field(ge=1, le=256)] | None = None
    most_attempts: Annotated[int, Field(ge=1, le=100)] | None = None
    is_tidy: bool | None = None


class Telemetry(_Table):
    """mqtt : ``mqtt://HOST`` or ``mqtts://HOST``; topic : the farm's own there; secret : the table
    of secrets.toml with ``user`` and ``password``. textfile : for node_exporter."""

    mqtt: str = ""
    topic: str = "printstd/farm"
    secret: str = ""
    textfile: str = ""
    every_s: Seconds = 5.0


class FarmSettings(_Table):
    """record_key : of the private key that as-run records are signed with; empty: none are made."""

    store: str = DATABASE
    trust: str = ""
    policy: str = ""
    record_key: str = ""
    rates: Rates = Rates()
    patience: Waits = Waits()
    groups: dict[str, Group] = {}
    calibration: Calibrations = Calibrations()
    telemetry: Telemetry = Telemetry()


class FarmFolder:
    """path : of the folder."""

    def __init__(self, path: Path, settings: FarmSettings) -> None:
        self.path, self.settings = path, settings

    @property
    def place(self) -> str:
        """Of the database, as the store takes it."""
        store = self.settings.store
        return store if is_postgresql(store) else str(self.path / store)

    @property
    def trust(self) -> Path | None:
        return self.path / self.settings.trust if self.settings.trust else None

    @property
    def policy(self) -> Path | None:
        return self.path / self.settings.policy if self.settings.policy else None

    @property
    def record_key(self) -> Path | None:
        return self.path / self.settings.record_key if self.settings.record_key else None

    def secrets(self, name: str) -> dict[str, str]:
        """What a printer's driver needs to know and nobody else may; empty where nothing is."""
        file = self.path / SECRETS
        if not name or not file.exists():
            return {}
        found = _toml(file).get(name, {})
        if not isinstance(found, dict) or not all(isinstance(v, str) for v in found.values()):
            raise _problem(file, name, repr(found), said("a table of texts"))
        return dict(found)

    def keep_secrets(self, name: str, secrets: dict[str, str]) -> None:
        """Into secrets.toml, which only its owner may read."""
        file = self.path / SECRETS
        known = _toml(file) if file.exists() else {}
        if secrets:
            known[name] = secrets
        else:
            known.pop(name, None)
        write_all({file: _as_toml(known).encode("utf-8")}, mode=0o600)


def open_folder(path: Path) -> FarmFolder:
    """InputError where there is no farm, ProfileError with all that is wrong in farm.toml."""
    file = path / SETTINGS
    if not file.is_file():
        raise InputError(
            said("there is no farm here"),
            where=str(path),
            got=said("no {name}", name=SETTINGS),
            wanted=said("the folder that `printstd farm init` made"),
            hint=said("give --farm FOLDER, or set PRINTSTD_FARM"),
        )
    settings = _settings(file)
    if bool(settings.trust) == bool(settings.policy):
        got = said("both") if settings.trust else said("neither")
        raise _problem(file, "trust, policy", got, said("one of the two"))
    return FarmFolder(path, settings)


def read_rates(file: Path) -> Rates:
    """The table ``[rates]`` of any TOML file of this form; ProfileError with all that is wrong."""
    return _settings(file).rates


def _settings(file: Path) -> FarmSettings:
    try:
        return FarmSettings.model_validate(_toml(file))
    except ValidationError as error:
        raise ProfileError(
            tuple(
                ProfileProblem(
                    str(file),
                    None,
                    ".".join(str(part) for part in one["loc"]),
                    repr(one["input"]),
                    one["msg"],
                )
                for one in error.errors()
            )
        ) from error


def new_folder(path: Path, settings: FarmSettings, keys: dict[str, bytes]) -> FarmFolder:
    """Written whole, farm.toml last. keys : public keys by file name, into the folder's own."""
    os.makedirs(path / TRUST if keys else path, exist_ok=True)
    named: dict[str, Any] = {"store": settings.store}
    if settings.trust:
        named["trust"] = settings.trust
    if settings.policy:
        named["policy"] = settings.policy
    if settings.record_key:
        named["record_key"] = settings.record_key
    text = "".join(f"{key} = {_quoted(value)}\n" for key, value in named.items()) + _EXAMPLE
    products = {path / TRUST / name: data for name, data in keys.items()}
    write_all({**products, path / SETTINGS: text.encode("utf-8")})
    return open_folder(path)


_EXAMPLE: Final = """
# Printers that share a fuse:
# [groups.shelf]
# max_heating = 2
# start_interval_s = 60

# What must be calibrated on a printer before anything is begun there:
# [calibration]
# required = ["flow", "pressure_advance"]
# valid_days = 90

# What `printstd quote` reckons with:
# [rates]
# currency = "EUR"
# machine_per_hour = "1.80"
# per_print = "0.50"
# materials_per_kg = { pla = "22.00", default = "30.00" }
# markup_percent = "20"

# What monitoring is told while the farm runs:
# [telemetry]
# mqtt = "mqtts://broker.example"
# topic = "printstd/farm"
# secret = "mqtt"
# textfile = "printstd.prom"
"""


def _toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(read_file(file, max_bytes=_MAX_BYTES).decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _problem(file, "", str(error), "TOML") from error


def _problem(file: Path, key: str, got: str, wanted: str) -> ProfileError:
    return ProfileError((ProfileProblem(str(file), None, key, got, wanted),))


def _as_toml(tables: dict[str, dict[str, str]]) -> str:
    lines = []
    for name in sorted(tables):
        lines.append(f"[{_quoted(name)}]")
        lines += [f"{_quoted(key)} = {_quoted(value)}" for key, value in tables[name].items()]
        lines.append("")
    return "\n".join(lines)


def _quoted(text: str) -> str:
    """A basic string of TOML; JSON's escapes are among its own."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
