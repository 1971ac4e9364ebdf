"""keys, profiles, explain, inspect, help: complete, and in words that a newcomer understands."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys

import pytest

from printstd import audit
from printstd.cli.application import application
from printstd.cli.commands.explain import rule_titles
from printstd.cli.main import run
from printstd.repair import pages as repair_pages
from printstd.validate import registry
from tests.integration.command import ROOT, environment, listing, printstd
from tests.unit.profiles.json_schema import violations


def schema_of(name: str):
    return json.loads((ROOT / "docs" / "schema" / f"{name}.schema.json").read_text("utf-8"))


COMMANDS = (
    "validate",
    "slice",
    "audit",
    "certify",
    "verify",
    "check",
    "diff",
    "repair",
    "inspect",
    "preview",
    "explain",
    "artefact",
    "qualify",
    "passport",
    "log",
    "quote",
)
GROUPS = ("profiles", "keys", "farm", "gate", "batch", "calibrate")


def _in_groups():
    """Every command of every group, ``farm user add`` among them."""
    import typer

    def below(group, words):
        for name, command in sorted(getattr(group, "commands", {}).items()):
            yield f"{words} {name}"
            yield from below(command, f"{words} {name}")

    whole = typer.main.get_command(application([]))
    return [words for name in GROUPS for words in below(whole.commands[name], name)]


@pytest.mark.parametrize("algorithm", ["p256", "ed25519"])
def test_a_new_key_is_shown_by_either_half_and_is_its_owner_s_alone(desk, algorithm):
    done = printstd("keys", "new", "ключ", "--algorithm", algorithm, cwd=desk)
    assert done.code == 0, done.err
    if os.name == "posix":
        assert stat.S_IMODE((desk / "ключ.key").stat().st_mode) == 0o600
    private = printstd("keys", "show", "ключ.key", cwd=desk)
    public = printstd("keys", "show", "ключ.pub", cwd=desk)
    assert private.code == public.code == 0
    assert private.out == public.out
    assert "PRIVATE" not in private.out
    assert (desk / "ключ.pub").read_text() in public.out
    assert {"p256": "ecdsa-p256-sha256", "ed25519": "ed25519"}[algorithm] in public.out
    key_id = public.out.split("key id")[1].split()[0]
    assert key_id in done.out
    before = listing(desk)
    assert printstd("keys", "new", "ключ", cwd=desk).code == 2
    assert listing(desk) == before


def test_p256_is_the_default_and_a_passphrase_locks_the_key(desk):
    assert printstd("keys", "new", "p", cwd=desk, PRINTSTD_KEY_PASSPHRASE="сөз").code == 0
    assert b"ENCRYPTED" in (desk / "p.key").read_bytes()
    assert printstd("keys", "show", "p.key", cwd=desk).code == 4
    done = printstd("keys", "show", "p.key", cwd=desk, PRINTSTD_KEY_PASSPHRASE="сөз")
    assert done.code == 0
    assert "ecdsa-p256-sha256" in done.out


def test_profiles_are_listed_shown_with_origin_and_checked(desk):
    listed = json.loads(printstd("profiles", "list", "--format", "json", cwd=desk).out)
    assert violations(schema_of("profiles-list"), listed) == []
    text = printstd("profiles", "list", cwd=desk).out
    for kind, names in listed["profiles"].items():
        assert f"{kind}:" in text
        for name in names:
            assert f"  {name}" in text
    assert {"int", "kz"} <= set(listed["profiles"]["packs"])
    call = ("profiles", "show", "--printer", "mk4s", "--set", "process.walls.count=3")
    shown = json.loads(printstd(*call, "--format", "json", cwd=desk).out)
    assert violations(schema_of("profiles-show"), shown) == []
    values = {row["key"]: row for row in shown["values"]}
    assert (values["process.walls.count"]["value"], values["process.walls.count"]["origin"]) == (
        "3",
        "--set",
    )
    assert values["printer.nozzle_mm"]["origin"].startswith("profiles/printers/mk4s.toml:")
    assert "process.walls.count" in printstd(*call, cwd=desk).out
    done = printstd("profiles", "check", cwd=desk)
    assert done.code == 0
    assert "nothing wrong" in done.out
    assert printstd("profiles", "check", "int", "nowhere", cwd=desk).code == 3


@pytest.mark.parametrize("rule", list(rule_titles()))
def test_every_rule_has_a_page_under_its_own_name_in_any_case(rule, capsys):
    assert run(["explain", rule.lower()]) == 0
    page = capsys.readouterr().out
    first, *rest = page.splitlines()
    assert first == f"{rule}: {rule_titles()[rule]}"
    for heading in ("What it demands", "Why", "How it is measured", "Example"):
        assert heading in rest, heading
    assert "Source" in rest or "Standard and clause" in rest


def test_explain_lists_every_check_and_rule_once(desk):
    out = printstd("explain", cwd=desk).out
    ids = [line.split()[0] for line in out.splitlines()]
    checks = [check.id for check in registry.all_rules()]
    assert ids == [*checks, *audit.all_rules(), *repair_pages.TITLES]
    assert len(set(ids)) == len(ids)


def test_inspect_tells_a_model_a_program_and_a_certificate_apart(desk):
    call = ("certify", "small.gcode", "--model", "small.stl", "--printer", "peer")
    call += ("--material", "peer", "--process", "peer-0.20", "--key", "k.key")
    assert printstd(*call, cwd=desk).code == 0
    done = printstd("inspect", "cube.stl", "small.gcode", "small.gcode.recheck.json", cwd=desk)
    assert done.code == 0, done.err
    model, program, certificate = done.out.split("\n\n")
    assert "size" in model
    assert "8 cm3" in model
    assert "G-code" in program
    assert "not verified here" in certificate
    assert "verdict" in certificate
    assert "PASSED" in certificate


# The gate has the standard library alone, also for its help.
@pytest.mark.parametrize("command", [*COMMANDS, *sorted({*GROUPS} - {"gate"}), *_in_groups(), ""])
def test_help_is_whole_sentences_and_names_every_option(command, capsys):
    assert run([*command.split(), "--help"]) == 0
    text = capsys.readouterr().out
    assert f"Usage: printstd {command}".rstrip() in text
    _, _, listed = text.partition("Options:")
    assert not re.search(r"<[a-z]", listed)  # a type in brackets says nothing to a newcomer
    assert "..." not in listed  # nothing is cut short
    options = [line for line in text.splitlines() if line.startswith(("  -", "      --"))]
    for line in options:
        assert len(line) <= 80
    assert any("--help" in line for line in options)


def test_a_checkout_runs_without_being_installed(tmp_path):
    done = subprocess.run(
        [sys.executable, str(ROOT / "cli.py"), "explain", "geo-02"],
        cwd=tmp_path,
        env=environment(PYTHONPATH=""),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("GEO-02: ")


def test_the_commands_are_those_of_the_contract(capsys):
    import typer

    command = typer.main.get_command(application([]))
    assert set(command.commands) == {*COMMANDS, *GROUPS}  # type: ignore[attr-defined]
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("printstd ")
