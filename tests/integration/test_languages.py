"""`--lang` chooses who can read the talk, and nothing else."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from printstd.cli.speech import Language, asked_for
from printstd.report.cells import cells
from tests.integration.command import ROOT, in_a_process, printstd

BRACKET = ROOT / "samples/bracket.stl"
OPEN_BOX = ROOT / "samples/open_box.stl"
OTHERS = [language.value for language in Language if language is not Language.EN]


@pytest.mark.parametrize("language", ["kk", "ru", "ja"])
def test_a_report_is_in_the_language_and_its_json_is_not(language: str, tmp_path: Path) -> None:
    english = printstd("validate", OPEN_BOX, cwd=tmp_path)
    other = printstd("validate", OPEN_BOX, "--lang", language, cwd=tmp_path)
    assert other.code == english.code == 1
    assert "FAILED" in english.out
    assert "FAILED" not in other.out
    rules = re.compile(r"^[A-Z]{3}-\d\d", re.MULTILINE)
    assert rules.findall(other.out) == rules.findall(english.out)
    assert all(cells(line) <= 120 for line in other.out.splitlines())
    machine = [
        printstd("validate", OPEN_BOX, "--format", "json", *more, cwd=tmp_path).out
        for more in ((), ("--lang", language))
    ]
    assert machine[0] == machine[1]
    assert json.loads(machine[0])["subjects"][0]["sections"][0]["outcome"] == "FAILED"


def test_programs_do_not_depend_on_the_language(tmp_path: Path) -> None:
    made = []
    for language in ("en", "ru", "ja"):
        target = tmp_path / f"{language}.gcode"
        done = printstd(
            "slice", ROOT / "samples/cube20.stl", "--printer", "mk4s", "-o", target,
            "--lang", language, cwd=tmp_path,
        )  # fmt: skip
        assert done.code == 0
        made.append(target.read_bytes())
    assert made[0] == made[1] == made[2]


ERRORS = {
    "kk": ("қайда:", "керегі:", "не істеу керек:"),
    "ru": ("где:", "требуется:", "что делать:"),
    "zh": ("位置：", "要求：", "处理方法："),
    "de": ("wo:", "verlangt:", "Abhilfe:"),
    "fr": ("où :", "attendu :", "que faire :"),
    "ko": ("위치:", "필요:", "조치:"),
    "ja": ("場所：", "必要：", "対処："),
}


@pytest.mark.parametrize("language", OTHERS)
def test_errors_speak_the_language(language: str, tmp_path: Path) -> None:
    refused = tmp_path / "note.txt"
    refused.write_text("no model\n")
    done = printstd("validate", refused, "--lang", language, cwd=tmp_path)
    assert done.code == 4
    for label in ERRORS[language]:
        assert label in done.err
    assert "what to do" not in done.err + done.out


@pytest.mark.parametrize("wrong", [["--bogus"], []])
def test_a_call_that_cannot_be_parsed_is_answered_in_the_language(
    wrong: list[str], tmp_path: Path
) -> None:
    done = printstd("validate", *wrong, "--lang", "ru", cwd=tmp_path)
    assert done.code == 2
    assert "что делать:" in done.err


def test_the_environment_is_not_asked(tmp_path: Path) -> None:
    russian = dict.fromkeys(("LANG", "LC_ALL", "LC_MESSAGES", "LANGUAGE"), "ru_RU.UTF-8")
    call = ("validate", OPEN_BOX)
    assert in_a_process(*call, cwd=tmp_path, **russian) == printstd(*call, cwd=tmp_path)


def test_the_pack_words_the_title(tmp_path: Path) -> None:
    titles = {
        language: printstd(
            "validate", BRACKET, "--pack", "kz", "--lang", language, cwd=tmp_path
        ).out.splitlines()[0]
        for language in ("en", "kk", "ru")
    }
    assert titles == {
        "en": "Digital pre-production check report",
        "kk": "Өндіріс алдындағы цифрлық тексеру есебі",
        "ru": "Отчёт о цифровой проверке перед изготовлением",
    }


def test_what_a_call_asks_for_is_found_in_a_call_that_cannot_be_parsed() -> None:
    assert asked_for(["validate", "--lang", "kk"]) is Language.KK
    assert asked_for(["validate", "--lang=ja", "--bogus"]) is Language.JA
    assert asked_for(["validate", "--lang", "xx"]) is Language.EN
    assert asked_for(["validate", "--lang"]) is Language.EN
    assert asked_for([]) is Language.EN


@pytest.mark.parametrize("language", ["ja", "zh", "ru"])
def test_the_table_of_a_drawing_stands_in_columns_in_every_script(
    language: str, tmp_path: Path
) -> None:
    drawing = ROOT / "samples/drawings/bracket.csv"
    done = printstd(
        "validate", BRACKET, "--characteristics", drawing, "--lang", language, cwd=tmp_path
    )
    lines = done.out.splitlines()
    rows = [line for line in lines if re.match(r"  \d +[A-C]\d  ", line)]
    assert len(rows) == 9
    head = lines[lines.index(rows[0]) - 1]
    ends = {cells(row[: row.rindex("  ")]) for row in rows}
    assert ends == {cells(head[: head.rindex("  ")])}
    assert not re.search(r"decision rule|nominal sizes|predicted part|suggestion", done.out)
