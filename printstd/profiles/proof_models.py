"""What shows that a printer's profile is right, and of which state of the profile it was shown."""

from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, model_validator

from printstd.profiles.kinds import Date, Strict

How = Literal["parsed", "simulated", "hardware"]


class Proven(Strict):
    """How far a printer's start and end code, volume and limits are proven.

    ``proven = "parsed"``: its file can be read, and no more. ``simulated``: programs for it ran to
    their end in a simulation. ``hardware``: somebody printed with it.
    """

    how: How
    by: Annotated[str, Field(max_length=200)] = ""
    """What ran the programs, with its version; of hardware who printed what."""
    # A table that may be a word is looked at before its values are: JSON has no dates and tuples.
    on: Annotated[Date | None, Field(strict=False)] = None
    of: Annotated[str, Field(pattern="^([0-9a-f]{64})?$")] = ""
    """Digest of what was proven (`proof.proven_digest`): a changed profile loses its proof."""
    not_run: Annotated[tuple[str, ...], Field(strict=False)] = ()
    """Commands of its own start and end code that the simulation does not know: what they do on the
    machine is not proven."""

    @model_validator(mode="before")
    @classmethod
    def _from_word(cls, value: Any) -> Any:
        """``proven = "parsed"`` says no more than the word."""
        return {"how": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _says_by_whom(self) -> Self:
        told = {"by": self.by, "on": self.on, "of": self.of}
        if self.how == "parsed":
            extra = [key for key, value in (*told.items(), ("not_run", self.not_run)) if value]
            if extra:
                raise ValueError(f"no {extra[0]} where nothing is proven")
            return self
        missing = [key for key, value in told.items() if not value]
        if missing:
            raise ValueError(f"{missing[0]} beside how = {self.how!r}: by, on and of say what ran")
        return self


NOT_PROVEN: Final = Proven.model_construct(how="parsed")


def or_a_word(schema: dict[str, Any]) -> None:
    """Published schemas know the short form, too."""
    table = {"$ref": schema.pop("$ref")}
    schema["anyOf"] = [table, {"const": NOT_PROVEN.how}]
