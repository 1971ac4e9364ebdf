"""The gate at Kalico where the printer's card is its own folder: no command opens another file."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.gated_klipper import BYPASSES, PROGRAM, WAYS, gated_klipper
from tests.unit.gate.certified import carried, key


def test_with_the_card_in_the_gate_s_folder_no_command_opens_another_file(tmp_path: Path) -> None:
    with gated_klipper(tmp_path / "locked", is_locked=True) as found:
        found.upload("good.gcode", carried(PROGRAM))
        found.upload("bad.gcode", PROGRAM)
        commands = ["_PRINTSTD_PRINT_VERIFIED FILENAME=bad.gcode", "M9923 bad.gcode", "M9924"]
        commands += [
            "_PRINTSTD_PRINT_VERIFIED FILENAME=../bad.gcode",
            "M9923 ../bad.gcode",
            "M9924",
        ]
        with found.nothing_begins():
            for line in (*commands, *(line for lines in BYPASSES.values() for line in lines)):
                found.script(line)
            WAYS["the API"](found, "bad.gcode")
        found.prints(lambda: found.start("good.gcode"))
        # Whoever looks at the printer sees the name that was asked for.
        assert found.status()["print_stats"]["filename"] == "good.gcode"
        _, told = found.server.ask("/server/history/list?order=desc&limit=1")
        (job,) = told["result"]["jobs"]
        assert (job["filename"], job["exists"], job["status"]) == ("good.gcode", True, "completed")
        assert key().key_id in found.journal()[-3]["keys"]
