"""What `certify` tells of what it signed, or why it did not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from printstd.words import listed, said

if TYPE_CHECKING:
    from printstd.errors import PrintstdError
    from printstd.pipeline import Prepared, Signed, Stated
    from printstd.profiles.resolved import Resolved
    from printstd.report.document import Section, Subject


def sections_of(signed: Signed | Stated) -> tuple[Section, ...]:
    from printstd.report.document import section_of

    sections = []
    if signed.report is not None and signed.report_decision is not None:
        found = signed.report
        sections.append(
            section_of("validate", found.findings, signed.report_decision, found.rules_run)
        )
    if signed.checked is not None:
        audit = signed.checked.audit
        sections.append(
            section_of("audit", audit.findings, signed.checked.decision, audit.rules_run)
        )
    return tuple(sections)


def certified_subject(
    name: str,
    parts: Sequence[Prepared],
    found: Signed | Stated,
    models: Sequence[Path],
    output: Path,
    *,
    resolved: Resolved,
    products: Sequence[Path],
    key_id: str,
) -> Subject:
    """products : what is written, in the order in which it is."""
    from printstd.cli.commands.audit import layer_rows, measured_rows
    from printstd.cli.commands.slice_ import way_up
    from printstd.cli.commands.validate import explain_hints, model_rows
    from printstd.cli.records import record_rows
    from printstd.cli.running import blocking_rules, shown
    from printstd.profiles.proof import proof_text
    from printstd.report.characteristics import predicted_of, rows_of
    from printstd.report.document import Fact, Subject

    facts = record_rows(resolved)
    facts += model_rows(parts[0].file) if len(parts) == 1 else ()
    facts += tuple(
        Fact(said("way up"), listed((part.model.name, way_up(part.orientation)), ": "))
        for part in parts
        if part.orientation is not None
    )
    decision = found.decision
    if found.checked is not None:
        facts += measured_rows(found.checked)
    if products and resolved.printer is not None:
        # A certificate rests on it.
        facts += (Fact(said("printer proven"), proof_text(resolved.printer)),)
    if products:
        what = "level C2" if decision.exit_code == 0 else "a statement that says FAILED"
        told = said("{what}, key {key_id}", what=what, key_id=key_id)
        facts += (Fact(said("signed"), told),)
    blocking = blocking_rules(decision.blocking, decision.silent_rules)
    hints = explain_hints(blocking) or (verify_hint(output, models, shown),)
    return Subject(
        name,
        parts[0].source.file_sha256 if len(parts) == 1 else None,
        facts,
        sections_of(found),
        tuple(shown(path) for path in reversed(products)),
        None,
        decision.exit_code,
        hints,
        characteristics=rows_of(
            found.characteristics, found.checked.audit.sizes if found.checked else None
        ),
        predicted=predicted_of(found.characteristics),
        layers=layer_rows(found.checked) if found.checked is not None else (),
        source_format=parts[0].source.format if len(parts) == 1 else None,
    )


def refused(name: str, parts: Sequence[Prepared], error: PrintstdError) -> Subject:
    """A model that passes its checks and of which yet no program can be made: a no."""
    from printstd.report.document import Problem, Subject

    digest = parts[0].source.file_sha256 if len(parts) == 1 else None
    return Subject(name, digest, (), (), (), Problem(error.in_full(), 1), 1)


def verify_hint(output: Path, models: Sequence[Path], shown: Callable[[Path], str]) -> str:
    import shlex

    named = " ".join(f"--model {shlex.quote(shown(path))}" for path in dict.fromkeys(models))
    return f"printstd verify {shlex.quote(shown(output))} {named} --trust KEY.pub"
