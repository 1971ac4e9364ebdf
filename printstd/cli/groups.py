"""Options that go together, once: a command takes a group as one parameter, and its fields are the
command's options.

    @grouped
    def slice_(outdir: own.OutDir, asked: Asked, told: Told = Told()) -> int: ...

A field is an option as `cli.options` defines it, with the value that it has where nobody gives it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple, get_type_hints

from printstd.cli import options
from printstd.cli.options import Format
from printstd.cli.speech import Language

Command = Callable[..., int]


class Standard(NamedTuple):
    """What the part is judged by."""

    pack: options.Pack = None
    tolerance_class: options.ToleranceClass = None


class Machine(NamedTuple):
    """Of what, on what and how it is made."""

    material: options.Material = None
    process: options.Process = "standard-0.20"
    printer: options.Printer = None
    settings: options.Set = None


class Stance(NamedTuple):
    """What of the file is made, and which way up."""

    units: options.Units = None
    scale: options.Scale = 1.0
    rotate: options.Rotate = None
    orient: options.Orient = False
    plate: options.Plate = None
    extruder: options.Extruder = None
    heal: options.Heal = False


class Given(NamedTuple):
    """Records that come with the part."""

    order_record: options.Order = None
    feedstock: options.Feedstock = None
    capability: options.Capability = None
    trust: options.CapabilityTrust = None


class Told(NamedTuple):
    """How the report is told. lang : has taken effect when it was read (`options.Lang`)."""

    redact: options.Redact = None
    report: options.ReportFile = None
    form: options.ReportFormat = Format.TEXT
    lang: options.Lang = Language.EN
    quiet: options.Quiet = False


def grouped(command: Callable[..., int]) -> Command:
    """The command with the options of each of its groups in the group's place. Raises TypeError
    where two of them have one name."""
    hints = get_type_hints(command, include_extras=True)
    groups = {name: kind for name, kind in hints.items() if _is_group(kind)}
    taken: list[inspect.Parameter] = []
    for name, parameter in inspect.signature(command).parameters.items():
        if name in groups:
            taken += _options_of(groups[name])
        else:
            taken.append(_parameter(name, hints[name], parameter.default))
    names = [parameter.name for parameter in taken]
    if len(set(names)) != len(names):
        raise TypeError(f"{command.__name__}: two options of one name in {names}")

    def whole(**values: Any) -> int:
        for name, kind in groups.items():
            values[name] = kind(**{field: values.pop(field) for field in kind._fields})
        return command(**values)

    made: Any = whole
    made.__name__, made.__doc__ = command.__name__, command.__doc__
    made.__module__, made.__qualname__ = command.__module__, command.__qualname__
    made.__signature__ = inspect.Signature(taken, return_annotation=int)
    made.__annotations__ = {own.name: own.annotation for own in taken} | {"return": int}
    return whole


def _is_group(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, tuple) and hasattr(kind, "_fields")


@cache
def _options_of(group: Any) -> tuple[inspect.Parameter, ...]:
    hints = get_type_hints(group, include_extras=True)
    missing = inspect.Parameter.empty
    defaults = group._field_defaults
    return tuple(
        _parameter(name, hints[name], defaults.get(name, missing)) for name in group._fields
    )


def _parameter(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    """By keyword: which option is written first is no matter of the call's."""
    kind = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(name, kind, annotation=annotation, default=default)
