"""Speech: the words of a report in one language, and what all formats call things."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Final, NamedTuple

from printstd.artifacts.finding import Status
from printstd.profiles.decision import Outcome
from printstd.words import put, said

Translate = Callable[[str], str]
"""A template in English -> the same one in another language."""


def english(template: str) -> str:
    """The `Translate` that changes nothing."""
    return template


class Speech(NamedTuple):
    """A language and how to say a sentence in it."""

    language: str
    """BCP 47: ``en``, ``kk``, ``ru``."""
    translate: Translate

    def say(self, sentence: str) -> str:
        return str(put(sentence, self.translate))


ENGLISH: Final = Speech("en", english)

STATUS_WORDS: Final = MappingProxyType(
    {
        Status.FAIL: said("fail"),
        Status.NOT_EVALUATED: said("not evaluated"),
        Status.INDETERMINATE: said("indeterminate"),
        Status.WARN: said("warning"),
        Status.INFO: said("information"),
        Status.PASS: said("pass"),
        Status.NOT_APPLICABLE: said("not applicable"),
    }
)
OUTCOME_WORDS: Final = MappingProxyType(
    {
        Outcome.PASSED: said("passed"),
        Outcome.FAILED: said("failed"),
        Outcome.UNDECIDED: said("undecided"),
    }
)
OPEN: Final = frozenset({Status.NOT_EVALUATED, Status.INDETERMINATE})
"""Statuses that leave a question open."""
