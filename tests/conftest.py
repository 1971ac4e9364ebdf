"""What every test may ask for."""

from __future__ import annotations

import compileall
import os
from pathlib import Path

import pytest
from hypothesis import settings

from tests.shares import examples

# The suite says the same every time; `make fuzz` looks for what nobody has thought of yet.
settings.register_profile("suite", derandomize=True, deadline=None)
settings.register_profile("fuzz", max_examples=2000, deadline=None, print_blob=True)
settings.load_profile(os.environ.get("PRINTSTD_HYPOTHESIS", "suite"))
SETTINGS_OF_A_PROPERTY = "_hypothesis_internal_use_settings"
"""Where Hypothesis keeps what `@settings` said of a test."""


def pytest_configure(config: pytest.Config) -> None:
    """As `make` does: tests start a few hundred processes, and where Python may not write beside
    its sources each would compile the package anew (two thirds of a small call)."""
    if not hasattr(config, "workerinput"):
        compileall.compile_dir(Path(__file__).parents[1] / "printstd", quiet=1)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Whole files, in the order of their names, unless `--dist` says otherwise: what a file keeps
    for its tests is made once, and the short files of tests/unit come last."""
    if config.getoption("dist") != "load":
        return None
    from xdist.scheduler import LoadFileScheduling

    config.option.loadscopereorder = False
    return LoadFileScheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of every property a share of its examples, where not all are asked for."""
    seen: set[int] = set()
    for item in items:
        of = getattr(item, "obj", None)
        function = getattr(of, "__func__", of)
        own = getattr(function, SETTINGS_OF_A_PROPERTY, None)
        if own is not None and id(function) not in seen:
            seen.add(id(function))
            few = examples(own.max_examples, max(own.max_examples // 4, min(own.max_examples, 12)))
            setattr(function, SETTINGS_OF_A_PROPERTY, settings(own, max_examples=few))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write golden files anew")
    parser.addoption(
        "--reopen-epoch",
        action="append",
        type=int,
        default=[],
        metavar="N",
        help="with --update-golden: write the digests of a closed epoch, too; only before the "
        "first release that knows it",
    )


@pytest.fixture
def updating(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden"))


@pytest.fixture
def reopened(request: pytest.FixtureRequest) -> frozenset[int]:
    """Closed epochs whose digests may be written."""
    return frozenset(request.config.getoption("--reopen-epoch"))


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of real models that the environment variable PRINTSTD_CORPUS names; it holds
    good/, units/ and bad/ and is never part of the project."""
    named = os.environ.get("PRINTSTD_CORPUS", "")
    if not named:
        pytest.skip("PRINTSTD_CORPUS names no folder of real models")
    folder = Path(named)
    missing = [name for name in ("good", "units", "bad") if not (folder / name).is_dir()]
    if missing:
        pytest.fail(f"PRINTSTD_CORPUS={named} has no {', '.join(missing)}")
    return folder
