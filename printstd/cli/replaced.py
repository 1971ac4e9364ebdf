"""What lies beside a statement and goes with it when another takes its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from printstd.adapters.certificate_files import outdated
from printstd.cli.speech import tell
from printstd.words import said


@contextmanager
def replacing(products: Mapping[Path, bytes], *, quiet: bool) -> Iterator[None]:
    """The block puts the products in their places. What was of the statements that they replaced
    is removed behind it, and told of: nobody could verify it any more."""
    of_old = outdated(products)
    yield
    for place in of_old:
        place.unlink(missing_ok=True)
        if not quiet:
            tell(
                said(
                    "removed {path}: it was of the statement that stood here before",
                    path=str(place),
                )
            )
