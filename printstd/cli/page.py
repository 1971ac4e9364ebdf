"""verify.html, written for those whom a policy trusts."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from printstd.words import said

if TYPE_CHECKING:
    from printstd.certify.policy import TrustPolicy


def write_page(
    program: Path | None,
    page: Path | None,
    policy: TrustPolicy | None,
    *,
    read: Iterable[Path],
    quiet: bool,
) -> int:
    """verify.html, for those whom the policy trusts. Its digest is told, to be compared with.
    read : files that say whom, on which it must not land."""
    import hashlib

    from printstd import __version__
    from printstd.adapters.files import write_all
    from printstd.adapters.page_files import verify_texts
    from printstd.certify.verify_page import verify_page
    from printstd.cli.places import settle
    from printstd.cli.speech import in_words
    from printstd.errors import UsageError

    if page is None or program is not None:
        raise UsageError(
            said("say what is to be verified, or which page is to be written"),
            got=said("neither") if page is None else said("both"),
            wanted=said("OUT.gcode, or --page verify.html"),
            hint=said("`printstd verify --help` names every option"),
        )
    settle([page], inputs=read)
    data = verify_page(verify_texts(), policy, version=__version__)
    write_all({page: data})
    if not quiet:
        told = said("sha256 {sha256}", sha256=hashlib.sha256(data).hexdigest())
        typer.echo(f"{page}  {in_words(told)}")
    return 0
