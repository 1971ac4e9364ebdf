"""`printstd farm` and `printstd quote` as they are called: what they do, print, and exit with."""

from __future__ import annotations

import json
import shutil
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from printstd.adapters.keys import load_signer, new_key
from printstd.artifacts.job import JobState
from printstd.cli.farm_place import at_farm
from printstd.cli.main import run
from tests import small_part
from tests.unit.profiles.json_schema import violations

SCHEMAS = Path(__file__).parents[2] / "docs" / "schema"


@cache
def published(name: str) -> Any:
    return json.loads((SCHEMAS / f"{name}.schema.json").read_bytes())


class Called:
    """In this process: a farm's commands are many, and short."""

    def __init__(self, capsys: pytest.CaptureFixture[str], farm: Path) -> None:
        self.capsys, self.farm = capsys, farm
        self.out = self.err = ""

    def __call__(self, *arguments: object) -> int:
        self.capsys.readouterr()
        code = run([str(one) for one in arguments])
        self.out, self.err = self.capsys.readouterr()
        return code

    def json(self, *arguments: object) -> Any:
        assert self("farm", *arguments, "--format", "json", "--farm", self.farm) == 0, self.err
        found = json.loads(self.out)
        assert violations(published(f"farm-{arguments[0]}"), found) == []
        return found

    def do(self, *arguments: object) -> int:
        return self("farm", *arguments, "--farm", self.farm)


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A farm with a printer that nobody answers for, a spool on it, and a certified program."""
    folder = tmp_path_factory.mktemp("first")
    new_key(folder / "maker", algorithm="p256", passphrase=None)
    pair = small_part.pair(load_signer(folder / "maker.key"))
    (folder / PROGRAM).write_bytes(pair.program)
    (folder / f"{PROGRAM}.cert.json").write_bytes(pair.generation)
    (folder / f"{PROGRAM}.recheck.json").write_bytes(pair.recheck)
    (folder / "key").write_text("SECRET-KEY\n")
    hall, key = str(folder / "hall"), str(folder / "key")
    for call in (
        ("init", hall, "--trust", str(folder / "maker.pub")),
        (*ADD, "--farm", hall, "--key-file", key, "--tag", "smooth"),
        ("spools", "--add", "s1", "--material", "peer", "--grams", "1", "--farm", hall),
        ("spools", "--load", "s1", "--on", "a1", "--flow", "1.01", "--farm", hall),
    ):
        assert run(["farm", *call]) == 0
    return folder


@pytest.fixture
def made(
    first: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Called:
    """A farm of the test's own, like `first`."""
    shutil.copytree(first, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return Called(capsys, tmp_path / "hall")


ADD = ("add", "a1", "--printer", "peer", "--host", "octoprint+http://127.0.0.1:9")
PROGRAM = "part №1.gcode"


def test_a_job_from_submit_to_history(made: Called) -> None:
    (job,) = made.json("submit", PROGRAM, "--copies", "2", "--due", "2030-01-01")["jobs"]
    assert job == {"job": "J1", "name": PROGRAM, "copies": 2}
    queue = made.json("queue")
    assert [(p["print"], p["state"], p["due"]) for p in queue["prints"]] == [
        (1, "queued", "2030-01-01 00:00:00Z"),
        (2, "queued", "2030-01-01 00:00:00Z"),
    ]
    (reason,) = made.json("explain", "J1")["printers"]
    assert reason == {"printer": "a1", "could": False, "reason": "its host does not answer"}
    assert made.do("pause", "1") == 0
    assert made.do("cancel", "2") == 0
    assert made.do("pause", "a1") == 0
    assert made.json("status")["counts"] == {"cancelled": 1, "held": 1}
    (printer,) = made.json("list")["printers"]
    assert (printer["paused"], printer["tags"], printer["loaded"]) == (
        True,
        ["smooth"],
        ["s1 (peer)"],
    )
    assert made.do("resume", "J1") == 0
    assert made.do("resume", "a1") == 0
    assert made.do("again", "2") == 0
    assert [p["print"] for p in made.json("queue")["prints"]] == [1, 3]
    kinds = [e["kind"] for e in made.json("history", "J1")["events"]]
    assert kinds[0] == "job submitted"
    assert kinds[-1] == "copy asked for again"
    assert made.do("history", "--check") == 0
    assert "unbroken" in made.out
    assert made.do("queue") == 0
    assert PROGRAM in made.out


def test_a_print_that_needs_more_than_is_there_says_so(made: Called) -> None:
    assert made.do("submit", PROGRAM) == 0
    assert made.do("spools", "--weigh", "s1", "--grams", "0.1") == 0
    (reason,) = made.json("explain", "J1")["printers"]
    assert reason["reason"] == "s1 has 0.1 g to spare, the program wants 0.2 g"


def test_a_look_at_printers_that_do_not_answer_changes_nothing(made: Called) -> None:
    assert made.do("submit", PROGRAM) == 0
    assert made.do("run", "--once") == 0
    status = made.json("status")
    assert status["printers"][0]["state"] == "silent"
    assert status["counts"] == {"queued": 1}


def test_what_does_not_verify_is_not_taken(made: Called) -> None:
    file = Path(PROGRAM)
    file.write_bytes(file.read_bytes().replace(b"G1 Z5", b"G1 Z6", 1))
    assert made.do("submit", PROGRAM) == 6
    assert made.json("queue")["prints"] == []
    Path("bare.gcode").write_bytes(b"G1 X1\n")
    assert made.do("submit", "bare.gcode") == 6
    assert made.do("submit", "absent.gcode") == 4
    new_key(Path("other"), algorithm="p256", passphrase=None)
    assert made("farm", "init", "strict", "--trust", "other.pub") == 0
    assert made("farm", "submit", PROGRAM, "--farm", "strict") == 6


WRONG = [
    (("add", "a1", "--printer", "peer", "--host", "octoprint+http://x"), 2, "of this name"),
    (("add", "12", "--printer", "peer", "--host", "octoprint+http://x"), 2, "cannot be called"),
    (("add", "b", "--printer", "nix", "--host", "octoprint+http://x"), 3, "nix"),
    (("add", "b", "--printer", "peer", "--host", "http://x"), 2, "not the address"),
    (("add", "b", "--printer", "peer"), 2, "no --host"),
    (("explain", "J7"), 4, "no job"),
    (("explain", "x"), 2, "this is no job"),
    (("cancel", "7"), 4, "no instance"),
    (("cancel", "a1"), 2, "a printer is not cancelled"),
    (("pause", "zz"), 4, "no printer"),
    (("ready", "zz"), 4, "no printer"),
    (("submit", PROGRAM, "--on", "zz"), 4, "no printer"),
    (("submit", PROGRAM, "--due", "soon"), 2, "this is no time"),
    (("spools", "--add", "s2"), 2, "--material, --grams"),
    (("spools", "--add", "s2", "--material", "cheese", "--grams", "1"), 4, "no such material"),
    (("spools", "--load", "s9", "--on", "a1"), 4, "no spool"),
    (("import", "key"), 4, "no farm that was exported"),
    (("set", "a1", "--capability", "key"), 6, "cannot be read"),
]


def test_what_cannot_be_is_told_with_its_exit_code(made: Called) -> None:
    for arguments, code, said in WRONG:
        assert made.do(*arguments) == code, (arguments, made.err)
        assert said in made.err, arguments
        assert "what to do" in made.err or code == 3
    assert made.do("history", "--check") == 0
    assert "3 lines" in made.out, "nothing of it is in the history"


def test_where_there_is_no_farm(made: Called) -> None:
    assert made("farm", "queue", "--farm", "nowhere") == 4
    assert made("farm", "init", "hall", "--trust", "maker.pub") == 2
    assert made("farm", "init", "new") == 2
    settings = made.farm / "farm.toml"
    settings.write_text(settings.read_text() + "\n[groups.x]\nmax_heatin = 2\n")
    assert made.do("queue") == 3
    assert "max_heatin" in made.err


def test_what_cannot_be_done_now_is_refused(made: Called) -> None:
    assert made.do("submit", PROGRAM) == 0
    assert made.do("resume", "1") == 2
    assert "this cannot be done now" in made.err
    assert made.do("again", "1") == 4
    assert made.do("cancel", "1", "--give-up") == 2
    assert made.do("cancel", "J1") == 0
    assert made.do("cancel", "J1") == 2


def test_the_key_of_a_host_is_only_its_owners(made: Called, tmp_path: Path) -> None:
    secrets = made.farm / "secrets.toml"
    assert secrets.stat().st_mode & 0o077 == 0
    with at_farm(made.farm) as place:
        assert place.folder.secrets("a1") == {"key": "SECRET-KEY"}
    assert made.do("export", tmp_path / "all.json") == 0
    for file in (tmp_path / "all.json", made.farm / "farm.sqlite", made.farm / "farm.toml"):
        assert b"SECRET-KEY" not in file.read_bytes()


def test_a_farm_moves_to_another_folder(made: Called, tmp_path: Path) -> None:
    assert made.do("submit", PROGRAM, "--copies", "3") == 0
    assert made.do("export", "all.json") == 0
    assert made("farm", "init", "new", "--trust", "maker.pub") == 0
    assert made("farm", "import", "all.json", "--farm", "new") == 0
    assert made("farm", "history", "--check", "--farm", "new") == 0
    with at_farm(tmp_path / "new") as place, place.store.reading() as rows:
        assert rows.counts() == {JobState.QUEUED: 3}
    text = Path("all.json").read_text().replace('"job submitted"', '"job forgotten"')
    Path("all.json").write_text(text)
    assert made("farm", "init", "third", "--trust", "maker.pub") == 0
    assert made("farm", "import", "all.json", "--farm", "third") == 6


def test_printers_come_from_a_table(made: Called) -> None:
    Path("p.csv").write_text("name;profile;host;tags\nb1;peer;moonraker+http://b1;x y\n", "utf-8")
    assert made.do("import", "p.csv") == 0
    assert [p["name"] for p in made.json("list")["printers"]] == ["a1", "b1"]
    Path("p.csv").write_text("name,profile\nb2,peer\n")
    assert made.do("import", "p.csv") == 4


def test_a_quote_has_the_figures_of_the_certificate(made: Called) -> None:
    assert made("quote", PROGRAM) == 6
    settings = made.farm / "farm.toml"
    rates = (
        '[rates]\ncurrency = "EUR"\nmachine_per_hour = "6"\nmaterials_per_kg = { peer = "25" }\n'
    )
    settings.write_text(settings.read_text() + rates)
    assert made("quote", PROGRAM, "--prints", "3", "--farm", made.farm, "--format", "json") == 0
    found = json.loads(made.out)
    assert violations(published("quote"), found) == []
    assert violations(published("quote"), {**found, "total": 3.02}) != []
    # The certificate says 600 s and 0.224 g.
    assert (found["machine_hours"], found["grams"]) == (0.5, {"peer": 0.672})
    assert found["total"] == "3.02"
    assert made("quote", PROGRAM, "--trust", "maker.pub") == 0
    assert "no rate says" in made.out
