"""What the commands share: building requests, running over several inputs, reporting."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from printstd.cli.options import Format
from printstd.errors import PrintstdError, UsageError

if TYPE_CHECKING:
    from printstd.adapters.executors import ProcessExecutor, SerialExecutor
    from printstd.pipeline import ModelInput, Order
    from printstd.ports import ProfileSource
    from printstd.profiles.resolved import Request, Resolved
    from printstd.report.document import ReportDocument, Subject


def request_of(
    *,
    pack: str,
    tolerance_class: str | None,
    material: str,
    process: str,
    printer: str | None,
    settings: list[str] | None,
) -> Request:
    """The profiles asked for; UsageError where a --set is no assignment."""
    from printstd.profiles.resolved import Request

    overrides = []
    for text in settings or []:
        key, sign, value = text.partition("=")
        if not sign or not key.strip():
            raise UsageError(
                "--set takes an assignment",
                got=text,
                wanted="KEY=VALUE",
                hint="e.g. --set process.infill.density_ratio=0.3",
            )
        overrides.append((key.strip(), value.strip()))
    return Request(pack, tolerance_class, material, process, printer, tuple(overrides))


def order_of(
    *,
    units: str | None,
    scale: float = 1.0,
    rotate: str | None = None,
    plate: int | None = None,
    allow_undecided: list[str] | None = None,
) -> Order:
    """What is asked of the model; UsageError where a value means nothing."""
    from printstd.pipeline import Order
    from printstd.units import LengthUnit, length_unit

    unit: LengthUnit | None = None
    if units is not None:
        unit = length_unit(units.lower())
        if unit is None:
            raise UsageError("--units: no such unit", got=units, wanted="mm, cm, m, in, ft or um")
    scale_e6 = round(scale * 1_000_000) if 0 < scale <= 10_000 else 0
    if not 1 <= scale_e6 <= 10_000_000_000:
        raise UsageError("--scale: out of range", got=str(scale), wanted="0.000001 to 10000")
    return Order(unit, scale_e6, _angles(rotate), plate, tuple(allow_undecided or ()))


def _angles(text: str | None) -> tuple[float, float, float]:
    if text is None:
        return (0.0, 0.0, 0.0)
    parts = text.split(",")
    try:
        values = [float(part) for part in parts]
    except ValueError:
        values = []
    if len(values) != 3 or not all(-360 <= value <= 360 for value in values):
        raise UsageError("--rotate: not three angles", got=text, wanted="X,Y,Z in degrees")
    return (values[0], values[1], values[2])


def profile_source() -> ProfileSource:
    from printstd.adapters.profile_files import default_source

    return default_source()


def resolved_for(request: Request) -> Resolved:
    from printstd.pipeline import resolve

    return resolve(request, profile_source())


def read_model_file(path: Path) -> ModelInput:
    from printstd.adapters.files import read_file
    from printstd.pipeline import ModelInput

    return ModelInput(read_file(path), path.name)


def executor_of(workers: int | None, model_bytes: int) -> SerialExecutor | ProcessExecutor:
    """Processes for a model of this size (50 bytes a facet in binary STL)."""
    from printstd.adapters.executors import executor_for

    return executor_for(workers, work_items=model_bytes // 50)


def over_inputs(paths: list[Path], work: Callable[[Path], Subject]) -> tuple[Subject, ...]:
    """`work` on every input; an input's error becomes its subject's problem, so that one bad
    file does not hide the answers for the others."""
    from printstd.report.document import Problem, Subject

    subjects = []
    for path in paths:
        try:
            subjects.append(work(path))
        except PrintstdError as error:
            problem = Problem(str(error), error.exit_code)
            subjects.append(Subject(path.name, None, (), (), (), problem, error.exit_code))
    return tuple(subjects)


def document_of(
    command: str, subjects: tuple[Subject, ...], resolved: Resolved | None
) -> ReportDocument:
    from printstd import __version__
    from printstd.report.document import SCHEMA_VERSION, ReportDocument, overall_exit_code

    title = standard = ""
    if resolved is not None:
        title = resolved.pack.document_title.get("en", "")
        standard = (
            f"{resolved.indication} ({resolved.designation.edition}), "
            f"status {resolved.designation.status.value} "
            f"checked {resolved.designation.status_checked_on.isoformat()}"
        )
    return ReportDocument(
        SCHEMA_VERSION,
        "printstd",
        __version__,
        command,
        title,
        standard,
        subjects,
        overall_exit_code([subject.exit_code for subject in subjects]),
    )


def deliver(document: ReportDocument, *, form: Format, file: Path | None, quiet: bool) -> int:
    """Write the report where it was asked for; problems go to standard error too."""
    text = _rendered(document, form, to_terminal=file is None and sys.stdout.isatty())
    if file is not None:
        from printstd.adapters.files import write_all

        write_all({file: text.encode("utf-8")})
    elif form is Format.JSON or not quiet:
        sys.stdout.write(text)
        sys.stdout.flush()
    if form is Format.JSON or file is not None or quiet:
        for subject in document.subjects:
            if subject.problem:
                say(f"{subject.name}: {subject.problem.message}")
    return document.exit_code


def _rendered(document: ReportDocument, form: Format, *, to_terminal: bool) -> str:
    if form is Format.JSON:
        from printstd.report.as_json import render as render_json

        return render_json(document)
    import shutil

    from printstd.report.as_text import render as render_text

    width = shutil.get_terminal_size((120, 24)).columns if to_terminal else 120
    return render_text(document, color=to_terminal, width=max(60, width))


def say(text: str) -> None:
    """Talk, as opposed to data: standard error."""
    sys.stderr.write(text + "\n")
