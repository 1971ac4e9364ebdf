"""Programs with arcs: the same print in fewer lines, and the auditor says so."""

from __future__ import annotations

import functools
import re

import numpy as np
import pytest

from printstd import pipeline
from printstd.adapters.executors import SerialExecutor
from printstd.adapters.profile_files import default_source
from printstd.adapters.progress import NoProgress
from printstd.artifacts.finding import Status
from printstd.audit import audit_program, read_motion
from printstd.errors import ProfileError
from printstd.gcode.estimate import model_of
from printstd.kernels.motion_time import move_times
from printstd.profiles.resolved import Request, Resolved
from tests.meshes import stl_binary, tube

DEVIATION_MM = 0.0125
MODEL = stl_binary(tube(6.0, 12.0, 3.0, n_sides=120))


def resolved_with(deviation_mm: float, printer: str = "peer") -> Resolved:
    names = {"material": "peer", "process": "peer-0.20"} if printer == "peer" else {}
    given = (("arcs.max_deviation_mm", f"{deviation_mm}"),)
    return pipeline.resolve(Request(printer=printer, overrides=given, **names), default_source())


@functools.cache
def made(deviation_mm: float) -> tuple[bytes, int, pipeline.AuditDemand]:
    """The program, its stated time in ms, and what it is audited by."""
    prepared = pipeline.prepare(
        pipeline.ModelInput(MODEL, "tube.stl"), pipeline.Order(), resolved_with(deviation_mm)
    )
    done = pipeline.make_program(prepared, executor=SerialExecutor(), progress=NoProgress())
    return done.program.data, done.program.totals.print_time_ms, done.demand


def moves(program: bytes) -> list[str]:
    return re.findall(r"^G[123] .*$", program.decode("ascii"), re.MULTILINE)


def fed_e5(lines: list[str]) -> int:
    return sum(round(float(word) * 1e5) for line in lines for word in re.findall(r" E(\S+)", line))


def test_the_filament_is_the_same_to_the_last_digit_and_the_program_shorter() -> None:
    straight, arced = made(0.0)[0], made(DEVIATION_MM)[0]
    assert not re.search(rb"^G[23] ", straight, re.MULTILINE)
    assert re.search(rb"^G2 ", arced, re.MULTILINE)
    assert fed_e5(moves(arced)) == fed_e5(moves(straight))
    assert len(arced) < 0.7 * len(straight)


def test_what_is_not_on_an_arc_is_said_as_before() -> None:
    before, after = moves(made(0.0)[0]), moves(made(DEVIATION_MM)[0])
    kept = [row for row in after if row.startswith("G1")]
    assert len(kept) < len(after) < len(before)
    # Speeds are said where they change, which may be on another line now.
    bare = {re.sub(r" F\d+", "", row) for row in before}
    assert {re.sub(r" F\d+", "", row) for row in kept} <= bare
    # Arcs end where moves ended.
    ends = {re.search(r"X\S+ Y\S+", row)[0] for row in before if " X" in row}  # type: ignore[index]
    arcs = [row for row in after if not row.startswith("G1")]
    assert {re.search(r"X\S+ Y\S+", row)[0] for row in arcs} <= ends  # type: ignore[index]


def test_the_auditor_finds_the_same_print() -> None:
    """Same verdicts, and walls that lie no further off than the deviation."""
    answers = []
    for deviation_mm in (0.0, DEVIATION_MM):
        data, _, demand = made(deviation_mm)
        answers.append(audit_program(data, MODEL, demand))
    verdicts = [[(f.rule_id, f.status) for f in answer.findings] for answer in answers]
    assert verdicts[0] == verdicts[1]
    assert Status.FAIL not in {status for _, status in verdicts[0]}
    straight, arced = (answer.measured for answer in answers)
    assert arced.deposited_mm3_e3 == pytest.approx(straight.deposited_mm3_e3, abs=2)
    for name in ("outward_max_nm", "inward_max_nm"):
        off = abs(getattr(arced, name) - getattr(straight, name))
        assert off <= DEVIATION_MM * 1e6 + 2_000


def test_a_centre_that_is_off_is_caught() -> None:
    data, _, demand = made(DEVIATION_MM)
    rows = data.decode("ascii").split("\n")
    at = next(i for i, row in enumerate(rows) if row.startswith("G2 "))
    i_mm = float(re.search(r"I(\S+)", rows[at])[1])  # type: ignore[index]
    rows[at] = re.sub(r"I\S+", f"I{i_mm + 0.5:.3f}", rows[at])
    answer = audit_program("\n".join(rows).encode("ascii"), MODEL, demand)
    assert Status.FAIL in {f.status for f in answer.findings}


def test_the_time_of_arcs_is_that_of_what_they_stand_for() -> None:
    """As the auditor reads the arcs, cut to chords again, they take as long to 1 %."""
    data, stated_ms, demand = made(DEVIATION_MM)
    printer = resolved_with(DEVIATION_MM).printer
    assert printer is not None
    limits = printer.motion
    motion = read_motion(data, demand)
    way = np.rint(motion.end_um - motion.start_um).astype(np.int64)
    body = motion.feed_um_s > 0
    seconds = move_times(
        way[body],
        np.rint(motion.e_um[body] * 100).astype(np.int64),
        np.maximum(np.rint(motion.feed_um_s[body] * 0.06), 1).astype(np.int64),
        np.full(int(body.sum()), limits.print_accel_mm_s2),
        model_of(limits),
    )
    # The start code's way down and the way back to rest are the program's, not the toolpath's.
    assert float(seconds.sum()) == pytest.approx(stated_ms / 1000, rel=0.01, abs=3.0)


def test_a_printer_without_arcs_is_not_given_any() -> None:
    with pytest.raises(ProfileError, match="knows no arcs"):
        resolved_with(DEVIATION_MM, "voron-2.4-350")
    given = (
        ("arcs.max_deviation_mm", f"{DEVIATION_MM}"),
        ("printer.has_arcs", "true"),
        ("printer.allowlist", "klipper-arcs"),
    )
    resolved = pipeline.resolve(Request(printer="voron-2.4-350", overrides=given), default_source())
    assert resolved.allowlist is not None
    assert {"G2", "G3"} <= {rule.command for rule in resolved.allowlist.commands}
    assert resolved_with(0.0, "voron-2.4-350").process.arcs.max_deviation_mm == 0.0
