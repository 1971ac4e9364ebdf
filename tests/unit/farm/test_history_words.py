"""Lines of the history in other languages: what they were made of is chained with them."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

import printstd
from printstd.farm.chain import GENESIS, broken, event_after
from printstd.farm.history_words import KINDS, about_in_words, kind_in_words
from printstd.farm.states import Event
from printstd.words import counted, english, kept, remembered, said, text_of

FLOW = said("{spool} flows {flow:.3f} there", spool="s1", flow=1.1)
OUTER = said("held after {count} attempts: {what}", count=3, what=FLOW)
RUSSIAN = {
    "held after {count} attempts: {what}": "отложено после {count} попыток: {what}",
    "{spool} flows {flow:.3f} there": "{spool} даёт там поток {flow:.2f}",
    "held": "отложено",
    "reason": "причина",
}


def translate(template: str) -> str:
    return RUSSIAN.get(template, template)


def line(**about: object):
    return event_after((0, GENESIS), at_utc_ms=1, by="b", kind="hold", about=about)


def test_a_reason_is_told_in_the_reader_s_language() -> None:
    event = line(reason=OUTER, printer="a", run="7")
    assert [key for key, _ in event.about] == ["printer", "reason", "reason.said", "run"]
    assert dict(event.about)["reason"] == OUTER
    assert text_of(kind_in_words(event), translate) == "отложено"
    told = text_of(about_in_words(event), translate)
    assert told == "printer a, причина отложено после 3 попыток: s1 даёт там поток 1.10, run 7"
    assert about_in_words(event) == f"printer a, reason {OUTER}, run 7"


def test_what_it_was_made_of_is_chained_too() -> None:
    event = line(reason=FLOW)
    assert broken([event]) == ""
    pairs = dict(event.about)
    pairs["reason.said"] = pairs["reason.said"].replace("1.1", "1.2")
    from dataclasses import replace

    assert broken([replace(event, about=tuple(pairs.items()))]) == "line 1 was changed"
    # Told again of an export, it has the same digest.
    again = event_after((0, GENESIS), at_utc_ms=1, by="b", kind="hold", about=dict(event.about))
    assert again == event


def test_lines_without_sentences_are_as_they_always_were() -> None:
    event = line(reason="its host does not answer", job=3)
    assert event.about == (("job", "3"), ("reason", "its host does not answer"))
    # As the version before wrote it.
    assert event.sha256 == "d7a9b07b53eb7fa39072781cf9f4fe8dfff24d601e568750c7e6a2a6c46d4bc4"
    assert about_in_words(event) == "job 3, reason its host does not answer"


@pytest.mark.parametrize(
    "sentence",
    [
        OUTER,
        counted("{count} edge", "{count} edges", count=1),
        said("{a} {b} {c}", a=None, b=True, c=Path("x")),
        said("a brace {{}}"),
    ],
)
def test_a_sentence_is_remembered(sentence: str) -> None:
    back = remembered(str(sentence), kept(sentence))
    assert back == sentence
    assert text_of(back, english) == sentence
    assert text_of(back, translate) == text_of(sentence, translate)


@pytest.mark.parametrize("made_of", ["", "{", "[]", "{}", json.dumps({"template": 3, "values": 1})])
def test_what_cannot_be_read_leaves_the_words_that_were_stored(made_of: str) -> None:
    assert text_of(remembered("as stored", made_of), translate) == "as stored"
    assert kept("plain") == ""


def test_every_kind_that_is_ever_told_has_words() -> None:
    told = set(Event)
    for file in Path(printstd.__file__).parent.rglob("*.py"):
        text = file.read_text("utf-8")
        if ".tell(" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            if (
                isinstance(node, ast.Call)
                and getattr(node.func, "attr", "") == "tell"
                and node.args
            ):
                told |= {
                    one.value
                    for one in ast.walk(node.args[0])
                    if isinstance(one, ast.Constant) and isinstance(one.value, str)
                }
    # Named by a constant where it is told.
    assert told | {"as-run"} == set(KINDS)
