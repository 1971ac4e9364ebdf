"""The summary of a job of GitHub Actions: Markdown, added to the file that the runner names."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from printstd.errors import OutsideError
from printstd.words import said

if TYPE_CHECKING:
    from printstd.report.document import ReportDocument

VARIABLE: Final = "GITHUB_STEP_SUMMARY"


def add_summary(document: ReportDocument, files: Sequence[str] | None) -> None:
    """Adds the report to the summary; nothing where no runner names a file. OutsideError where it
    cannot be written."""
    name = os.environ.get(VARIABLE)
    if not name:
        return
    from printstd.cli.rendering import reader_speech
    from printstd.report.as_summary import render

    text = render(document, files=files, speech=reader_speech())
    try:
        with open(name, "a", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write(text)
    except OSError as error:
        raise OutsideError(
            said("the summary of the job cannot be written"),
            where=name,
            got=error.strerror or str(error),
            wanted=said("a file that can be written to, as {variable} names it", variable=VARIABLE),
            hint=said("leave {variable} unset where this is no workflow", variable=VARIABLE),
        ) from error
