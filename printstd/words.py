"""Sentences that people read: said in English, and remembered well enough to be said in another
language.

`said("{count} edges are open", count=3)` is the string ``3 edges are open``. Whatever takes strings
takes it. It also keeps its template, which is the key in the catalogues of `report`, and its
values, so that a report can be put in another language after the check that wrote it is done.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

Translate = Callable[[str], str]
"""A template in English -> the same one in another language. A `Counted` template is given whole:
who knows the forms of plurals chooses by its `number`, who does not takes it as a string."""


class Counted(str):
    """A template in the English form for a number, which knows the other form too: the key of
    plural forms in a catalogue is the pair of both."""

    one: str
    many: str
    number: int

    def __new__(cls, one: str, many: str, number: int) -> Counted:
        template = super().__new__(cls, one if number == 1 else many)
        template.one, template.many, template.number = one, many, number
        return template

    def __reduce__(self) -> tuple[object, ...]:
        return (Counted, (self.one, self.many, self.number))


class Said(str):
    """A sentence in English with the template and the values that it was made of."""

    template: str
    values: Mapping[str, object]

    def __new__(cls, template: str, values: Mapping[str, object]) -> Said:
        sentence = super().__new__(cls, template.format_map(values))
        sentence.template = template
        sentence.values = MappingProxyType(dict(values))
        return sentence

    def __reduce__(self) -> tuple[object, ...]:
        return (Said, (self.template, dict(self.values)))

    def in_words_of(self, translate: Translate) -> str:
        """The sentence with its template, and those of sentences among its values, replaced by what
        `translate` gives for them."""
        values = {name: put(value, translate) for name, value in self.values.items()}
        return translate(self.template).format_map(values)


def said(template: str, /, **values: object) -> Said:
    """`template` filled in as by `str.format`. The template must be a literal: catalogues are made
    of the literals in the source, so what is put together at run time is never found."""
    return Said(template, values)


def counted(one: str, many: str, /, *, count: int, **values: object) -> Said:
    """`one` where `count` is 1, else `many`, both of them whole literals with ``{count}`` in them
    where it is to be read: ``counted("{count} edge is open", "{count} edges are open", count=n)``.

    Other languages have other forms (Russian three, Japanese one): their catalogues say which.
    """
    return Said(Counted(one, many, count), {"count": count, **values})


def listed(parts: Iterable[str], separator: str = ", ") -> Said:
    """Sentences one after the other, each still to be translated by itself."""
    values = {f"part{number}": part for number, part in enumerate(parts)}
    separator = separator.replace("{", "{{").replace("}", "}}")
    return Said(separator.join(f"{{{name}}}" for name in values), values)


def kept(sentence: str) -> str:
    """What `sentence` was made of, as a text that can be stored beside it; empty where it is no
    more than its own words."""
    return json.dumps(_plain(sentence), ensure_ascii=False) if isinstance(sentence, Said) else ""


def remembered(text: str, made_of: str) -> str:
    """A sentence that was stored with what `kept` gave of it; `text` alone where that is empty or
    cannot be read."""
    try:
        return _sentence(text, json.loads(made_of)) if made_of else text
    except (ValueError, KeyError, TypeError, AttributeError):
        return text


def _plain(value: object) -> object:
    if not isinstance(value, Said):
        return value if isinstance(value, (bool, int, float, str, type(None))) else str(value)
    template: object = str(value.template)
    if isinstance(value.template, Counted):
        template = [value.template.one, value.template.many, value.template.number]
    values = {name: _plain(one) for name, one in value.values.items()}
    return {"said": str(value), "template": template, "values": values}


def _sentence(text: str, plain: Any) -> str:
    """The words that were stored stand, whatever a template would make of the values now."""
    template = plain["template"]
    values = {
        str(name): _sentence(one["said"], one) if isinstance(one, dict) else one
        for name, one in plain["values"].items()
    }
    sentence = str.__new__(Said, text)
    sentence.template = str(template) if isinstance(template, str) else Counted(*template)
    sentence.values = MappingProxyType(values)
    return sentence


def put(value: object, translate: Translate) -> object:
    """`value` in the words of `translate` where it is a sentence that can be; else as it is."""
    return value.in_words_of(translate) if isinstance(value, Said) else value


def text_of(sentence: str, translate: Translate) -> str:
    """`put` of what is a text anyway."""
    return sentence.in_words_of(translate) if isinstance(sentence, Said) else sentence


def english(template: str) -> str:
    """The `Translate` that changes nothing."""
    return template
