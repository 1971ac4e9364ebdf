"""The language in which a run talks: chosen once, by `--lang`, never by the environment.

What is data (G-code, JSON, statements, products of any kind) does not depend on it.
"""

from __future__ import annotations

from enum import StrEnum
from itertools import pairwise

from printstd.cli.streams import say
from printstd.words import Translate, english, text_of


class Language(StrEnum):
    EN = "en"
    KK = "kk"
    RU = "ru"
    ZH = "zh"
    DE = "de"
    FR = "fr"
    KO = "ko"
    JA = "ja"


class _Voice:
    """Of this process. Workers do not talk: their answers are said by who asked them."""

    language = Language.EN
    translate: Translate = staticmethod(english)


def speak(language: Language) -> Language:
    """Talk in `language` from here on. English costs nothing; others read their catalogue."""
    from printstd.adapters.languages import words_of

    _Voice.language = language
    _Voice.translate = staticmethod(words_of(language.value))
    return language


def language() -> Language:
    return _Voice.language


def translate() -> Translate:
    """English template -> that of the language spoken."""
    return _Voice.translate


def in_words(sentence: str) -> str:
    """A sentence in the language spoken; what is no sentence as it is."""
    return text_of(sentence, _Voice.translate)


def tell(sentence: str) -> None:
    """`say` in the language spoken: standard error."""
    say(in_words(sentence))


def asked_for(arguments: list[str]) -> Language:
    """What `--lang` says in a call that cannot be parsed; English where it says nothing known."""
    named = ""
    for argument, following in pairwise([*arguments, ""]):
        if argument == "--lang":
            named = following
        elif argument.startswith("--lang="):
            named = argument.removeprefix("--lang=")
    return Language(named) if named in set(Language) else Language.EN
