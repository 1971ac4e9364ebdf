"""`printstd explain`: the page of one check or audit rule."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from printstd.cli import options
from printstd.cli.speech import Language, in_words
from printstd.words import said

_HEADINGS: Final = (
    said("What it demands"),
    said("Why"),
    said("How it is measured"),
    said("Example"),
    said("With --heal"),
    said("Standard and clause"),
    said("Source"),
)
"""Of the parts of a page, whose text is there in English only."""


def explain(
    rule_id: Annotated[
        str | None,
        typer.Argument(
            metavar="RULE_ID",
            help="E.g. GEO-02 or G-03; without it, all ids.",
            show_default=False,
        ),
    ] = None,
    lang: options.Lang = Language.EN,
) -> int:
    """Print what a rule demands, why, how it is measured, and where its limit comes from."""
    titles = rule_titles()
    if rule_id is None:
        width = max(len(rule) for rule in titles)
        for rule, title in titles.items():
            typer.echo(f"{rule.ljust(width)}  {in_words(title)}")
        return 0
    rule = find_rule(rule_id)
    if lang is not Language.EN:
        heading = said("{rule}: {title}", rule=rule, title=titles[rule])
        typer.echo(in_words(heading) + "\n")
        typer.echo(in_words(said("The page of this rule is there in English only.")) + "\n")
        typer.echo(_with_headings(page_of(rule)))
        return 0
    typer.echo(page_of(rule))
    return 0


def _with_headings(page: str) -> str:
    """A page with its headings in the language spoken, without the title, which stands above."""
    spoken = {str(heading): in_words(heading) for heading in _HEADINGS}
    lines = page.splitlines()[1:]
    return "\n".join(spoken.get(line, line) for line in lines).strip("\n")


def page_of(rule: str) -> str:
    """The manual's page of a rule; empty where it has none."""
    from printstd import audit
    from printstd.repair import pages
    from printstd.validate import registry

    found = registry.explain(rule) or audit.explain(rule) or pages.explain(rule)
    return (found or "").strip()


def rule_titles() -> dict[str, str]:
    """Rule id -> title, of the checks, the audit's rules, and what repair does, in report order."""
    from printstd import audit
    from printstd.repair import pages
    from printstd.validate import registry

    checks = {check.id: check.title for check in registry.all_rules()}
    return checks | audit.all_rules() | dict(pages.TITLES)


def find_rule(name: str) -> str:
    """The id of a rule, whichever case it was typed in; UsageError where there is none."""
    import difflib

    from printstd.errors import UsageError

    titles = rule_titles()
    wanted = name.strip().upper()
    if wanted not in titles:
        near = difflib.get_close_matches(wanted, titles, n=1, cutoff=0.0)
        raise UsageError(
            said("there is no such rule"),
            got=name,
            wanted=said("the id of a check or of an audit rule"),
            hint=said("did you mean {near}? `printstd explain` lists all", near=near[0]),
        )
    return wanted
