"""Catalogues of translations, which come with the package."""

from __future__ import annotations

from functools import cache

from printstd.words import Translate, english


@cache
def words_of(language: str) -> Translate:
    """What `language` says for a template. KeyError for a language without a catalogue.

    English is the templates themselves: nothing is imported or read for it. A catalogue is read
    once in a process: a service is asked for it at every request.
    """
    if language == "en":
        return english
    from importlib import resources

    from printstd.report.languages.catalogue import read_catalogue

    file = resources.files("printstd.report.languages") / f"{language}.po"
    if not file.is_file():
        raise KeyError(language)
    return read_catalogue(file.read_bytes().decode("utf-8"), f"{language}.po")
