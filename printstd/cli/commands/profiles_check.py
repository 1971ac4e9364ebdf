"""`printstd profiles check`: packs proven, line by line."""

from __future__ import annotations

from typing import Annotated

import typer

from printstd.cli import options
from printstd.cli.options import Format


def check(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PACK",
            help="Packs to prove; without it, every pack, and every profile of every kind is read.",
            show_default=False,
        ),
    ] = None,
    form: options.ReportFormat = Format.TEXT,
) -> int:
    """Read every profile file and name everything that is wrong with any of them; then prove every
    pack: sources, tables, designations, statuses, rules, titles."""
    from printstd.adapters.clock import SystemClock
    from printstd.audit.registry import RULES
    from printstd.cli.running import profile_source
    from printstd.cli.speech import in_words
    from printstd.errors import ProfileError
    from printstd.profiles.proving import Known, ProofVerdict, prove
    from printstd.profiles.show import check_all
    from printstd.report.cells import cells, padded
    from printstd.validate.registry import CHECKS
    from printstd.words import said

    source = profile_source()
    problems, checked = check_all(source, tuple(names or ()))
    if problems:
        raise ProfileError(tuple(problems))
    today = SystemClock().now_utc()[: len("2026-11-26")]
    known = Known(CHECKS, RULES)
    packs = list(dict.fromkeys(names or source.names("packs")))
    proofs = [proof for name in packs for proof in prove(source, name, known, today)]
    failed = sum(proof.verdict is ProofVerdict.FAIL for proof in proofs)
    exit_code = 1 if failed else 0
    if form is Format.JSON:
        from printstd.report.profile_lists import (
            SCHEMA_VERSION,
            ProfileProof,
            ProfileProofs,
            render,
        )

        rows = tuple(ProfileProof(p.pack, p.subject, p.verdict.value, p.text) for p in proofs)
        typer.echo(render(ProfileProofs(SCHEMA_VERSION, checked, rows, exit_code)), nl=False)
        return exit_code
    width = max(cells(in_words(proof.subject)) for proof in proofs)
    for name in packs:
        typer.echo(in_words(said("pack {name}", name=name)))
        for proof in proofs:
            if proof.pack == name:
                subject = padded(in_words(proof.subject), width)
                typer.echo(f"  {proof.verdict.value}  {subject}  {in_words(proof.text)}")
    if failed:
        failing = said(
            "{checked} profile files can be read; {failed} proofs failed",
            checked=checked,
            failed=failed,
        )
        typer.echo(in_words(failing))
    else:
        typer.echo(in_words(said("{checked} profile files, nothing wrong", checked=checked)))
    return exit_code
