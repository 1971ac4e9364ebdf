"""`printstd.toml`: what a repository demands of the models and programs in it."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import ConfigDict, Field

from printstd.profiles.kinds import Positive, Strict

CONFIG_NAME: Final = "printstd.toml"

Name = Annotated[str, Field(min_length=1, max_length=200)]
Glob = Annotated[str, Field(min_length=1, max_length=400)]
Place = Annotated[str, Field(min_length=1, max_length=400)]
"""A path in the repository; ``{stem}``, ``{folder}`` and ``{name}`` are those of the file that is
checked."""
Angle = Annotated[float, Field(ge=-360, le=360, allow_inf_nan=False)]
Expected = Literal["passed", "failed", "undecided", "refused"]
Stage = Literal["validate", "slice", "audit"]
Scalar = str | bool | int | float


class Demands(Strict):
    """What is demanded of a file: the options of `validate`, `slice`, `audit` and `verify` under
    the same names. What is left out has the value that it has there."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)

    stage: Stage | None = None
    """How far a model goes: its checks, a program made of it as well, or that audited as well."""
    expect: Expected | None = None
    """The verdict that is right for it; ``passed`` where nothing is said."""
    pack: Name | None = None
    class_: Annotated[Name | None, Field(alias="class")] = None
    material: Name | tuple[Name, ...] | None = None
    printer: Name | None = None
    process: Name | None = None
    set: dict[Name, Scalar] | None = None
    """Single profile values, as `--set`."""
    units: Literal["mm", "cm", "m", "in", "ft", "um"] | None = None
    scale: Positive | None = None
    rotate: tuple[Angle, Angle, Angle] | None = None
    orient: bool | None = None
    heal: bool | None = None
    plate: Annotated[int, Field(ge=1)] | None = None
    extruder: Annotated[int, Field(ge=1)] | None = None
    allow_undecided: tuple[Name, ...] | None = None
    characteristics: Place | None = None
    order: Place | None = None
    feedstock: Place | None = None
    capability: Place | None = None
    capability_trust: Place | None = None
    """The key, or folder of keys, that the record of capability is signed by."""
    model: Place | tuple[Place, ...] | None = None
    """Of a program: the models that it was made of."""
    supports: bool | None = None
    """Of a program: it may hold supports."""
    copies: Annotated[int, Field(ge=1, le=500)] | None = None
    """Of a program: each part stands on its plate so many times."""
    trust: Place | None = None
    """Of a program: the key, or folder of keys, that its certificates are signed by."""
    policy: Place | None = None
    """Of a program: the trust policy that its certificates hold under."""


class Rule(Demands):
    """What is demanded of the files that its globs match. The first rule in the file that matches
    a file governs it, alone; what it leaves out is as in [defaults]."""

    files: Annotated[tuple[Glob, ...], Field(min_length=1)]


class Repository(Strict):
    """What holds for the whole repository."""

    ignore: tuple[Glob, ...] = ()
    """Files that are not looked at."""
    profiles: Place | None = None
    """A folder of profiles of the repository's own."""
    cache: Place | None = None
    """A folder in which verdicts are kept."""
    baseline: Place | None = None
    """A file of findings that are known."""


class RepositoryFile(Strict):
    """A repository's printstd.toml (docs/ci.md)."""

    repository: Repository = Repository()
    defaults: Demands = Demands()
    rules: tuple[Rule, ...] = ()
