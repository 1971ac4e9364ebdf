"""Sentences that people read: said in English, and remembered well enough to be said in another
language.

`said("{count} edges are open", count=3)` is the string ``3 edges are open``. Whatever takes strings
takes it. It also keeps its template, which is the key in the catalogues of `report`, and its
values, so that a report can be put in another language after the check that wrote it is done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType


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

    def in_words_of(self, translate: Callable[[str], str]) -> str:
        """The sentence with its template, and those of sentences among its values, replaced by what
        `translate` gives for them."""
        values = {name: put(value, translate) for name, value in self.values.items()}
        return translate(self.template).format_map(values)


def said(template: str, /, **values: object) -> Said:
    """`template` filled in as by `str.format`. The template must be a literal: catalogues are made
    of the literals in the source, so what is put together at run time is never found."""
    return Said(template, values)


def listed(parts: Iterable[str], separator: str = ", ") -> Said:
    """Sentences one after the other, each still to be translated by itself."""
    values = {f"part{number}": part for number, part in enumerate(parts)}
    separator = separator.replace("{", "{{").replace("}", "}}")
    return Said(separator.join(f"{{{name}}}" for name in values), values)


def put(value: object, translate: Callable[[str], str]) -> object:
    """`value` in the words of `translate` where it is a sentence that can be; else as it is."""
    return value.in_words_of(translate) if isinstance(value, Said) else value
