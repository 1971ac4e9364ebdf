"""The gate at Moonraker and Kalico: what is not verified is not begun, whoever asks for it."""

from __future__ import annotations

import re
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from printstd.gate.commands import main
from tests.e2e.gated_klipper import BYPASSES, PROGRAM, QUIET_S, WAYS, Gated, gated_klipper
from tests.hosts.running import wait_for
from tests.unit.gate.certified import carried, certificates, long_program

WITH_PAUSE = PROGRAM.replace(b"M107\n", b"PAUSE\n" + long_program(2_000)[30:])


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gated]:
    with gated_klipper(tmp_path_factory.mktemp("klipper")) as found:
        yield found


@pytest.fixture
def idle(shop: Gated) -> Gated:
    """Nothing is loaded; a certified program and one that is not are on the server."""
    shop.restore()
    shop.script("CANCEL_PRINT")
    shop.script("SDCARD_RESET_FILE")
    shop.script("CLEAR_PAUSE")
    shop.until("standby")
    assert shop.upload("good.gcode", carried(PROGRAM))[0] == 201
    assert shop.upload("bad.gcode", PROGRAM)[0] == 201
    return shop


@pytest.mark.parametrize("way", WAYS)
def test_what_is_certified_is_printed_and_what_is_not_is_not(idle: Gated, way: str) -> None:
    with idle.nothing_begins():
        WAYS[way](idle, "bad.gcode")
    idle.server.ask("/server/job_queue/job?all=true", method="DELETE")
    idle.prints(lambda: WAYS[way](idle, "good.gcode"))
    assert re.fullmatch(r"\.printstd/[0-9a-f]{64}\.gcode", idle.status()["print_stats"]["filename"])


@pytest.mark.parametrize("bypass", [name for name in BYPASSES if name != "the old names"])
def test_no_command_goes_around_it(idle: Gated, bypass: str) -> None:
    with idle.nothing_begins():
        for line in BYPASSES[bypass]:
            idle.script(line)
            idle.direct("gcode/script", script=line)


def test_a_paused_print_goes_on_and_nothing_else_begins_meanwhile(idle: Gated) -> None:
    idle.upload("long.gcode", carried(WITH_PAUSE))
    for resume in (["RESUME"], ["M24"], ["CLEAR_PAUSE", "M24"]):
        begun = idle.begun()
        assert idle.start("long.gcode")[0] == 200
        idle.until("paused")
        assert idle.start("good.gcode")[0] == 409
        for line in ("SDCARD_PRINT_FILE FILENAME=bad.gcode", "M23 bad.gcode", "M26 S10"):
            idle.script(line)
        time.sleep(0.3)
        assert idle.state() == "paused"
        assert idle.begun() == begun + 1
        for line in resume:
            idle.script(line)
        idle.until("complete")
        assert idle.begun() == begun + 2
        wait_for("its end", lambda: idle.journal()[-1]["event"] == "ended", seconds=10)
        idle.script("CLEAR_PAUSE")


def flipped(path: Path, at: int = -40) -> Callable[[], None]:
    """Changes one bit of a file; gives back what undoes it."""
    kept, mode = path.read_bytes(), path.stat().st_mode
    changed = bytearray(kept)
    changed[at] ^= 1
    path.write_bytes(changed)

    def undo() -> None:
        path.write_bytes(kept)
        path.chmod(mode)

    return undo


def test_a_byte_that_is_changed_anywhere_stops_it(idle: Gated) -> None:
    made = certificates(PROGRAM)
    (idle.files / "beside.gcode").write_bytes(PROGRAM)
    (idle.files / "beside.gcode.cert.json").write_bytes(made[0])
    (idle.files / "beside.gcode.recheck.json").write_bytes(made[1])
    idle.prints(lambda: idle.start("beside.gcode"))
    idle.script("SDCARD_RESET_FILE")
    idle.until("standby")
    places = [
        idle.files / "beside.gcode",
        idle.files / "beside.gcode.cert.json",
        idle.files / "beside.gcode.recheck.json",
        idle.gate / "policy.toml",
        idle.gate / "maker.pub",
        idle.gate / "macros.json",
    ]
    for place in places:
        undo = flipped(place, len(place.read_bytes()) // 2)
        with idle.nothing_begins():
            code, told = idle.start("beside.gcode")
            assert code == 403, (place, told)
            assert "is not printed" in told["error"]["message"], (place, idle.journal()[-1])
        undo()
    idle.prints(lambda: idle.start("beside.gcode"))


def test_a_file_that_changes_all_the_time_is_printed_as_it_was_verified_or_not_at_all(
    idle: Gated,
) -> None:
    """Between check and start, and while it is printed: Kalico counts the 20 mm of filament of the
    verified bytes (a little less: it does not count the last moment), and never the others' 520."""
    faces = (carried(PROGRAM), carried(PROGRAM).replace(b"E0.01000", b"E0.26000"))
    place, stop = idle.files / "flips.gcode", threading.Event()
    place.write_bytes(faces[0])

    def flip() -> None:
        turn = 0
        while not stop.is_set():
            turn ^= 1
            other = place.with_name(".flips.part")
            other.write_bytes(faces[turn])
            other.replace(place)
            time.sleep(0.004)

    thread = threading.Thread(target=flip)
    thread.start()
    codes: list[int] = []
    try:
        for _ in range(8):
            code, _told = idle.start("flips.gcode")
            codes.append(code)
            if code == 200:
                idle.until("complete")
                assert idle.status()["print_stats"]["filament_used"] <= 20.1
    finally:
        stop.set()
        thread.join()
    assert set(codes) <= {200, 403}
    place.write_bytes(faces[0])
    assert idle.start("flips.gcode")[0] == 200
    idle.until("complete")
    assert idle.status()["print_stats"]["filament_used"] <= 20.1


def test_a_copy_that_is_changed_is_written_anew_before_a_print(idle: Gated) -> None:
    idle.prints(lambda: idle.start("good.gcode"))
    (copied,) = (idle.files / ".printstd").glob("*.gcode")
    copied.chmod(0o644)
    copied.write_bytes(b"G28\nG1 X1 E500\n")
    idle.prints(lambda: idle.start("good.gcode"))
    assert copied.read_bytes() == PROGRAM
    # And nobody writes there through the API.
    code, _ = idle.upload(copied.name, b"G28\n", path=".printstd")
    assert code == 403
    assert copied.read_bytes() == PROGRAM


def test_a_copy_that_is_changed_while_it_is_printed_ends_the_print(idle: Gated) -> None:
    idle.upload("long.gcode", carried(WITH_PAUSE))
    assert idle.start("long.gcode")[0] == 200
    idle.until("paused")
    copied = Path(idle.status()["virtual_sdcard"]["file_path"])
    copied.chmod(0o644)
    with copied.open("r+b") as stream:
        stream.seek(-100, 2)
        stream.write(b"G1 X9 E9\n")
    begun = idle.begun()
    wait_for("it is cancelled", lambda: idle.state() == "cancelled", seconds=10)
    idle.script("RESUME")
    time.sleep(QUIET_S)
    assert idle.begun() == begun
    wait_for(
        "it is recorded", lambda: any(r["event"] == "changed" for r in idle.journal()), seconds=5
    )
    copied.unlink()


def test_moonraker_may_be_restarted_during_a_print(idle: Gated) -> None:
    idle.upload("long.gcode", carried(WITH_PAUSE))
    assert idle.start("long.gcode")[0] == 200
    idle.until("paused")
    idle.server.restart_moonraker()
    # Longer than it takes to look.
    time.sleep(2.5)
    assert idle.state() == "paused"
    idle.script("RESUME")
    idle.until("complete")
    wait_for("its end", lambda: idle.journal()[-1]["event"] == "ended", seconds=10)


def test_the_old_command_is_found_out_and_ended(idle: Gated) -> None:
    """Where the card holds all files, who knows the name that the macro gave to the old command
    begins a print; it is cancelled and recorded. What closes it: test_gate_klipper_locked.py."""
    before = len(idle.journal())
    idle.upload("bad.gcode", long_program(100_000))
    began = time.monotonic()
    idle.script("_PRINTSTD_PRINT_VERIFIED FILENAME=bad.gcode")
    wait_for("it is cancelled", lambda: idle.state() == "cancelled", seconds=10)
    wait_for("it is recorded", lambda: len(idle.journal()) > before, seconds=10)
    assert time.monotonic() - began < 10
    assert idle.journal()[-1]["event"] == "uncertified"
    assert idle.journal()[-1]["file"].endswith("bad.gcode")


def test_another_macro_is_refused_by_name_and_calibrating_is_not(idle: Gated) -> None:
    program = b"START_PRINT\n" + PROGRAM
    idle.upload("starts.gcode", carried(program))
    idle.prints(lambda: idle.start("starts.gcode"))
    kept = idle.printer_cfg.read_text()

    def with_config(text: str) -> None:
        idle.printer_cfg.write_text(text)
        idle.server.restart_klippy(signal.SIGTERM)

    changed = kept.replace(
        "[gcode_macro START_PRINT]\ngcode:\n  G28\n",
        "[gcode_macro START_PRINT]\ngcode:\n  G28\n  M104 S290\n",
    )
    assert changed != kept
    with_config(changed)
    with idle.nothing_begins():
        code, told = idle.start("starts.gcode")
    assert code == 403
    assert "macro START_PRINT " in told["error"]["message"]
    # A program that cannot reach it is not held up.
    idle.prints(lambda: idle.start("good.gcode"))
    calibrated = kept.replace("pid_Kp: 22.2", "pid_Kp: 23.4").replace(
        "[extruder]\n", "[extruder]\npressure_advance: 0.055\n"
    )
    calibrated = calibrated.replace(
        "[gcode_macro UNUSED]\ngcode:\n  M84", "[gcode_macro UNUSED]\ngcode:\n  M18"
    )
    with_config(calibrated)
    idle.prints(lambda: idle.start("starts.gcode"))
    # The gate's own macros taken out: whoever asks the gate is told.
    with_config(
        kept.replace("rename_existing: M9924\n", "").replace(
            "[gcode_macro M24]", "[gcode_macro OTHER]"
        )
    )
    with idle.nothing_begins():
        code, told = idle.start("good.gcode")
    assert code == 403
    assert "M24 is not loaded" in told["error"]["message"]
    with_config(kept)
    idle.prints(lambda: idle.start("starts.gcode"))


def test_without_a_gate_nothing_is_printed(idle: Gated) -> None:
    asked = "SDCARD_PRINT_FILE FILENAME=good.gcode"
    kept = idle.settings.read_text()
    # A verdict that takes too long is a no.
    idle.settings.write_text(kept + "timeout_s = 0.0001\n")
    with idle.nothing_begins():
        assert idle.start("good.gcode")[0] == 504
    # A gate that cannot read its settings does not load; Moonraker goes on without it.
    idle.settings.write_text("")
    idle.server.restart_moonraker()
    with idle.nothing_begins():
        idle.start("good.gcode")
        idle.direct("gcode/script", script=asked)
        # The one where it never was there, the other where it is gone.
        assert re.search(r"method 'printstd_gate'", idle.log())
    # Nor does one that would empty the folder of everybody's programs.
    idle.settings.write_text(kept.replace("/.printstd", ""))
    idle.server.restart_moonraker()
    with idle.nothing_begins():
        idle.start("good.gcode")
    assert (idle.files / "good.gcode").exists()
    # No component file at all.
    hidden = idle.component.read_bytes()
    idle.component.unlink()
    shutil.rmtree(idle.component.parent / "__pycache__", ignore_errors=True)
    idle.server.restart_moonraker()
    with idle.nothing_begins():
        idle.start("good.gcode")
        idle.script(asked)
    idle.component.write_bytes(hidden)
    idle.settings.write_text(kept)
    # No Moonraker.
    begun = idle.begun()
    idle.server.moonraker.stop()
    idle.direct("gcode/script", script=asked)
    idle.direct("gcode/script", script="M24")
    time.sleep(QUIET_S)
    assert idle.begun() == begun
    idle.server.moonraker.start()
    idle.server.wait()
    idle.prints(lambda: idle.start("good.gcode"))


def test_prints_that_go_around_the_gate_are_seen_within_ten_seconds(
    idle: Gated, capsys: pytest.CaptureFixture[str]
) -> None:
    """Macros and component are gone: whoever watches sees a print that no gate started."""
    idle.upload("long.gcode", carried(WITH_PAUSE))
    kept = idle.printer_cfg.read_text()
    kept_conf = idle.conf.read_text()
    watch = ["watch", "--settings", str(idle.settings), "--moonraker", idle.server.url]
    # What the gate started is not told.
    assert idle.start("long.gcode")[0] == 200
    idle.until("paused")
    before = len(idle.journal())
    assert main([*watch, "--every", "0.5", "--for", "4"]) == 0
    assert len(idle.journal()) == before
    idle.script("CANCEL_PRINT")
    wait_for("its end", lambda: idle.journal()[-1]["event"] == "ended", seconds=10)
    idle.printer_cfg.write_text(kept[: kept.index("# printstd: nothing is printed")])
    idle.conf.write_text(kept_conf[: kept_conf.index("[printstd_gate]")])
    idle.server.restart_klippy(signal.SIGTERM)
    idle.server.restart_moonraker()
    before = len(idle.journal())
    assert idle.start("long.gcode")[0] == 200
    idle.until("paused")
    began = time.monotonic()
    assert main([*watch, "--for", "6.5"]) == 0
    assert time.monotonic() - began < 10
    (record,) = idle.journal()[before:]
    assert record["event"] == "uncertified"
    assert record["file"] == str(idle.files / "long.gcode")
    assert "no gate started" in capsys.readouterr().out
    idle.script("CANCEL_PRINT")
