"""Lists of a farm on a terminal, and as JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import typer

from printstd.cli.options import Listing
from printstd.cli.speech import in_words
from printstd.words import said

SCHEMA_VERSION: Final = 1


def show(
    name: str,
    columns: Mapping[str, str],
    rows: Sequence[Mapping[str, Any]],
    form: Listing,
    **more: Any,
) -> None:
    """columns : key -> heading of those that a terminal shows. rows : all keys, for JSON. name :
    of the list in JSON. more : beside the list there."""
    if form is Listing.JSON:
        show_json({name: list(rows), **more})
        return
    from printstd.report.cells import cells, padded

    heads = [in_words(heading) for heading in columns.values()]
    lines = [heads, *([_cell(row.get(key)) for key in columns] for row in rows)]
    widths = [max(cells(line[n]) for line in lines) for n in range(len(heads))]
    for line in lines if rows else []:
        text = "  ".join(padded(cell, width) for cell, width in zip(line, widths, strict=True))
        typer.echo(text.rstrip())


def show_json(value: Mapping[str, Any]) -> None:
    document = {"schema_version": SCHEMA_VERSION, **value}
    typer.echo(json.dumps(document, ensure_ascii=False, indent=2))


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return in_words(said("yes")) if value else ""
    if isinstance(value, (list, tuple)):
        return ", ".join(str(one) for one in value)
    return in_words(value) if isinstance(value, str) else str(value)


def moment(utc_ms: int | None) -> str | None:
    """A time as people read it; None where there is none."""
    if utc_ms is None:
        return None
    return datetime.fromtimestamp(utc_ms / 1e3, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
