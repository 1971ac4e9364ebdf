"""`printstd farm history`: what happened."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from printstd.cli import options
from printstd.cli.farm_place import HERE, FarmAt, at_farm
from printstd.cli.options import Listing
from printstd.cli.speech import Language, in_words
from printstd.words import said


def history(
    about: Annotated[
        str | None,
        typer.Argument(metavar="[PRINTER|JOB|PRINT]", help="Only of this.", show_default=False),
    ] = None,
    last: Annotated[
        int | None,
        typer.Option("--last", metavar="N", min=1, help="Only its end.", show_default=False),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Hold every line against the one before it.")
    ] = False,
    form: options.ListingFormat = Listing.TEXT,
    farm: FarmAt = HERE,
    lang: options.Lang = Language.EN,
) -> int:
    """The farm's history. It is only ever added to, and each line holds the digest of the one
    before: --check exits 6 where one was changed, taken out or put in."""
    from printstd.cli.farm_tables import moment, show
    from printstd.errors import VerificationError
    from printstd.farm.chain import broken
    from printstd.farm.history_words import about_in_words, kind_in_words

    with at_farm(farm) as place, place.store.reading() as rows:
        if check:
            wrong = broken(rows.events())
            end = rows.end_of_history()
            if not wrong:
                last_line = (0, "0" * 64)
                for event in rows.events(last=1):
                    last_line = (event.number, event.sha256)
                if last_line != end:
                    wrong = said("its end is missing")
            if wrong:
                raise VerificationError(
                    said("the farm's history was changed"),
                    where=place.store.where,
                    got=wrong,
                    wanted=said("each line continues the one before it"),
                    hint=said("hold it against your last `printstd farm export`"),
                )
            count, digest = end
            line = said(
                "{count} lines, unbroken; sha256 of the last {digest}", count=count, digest=digest
            )
            typer.echo(in_words(line))
            return 0
        events = list(rows.events(about=_subject(about), last=last))
    found: list[dict[str, Any]] = [
        {
            "number": one.number,
            "at": moment(one.at_utc_ms),
            "by": one.by,
            "kind": one.kind,
            "about": dict(one.about),
            "sha256": one.sha256,
        }
        for one in events
    ]
    if form is Listing.TEXT:
        for row, one in zip(found, events, strict=True):
            row["told"], row["what"] = about_in_words(one), kind_in_words(one)
    show(
        "events",
        {
            "number": said("line"),
            "at": said("at"),
            "by": said("by"),
            "what": said("what"),
            "told": said("of"),
        },
        found,
        form,
    )
    return 0


def _subject(about: str | None) -> str | None:
    if about is None:
        return None
    if about.isdecimal():
        return f"instance {about}"
    if about[:1] in "Jj" and about[1:].isdecimal():
        return f"job {about[1:]}"
    return f"printer {about}"
