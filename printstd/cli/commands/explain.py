"""`printstd explain`: the page of one check or audit rule."""

from __future__ import annotations

from typing import Annotated

import typer


def explain(
    rule_id: Annotated[
        str | None,
        typer.Argument(help="E.g. GEO-02 or G-03; without it, all ids.", show_default=False),
    ] = None,
) -> int:
    """Print what a rule demands, why, how it is measured, and where its limit comes from."""
    import difflib

    from printstd import audit, validate
    from printstd.errors import UsageError

    titles = {**validate.all_rules(), **audit.all_rules()}
    if rule_id is None:
        width = max(len(rule) for rule in titles)
        for rule, title in titles.items():
            typer.echo(f"{rule.ljust(width)}  {title}")
        return 0
    wanted = rule_id.upper()
    page = validate.explain(wanted) or audit.explain(wanted)
    if page is None:
        near = difflib.get_close_matches(wanted, titles, n=1, cutoff=0.0)
        raise UsageError(
            "there is no such rule",
            got=rule_id,
            hint=f"did you mean {near[0]}? `printstd explain` lists all" if near else None,
        )
    typer.echo(f"{wanted}: {titles[wanted]}\n\n{page.strip()}")
    return 0
