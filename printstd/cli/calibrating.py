"""A calibration print made, looked at by the auditor, and written with the form for its results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from printstd.cli.groups import Machine, Told
from printstd.cli.speech import translate
from printstd.words import said

if TYPE_CHECKING:
    from manifold3d import Manifold

    from printstd.artifacts.audit import Audit
    from printstd.artifacts.calibration import CalibrationKind
    from printstd.artifacts.layer_plan import LayerPlan
    from printstd.pipeline import Plate
    from printstd.profiles.decision import Decision
    from printstd.profiles.resolved import Resolved
    from printstd.report.document import Section

_HOLLOW: Final = (
    "process.infill.density_ratio=0",
    "process.shells.top_layers=0",
    "process.shells.top_min_thickness_mm=0",
)
_TUBE: Final = (
    *_HOLLOW,
    "process.walls.count=1",
    "process.shells.bottom_layers=0",
    "process.shells.bottom_min_thickness_mm=0",
)


class Test(NamedTuple):
    """What is printed. sets : settings beside the user's. values : of each band or square, from the
    first. lines_at : commands where a band begins, from the profiles. offsets_mm : heights of the
    nozzle over squares whose middles lie there, from the middle of all."""

    kind: CalibrationKind
    solid: Manifold
    sets: Sequence[str] = ()
    values: Sequence[float] = ()
    base_mm: float = 0.0
    band_mm: float = 0.0
    command: Callable[[Resolved, float], list[str]] | None = None
    middles_mm: Sequence[tuple[float, float]] = ()


class Call(NamedTuple):
    """The options that all test prints share."""

    output: Path
    machine: Machine
    told: Told


def hollow() -> tuple[str, ...]:
    return _HOLLOW


def tube() -> tuple[str, ...]:
    return _TUBE


def resolve(call: Call, sets: Sequence[str] = ()) -> Resolved:
    """Raises UsageError where no printer was named, or where it has several tools."""
    from printstd import pipeline
    from printstd.cli.running import request_of, resolved_for
    from printstd.errors import UsageError

    resolved = resolved_for(
        request_of(
            pack=None,
            tolerance_class=None,
            material=call.machine.material,
            process=call.machine.process,
            printer=call.machine.printer,
            settings=[*sets, *(call.machine.settings or [])],
        )
    )
    pipeline.require_printer(resolved)
    if resolved.n_tools > 1:
        raise UsageError(
            said("a calibration print is for one tool"),
            got=said("a printer with {count} tools", count=resolved.n_tools),
            wanted=said("a printer profile with one"),
            hint=said("calibrate each tool under a profile that has it alone"),
        )
    return resolved


def form_place(program: Path) -> Path:
    """``OUT.gcode`` -> ``OUT.gcode.calibration.toml``."""
    return program.with_name(f"{program.name}.calibration.toml")


def run(test: Test, call: Call) -> int:
    """Exit 1 and nothing written where the auditor finds the print outside the machine's limits."""
    import hashlib

    from printstd.cli.places import settle
    from printstd.cli.running import deliver, document_of, shown
    from printstd.report.document import Fact, Subject

    form = form_place(call.output)
    settle([call.output, form, *([call.told.report] if call.told.report else [])], inputs=[])
    resolved = resolve(call, test.sets)
    program, section, exit_code = _made(test, resolved, call)
    sha256 = hashlib.sha256(program).hexdigest()
    products = {}
    if exit_code == 0:
        text = _form(test, resolved, sha256)
        # The form last: it names the program.
        products = {call.output: program, form: text.encode("utf-8")}
    values = ", ".join(f"{value:g}" for value in test.values)
    subject = Subject(
        shown(call.output.name),
        sha256,
        (Fact(said("values, from the first"), values),) if values else (),
        (section,),
        tuple(shown(path) for path in products),
        None,
        exit_code,
        (f"printstd calibrate take {shown(form)} -o RECORD.json",) if products else (),
    )
    return deliver(
        document_of("calibrate", (subject,), resolved),
        form=call.told.form,
        file=call.told.report,
        quiet=call.told.quiet,
        products=products,
        redact=call.told.redact,
    )


def _made(test: Test, resolved: Resolved, call: Call) -> tuple[bytes, Section, int]:
    """The program, what the auditor says of it, and the exit code of that."""
    from printstd import pipeline
    from printstd.adapters.executors import SerialExecutor
    from printstd.adapters.progress import progress_for
    from printstd.artifacts.finding import Status
    from printstd.capability.artefact.files import stl_of
    from printstd.report.document import Section, section_of

    model = pipeline.ModelInput(stl_of(test.solid, "calibration print"), f"{test.kind}.stl")
    executor = SerialExecutor()
    with progress_for(quiet=call.told.quiet, translate=translate()) as progress:
        plate = pipeline.alone(pipeline.prepare(model, pipeline.Order(), resolved))
        made = pipeline.make_plate(plate, executor=executor, progress=progress)
        program = made.program.data
        if test.command is not None:
            program = _banded(test, program, made.heights, resolved)
        if test.middles_mm:
            program = _raised(test, plate, resolved, progress)
        checked = pipeline.audit(
            program, plate.models[0].model, made.demand, executor=executor, progress=progress
        )
    audit: Audit = checked.audit
    decision: Decision = checked.decision
    if not test.middles_mm:
        section = section_of("audit", audit.findings, decision, audit.rules_run)
        return program, section, decision.exit_code
    # Squares at other heights are no part that a layer plan could describe: what is asked of them
    # is what every program must keep to, the machine's language and its limits.
    own = tuple(f for f in audit.findings if f.rule_id[0] in "LM" and f.rule_id not in _OF_A_PART)
    rules = tuple(r for r in audit.rules_run if r[0] in "LM" and r not in _OF_A_PART)
    failed = any(finding.status is Status.FAIL for finding in own)
    from printstd.profiles.decision import Outcome

    outcome = Outcome.FAILED if failed else Outcome.PASSED
    blocking = tuple(dict.fromkeys(f.rule_id for f in own if f.status is Status.FAIL))
    section = Section("audit", outcome, own, rules, (), (), blocking)
    return program, section, 1 if failed else 0


_OF_A_PART: Final = frozenset({"M-11"})
"""Rules about the machine that know it from the layers: every bead of a layer at one height."""


def _banded(test: Test, program: bytes, plan: LayerPlan, resolved: Resolved) -> bytes:
    from printstd.gcode.bands import with_bands

    if test.command is None:
        raise AssertionError("bands have commands")
    lines_at: dict[int, list[str]] = {}
    for band, value in enumerate(test.values):
        begin_um = round((test.base_mm + band * test.band_mm) * 1000)
        lines_at[_layer_from(plan, begin_um)] = test.command(resolved, value)
    return with_bands(program, lines_at, resolved)


def _layer_from(plan: LayerPlan, z_um: int) -> int:
    """The first layer that lies wholly at or above a height."""
    if plan.top_um:
        return 1 + next(n for n, top in enumerate(plan.top_um) if top >= z_um)
    return 1 + -(-(z_um - plan.floor_um - plan.first_um) // plan.height_um)


def _raised(test: Test, plate: Plate, resolved: Resolved, progress: Any) -> bytes:
    """The plate's one layer again, with the nozzle at other heights."""
    from printstd import RELEASE_DATE, __version__
    from printstd.adapters.executors import SerialExecutor
    from printstd.gcode.writer import write_program
    from printstd.layered import parts_of
    from printstd.plates import model_names
    from printstd.stages import laid
    from printstd.toolpath.nozzle_heights import raised

    parts = list(parts_of(plate, 0, SerialExecutor(), progress))
    toolpath = laid(plate, parts, SerialExecutor(), progress, None).toolpath(resolved)
    laid_um = toolpath.xy_um[toolpath.e_e5 > 0]
    middle = (laid_um.min(axis=0) + laid_um.max(axis=0)) // 2
    middles = [
        (int(middle[0]) + round(x * 1000), int(middle[1]) + round(y * 1000))
        for x, y in test.middles_mm
    ]
    return write_program(
        raised(toolpath, middles, [round(value * 1000) for value in test.values]),
        resolved,
        models=model_names(plate.models),
        thumbnails=(),
        tool_version=__version__,
        release_date=RELEASE_DATE,
    ).data


_READINGS: Final = {
    "flow": (
        "# Thickness of the wall, mm: at least four readings, on all four sides, away from\n"
        "# corners and from the lowest millimetre. resolution_mm: the calliper's last digit.\n"
        "wall_mm = []\nresolution_mm = 0.01\n"
    ),
    "pressure_advance": (
        "# Height from the bed, mm, at which corners are sharpest and do not bulge; one number\n"
        "# from each person who looked.\nbest_height_mm = []\n"
    ),
    "temperature": (
        "# Number of the band, from 1 at the bottom, with the best bridge, overhang and surface;\n"
        "# one from each person who looked.\nbest = []\n"
    ),
    "first_layer": (
        "# Number of the square, from 1, row by row from the back left, that is closed and\n"
        "# smooth; one from each person who looked.\nbest = []\n"
    ),
}


def _form(test: Test, resolved: Resolved, sha256: str) -> str:
    from printstd import __version__

    printer, material = resolved.printer, resolved.material
    if printer is None:
        raise AssertionError("a printer was demanded")
    before = {
        "flow": material.flow_ratio,
        "pressure_advance": material.pressure_advance_s or 0.0,
        "temperature": float(material.nozzle_c),
        "first_layer": 0.0,
    }[test.kind]
    wall = resolved.process.widths.external_perimeter_mm if test.kind == "flow" else 0.0
    return f"""# What was printed; written by printstd, not to be changed.
[printed]
kind = "{test.kind}"
program_sha256 = "{sha256}"
printer = "{resolved.request.printer}"
material = "{resolved.request.material}"
process = "{resolved.request.process}"
nozzle_mm = {printer.nozzle_mm}
before = {before}
values = [{", ".join(f"{value:.6g}" for value in test.values)}]
base_mm = {test.base_mm}
band_mm = {test.band_mm}
wall_mm = {wall}
tool_version = "{__version__}"

# Who measured, when (on = 2026-11-26), on which machine with which nozzle and spool.
[who]
by = ""
# on =
printer_serial = ""
nozzle_id = ""
spool = ""

[measured]
{_READINGS[test.kind]}"""
