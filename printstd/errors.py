"""Why printstd stops, with the exit code of each reason.

    PrintstdError
      UsageError           2   the command line asks for something that cannot be
      ProfileError         3   every problem found in the profiles, not just the first
      InputError           4   unreadable or refused input
      SlicingError         5   no program can be made of this model
      VerificationError    6   digest, signature, chain, policy, log
      OutsideError         7   disk, network, printer, database
      InternalError       70   our bug

Verdicts are values, not errors: exit 1 (the verdict is no) and 8 (undecided) come from
reports. A message says what failed, where, what was found, what was wanted, what to do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


class PrintstdError(Exception):
    """Base of everything printstd raises on purpose."""

    exit_code: ClassVar[int] = 70

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        got: str | None = None,
        wanted: str | None = None,
        hint: str | None = None,
        code: str | None = None,
    ) -> None:
        self.what, self.where, self.got, self.wanted, self.hint, self.code = (
            what,
            where,
            got,
            wanted,
            hint,
            code,
        )
        super().__init__(what)

    def __str__(self) -> str:
        head = f"[{self.code}] {self.what}" if self.code else self.what
        rows = (("where", self.where), ("got", self.got), ("wanted", self.wanted))
        lines = [head, *(f"  {label}: {text}" for label, text in rows if text)]
        if self.hint:
            lines.append(f"  what to do: {self.hint}")
        return "\n".join(lines)

    def __reduce__(self) -> tuple[object, ...]:
        # Keyword-only arguments do not survive the default pickling between processes.
        return (_rebuild, (type(self), self.__dict__))


def _rebuild(cls: type[PrintstdError], state: dict[str, object]) -> PrintstdError:
    error = cls.__new__(cls)
    error.__dict__.update(state)
    Exception.__init__(error, state.get("what", ""))
    return error


class UsageError(PrintstdError):
    exit_code = 2


@dataclass(frozen=True, slots=True)
class ProfileProblem:
    """One thing wrong in one profile file."""

    file: str
    line: int | None
    key: str
    got: str
    wanted: str
    nearest: str | None = None

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        text = f"{place}: {self.key}: got {self.got}, wanted {self.wanted}"
        return f"{text}; did you mean {self.nearest!r}?" if self.nearest else text


class ProfileError(PrintstdError):
    """All the problems of all the profile files that were read."""

    exit_code = 3

    def __init__(self, problems: tuple[ProfileProblem, ...]) -> None:
        self.problems = problems
        count = len(problems)
        super().__init__(f"{count} problem{'s' if count != 1 else ''} in the profiles")

    def __str__(self) -> str:
        return "\n".join([self.what, *(f"  {problem}" for problem in self.problems)])


class InputError(PrintstdError):
    exit_code = 4


class RecordError(InputError):
    """All that is wrong with the form of a record that the user gave: of an order, of a
    feedstock."""

    def __init__(self, file: str, problems: tuple[ProfileProblem, ...]) -> None:
        self.problems = problems
        count = len(problems)
        super().__init__(
            f"the record cannot be read: {count} problem{'s' if count != 1 else ''}",
            where=file,
            got="\n       ".join(str(problem) for problem in problems),
            wanted="a record in TOML with the fields of its kind",
            hint="docs/records.md names every field",
        )


class SlicingError(PrintstdError):
    exit_code = 5


class VerificationError(PrintstdError):
    exit_code = 6


class OutsideError(PrintstdError):
    exit_code = 7


class InternalError(PrintstdError):
    exit_code = 70
