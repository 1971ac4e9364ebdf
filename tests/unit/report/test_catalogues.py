"""Every message of every catalogue: it is one that the source says, all of it, in the terms of the
glossary, and can be filled in."""

from __future__ import annotations

import functools
import importlib.util
import re
import string
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from printstd.adapters.languages import words_of
from printstd.errors import InternalError
from printstd.report.languages.catalogue import Entry, entries_of, plural_of, read_catalogue
from printstd.words import counted, said

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "printstd/report/languages"
LANGUAGES = ("de", "fr", "ja", "kk", "ko", "ru", "zh")

REGULATED = {
    "kk": r"сәйкестік\w* (туралы )?(сертификат|декларация|мәлімдеме)",
    "ru": r"(сертификат\w*|деклараци\w+) (о )?соответстви",
}
"""Words for documents that accredited bodies alone issue in Kazakhstan and the EAEU (facts of
standards 8, 10)."""


def _tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("update", ROOT / "docs/languages/update.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TOOL = _tool()
MESSAGES: dict[tuple[str, str | None], list[str]] = TOOL.messages(ROOT)


@functools.cache
def _entries(language: str) -> list[Entry]:
    text = (FOLDER / f"{language}.po").read_text("utf-8")
    return list(entries_of(text, language))[1:]


def _fields(template: str) -> list[tuple[str, str, str]]:
    return sorted(
        (name, spec or "", conversion or "")
        for _, name, spec, conversion in string.Formatter().parse(template)
        if name is not None
    )


def _filled(template: str) -> str:
    """`template` with a value of the kind that each field wants."""
    values: dict[str, object] = {}
    for name, spec, _ in _fields(template):
        values[name] = 3 if spec[-1:] in tuple("dxgfe%") and spec else "ABC"
    return template.format_map(values)


def test_there_is_a_catalogue_for_each_language() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.po")) == list(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_holds_what_the_source_says_and_nothing_else(language: str) -> None:
    held = {(entry.template, entry.many) for entry in _entries(language)}
    assert held == set(MESSAGES), "make languages"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_rendered(language: str) -> None:
    """With the fields of its template, each formatted as there; a counted one in every form."""
    entries = _entries(language)
    whole = list(entries_of((FOLDER / f"{language}.po").read_text("utf-8"), language))
    count, plural = plural_of(whole, language)
    rendered = 0
    for entry in entries:
        if not entry.is_translated:
            continue
        wanted = _fields(entry.many or entry.template)
        assert set(entry.forms) == set(range(1 if entry.many is None else count)), entry
        for text in entry.forms.values():
            assert _fields(text) == wanted, (language, entry.template, text)
            assert _filled(text).strip() == _filled(text), (language, text)
            assert text.count("\n") == entry.template.count("\n"), (language, text)
            rendered += 1
    assert {plural(n) for n in range(200)} == set(range(count))
    assert rendered >= len(entries) // 2


def _excused(language: str) -> tuple[str, ...]:
    listed = tomllib.loads((FOLDER / "untranslated.toml").read_text("utf-8"))
    return tuple(
        room
        for one in listed.get("untranslated", [])
        if language in one["languages"] and len(one["reason"]) > 10
        for room in one["rooms"]
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_not_translated_is_on_the_list_and_why(language: str) -> None:
    rooms, missing = _excused(language), set[str]()
    for entry in _entries(language):
        if entry.is_translated:
            continue
        places = MESSAGES[entry.template, entry.many]
        assert all(place.startswith(rooms) for place in places), (language, entry.template, places)
        missing.update(places)
    for room in rooms:
        assert any(place.startswith(room) for place in missing), f"{language}: {room} is all there"


NO_WORDS = re.compile(
    r"\{[^}]*\}|`[^`]*`|--[a-z]+|\b[a-z_]+\.[a-z_]+\b|\w+/[\w.]*|type model|^process: adhesion"
)
"""Fields, commands, options, keys of profiles, paths and types: the same in every language."""


def _terms() -> Iterator[dict[str, object]]:
    yield from tomllib.loads((FOLDER / "glossary.toml").read_text("utf-8"))["term"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogues_use_the_terms_of_the_glossary(language: str) -> None:
    wrong = []
    for term in _terms():
        own = term[language]
        assert isinstance(own, dict)
        assert own["confidence"] in ("high", "medium", "low")
        pattern = re.compile(str(term["en"]))
        for entry in _entries(language):
            english = NO_WORDS.sub("", entry.many or entry.template)
            if not entry.is_translated or not pattern.search(english):
                continue
            for text in entry.forms.values():
                if not any(stem in text.lower() for stem in own["stems"]):
                    wrong.append((own["stems"], entry.template, text))
    assert not wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_terms_that_are_in_doubt_ask_for_a_native_reader(language: str) -> None:
    doubts: dict[str, str] = TOOL.doubtful(language)
    marked = 0
    for entry in _entries(language):
        comment = TOOL.review_comment(list(entry.forms.values()), doubts)
        assert comment is None or comment in entry.comments, entry
        marked += comment is not None
    assert (marked > 0) == bool(doubts)


def test_the_whole_kazakh_catalogue_asks_for_a_native_reader() -> None:
    head = (FOLDER / "kk.po").read_text("utf-8").split("msgid", 1)[0]
    assert TOOL.REVIEW in head


@pytest.mark.parametrize("language", sorted(REGULATED))
def test_no_catalogue_calls_a_report_what_accredited_bodies_issue(language: str) -> None:
    text = (FOLDER / f"{language}.po").read_text("utf-8").lower()
    assert not re.search(REGULATED[language], text)
    assert re.search(REGULATED["ru"], "сертификат соответствия")
    assert re.search(REGULATED["kk"], "сәйкестік сертификаты")


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogues_are_as_the_tool_writes_them(language: str) -> None:
    pytest.importorskip("babel", reason="babel is of the development tools")
    text, _, _ = TOOL.fresh(language)
    assert (FOLDER / f"{language}.po").read_text("utf-8") == text, "make languages"


def test_russian_counts_in_three_forms() -> None:
    words = words_of("ru")
    shown = {
        n: counted("{count} layer", "{count} layers", count=n).in_words_of(words)
        for n in (1, 2, 5, 11, 12, 21, 22, 25, 111)
    }
    assert shown == {
        1: "1 слой",
        2: "2 слоя",
        5: "5 слоёв",
        11: "11 слоёв",
        12: "12 слоёв",
        21: "21 слой",
        22: "22 слоя",
        25: "25 слоёв",
        111: "111 слоёв",
    }


def test_what_a_catalogue_does_not_hold_stays_english() -> None:
    words = words_of("ja")
    assert said("a sentence of no catalogue: {x}", x=1).in_words_of(words) == (
        "a sentence of no catalogue: 1"
    )
    assert counted("{count} nobody", "{count} nobodies", count=2).in_words_of(words) == "2 nobodies"


def test_there_is_no_catalogue_of_other_languages() -> None:
    with pytest.raises(KeyError):
        words_of("xx")


HEAD = 'msgid ""\nmsgstr ""\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (HEAD + 'msgid "a"\nmsgstr "b', 6),
        (HEAD + "msgid a\n", 5),
        (HEAD + '#~ msgid "old"\n', 5),
        ('msgid ""\nmsgstr "Plural-Forms: nplurals=2; plural=system(n);\\n"\n', 1),
        ('msgid "a"\nmsgstr "b"\n', 1),
        ('"before anything"\n', 1),
    ],
)
def test_a_damaged_catalogue_is_refused_with_its_line(text: str, line: int) -> None:
    with pytest.raises(InternalError) as caught:
        read_catalogue(text, "xx.po")
    assert caught.value.where == f"xx.po, line {line}"


def test_texts_go_on_over_lines_and_plurals_are_chosen() -> None:
    words = read_catalogue(
        HEAD + "# a comment\n#, native\n#: a.py\n"
        'msgid ""\n"{count} "\n"edge"\nmsgid_plural "{count} edges"\n'
        'msgstr[0] "{count} Kan"\n"te"\nmsgstr[1] "{count} Kanten"\n\n'
        'msgid "\\"a\\""\nmsgstr "„a“"\n',
        "xx.po",
    )
    edges = [counted("{count} edge", "{count} edges", count=n).in_words_of(words) for n in (1, 2)]
    assert edges == ["1 Kante", "2 Kanten"]
    assert said('"a"').in_words_of(words) == "„a“"
