"""The proof of printers fails where a printer's code is wrong; every proven printer certifies."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path

import pytest

from printstd import pipeline
from printstd.adapters.clock import FixedClock
from printstd.adapters.executors import SerialExecutor
from printstd.adapters.profile_files import default_source
from printstd.adapters.progress import NoProgress
from printstd.adapters.surroundings import tool_facts
from printstd.errors import UnprovenPrinterError
from printstd.profiles.decision import Outcome
from printstd.profiles.models import Printer
from printstd.profiles.proof import proof_of
from printstd.profiles.resolved import Request
from tests.meshes import box, stl_binary, tube
from tests.proving import proof, record
from tests.proving.line import send
from tests.proving.track import track
from tests.unit.certify.signing import signer

SOURCE = default_source()
PRINTERS = record.printers(SOURCE)


@functools.cache
def program(name: str) -> tuple[Printer, str]:
    resolved = pipeline.resolve(Request(printer=name), SOURCE)
    model = pipeline.ModelInput(stl_binary(box((6.0, 6.0, 0.6))), "box.stl")
    prepared = pipeline.prepare(model, pipeline.Order(), resolved)
    made = pipeline.make_program(prepared, executor=SerialExecutor(), progress=NoProgress())
    assert resolved.printer is not None
    return resolved.printer, made.program.data.decode("ascii")


def wrong_with(name: str, folder: Path, change: Callable[[str], str]) -> list[str]:
    printer, text = program(name)
    changed = change(text)
    assert changed != text or change is same
    return proof.wrong_in(printer, changed, proof.planned_by(printer, changed, folder))


def same(text: str) -> str:
    return text


def replaced(old: str, new: str) -> Callable[[str], str]:
    """The first one, in the start code."""
    return lambda text: text.replace(old, new, 1)


def without_last(line: str) -> Callable[[str], str]:
    """In the end code."""

    def change(text: str) -> str:
        before, _, after = text.rpartition(f"\n{line}\n")
        return f"{before}\n{after}"

    return change


@pytest.mark.parametrize("name", ["ender3-v2", "voron-2.4-350", "bambu-p1s"])
def test_their_own_code_is_right(name: str, tmp_path: Path) -> None:
    assert wrong_with(name, tmp_path, same) == []


@pytest.mark.parametrize(
    ("name", "change", "wanted"),
    [
        ("ender3-v2", replaced("\nG28\n", "\nG28\nPREHEAT\n"), "does not know PREHEAT"),
        ("voron-2.4-350", replaced("QUAD_GANTRY_LEVEL", "QUAD_LEVEL"), "does not know QUAD_LEVEL"),
        ("ender3-v2", replaced("G1 X5 Y3 ", "G1 X5 Y-3 "), "out of range"),
        ("voron-2.4-350", replaced("G1 Z10 ", "G1 Z999 "), "out of range"),
        ("ender3-v2", replaced("\nG28\n", "\n"), "Must home axis first"),
        ("ender3-v2", replaced("M109 S215", "M109 S300"), "the planner stops"),
        ("ender3-v2", replaced("M109 S215", "M109 S300"), "asked for 300 degC, it stands 255"),
        ("ender3-v2", replaced("M190 S60", "M190 S130"), "asked for 130 degC, it stands 100"),
        ("ender3-v2", replaced("M109 S215\n", ""), "cold nozzle"),
        ("voron-2.4-350", replaced("M109 S215", "M104 S215"), "cold nozzle"),
        ("ender3-v2", without_last("M104 S0"), "still heated after the end"),
        ("voron-2.4-350", without_last("M140 S0"), "still heated after the end"),
        ("ender3-v2", replaced("G1 Z0.3 ", "G1 Z0 "), "lies in the bed"),
        ("bambu-p1s", replaced("G1 X60 Y1 ", "G1 X60 Y264 "), "does not lie on the bed"),
        (
            "bambu-p1s",
            replaced("G1 X60 Y1 ", "G1 X5 Y60\nG1 X5 Y5\nG1 X60 Y1 "),
            "runs into the filament cutter's lever",
        ),
    ],
)
def test_wrong_code_is_no_proof(name: str, change, wanted: str, tmp_path: Path) -> None:
    found = wrong_with(name, tmp_path, change)
    assert any(wanted in text for text in found), found


def test_a_board_that_ends_elsewhere_is_no_proof(tmp_path: Path) -> None:
    printer, text = program("ender3-v2")
    sent = send(text, tmp_path / "line")
    assert list(proof.wrong_on_line(printer, sent, proof.planned_by(printer, text, tmp_path))) == []
    elsewhere = text.replace("G1 X0 Y220", "G1 X9 Y220")
    planned = proof.planned_by(printer, elsewhere, tmp_path)
    assert "different X: 9, 0" in "".join(proof.wrong_on_line(printer, sent, planned))
    hot = send(without_last("M104 S0")(text), tmp_path / "hot")
    planned = proof.planned_by(printer, text, tmp_path)
    assert "still heated" in "".join(proof.wrong_on_line(printer, hot, planned))


def test_a_part_that_does_not_reach_far_shows_nothing() -> None:
    printer, text = program("ender3-v2")
    assert len(list(proof.not_reached(printer, track(text.splitlines())))) == 3


@pytest.mark.parametrize("name", PRINTERS)
def test_every_printer_certifies_or_says_why_not(name: str) -> None:
    request = Request(printer=name, process="peer-0.20" if name == "peer" else "standard-0.20")
    resolved = pipeline.resolve(request, SOURCE)
    model = pipeline.ModelInput(stl_binary(tube(8.0, 4.0, 2.0, 32)), "ring.stl")
    prepared = pipeline.prepare(model, pipeline.Order(), resolved)

    def certified():
        return pipeline.certify_model(
            prepared,
            program_name="ring.gcode",
            signer=signer(),
            clock=FixedClock(1_790_000_000),
            tool=tool_facts(),
            executor=SerialExecutor(),
            progress=NoProgress(),
        )

    if proof_of(PRINTERS[name]).how == "parsed":
        with pytest.raises(UnprovenPrinterError):
            certified()
        return
    signed = certified()
    assert signed.decision.outcome is Outcome.PASSED, signed.decision
    assert signed.recheck is not None
