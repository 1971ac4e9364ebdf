"""What the commands share: building requests, running over several inputs, reporting."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from printstd.adapters.names import shown as shown
from printstd.cli.choices import Format, Redaction
from printstd.cli.speech import tell
from printstd.cli.streams import forget_stdout
from printstd.errors import OutsideError, PrintstdError, UsageError
from printstd.words import listed, said

if TYPE_CHECKING:
    from printstd.adapters.cache_files import FolderCache
    from printstd.adapters.executors import ProcessExecutor, SerialExecutor
    from printstd.artifacts.characteristics import CharacteristicList
    from printstd.artifacts.finding import Finding
    from printstd.cli.logged import ToLog
    from printstd.cli.pictures import Draw
    from printstd.pipeline import ModelInput, Order, Prepared
    from printstd.ports import Cache, Clock, ProfileSource
    from printstd.profiles.records import Records
    from printstd.profiles.resolved import Request, Resolved
    from printstd.report.document import ReportDocument, Section, Subject


DEFAULT_MATERIAL = "pla"
DEFAULT_PACK = "int"
WITHOUT_DRAWING = "recognised"
"""In place of a drawing's file: the sizes that the model itself shows."""


def request_of(
    *,
    pack: str | None,
    tolerance_class: str | None,
    material: list[str] | None,
    process: str,
    printer: str | None,
    settings: list[str] | None,
    epoch: int | None = None,
) -> Request:
    """The profiles asked for; UsageError where a --set is no assignment."""
    from printstd.profiles.resolved import Request

    overrides = []
    for text in settings or []:
        key, sign, value = text.partition("=")
        if not sign or not key.strip():
            raise UsageError(
                said("--set takes an assignment"),
                got=text,
                wanted="KEY=VALUE",
                hint=said("e.g. --set process.infill.density_ratio=0.3"),
            )
        overrides.append((key.strip(), value.strip()))
    first, *others = material or [DEFAULT_MATERIAL]
    return Request(
        pack or DEFAULT_PACK,
        tolerance_class,
        first,
        process,
        printer,
        tuple(overrides),
        epoch=epoch,
        more_materials=tuple(others),
    )


def order_of(
    *,
    units: str | None,
    scale: float = 1.0,
    rotate: str | None = None,
    notation: str | None = None,
    orient: bool = False,
    plate: int | None = None,
    is_healed: bool = False,
    allow_undecided: list[str] | None = None,
    drawing: CharacteristicList | None = None,
) -> Order:
    """What is asked of the model; UsageError where a value means nothing."""
    from printstd.pipeline import Order
    from printstd.units import LengthUnit, length_unit

    unit: LengthUnit | None = None
    if units is not None:
        unit = length_unit(units.lower())
        if unit is None:
            raise UsageError(
                said("--units: no such unit"),
                got=units,
                wanted=said("mm, cm, m, in, ft or um"),
                hint=said("leave it out where the file says its unit"),
            )
    scale_e6 = round(scale * 1_000_000) if 0 < scale <= 10_000 else 0
    if not 1 <= scale_e6 <= 10_000_000_000:
        raise UsageError(
            said("--scale: out of range"),
            got=str(scale),
            wanted=said("0.000001 to 10000"),
            hint=said("1 leaves the model as it is; for inches use --units in"),
        )
    if orient and rotate is not None:
        raise UsageError(
            said("--orient and --rotate exclude each other"),
            got=said("both"),
            wanted=said("one of the two"),
            hint=said("leave --orient out to turn the part yourself"),
        )
    return Order(
        unit,
        scale_e6,
        _angles(rotate),
        plate,
        notation=notation,
        is_oriented=orient,
        is_healed=is_healed,
        allowed_undecided=_rules(allow_undecided),
        drawing=drawing,
    )


def drawing_of(file: Path | None, models: Sequence[Path]) -> CharacteristicList | None:
    """The drawing's table. Raises UsageError where there are several models for it, InputError
    where it cannot be read in exactly one way."""
    if file is None:
        return None
    from printstd.artifacts.characteristics import RECOGNISED

    if str(file) == WITHOUT_DRAWING:
        return RECOGNISED
    if len({os.path.realpath(model) for model in models}) > 1:
        raise UsageError(
            said("a drawing is of one part"),
            got=said("--characteristics and {count} models", count=len(models)),
            wanted=said("one model with its own table"),
            hint=said("judge each part by its own drawing"),
        )
    from printstd.adapters.files import read_file
    from printstd.intake.characteristics import read_characteristics

    return read_characteristics(read_file(file), shown(file.name))


def drawing_files(file: Path | None) -> list[Path]:
    """The drawing among the files that a call reads."""
    return [] if file is None or str(file) == WITHOUT_DRAWING else [file]


def check_form(form: Format, file: Path | None) -> None:
    """UsageError where a table of characteristics is wanted and none was given."""
    if form is Format.CSV and file is None:
        raise UsageError(
            said("--format csv is the table of a drawing's characteristics"),
            got=said("no --characteristics"),
            wanted=said("--characteristics FILE with it"),
            hint=said("`--format json` has everything else"),
        )


def _angles(text: str | None) -> tuple[float, float, float]:
    if text is None:
        return (0.0, 0.0, 0.0)
    parts = text.split(",")
    try:
        values = [float(part) for part in parts]
    except ValueError:
        values = []
    if len(values) != 3 or not all(-360 <= value <= 360 for value in values):
        raise UsageError(
            said("--rotate: not three angles"),
            got=text,
            wanted=said("X,Y,Z in degrees, each from -360 to 360"),
            hint=said("e.g. --rotate 0,0,90"),
        )
    return (values[0], values[1], values[2])


def _rules(names: list[str] | None) -> tuple[str, ...]:
    """Ids of rules that may stay undecided; UsageError where there is no such rule: a typing
    slip must not look like a permission."""
    if not names:
        return ()
    from printstd.cli.commands.explain import find_rule

    return tuple(find_rule(name) for name in names)


def orders_of(order: Order, models: Sequence[Path], extruder: list[int] | None) -> list[Order]:
    """What is asked of each model; UsageError where --extruder is named neither once nor once for
    each."""
    from dataclasses import replace

    if not extruder:
        return [order] * len(models)
    if len(extruder) not in (1, len(models)):
        raise UsageError(
            said("--extruder goes with the models one by one"),
            got=said(
                "{extruders} extruders for {models} models",
                extruders=len(extruder),
                models=len(models),
            ),
            wanted=said("one for all models, or one for each in their order"),
            hint=said("e.g. `slice a.stl b.stl --extruder 1 --extruder 2`"),
        )
    wanted = extruder * len(models) if len(extruder) == 1 else extruder
    return [replace(order, extruder=number) for number in wanted]


def profile_source() -> ProfileSource:
    from printstd.adapters.profile_files import default_source

    return default_source()


def resolved_for(
    request: Request, records: Records | None = None, *, with_fits: bool = True
) -> Resolved:
    """records : given with the call. with_fits : sizes of a drawing or an order may be judged."""
    from dataclasses import replace

    from printstd.pipeline import resolve

    found = resolve(request, profile_source(), with_fits=with_fits)
    return found if records is None else replace(found, records=records)


def read_model_file(path: Path) -> ModelInput:
    from printstd.adapters.files import read_file
    from printstd.pipeline import ModelInput

    return ModelInput(read_file(path), shown(path.name))


def cache_of(folder: Path | None) -> FolderCache | None:
    """OutsideError where the folder cannot be used."""
    if folder is None:
        return None
    from printstd.adapters.cache_files import folder_cache

    return folder_cache(folder)


def executor_of(workers: int | None) -> SerialExecutor | ProcessExecutor:
    from printstd.adapters.allocator import keep_freed_memory
    from printstd.adapters.executors import executor_for

    # Whoever asks is about to work on arrays.
    keep_freed_memory()
    return executor_for(workers)


def prepared_parts(
    paths: Sequence[Path],
    orders: Sequence[Order],
    resolved: Resolved,
    cache: Cache | None = None,
) -> tuple[list[Prepared], tuple[Subject, ...]]:
    """Every model of a plate read and placed, and the subjects of those that are refused: all
    are read, so that all that is wrong is said at once."""
    from printstd import pipeline
    from printstd.report.document import Subject

    parts: list[Prepared] = []
    left = iter(orders)

    def read(path: Path) -> Subject:
        own = next(left)
        parts.extend(pipeline.prepare_all(read_model_file(path), own, resolved, cache=cache))
        return Subject(shown(path.name), None, (), (), (), None, 0)

    return parts, tuple(subject for subject in over_inputs(paths, read) if subject.problem)


def over_inputs(
    paths: Iterable[Path], work: Callable[[Path], Subject], title: str | None = None
) -> tuple[Subject, ...]:
    """`work` on every input; an input's error becomes its subject's problem, so that one bad
    file does not hide the answers for the others. A UsageError is about the call: it ends it.

    title : of the subject, where that is not the input's name."""
    return tuple(answer_of(path, work, title) for path in paths)


def answer_of(path: Path, work: Callable[[Path], Subject], title: str | None = None) -> Subject:
    """`work` on one input, or its error as the subject's problem."""
    from printstd.report.document import Problem, Subject

    try:
        return work(path)
    except MemoryError:
        error: PrintstdError = OutsideError(
            said("there is not enough memory"),
            where=title or shown(path),
            wanted=said("a machine that holds the model several times over"),
            hint=said("try --workers 1, or a smaller model"),
        )
    except UsageError:
        raise
    except PrintstdError as caught:
        error = caught
        error.where = error.where or title or shown(path)
    problem = Problem(error.in_full(), error.exit_code)
    return Subject(title or shown(path.name), None, (), (), (), problem, error.exit_code)


def document_of(
    command: str,
    subjects: tuple[Subject, ...],
    resolved: Resolved | None,
    clock: Clock | None = None,
) -> ReportDocument:
    """clock : the run's; without one it is the machine's."""
    from printstd import __version__
    from printstd.report.document import SCHEMA_VERSION, ReportDocument, overall_exit_code

    exit_code = overall_exit_code([subject.exit_code for subject in subjects])
    plain = ReportDocument(
        SCHEMA_VERSION, "printstd", __version__, command, "", "", subjects, exit_code
    )
    if resolved is None:
        return plain
    from printstd.adapters.clock import SystemClock
    from printstd.cli.grounds import grounded

    today = (clock or SystemClock()).now_utc()[: len("2026-11-26")]
    return grounded(plain, resolved, today)


_BESIDE: ContextVar[Mapping[Path, Format]] = ContextVar("_BESIDE", default=MappingProxyType({}))


@contextmanager
def reports_beside(forms: Mapping[Path, Format]) -> Iterator[None]:
    """Within the block a command writes its report in these forms too, to these files: for who
    needs one run's findings as data and as a page."""
    token = _BESIDE.set(forms)
    try:
        yield
    finally:
        _BESIDE.reset(token)


def is_report_read(form: Format, file: Path | None, *, quiet: bool) -> bool:
    """Whether `deliver`, called so, shows anybody more of a report than what has gone wrong."""
    return file is not None or form is not Format.TEXT or not quiet or bool(_BESIDE.get())


def deliver(
    document: ReportDocument,
    *,
    form: Format,
    file: Path | None,
    quiet: bool,
    products: Mapping[Path, bytes] | None = None,
    redact: Redaction | None = None,
    draw: Draw | None = None,
    files: Sequence[str] | None = None,
    log: ToLog | None = None,
) -> int:
    """Write products and report, all or none; the exit code of the run.

    The report goes to `file`, or to standard output. Products are moved into their places last:
    where the report cannot be written, the run has not succeeded and they do not appear.
    draw : makes the pictures of a form that shows some. files : paths of the subjects, for forms
    that are shown beside the files. log : takes the statements among the products.
    """
    from printstd.cli.rendering import BINARY, PICTURED, rendered

    if file is None and form in BINARY and sys.stdout.isatty():
        raise UsageError(
            said("a terminal cannot show this form of report"),
            got=said("--format {form} and no file", form=form.value),
            wanted=said("--report FILE, or an output that is no terminal"),
            hint=said("e.g. --format {form} --report report.{form}", form=form.value),
        )
    if redact is not None:
        from printstd.report.redaction import redact as without_geometry

        document, draw = without_geometry(document), None
    beside = _BESIDE.get()
    is_pictured = any(one in PICTURED for one in (form, *beside.values()))
    pictures = draw(document) if draw is not None and is_pictured else None
    written = dict(products or {})
    for place, other in beside.items():
        written[place] = rendered(document, other, pictures=pictures, files=files)
    is_printed = file is None and (form is not Format.TEXT or not quiet)
    if file is not None:
        written[file] = rendered(document, form, pictures=pictures, files=files)
        printed = b""
    elif is_printed:
        printed = rendered(
            document, form, pictures=pictures, to_terminal=sys.stdout.isatty(), files=files
        )
    else:
        printed = b""
    if form is Format.GITHUB:
        from printstd.cli.job_summary import add_summary

        add_summary(document, files)
    if not written:
        _say_all(document, form, printed, is_printed=is_printed)
        return document.exit_code
    from printstd.adapters.files import staged
    from printstd.cli.replaced import replacing

    with (
        staged(written) as commit,
        log.taking(products or {}, quiet=quiet) if log else nullcontext(),
        replacing(products or {}, quiet=quiet),
    ):
        _say_all(document, form, printed, is_printed=is_printed)
        commit()
    return document.exit_code


def _say_all(document: ReportDocument, form: Format, report: bytes, *, is_printed: bool) -> None:
    """The report on standard output, and on standard error what must be heard anyway."""
    if is_printed:
        try:
            _print(report, form)
        except BrokenPipeError:
            # Whoever read our report has seen enough; the verdict stands all the same.
            forget_stdout()
        except OSError as error:
            raise OutsideError(
                said("the report cannot be written to standard output"),
                got=error.strerror or str(error),
                wanted=said("an output that takes it"),
                hint=said("check the disk that it goes to, or use --report FILE"),
            ) from error
    if is_printed and form is Format.TEXT and sys.stdout.isatty():
        return
    for line in _complaints(document, is_read=is_printed and form is Format.TEXT):
        tell(line)


def _print(report: bytes, form: Format) -> None:
    from printstd.cli.rendering import BINARY

    if form in BINARY:
        sys.stdout.buffer.write(report)
    else:
        sys.stdout.write(report.decode("utf-8"))
    sys.stdout.flush()


def _complaints(document: ReportDocument, *, is_read: bool) -> Iterable[str]:
    """What standard error says beside a report that no person may be looking at."""
    from printstd.report.labels import stage

    if not is_read:
        for notice in document.notices:
            yield listed(("printstd", said("warning: {notice}", notice=notice)), ": ")
    for subject in document.subjects:
        if subject.problem and subject.exit_code:
            yield listed(("printstd", subject.name, subject.problem.message), ": ")
        elif subject.exit_code and not is_read:
            for section in subject.sections:
                if section.outcome is not None and section.outcome != "PASSED":
                    short = listed((stage(section.stage), _in_short(section)), " ")
                    yield listed(("printstd", subject.name, short), ": ")


def _in_short(section: Section) -> str:
    """The outcome and the rules that forced it."""
    from printstd.artifacts.finding import Status
    from printstd.report.labels import OUTCOMES

    statuses = {"FAILED": (Status.FAIL,)}.get(
        str(section.outcome), (Status.NOT_EVALUATED, Status.INDETERMINATE)
    )
    forcing = [f for f in section.findings if f.status in statuses]
    silent = section.silent_rules if section.outcome == "UNDECIDED" else ()
    rules = ", ".join(blocking_rules(forcing, silent))
    outcome = OUTCOMES[str(section.outcome)]
    return listed((outcome, f"({rules})"), " ") if rules else outcome


def blocking_rules(findings: Iterable[Finding], silent: Iterable[str]) -> list[str]:
    """Ids of the rules that kept a run from passing, in report order."""
    return list(dict.fromkeys([*(finding.rule_id for finding in findings), *silent]))
