"""A command that takes groups has their options; a batch has those of the single commands."""

from __future__ import annotations

import inspect
from importlib import import_module
from typing import Any, NamedTuple

import pytest
import typer

from printstd.cli import options
from printstd.cli.groups import Machine, Told, grouped


def options_of(command: Any) -> dict[str, Any]:
    """Name of an option or argument -> its default, as the parser has them."""
    app = typer.Typer()
    app.command()(command)
    made: Any = typer.main.get_command(app)
    return {own.opts[0]: own.default for own in made.params if own.name != "help"}


def batch(name: str) -> Any:
    module = import_module("printstd.cli.commands.batch")
    (found,) = [one.callback for one in module.app.registered_commands if one.name == name]
    return found


def calibrate(name: str) -> Any:
    module = import_module("printstd.cli.commands.calibrate")
    (found,) = [one.callback for one in module.app.registered_commands if one.name == name]
    return found


@pytest.mark.parametrize(
    ("name", "function", "others"),
    [
        # What only one file can have: where its own product goes.
        ("validate", "validate", set()),
        ("slice", "slice_models", {"-o", "--cache"}),
        (
            "certify",
            "certify",
            # Of finished programs and of statements that are there already; a cache of stages,
            # where a batch keeps whole results.
            {
                "-o",
                "--cache",
                "--model",
                "--supports",
                "--co-sign",
                "--stamp",
                "--export",
            }
            | {"--revoke", "--superseded-by", "--list-revocations"},
        ),
    ],
)
def test_a_batch_has_every_option_of_the_single_command(
    name: str, function: str, others: set[str]
) -> None:
    module = import_module(f"printstd.cli.commands.{ {'slice': 'slice_'}.get(name, name) }")
    single, many = options_of(getattr(module, function)), options_of(batch(name))
    single = {option: default for option, default in single.items() if option.startswith("-")}
    assert set(single) - set(many) == others
    own = {"--workers", "--results"}
    for option in set(single) & set(many) - own:
        if option != "--outdir":
            assert many[option] == single[option], option


def test_calibrations_are_made_on_the_machine_that_slices() -> None:
    from printstd.cli.commands.slice_ import slice_models

    single = options_of(slice_models)
    for name in ("flow", "pa", "temp", "first-layer"):
        found = options_of(calibrate(name))
        for option in ("--printer", "--material", "--process", "--set", "--report", "--format"):
            assert found[option] == single[option], option


def test_groups_come_whole_and_rest_by_name() -> None:
    seen: dict[str, Any] = {}

    @grouped
    def command(machine: Machine, told: Told, copies: options.Copies = 1) -> int:
        """What it does."""
        seen.update(machine=machine, told=told, copies=copies)
        return 3

    assert command.__doc__ == "What it does."
    names = list(inspect.signature(command).parameters)
    assert names == [*Machine._fields, *Told._fields, "copies"]
    given = {name: name for name in names}
    assert command(**given) == 3
    assert seen["machine"] == Machine("material", "process", "printer", "settings")
    assert seen["told"].form == "form"
    assert seen["copies"] == "copies"


def test_two_options_of_one_name_are_refused() -> None:
    class Twice(NamedTuple):
        printer: options.Printer = None

    def command(machine: Machine, twice: Twice) -> int:
        return 0

    command.__annotations__ = {"machine": Machine, "twice": Twice, "return": int}
    with pytest.raises(TypeError, match="two options"):
        grouped(command)
