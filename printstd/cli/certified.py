"""What `certify` tells of what it signed, or why it did not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from printstd.errors import PrintstdError
    from printstd.pipeline import Prepared, Signed
    from printstd.report.document import Section, Subject


def sections_of(signed: Signed) -> tuple[Section, ...]:
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


def refused(name: str, parts: Sequence[Prepared], error: PrintstdError) -> Subject:
    """A model that passes its checks and of which yet no program can be made: a no."""
    from printstd.report.document import Problem, Subject

    digest = parts[0].source.sha256 if len(parts) == 1 else None
    return Subject(name, digest, (), (), (), Problem(error.in_full(), 1), 1)


def verify_hint(output: Path, models: Sequence[Path], shown: Callable[[Path], str]) -> str:
    import shlex

    named = " ".join(f"--model {shlex.quote(shown(path))}" for path in dict.fromkeys(models))
    return f"printstd verify {shlex.quote(shown(output))} {named} --trust KEY.pub"
