"""Speech: the words of a report in one language, and what all formats call things."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Final, NamedTuple

from printstd.artifacts.finding import Status
from printstd.profiles.decision import Outcome
from printstd.report.as_text import number
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

    def figure(self, value: float | None, unit: str) -> str:
        """A measured value or limit with its unit; empty for None."""
        return number(value, self.say(unit))

    def stage(self, name: str) -> str:
        """What a stage of the line is called."""
        return self.say(STAGE_WORDS.get(name, name))


STAGE_WORDS: Final = MappingProxyType(
    {
        "validate": said("validate"),
        "slice": said("slice"),
        "audit": said("audit"),
        "verify": said("verify"),
        "repair": said("repair"),
        "qualify": said("qualify"),
    }
)
ENGLISH: Final = Speech("en", english)

STATUS_WORDS: Final = MappingProxyType(
    {
        Status.FAIL: said("FAIL"),
        Status.NOT_EVALUATED: said("NOT_EVALUATED"),
        Status.INDETERMINATE: said("INDETERMINATE"),
        Status.WARN: said("WARN"),
        Status.INFO: said("INFO"),
        Status.PASS: said("PASS"),
        Status.NOT_APPLICABLE: said("NOT_APPLICABLE"),
    }
)
OUTCOME_WORDS: Final = MappingProxyType(
    {
        Outcome.PASSED: said("PASSED"),
        Outcome.FAILED: said("FAILED"),
        Outcome.UNDECIDED: said("UNDECIDED"),
    }
)
OPEN: Final = frozenset({Status.NOT_EVALUATED, Status.INDETERMINATE})
"""Statuses that leave a question open."""
