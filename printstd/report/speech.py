"""Speech: the words of a report in one language."""

from __future__ import annotations

from typing import Final, NamedTuple

from printstd.artifacts.finding import Status
from printstd.report import labels
from printstd.report.as_text import number
from printstd.words import Translate, english, put


class Speech(NamedTuple):
    """A language and how to say a sentence in it."""

    language: str
    """BCP 47: ``en``, ``kk``, ``ru``."""
    translate: Translate

    def say(self, sentence: str) -> str:
        return str(put(sentence, self.translate))

    def figure(self, value: float | None, unit: str) -> str:
        """A measured value or limit with its unit; empty for None."""
        return number(value, self.say(labels.unit(unit)))

    def stage(self, name: str) -> str:
        """What a stage of the line is called."""
        return self.say(labels.stage(name))


ENGLISH: Final = Speech("en", english)

OPEN: Final = frozenset({Status.NOT_EVALUATED, Status.INDETERMINATE})
"""Statuses that leave a question open."""
