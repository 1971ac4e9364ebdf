"""The one error of containers: a file that is refused, with what is wrong with it."""

from __future__ import annotations

from printstd.errors import InputError
from printstd.words import said


def refused(what: str, name: str, got: str, wanted: str) -> InputError:
    return InputError(
        what,
        where=name,
        got=got,
        wanted=wanted,
        hint=said("get the file again from its maker; this one was damaged, or made to mislead"),
    )
