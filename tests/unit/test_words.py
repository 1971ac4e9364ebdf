"""Sentences keep what they were made of, through everything that copies strings."""

from __future__ import annotations

import copy
import json
import pickle

from printstd.words import listed, put, said

GERMAN = {
    "{count} edges are open": "{count} Kanten sind offen",
    "{what}; repair the model": "{what}; das Modell ist zu reparieren",
}


def german(template: str) -> str:
    return GERMAN.get(template, template)


def test_a_sentence_is_its_english_text() -> None:
    sentence = said("{size:.2f} mm of {count}", size=1.005, count=3)
    assert sentence == "1.00 mm of 3"
    assert json.dumps(sentence) == '"1.00 mm of 3"'


def test_sentences_within_sentences_are_translated_too() -> None:
    sentence = said("{what}; repair the model", what=said("{count} edges are open", count=3))
    assert sentence == "3 edges are open; repair the model"
    assert sentence.in_words_of(german) == "3 Kanten sind offen; das Modell ist zu reparieren"


def test_copies_can_still_be_translated() -> None:
    sentence = said("{count} edges are open", count=3)
    for same in (copy.deepcopy(sentence), pickle.loads(pickle.dumps(sentence))):
        assert same == sentence
        assert put(same, german) == "3 Kanten sind offen"


def test_a_list_keeps_each_part() -> None:
    sentence = listed([said("{count} edges are open", count=n) for n in (1, 2)], " {} ")
    assert sentence == "1 edges are open {} 2 edges are open"
    assert sentence.in_words_of(german) == "1 Kanten sind offen {} 2 Kanten sind offen"


def test_what_was_never_said_stays_as_it_is() -> None:
    assert put("ISO 2768-m", german) == "ISO 2768-m"
    assert put(3, german) == 3
