"""Calls of `slice` that are read without the library of options."""

from __future__ import annotations

import functools
import inspect
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from printstd.cli import plain
from printstd.cli.application import application, called
from printstd.cli.commands import slice_
from printstd.cli.plain import FLAGS, FROM_SURROUNDINGS, REPEATED, WITH_VALUE, plainly_asked

DECLARED = {
    word: option
    for option in typer.main.get_command(application(["slice"])).commands["slice"].params
    for word in option.opts
}


@pytest.fixture
def as_the_library_reads(monkeypatch):
    """What a call comes to by the library of options: the parameters of the command."""
    own, seen = slice_.slice_models, []

    @functools.wraps(own)
    def instead(**given):
        seen.append(given)
        return 0

    monkeypatch.setattr(slice_, "slice_models", instead)

    def read(arguments):
        assert called(arguments) == 0
        return seen.pop()

    return read


def in_full(asked):
    """With what the command itself has for parameters that are not given."""
    parameters = inspect.signature(slice_.slice_models).parameters.values()
    defaults = {p.name: p.default for p in parameters if p.default is not p.empty}
    return {**defaults, **asked}


VALUES = {"copies": "12", "workers": "3"}
CALLS = [
    ["a.stl", "-o", "b.gcode"],
    ["a.stl", "-o", "b.gcode", "--printer", "mk4s", "--quiet"],
    ["-q", "--printer=mk4s", "a.stl", "b с.stl", "--outdir", "деталь"],
    ["a.stl", "-o", "b.gcode", "--material", "pla", "--material=petg", "--set", "a=1", "--set=b=2"],
    ["a.stl", "--output=b=c.gcode", "--orient", "--heal", "--quiet"],
    *(["a.stl", word, VALUES.get(name, "1,x")] for word, (name, _) in WITH_VALUE.items()),
    *(["a.stl", word] for word in FLAGS),
]


@pytest.mark.parametrize("call", CALLS, ids=" ".join)
def test_a_plain_call_comes_to_what_the_library_makes_of_it(call, as_the_library_reads):
    plainly = plainly_asked(["slice", *call])
    assert plainly is not None
    library = as_the_library_reads(["slice", *call])
    assert in_full(plainly) == library
    assert {n: type(v) for n, v in in_full(plainly).items()} == {
        n: type(v) for n, v in library.items()
    }


LEFT = [
    [],
    ["slice"],
    ["--version"],
    ["validate", "a.stl"],
    ["slice", "--help"],
    ["slice", "a.stl", "--help"],
    ["slice", "-o", "b.gcode"],
    ["slice", "a.stl", "-o"],
    ["slice", "a.stl", "-o", ""],
    ["slice", "a.stl", "-o", "--quiet"],
    ["slice", "a.stl", "-o", "b.gcode", "-o", "c.gcode"],
    ["slice", "a.stl", "-ob.gcode"],
    ["slice", "a.stl", "-o=b.gcode"],
    ["slice", "a.stl", "-qo", "b.gcode"],
    ["slice", "a.stl", "--quiet=yes"],
    ["slice", "a.stl", "--print", "mk4s"],
    ["slice", "a.stl", "--", "-b.stl"],
    ["slice", "a.stl", "-"],
    ["slice", ""],
    ["slice", "a\udcff.stl"],
    ["slice", "a.stl", "--workers", "0"],
    ["slice", "a.stl", "--workers", "257"],
    ["slice", "a.stl", "--workers", "٣"],
    ["slice", "a.stl", "--workers", "+3"],
    ["slice", "a.stl", "--copies", "501"],
    ["slice", "a.stl", "--lang", "kk"],
    ["slice", "a.stl", "--format", "json"],
    ["slice", "a.stl", "--cache", "kept"],
    ["slice", "a.stl", "--scale", "2"],
    ["slice", "a.stl", "--quiet", "-q"],
]


@pytest.mark.parametrize("arguments", LEFT, ids=ascii)
def test_every_other_call_is_left_to_the_library(arguments):
    assert plainly_asked(arguments) is None


@pytest.mark.parametrize("name", FROM_SURROUNDINGS)
def test_so_is_a_call_with_an_option_in_its_surroundings(name, monkeypatch):
    monkeypatch.setenv(name, "kept")
    assert plainly_asked(["slice", "a.stl", "-o", "b.gcode"]) is None


def test_the_table_is_what_the_options_declare():
    for word, (name, read) in WITH_VALUE.items():
        option = DECLARED[word]
        assert (option.name, option.multiple) == (name, name in REPEATED)
        assert option.callback is None
        least, most = _range_of(name)
        if least is not None:
            assert (read(str(least)), read(str(most))) == (least, most)
            for outside in (least - 1, most + 1):
                with pytest.raises(ValueError, match=str(outside)):
                    read(str(outside))
    for word, name in FLAGS.items():
        assert (DECLARED[word].name, DECLARED[word].is_flag) == (name, True)
    from_surroundings = {option.envvar for option in DECLARED.values() if option.envvar}
    assert from_surroundings == set(FROM_SURROUNDINGS)


def _range_of(name):
    """Of the parameter as `printstd.cli.options` declares it."""
    hints = inspect.get_annotations(slice_.slice_models, eval_str=True)
    (declared,) = hints[name].__metadata__
    return declared.min, declared.max


def after_a_call(code, plugins):
    """What `code` prints in a process in which a command has ended."""
    before = (
        "import os, sys\n"
        f"os.environ['PYDANTIC_DISABLE_PLUGINS'] = '{plugins}'\n"
        "from printstd.cli.main import run\n"
        "run(['slice', 'no such file.stl', '-o', 'x.gcode', '--printer', 'mk4s', '--quiet'])\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", before + code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(plain.__file__).parents[2],
    )
    return said.stdout.split()


def test_what_nobody_reads_is_left_out_and_the_rest_is_there():
    """A release that has these modules elsewhere would pay for them again: this says so."""
    code = (
        "import numpy, pydantic\n"
        "assert pydantic.TypeAdapter(int).validate_python('3') == 3\n"
        "assert numpy.add(1, 2) == 3\n"
        "print('importlib.metadata' in sys.modules, numpy.ndarray.sum.__doc__)\n"
    )
    assert after_a_call(code, "__all__") == ["False", "None"]


def test_plugins_that_are_wanted_are_looked_for():
    code = "print(hasattr(sys.modules['pydantic.plugin._loader'], '__file__'))\n"
    assert after_a_call("import pydantic.plugin._loader\n" + code, "") == ["True"]
