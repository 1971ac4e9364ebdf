"""verify.html in a real Chromium without a network: it judges as `printstd verify` does."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from printstd.certify.keys import public_pem
from printstd.cli.main import run
from tests.e2e.chromium import Page, browser, found
from tests.unit.certify.carriers import cases

PROGRAM = found()
IS_REQUIRED = os.environ.get("PRINTSTD_PEERS_REQUIRED") == "1"
pytestmark = [pytest.mark.peers]
if PROGRAM is None and not IS_REQUIRED:
    pytestmark.append(
        pytest.mark.skip(reason="no Chromium here (Debian: apt-get install chromium)")
    )


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    assert PROGRAM is not None, "make e2e wants Chromium (Debian: apt-get install chromium)"
    with browser(PROGRAM, tmp_path_factory.mktemp("profile")) as made:
        made.call(
            "Network.emulateNetworkConditions",
            offline=True,
            latency=0,
            downloadThroughput=0,
            uploadThroughput=0,
        )
        yield made


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for each case, the trusted keys, and the pages with them and without."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "keys").mkdir()
    for kind in cases.KINDS:
        (folder / "keys" / f"{kind}.pub").write_bytes(public_pem(cases.key(kind).public))
    for name, files in cases.all_cases().items():
        own = folder / name.replace(":", "").replace("'", "")
        own.mkdir()
        for file, data in files.items():
            (own / file).write_bytes(data)
    assert command("verify", "--page", folder / "verify.html", "--trust", folder / "keys") == 0
    assert command("verify", "--page", folder / "bare.html") == 0
    return folder


def command(*arguments: object) -> int:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return run([str(argument) for argument in arguments])


def folder_of(desk: Path, name: str) -> Path:
    return desk / name.replace(":", "").replace("'", "")


def judged(page: Page, files: list[Path]) -> tuple[int, str]:
    """The page's verdict on the files, given by its own input."""
    page.run("document.getElementById('again').click()")
    node = page.call("Runtime.evaluate", expression="document.getElementById('files')")
    page.call(
        "DOM.setFileInputFiles",
        files=[str(path) for path in files],
        objectId=node["result"]["objectId"],
    )
    told = page.run(
        "new Promise((done) => { const look = () => document.body.dataset.code === undefined"
        " ? setTimeout(look, 5) : done([document.body.dataset.code, document.body.dataset.reason]);"
        " look(); })"
    )
    return int(told[0]), str(told[1])


@pytest.fixture(scope="module")
def verdicts(page: Page, desk: Path) -> dict[str, tuple[int, int, str]]:
    """Case -> what the command says, what the page says, and why."""
    page.complaints.clear()
    page.requests.clear()
    page.open(desk / "verify.html")
    found_ = {}
    for name, files in cases.all_cases().items():
        own = folder_of(desk, name)
        program = own / next(iter(files)).removesuffix(".recheck.json")
        code = command("verify", program, "--trust", desk / "keys")
        found_[name] = (code, *judged(page, [own / file for file in files]))
    return found_


def test_page_and_command_judge_alike(verdicts):
    differing = {name: row for name, row in verdicts.items() if row[0] != row[1]}
    assert differing == {}
    assert len(verdicts) > 100


def test_the_honest_pass_and_the_damaged_do_not(verdicts):
    wanted = {name: 1 if name.startswith("failed") else 0 for name, _ in cases.honest()}
    good = ("part", "part: traced", "part: of no generation")
    good += ("passport", "passport: traced", "passport: of an old certificate")
    wanted |= dict.fromkeys(("bundle: url-safe base64", *good), 0)
    for name, (code, _, _) in verdicts.items():
        assert (code == wanted[name]) if name in wanted else (code in (4, 6)), name
    reasons = {reason for _, _, reason in verdicts.values()}
    assert "bug" not in reasons
    assert {
        "passed",
        "failed",
        "digest",
        "same_commands",
        "signature",
        "statement",
        "unreadable",
        "container",
        "around",
        "link",
        "apart",
        "expired",
        "level",
        "twice",
        "several_plates",
        "part",
        "passport",
    } <= reasons


def test_the_page_is_silent_and_asks_the_network_for_nothing(page, desk, verdicts):
    assert verdicts
    assert page.complaints == []
    assert page.requests == [(desk / "verify.html").resolve().as_uri()]
    assert page.run("isSecureContext") is True
    blocked = page.run("fetch('https://example.org/').then(() => 'sent', () => 'blocked')")
    assert blocked == "blocked"
    evaluated = page.run(
        "(() => { const s = document.createElement('script'); s.textContent = 'leaked = 1';"
        " document.body.append(s); return typeof leaked; })()"
    )
    assert evaluated == "undefined"
    page.complaints.clear()


def test_it_speaks_four_languages(page, desk, tmp_path):
    page.open(desk / "verify.html")
    files = sorted(folder_of(desk, "p256").iterdir())
    assert judged(page, files) == (0, "passed")
    heads = set()
    for language in ("kk", "ru", "en", "zh"):
        page.run(
            f"(() => {{ const s = document.getElementById('language'); s.value = '{language}';"
            " s.dispatchEvent(new Event('change')); })()"
        )
        assert page.run("document.documentElement.lang") == language
        text = page.run("document.body.innerText")
        assert "undefined" not in text
        heads.add(page.run("document.querySelector('.verdict strong').textContent"))
        shot = os.environ.get("PRINTSTD_SHOTS")
        if shot:
            Path(shot, f"verify-{language}.png").write_bytes(page.screenshot(full=True))
    assert len(heads) == 4
    assert page.complaints == []


def test_without_keys_it_trusts_nobody_until_a_key_is_given(page, desk):
    page.open(desk / "bare.html")
    files = sorted(folder_of(desk, "p256").iterdir())
    assert judged(page, files) == (6, "no_key")
    assert judged(page, [*files, desk / "keys" / "p256.pub"]) == (0, "passed")
    assert judged(page, [*files, desk / "keys" / "ed25519.pub"]) == (6, "signature")
    # And a key that comes with the files means nothing to a page that has its own.
    page.open(desk / "verify.html")
    strange = sorted(folder_of(desk, "strangers key").iterdir())
    pem = desk / "stranger.pub"
    pem.write_bytes(public_pem(cases.stranger().public))
    assert judged(page, [*strange, pem]) == (6, "signature")


def test_files_may_be_dropped(page, desk):
    page.open(desk / "verify.html")
    done = page.run(
        "(() => { const t = new DataTransfer(); t.items.add(new File(['G28\\n'], 'a.gcode'));"
        " document.dispatchEvent(new DragEvent('drop', {dataTransfer: t, bubbles: true}));"
        " return new Promise((done) => setTimeout(() => done(document.body.dataset.reason), 300));"
        " })()"
    )
    assert done == "level"


def test_names_and_messages_are_text(page, desk, tmp_path):
    page.open(desk / "verify.html")
    harmful = tmp_path / "<img src=x onerror=alerted=1>.gcode"
    harmful.write_bytes(cases.pair().program)
    others = [p for p in sorted(folder_of(desk, "p256").iterdir()) if p.suffix == ".json"]
    assert judged(page, [harmful, *others]) == (0, "passed")
    assert page.run("typeof alerted") == "undefined"
    assert page.run("document.images.length") == 0


STORED = Path(__file__).parents[1] / "integration" / "signed_by_0_1_0"
GOLDEN = Path(__file__).parents[1] / "golden" / "bundles"


def stored_sets() -> list[tuple[Path, Path, Path, str]]:
    """(program, generation, re-check, key) of certificates that are kept as they were signed."""
    kept = [(STORED / "plate.gcode", STORED / "plate.gcode", "k.pub")]
    kept += [
        (GOLDEN / "part.gcode", key.with_suffix(""), key.name)
        for key in sorted(GOLDEN.glob("*.pub"))
    ]
    return [
        (
            program,
            stem.with_name(f"{stem.name}.cert.json"),
            stem.with_name(f"{stem.name}.recheck.json"),
            key,
        )
        for program, stem, key in kept
    ]


@pytest.mark.parametrize(("program", "generation", "recheck", "key"), stored_sets())
def test_what_was_signed_long_ago_stands_in_the_page(
    page, desk, tmp_path, program, generation, recheck, key
):
    for kind, file in (("cert", generation), ("recheck", recheck)):
        (tmp_path / f"{program.name}.{kind}.json").write_bytes(file.read_bytes())
    (tmp_path / program.name).write_bytes(program.read_bytes())
    files = sorted(tmp_path.iterdir())
    pub = program.parent / key
    assert command("verify", tmp_path / program.name, "--trust", pub) == 0
    page.open(desk / "bare.html")
    assert judged(page, [*files, pub]) == (0, "passed")
    changed = tmp_path / program.name
    changed.write_bytes(changed.read_bytes().replace(b"G1 X", b"G1 Y", 1))
    assert judged(page, [*files, pub]) == (6, "digest")


@pytest.mark.parametrize("what", cases.POLICIES)
def test_page_and_command_hold_to_a_policy_alike(page, desk, tmp_path, what):
    """Programs, statements about parts, and passports."""
    keys = [f"keys/{kind}.pub" for kind in cases.KINDS]
    rules = f"{cases.POLICIES[what]}\n[keys]\ngenerator = {keys}\nrecheck = {keys}\n"
    (desk / "p.toml").write_text(rules)
    assert command("verify", "--page", tmp_path / "v.html", "--policy", desk / "p.toml") == 0
    page.open(tmp_path / "v.html")
    found_ = {}
    for name in (
        *("p256", "failed", "part", "part: traced", "part: expired", "passport: stranger's"),
        *("passport", "passport: traced", "passport: of an old certificate"),
    ):
        files = cases.all_cases()[name]
        program = folder_of(desk, name) / next(iter(files)).removesuffix(".recheck.json")
        code = command("verify", program, "--policy", desk / "p.toml")
        found_[name] = (code, *judged(page, [folder_of(desk, name) / file for file in files]))
    assert {name: row for name, row in found_.items() if row[0] != row[1]} == {}
    ends = {name: row[0] for name, row in found_.items()}
    refuses = what in ("another pack", "young")
    for name in ("p256", "part", "passport", "passport: traced"):
        assert ends[name] == (6 if refuses else 0), name
    is_old = refuses or what == "not older than the quoted"
    assert ends["passport: of an old certificate"] == (6 if is_old else 0)
