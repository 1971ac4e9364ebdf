"""Brings the catalogues in line with the sentences of the source: `make languages`.

What the source no longer says leaves a catalogue, what is new enters it untranslated, and the
comments that ask for a native reader are written anew from the glossary. Called with a language
code that has no catalogue yet, begins one.
"""

from __future__ import annotations

import ast
import functools
import io
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = ROOT / "printstd/report/languages"
GLOSSARY = LANGUAGES / "glossary.toml"
REVIEW = "native-review"
"""Comment of a message that a native reader must see before it can be relied on."""


class Message(NamedTuple):
    """A sentence of the source: its template, and of a counted one its plural."""

    template: str
    many: str | None


@functools.cache
def messages(root: Path = ROOT) -> dict[Message, list[str]]:
    """Every literal that `said` and `counted` are called with, and the modules that say it.

    ValueError where one is put together at run time: no catalogue could ever hold it; and where one
    template is said as it is and counted, or counted with two plurals: a catalogue holds each once.
    """
    found: dict[Message, list[str]] = {}
    first_of: dict[str, tuple[Message, str]] = {}
    for path in sorted((root / "printstd").rglob("*.py")):
        module = path.relative_to(root).as_posix()
        if module == "printstd/words.py":
            continue
        for message in _of_module(path, module):
            before, where = first_of.setdefault(message.template, (message, module))
            if before != message:
                raise ValueError(
                    f"{module}: {message.template!r} has {message.many or 'no plural'!r}, and "
                    f"{before.many or 'no plural'!r} in {where}; word one of them otherwise"
                )
            places = found.setdefault(message, [])
            if module not in places:
                places.append(module)
    return found


def _of_module(path: Path, module: str) -> Iterator[Message]:
    tree = ast.parse(path.read_text("utf-8"))
    words = {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "printstd.words"
        for alias in node.names
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        kind = words.get(node.func.id)
        if kind not in ("said", "counted"):
            continue
        wanted = 1 if kind == "said" else 2
        texts = [one.value for one in node.args if isinstance(one, ast.Constant)]
        if len(node.args) != wanted or len(texts) != wanted or not all(map(_is_text, texts)):
            raise ValueError(f"{module}:{node.lineno}: {kind}() takes literals")
        yield Message(str(texts[0]), str(texts[1]) if kind == "counted" else None)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def doubtful(language: str) -> dict[str, str]:
    """Words of the glossary that a native reader has not confirmed -> how sure they are."""
    glossary = tomllib.loads(GLOSSARY.read_text("utf-8"))
    found = {}
    for term in glossary["term"]:
        own = term.get(language)
        if own is not None and own["confidence"] != "high":
            found.update(dict.fromkeys(own["stems"], own["confidence"]))
    return found


def review_comment(texts: list[str], doubts: dict[str, str]) -> str | None:
    """What a message's comment says, where it uses words of the glossary that are in doubt."""
    used = [
        f"{stem} ({confidence})"
        for stem, confidence in doubts.items()
        if any(re.search(re.escape(stem), text, re.IGNORECASE) for text in texts)
    ]
    return f"{REVIEW}: {', '.join(used)}" if used else None


def fresh(language: str) -> tuple[str, int, int]:
    """(text, messages, of them untranslated) of a catalogue in line with source and glossary."""
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import read_po, write_po

    path = LANGUAGES / f"{language}.po"
    old = Catalog(locale=language)
    if path.exists():
        with path.open("rb") as stream:
            old = read_po(stream, locale=language)
    header = old.header_comment if path.exists() else HEADER.format(language=language)
    new = Catalog(locale=language, charset="utf-8", fuzzy=False, header_comment=header)
    doubts = doubtful(language)
    untranslated = 0
    for (template, many), places in messages().items():
        ids: str | tuple[str, str] = template if many is None else (template, many)
        known = old.get(template)
        if known is not None and known.id != ids:
            known = None
        blank: str | tuple[str, ...] = "" if many is None else ("",) * new.num_plurals
        string = known.string if known is not None and known.string else blank
        texts = [string] if isinstance(string, str) else list(string)
        untranslated += not all(texts)
        comments = [] if known is None else [*known.user_comments]
        comments = [comment for comment in comments if not comment.startswith(REVIEW)]
        doubt = review_comment(texts, doubts)
        new.add(
            ids,
            string,
            locations=[(place, 1) for place in places],
            user_comments=[*comments, *([doubt] if doubt else [])],
        )
    out = io.BytesIO()
    write_po(out, new, width=100, include_lineno=False)
    text = _WHO_AND_WHEN.sub("", out.getvalue().decode("utf-8"))
    return text.rstrip("\n") + "\n", len(new), untranslated


_WHO_AND_WHEN = re.compile(
    r'"(?:POT-Creation-Date|PO-Revision-Date|Generated-By|Project-Id-Version|'
    r'Report-Msgid-Bugs-To|Last-Translator|Language-Team): [^"]*\\n"\n'
)
"""Lines of a header that would differ from run to run."""

HEADER = """\
# What printstd says, in {language}. Kept in line with the source by `make languages`;
# docs/languages.md says how to translate."""


if __name__ == "__main__":
    for name in sys.argv[1:] or sorted(path.stem for path in LANGUAGES.glob("*.po")):
        text, count, missing = fresh(name)
        (LANGUAGES / f"{name}.po").write_text(text, "utf-8", newline="\n")
        sys.stdout.write(f"{name}: {count} messages, {missing} not translated\n")
