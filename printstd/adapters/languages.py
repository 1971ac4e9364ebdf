"""Catalogues of translations, which come with the package."""

from __future__ import annotations

import threading
from functools import cache

from printstd.words import Translate, english

_ONE_AT_A_TIME = threading.Lock()
"""Reading one parses expressions, which CPython 3.11 cannot do in two threads at once (gh-106905:
SystemError, AST constructor recursion depth mismatch)."""


def words_of(language: str) -> Translate:
    """What `language` says for a template. KeyError for a language without a catalogue.

    English is the templates themselves: nothing is imported or read for it. A catalogue is read
    once in a process: a service is asked for it at every request.
    """
    if language == "en":
        return english
    with _ONE_AT_A_TIME:
        return _read(language)


@cache
def _read(language: str) -> Translate:
    from importlib import resources

    from printstd.report.languages.catalogue import read_catalogue

    file = resources.files("printstd.report.languages") / f"{language}.po"
    if not file.is_file():
        raise KeyError(language)
    return read_catalogue(file.read_bytes().decode("utf-8"), f"{language}.po")
