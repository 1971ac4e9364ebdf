"""Walls that import-linter cannot see: who may make a record, what a package must hold."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "printstd"
SOURCES = sorted(PACKAGE.rglob("*.py"))


def calls_of(name: str) -> set[str]:
    """Modules in which `name(...)` is called."""
    found = set()
    for path in SOURCES:
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                function = node.func
                called = getattr(function, "id", getattr(function, "attr", None))
                if called == name:
                    found.add(path.relative_to(ROOT).as_posix())
    return found


def test_trust_is_made_in_one_place():
    assert calls_of("CertifiedProgram") == {"printstd/certify/verify.py"}


def test_the_auditor_imports_of_printstd_only_what_the_design_allows():
    allowed = re.compile(
        r"printstd\.(errors|units|words|ports|audit(\..*)?"
        r"|artifacts\.(finding|audit|conformity|demand|layer_plan|arrays))$"
    )
    for path in sorted((PACKAGE / "audit").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = []
            if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
                names = [node.module]
                if node.module == "printstd":
                    names = [f"printstd.{alias.name}" for alias in node.names]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            for name in names:
                if name.startswith("printstd"):
                    assert allowed.match(name), f"{path.name} imports {name}"


def test_only_the_command_line_catches_everything():
    catchers = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ExceptHandler):
                caught = getattr(node.type, "id", None)
                if node.type is None or caught in ("Exception", "BaseException"):
                    catchers.add(path.relative_to(ROOT).as_posix())
    # A fork, and a thread or process of a crew, hands its errors over to whoever asked, which
    # raises or reports them; a plugin's are an answer that says that nothing was checked.
    # OctoPrint sends a line as it is where a plugin raises: so that file lets nothing out, and
    # sends nothing instead.
    passing_on = {f"printstd/adapters/{name}.py" for name in ("forked", "hand", "hands", "plugins")}
    plugin = "printstd/gate/octoprint/printstd_gate.py"
    assert catchers <= {"printstd/cli/main.py", plugin, *passing_on}


def test_every_dependency_is_pinned_where_the_tests_run():
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wanted = [*pyproject["project"]["dependencies"]]
    for extra in pyproject["project"]["optional-dependencies"].values():
        wanted += [line for line in extra if not line.startswith("printstd")]
    pinned = {
        line.split("==")[0].lower().replace("_", "-")
        for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines()
        if "==" in line
    }
    names = {re.split(r"[<>=;\[ ]", line)[0].lower() for line in wanted}
    assert names <= pinned


def test_no_module_holds_more_than_one_room():
    """A module that outgrows one idea is split (CONTRIBUTING): 500 lines is where we look."""
    long = {
        path.relative_to(ROOT).as_posix(): len(path.read_text("utf-8").splitlines())
        for path in SOURCES
    }
    assert {name: lines for name, lines in long.items() if lines > 500} == {}
