"""From a foreign key to a setting: rows of a table, and the converters that they name.

A converter gets the values and its row's key and gives the setting's value; what printstd cannot
do the same it raises as `Lost`, with what is set instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from printstd.importing.custom_code import TEMPERATURES, has_commands
from printstd.importing.foreign import Choice, Kind
from printstd.importing.prusa_files import first

_NUMBER: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_REMARK: Final = re.compile(r"\s+#.*$")
_YES: Final = {"1": True, "true": True, "0": False, "false": False}
_NAMES: Final = {
    Kind.PROCESS: "print_settings_id",
    Kind.MATERIAL: "filament_settings_id",
    Kind.PRINTER: "printer_settings_id",
}
DECIMALS: Final = 6
"""Computed values are rounded to nanometres and their like: 0.45, not 0.45000000000000001."""

NO_FEATURE: Final = "no such feature"


class Lost(Exception):
    """A value that printstd cannot follow. instead : what the setting gets, if not the base's."""

    def __init__(self, reason: str, instead: Any = None) -> None:
        super().__init__(reason)
        self.reason, self.instead = reason, instead


class Unreadable(Exception):
    """A value that is none of its kind. key, got, wanted : for the message."""

    def __init__(self, key: str, got: str, wanted: str) -> None:
        super().__init__(key)
        self.key, self.got, self.wanted = key, got, wanted


class Values:
    """The chosen presets' values together, over the slicer's defaults."""

    def __init__(
        self,
        choice: Choice,
        defaults: Mapping[str, str],
        allowed: Callable[[str], Mapping[str, set[str]]],
    ) -> None:
        """allowed : id of an allow-list -> its commands with the letters that they may have."""
        self.allowed = allowed
        self.names = {preset.kind: preset.name for preset in choice.presets}
        self.stated: dict[str, str] = {}
        for preset in choice.presets:
            self.stated |= preset.values
        self.defaults = defaults

    def __contains__(self, key: str) -> bool:
        return key in self.stated or key in self.defaults

    def text(self, key: str) -> str:
        return self.stated[key] if key in self.stated else self.defaults[key]

    def get(self, key: str, otherwise: str = "") -> str:
        return self.text(key) if key in self else otherwise

    def first(self, key: str) -> str:
        """The first item of a list: the first extruder, the normal mode."""
        text = self.text(key)
        item = text.split(";")[0] if '"' in text else text.split(",")[0]
        return item.strip().strip('"')

    def first_text(self, key: str) -> str:
        """A text, or the first of a list of texts, which are quoted."""
        text = self.text(key)
        return first(text) if text.startswith('"') else text

    def everything(self) -> dict[str, str]:
        """All that custom code may ask for. Temperatures of a filament that is not imported are
        not among it."""
        names = {key: self.names[kind] for kind, key in _NAMES.items() if kind in self.names}
        known = dict(self.defaults) | self.stated | names
        return {
            key: text
            for key, text in known.items()
            if key in self.stated or key in names or key not in TEMPERATURES
        }

    def is_on(self, key: str) -> bool:
        return self.first(key) in ("1", "true") if key in self else False

    def number(self, key: str) -> float:
        """The number at the start; Unreadable where there is none. A percent sign is not one."""
        return self.parsed(key, self.first(key), "a number")

    def of(self, key: str, whole: float) -> float:
        """A number, or a share of `whole` where it has a percent sign."""
        text = self.first(key)
        if not text.endswith("%"):
            return self.parsed(key, text, "a number, or a percentage")
        share = self.parsed(key, text[:-1].strip(), "a number, or a percentage")
        return round(share / 100.0 * whole, DECIMALS)

    def parsed(self, key: str, text: str, wanted: str) -> float:
        """`text`, which stands at `key` or in it, as a number."""
        # Some hand-written presets have a remark behind the number, or nothing at all there.
        text = _REMARK.sub("", text)
        if not text and key in self.defaults:
            text = self.defaults[key].split(",")[0].rstrip("%")
        if not _NUMBER.fullmatch(text):
            raise Unreadable(key, repr(text), wanted)
        return float(text)


Converter = Callable[[Values, str], Any]


@dataclass(frozen=True, slots=True)
class Row:
    """One foreign key and the setting that it becomes. uses : other keys that the converter
    reads; they are carried with it."""

    key: str
    setting: str
    convert: Converter
    uses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Off:
    """A feature that printstd has not: the values of the key that mean it is off."""

    key: str
    off: tuple[str, ...] | Callable[[Values, str], bool]
    feature: str
    reason: str = NO_FEATURE

    def is_off(self, values: Values) -> bool:
        if isinstance(self.off, tuple):
            return values.first(self.key) in self.off
        return self.off(values, self.key)


@dataclass(frozen=True, slots=True)
class Idle:
    """Keys that say nothing as long as something holds: details of a feature that is off.
    A key that ends in ``*`` stands for all that begin so."""

    because: str
    holds: Callable[[Values], bool]
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """All that is known of one kind of preset of one slicer. about : keys that never change what
    a machine does (names, colours, hosts, time estimates); ``*`` as in `Idle`."""

    rows: tuple[Row, ...]
    offs: tuple[Off, ...]
    idles: tuple[Idle, ...]
    about: frozenset[str]

    def is_about(self, key: str) -> bool:
        return named(key, self.about)


def named(key: str, keys: Iterable[str]) -> bool:
    """Whether `keys` name it, by itself or by its beginning."""
    key = key.lower()
    return any(key == one or (one[-1:] == "*" and key.startswith(one[:-1])) for one in keys)


# ---------------------------------------------------------------------------------- converters


def no_code(values: Values, key: str) -> bool:
    """Custom code that says nothing to the machine."""
    return not has_commands(values.first_text(key))


def number(values: Values, key: str) -> float:
    return values.number(key)


def whole(values: Values, key: str) -> int:
    """To the nearest; all that are counted or degrees."""
    return round(values.number(key))


def flag(values: Values, key: str) -> bool:
    text = values.first(key)
    if text not in _YES:
        raise Unreadable(key, repr(text), "0 or 1")
    return _YES[text]


def share(values: Values, key: str) -> float:
    """``15%`` is 0.15; PrusaSlicer reads the sign whether it is written or not."""
    text = values.first(key).rstrip("%").strip()
    return round(values.parsed(key, text, "a percentage") / 100.0, DECIMALS)


def of(base: Callable[[Values], float]) -> Converter:
    """A number, or a percentage of another value."""
    return lambda values, key: values.of(key, base(values))


def words(known: Mapping[str, Any], reason: str, instead: Any = None) -> Converter:
    """A word out of a list; `Lost` for any other."""

    def convert(values: Values, key: str) -> Any:
        text = values.first(key)
        if text in known:
            return known[text]
        raise Lost(reason, instead)

    return convert


def rounded(value: float) -> float:
    return round(value, DECIMALS)
