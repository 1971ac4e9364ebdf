"""Elements of HTML, SVG and XML as text that cannot be broken out of.

Names and messages come from files. Whatever is no `Markup` already is text: what could steer a
terminal or break XML is written as an escape (`plain`), what could end a tag or a value as an
entity.
"""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import Final

from printstd.report.as_text import plain

VOID: Final = frozenset({"meta", "input", "br", "hr", "col", "img", "link"})
"""HTML elements that have no end tag."""


class Markup(str):
    """Text that is markup already."""

    __slots__ = ()


Child = str | Iterable["Child"] | None


def text(value: str) -> Markup:
    """`value` as what it says; line ends stay."""
    return Markup("\n".join(html.escape(plain(line), quote=True) for line in value.split("\n")))


def el(tag: str, *children: Child, **attributes: str | float | bool | None) -> Markup:
    """One element. An attribute that is None or False is left out, one that is True has no value;
    ``class_`` stands for class, and an underscore in a name for a hyphen."""
    opened = [f"<{tag}"]
    for name, value in attributes.items():
        if value is None or value is False:
            continue
        name = name.rstrip("_").replace("_", "-")
        opened.append(f' {name}="{"" if value is True else text(str(value))}"')
    opened.append(">")
    if tag in VOID:
        return Markup("".join(opened))
    return Markup("".join([*opened, *(str(part) for part in _parts(children)), f"</{tag}>"]))


def joined(*children: Child) -> Markup:
    """What stands one after the other."""
    return Markup("".join(_parts(children)))


def _parts(children: Iterable[Child]) -> Iterable[Markup]:
    for child in children:
        if child is None:
            continue
        if isinstance(child, Markup):
            yield child
        elif isinstance(child, str):
            yield text(child)
        else:
            yield from _parts(child)
