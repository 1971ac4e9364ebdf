"""Why printstd stops, with the exit code of each reason.

    PrintstdError
      UsageError           2   the command line asks for something that cannot be
      ProfileError         3   every problem found in the profiles, not just the first
        UnprovenPrinterError   nothing shows that the printer's profile is right
      InputError           4   unreadable or refused input
      SlicingError         5   no program can be made of this model
      VerificationError    6   digest, signature, chain, policy, log
      OutsideError         7   disk, network, printer, database
        HostSilent             a printer's host could not be reached: nothing was told
        HostRefused            it answered no: nothing was done
        HostUnsure             it was told, and no answer came: ask it, never repeat
      InternalError       70   our bug

Verdicts are values, not errors: exit 1 (the verdict is no) and 8 (undecided) come from
reports. A message says what failed, where, what was found, what was wanted, what to do.
"""

from __future__ import annotations

from typing import ClassVar

from printstd.dataclass import dataclass
from printstd.words import Said, counted, listed, said


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
        return self.in_full()

    def in_full(self) -> Said:
        """All of it, one fact a line."""
        lines = [listed((f"[{self.code}]", self.what), " ") if self.code else self.what]
        if self.where:
            lines.append(said("where: {where}", where=self.where))
        if self.got:
            lines.append(said("got: {got}", got=self.got))
        if self.wanted:
            lines.append(said("wanted: {wanted}", wanted=self.wanted))
        if self.hint:
            lines.append(said("what to do: {hint}", hint=self.hint))
        return listed(lines, "\n  ")

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
        return self.in_full()

    def in_full(self) -> Said:
        place = f"{self.file}:{self.line}" if self.line else self.file
        if self.nearest:
            return said(
                "{place}: {key}: got {got}, wanted {wanted}; did you mean {nearest!r}?",
                place=place,
                key=self.key,
                got=self.got,
                wanted=self.wanted,
                nearest=self.nearest,
            )
        return said(
            "{place}: {key}: got {got}, wanted {wanted}",
            place=place,
            key=self.key,
            got=self.got,
            wanted=self.wanted,
        )


class ProfileError(PrintstdError):
    """All the problems of all the profile files that were read."""

    exit_code = 3

    def __init__(self, problems: tuple[ProfileProblem, ...]) -> None:
        self.problems = problems
        super().__init__(
            counted(
                "{count} problem in the profiles",
                "{count} problems in the profiles",
                count=len(problems),
            )
        )

    def in_full(self) -> Said:
        return listed([self.what, *(problem.in_full() for problem in self.problems)], "\n  ")


class UnprovenPrinterError(PrintstdError):
    """Of a printer that nothing vouches for no certificate is made."""

    exit_code = 3


class RepositoryError(ProfileError):
    """All the problems of a repository's printstd.toml."""

    def __init__(self, problems: tuple[ProfileProblem, ...]) -> None:
        super().__init__(problems)
        self.what = counted(
            "{count} problem in the rules of this repository",
            "{count} problems in the rules of this repository",
            count=len(problems),
        )


class InputError(PrintstdError):
    exit_code = 4


class RecordError(InputError):
    """All that is wrong with the form of a record that the user gave: of an order, of a
    feedstock."""

    def __init__(self, file: str, problems: tuple[ProfileProblem, ...]) -> None:
        self.problems = problems
        count = len(problems)
        super().__init__(
            counted(
                "the record cannot be read: {count} problem",
                "the record cannot be read: {count} problems",
                count=count,
            ),
            where=file,
            got=listed([problem.in_full() for problem in problems], "\n       "),
            wanted=said("a record in TOML with the fields of its kind"),
            hint=said("docs/records.md names every field"),
        )


class SlicingError(PrintstdError):
    exit_code = 5


class VerificationError(PrintstdError):
    exit_code = 6


class OutsideError(PrintstdError):
    exit_code = 7


class HostSilent(OutsideError):
    """A printer's host could not be reached: it was surely not told anything."""


class HostRefused(OutsideError):
    """A printer's host answered no: what was asked for surely was not done."""


class HostUnsure(OutsideError):
    """The host was told and did not answer: it may have done it. Ask its state, never repeat."""


class InternalError(PrintstdError):
    exit_code = 70
