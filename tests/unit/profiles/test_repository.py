"""printstd.toml: what it takes, what it refuses and says of it, and which rule governs a file."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from printstd.errors import RepositoryError
from printstd.profiles.repository import matches, place_for, read_rules

WHOLE = """
[repository]
ignore = ["archive/**", "*.draft.stl"]
profiles = "profiles"
cache = ".printstd-cache"
baseline = "known.json"

[defaults]
pack = "kz"
class = "m"
material = "petg"
printer = "mk4s"

[[rules]]
files = ["parts/**/arm*.stl"]
stage = "audit"
class = "f"
material = ["pla", "petg"]
set = {"process.infill.density_ratio" = 0.3, "process.fuzzy.enabled" = true}
rotate = [0, 0, 90]
scale = 2
order = "orders/{stem}.toml"
expect = "failed"

[[rules]]
files = ["*.gcode"]
model = "{folder}/{stem}.stl"
copies = 2
trust = "keys/shop.pub"

[[rules]]
files = ["**"]
"""


def rules(text: str):
    return read_rules(text.encode(), "printstd.toml")


def problems(text: str) -> list[str]:
    with pytest.raises(RepositoryError) as caught:
        rules(text)
    assert caught.value.exit_code == 3
    return [str(problem) for problem in caught.value.problems]


def test_the_first_rule_that_matches_governs_alone_over_the_defaults():
    found = rules(WHOLE)
    arm = found.governing("parts/a/b/arm1.stl")
    assert (arm.rule, arm.line, arm.is_program) == (0, 14, False)
    asks = arm.demands
    assert (asks.pack, asks.class_, asks.stage, asks.printer) == ("kz", "f", "audit", "mk4s")
    assert asks.material == ("pla", "petg")
    assert asks.set == {"process.infill.density_ratio": 0.3, "process.fuzzy.enabled": True}
    assert (asks.rotate, asks.scale, asks.expect) == ((0.0, 0.0, 90.0), 2.0, "failed")
    assert list(arm.references()) == ["orders/arm1.toml"]
    program = found.governing("out/x.gcode")
    assert program.is_program
    assert program.models == ("out/x.stl",)
    assert list(program.references()) == ["out/x.stl", "keys/shop.pub"]
    other = found.governing("leg.stl")
    assert (other.rule, other.demands.class_, other.demands.expect) == (2, "m", None)
    assert found.is_ignored("archive/a/b.stl")
    assert found.is_ignored("parts/leg.draft.stl")
    assert not found.is_ignored("parts/archive.stl")
    assert found.idle(["leg.stl", "out/x.gcode"]) == [0]


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ('class = "m"', 'clas = "m"', "did you mean 'defaults.class'?"),
        ('stage = "audit"', 'stage = "adit"', "did you mean 'audit'?"),
        ("ignore =", "ignor =", "did you mean 'repository.ignore'?"),
        ("{stem}.toml", "{stemm}.toml", "rules[0].order: got {stemm}"),
        ("orders/", "../orders/", "without .."),
        ("orders/", "/orders/", "a path in the repository"),
        ("orders/", "C:/orders/", "a path in the repository"),
        ("scale = 2", "scale = 0", "rules[0].scale"),
        ("copies = 2", 'copies = "2"', "rules[1].copies"),
        ('expect = "failed"', 'expect = "fail"', "did you mean 'failed'?"),
        ('trust = "keys/shop.pub"', 'trust = "a"\npolicy = "b"', "trust and policy"),
        ("scale = 2", "scale = 2\norient = true", "orient and rotate"),
        ("copies = 2", 'copies = 2\nstage = "slice"', "a model's key only where models"),
        ("rotate = [0, 0, 90]", 'model = "a.stl"', "a program's key only where programs"),
        ('cache = ".printstd-cache"', 'cache = "{stem}"', "no braces here"),
        ('expect = "failed"', 'capability_trust = "k.pub"', "capability = FILE with it"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(old, new, wanted):
    assert old in WHOLE
    (problem,) = problems(WHOLE.replace(old, new, 1))
    assert wanted in problem
    place = problem.split(": ")[0]
    name, _, line = place.partition(":")
    assert name == "printstd.toml"
    assert int(line) in range(1, 40)


def test_no_rules_and_no_toml_are_refused():
    assert "one [[rules]] table at least" in problems("")[0]
    assert "TOML 1.0" in problems("[[rules]\n")[0]
    with pytest.raises(RepositoryError, match="UTF-8"):
        read_rules(b"\xff", "printstd.toml")


def test_every_problem_is_told_at_once():
    text = WHOLE.replace("pack =", "pak =").replace('stage = "audit"', 'stage = "x"')
    assert len(problems(text)) == 2


FILES = (
    *("a.stl", "b.stl", "ab.stl", "A.stl", "[x].stl", "a b.stl", "деталь.stl"),
    *("parts/a.stl", "parts/b.3mf", "parts/x/a.stl", "parts/x/y/a.stl", "other/parts/a.stl"),
)
GLOBS = (
    *("**", "*.stl", "**/*.stl", "parts/*.stl", "parts/**", "parts/**/*.stl", "parts/**/a.stl"),
    *("?.stl", "[ab].stl", "[!a].stl", "[a-b].stl", "**/parts/a.stl", "parts/*/a.stl", "p*/a.stl"),
    *("дет*.stl", "parts/x/**/a.stl", "[[]x].stl", "nothing/**"),
)


@pytest.fixture(scope="module")
def work_tree(tmp_path_factory):
    folder = tmp_path_factory.mktemp("globs")
    for name in FILES:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    subprocess.run(["git", "-C", str(folder), "add", "-A"], check=True)
    return folder


@pytest.mark.parametrize("glob", GLOBS)
def test_globs_mean_what_they_mean_to_git(work_tree: Path, glob: str):
    """Its pathspecs of the kind `glob` are an implementation that is not ours."""
    asked = glob if "/" in glob or glob == "**" else f"**/{glob}"
    done = subprocess.run(
        ["git", "-C", str(work_tree), "ls-files", "-z", "--", f":(glob){asked}"],
        check=True,
        capture_output=True,
    )
    theirs = {name for name in done.stdout.decode().split("\0") if name}
    assert {name for name in FILES if matches([glob], name)} == theirs


@pytest.mark.parametrize(
    ("template", "path", "place"),
    [
        ("{folder}/{stem}.csv", "parts/arm.v2.stl", "parts/arm.v2.csv"),
        ("{folder}/{stem}.csv", "arm.stl", "arm.csv"),
        ("./drawings/{name}.csv", "parts/arm.stl", "drawings/arm.stl.csv"),
        ("a.csv", "parts/arm.stl", "a.csv"),
        ("{folder}/x", "{stem}/arm.stl", "{stem}/x"),
    ],
)
def test_places_are_of_the_file(template, path, place):
    assert place_for(template, path) == place


def test_the_published_schema_is_that_of_the_model_and_knows_a_right_file():
    import json
    import tomllib

    import jsonschema

    from printstd.profiles.schema import schema_text

    place = Path(__file__).parents[3] / "profiles" / "schema" / "repository.json"
    assert place.read_text("utf-8") == schema_text("repository"), "make schemas"
    validator = jsonschema.Draft202012Validator(json.loads(place.read_text("utf-8")))
    assert validator.is_valid(tomllib.loads(WHOLE))
    assert not validator.is_valid(tomllib.loads(WHOLE.replace("pack =", "pak =")))
