"""The gate at OctoPrint: only the lines of a verified program reach the printer, each once.

Counted is what the virtual printer received, by its own log of the serial line.
"""

from __future__ import annotations

import json
import re
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import printstd.gate.octoprint
from printstd.gate.commands import main
from printstd.gate.journal import read_journal
from printstd.gate.octoprint.lines import lines_of
from tests.e2e import gated
from tests.e2e.host_contract import stands_still
from tests.hosts.octoprint import KEY, OctoPrint, octoprint
from tests.hosts.running import wait_for
from tests.unit.gate.certified import carried, certificates, long_program, store, write_gate

PROGRAM = long_program(120)
OTHER = long_program(121)
QUIET_S = 0.5
_SENT = re.compile(r"<<< (?:N\d+ )?(.*?)(?:\*\d+)?$", re.MULTILINE)


class Gated:
    """A server with its gate."""

    def __init__(self, server: OctoPrint, settings: Path) -> None:
        self.server, self.settings, self.gate = server, settings, settings.parent
        self.files = server.folder / "uploads"
        self.at = 0

    def mark(self) -> None:
        """From here on is counted."""
        self.at = len(self.server.serial_log())

    def sent(self) -> list[str]:
        """What the printer received since the mark."""
        return _SENT.findall(self.server.serial_log()[self.at :])

    def of_program(self) -> list[str]:
        """Of that the moves: nothing but programs says any here."""
        return [line for line in self.sent() if line.startswith("G1 ")]

    def state(self) -> str:
        return str(self.server.ask("/api/job")[1]["state"])

    def until(self, *states: str) -> None:
        wait_for(f"OctoPrint is {states}", lambda: self.state() in states)

    def upload(self, name: str, data: bytes, **fields: str) -> int:
        url = f"{self.server.url}/api/files/local"
        return gated.upload(url, name, data, headers={"X-Api-Key": KEY}, **fields)[0]

    def start(self, name: str, origin: str = "local") -> int:
        body = {"command": "select", "print": True}
        return self.server.ask(f"/api/files/{origin}/{name}", method="POST", json_body=body)[0]

    def job(self, **command: Any) -> int:
        return self.server.ask("/api/job", method="POST", json_body=command)[0]

    def terminal(self, *lines: str) -> None:
        body = {"commands": list(lines)}
        assert self.server.ask("/api/printer/command", method="POST", json_body=body)[0] == 204

    def journal(self) -> tuple[dict[str, Any], ...]:
        file = self.gate / "journal.jsonl"
        return read_journal(file.read_bytes(), file.name).records if file.exists() else ()

    def ended(self) -> None:
        """Nothing is printed any more, and the gate knows."""
        time.sleep(QUIET_S)
        self.until("Operational")

    def prints_nothing(self, start: Callable[[], Any]) -> None:
        self.mark()
        start()
        self.ended()
        assert self.of_program() == []
        assert not [line for line in self.sent() if line.startswith(("M23", "M24", "G28", "M109"))]

    def prints(self, start: Callable[[], Any], program: bytes = PROGRAM) -> None:
        before = len(self.journal())
        self.mark()
        start()
        wait_for(
            "the gate saw its end",
            lambda: any(record["event"] == "ended" for record in self.journal()[before:]),
        )
        self.until("Operational")
        expected = list(lines_of(program))
        sent = [line for line in self.sent() if line in set(expected)]
        assert sent == expected
        record = self.journal()[-1]
        assert (record["event"], record["is_same"], record["is_whole"]) == ("ended", True, True)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gated]:
    folder = tmp_path_factory.mktemp("octoprint")
    libraries = gated.libraries(folder / "libraries")
    settings = write_gate(folder / "gate")
    plugin = Path(printstd.gate.octoprint.__file__).parent / "printstd_gate.py"
    with octoprint(
        folder / "base",
        settings={"plugins": {"printstd_gate": {"settings": str(settings)}}},
        plugins={"printstd_gate.py": plugin.read_bytes()},
        env={"PYTHONPATH": str(libraries)},
    ) as server:
        yield Gated(server, settings)


@pytest.fixture
def idle(shop: Gated) -> Gated:
    shop.job(command="cancel")
    shop.until("Operational")
    assert shop.upload("good.gcode", carried(PROGRAM)) == 201
    assert shop.upload("bad.gcode", OTHER) == 201
    return shop


WAYS: dict[str, Callable[[Gated, str], Any]] = {
    "select and print": lambda found, name: found.start(name),
    "an upload": lambda found, name: found.upload(
        name, (found.files / name).read_bytes(), select="true", print="true"
    ),
    "a job": lambda found, name: (
        found.server.ask(
            f"/api/files/local/{name}", method="POST", json_body={"command": "select"}
        ),
        found.job(command="start"),
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_what_is_certified_is_printed_and_what_is_not_is_not(idle: Gated, way: str) -> None:
    idle.prints_nothing(lambda: WAYS[way](idle, "bad.gcode"))
    idle.prints(lambda: WAYS[way](idle, "good.gcode"))


def test_a_paused_print_goes_on_to_its_last_line(idle: Gated) -> None:
    program = long_program(400)
    idle.upload("long.gcode", carried(program))

    def start() -> None:
        idle.start("long.gcode")
        wait_for("it prints", lambda: len(idle.of_program()) > 20)
        idle.job(command="pause", action="pause")
        idle.until("Paused")
        wait_for("nothing more is sent", lambda: stands_still(idle.of_program))
        moves = [line for line in lines_of(program) if line.startswith("G1 ")]
        assert len(idle.of_program()) < len(moves)
        assert idle.start("bad.gcode") == 409
        idle.job(command="pause", action="resume")

    idle.prints(start, program)


def test_the_printer_s_own_card_is_never_printed(idle: Gated) -> None:
    card = idle.server.folder / "virtualSd"
    wait_for("there is a card", card.is_dir)
    (card / "sd.gco").write_bytes(OTHER)
    idle.terminal("M20")
    before = len(idle.journal())
    idle.prints_nothing(lambda: idle.terminal("M23 sd.gco", "M24", "m24", "M32 !sd.gco#"))
    idle.server.ask("/api/printer/sd", method="POST", json_body={"command": "refresh"})
    idle.prints_nothing(lambda: idle.start("sd.gco", "sdcard"))
    told = {record["event"] for record in idle.journal()[before:]}
    assert "stopped" in told or "uncertified" in told


def from_the_screen(found: Gated, name: str) -> None:
    """What a board says when somebody begins a print of its card on its own screen."""
    for line in (f"File opened: {name} Size: 9000", "File selected"):
        found.terminal(f"!!DEBUG:send {line}")
    for at in (100, 200, 300):
        found.terminal(f"!!DEBUG:send SD printing byte {at}/9000")
        time.sleep(0.1)


def test_a_print_begun_on_the_printer_s_screen_is_recorded_and_cancelled(idle: Gated) -> None:
    before = len(idle.journal())
    idle.mark()
    began = time.monotonic()
    from_the_screen(idle, "screen.gco")
    wait_for("it is recorded", lambda: len(idle.journal()) > before, seconds=10)
    wait_for("it is stopped", lambda: "M25" in idle.sent(), seconds=10)
    assert time.monotonic() - began < 10
    record = idle.journal()[before]
    assert (record["event"], record["origin"]) == ("uncertified", "sdcard")
    idle.ended()
    idle.prints(lambda: idle.start("good.gcode"))


def test_a_byte_that_is_changed_anywhere_stops_it(idle: Gated) -> None:
    folder = idle.gate / "certificates"
    made = certificates(OTHER)
    store(folder, OTHER, made)
    idle.prints(lambda: idle.start("bad.gcode"), OTHER)
    (cert,) = folder.glob("*.cert.json")
    (recheck,) = folder.glob("*.recheck.json")
    places = [
        idle.files / "bad.gcode",
        cert,
        recheck,
        idle.gate / "policy.toml",
        idle.gate / "maker.pub",
        idle.gate / "gate.toml",
    ]
    for place in places:
        kept = place.read_bytes()
        changed = bytearray(kept)
        # gate.toml: the nozzle's first digit; elsewhere the middle.
        at = kept.index(b"0.4") if place.name == "gate.toml" else len(kept) // 2
        changed[at] ^= 1
        place.write_bytes(changed)
        idle.prints_nothing(lambda: idle.start("bad.gcode"))
        place.write_bytes(kept)
    idle.prints(lambda: idle.start("bad.gcode"), OTHER)
    cert.unlink()
    recheck.unlink()


def test_a_file_that_is_changed_while_it_is_printed_is_stopped_at_the_change(idle: Gated) -> None:
    program = long_program(3_000)
    idle.upload("long.gcode", carried(program))
    place = idle.files / "long.gcode"
    idle.mark()
    idle.start("long.gcode")
    wait_for("it prints", lambda: len(idle.of_program()) > 20)
    data = place.read_bytes()
    at = data.index(b"\n", len(program) // 2) + 1
    with place.open("r+b") as stream:
        stream.seek(at)
        stream.write(b"G1 X9.9 Y9 E9 F9 ")
    idle.until("Operational", "Cancelling")
    idle.ended()
    sent = idle.of_program()
    assert "G1 X9.9 Y9 E9 F9" not in " ".join(sent)
    expected = [line for line in lines_of(program) if line.startswith("G1 ")]
    assert sent == expected[: len(sent)]
    assert len(sent) < len(expected) * 0.6
    assert any((r["event"], r.get("reason")) == ("stopped", "changed") for r in idle.journal())
    idle.prints(lambda: idle.start("good.gcode"))


def restarted(found: Gated, **env: str) -> None:
    found.server.process.env = env
    found.server.restart(signal.SIGTERM)


def test_a_gate_that_cannot_work_is_closed(idle: Gated) -> None:
    env = dict(idle.server.process.env or {})
    kept = idle.settings.read_text()
    idle.settings.write_text("policy = 1\n")
    restarted(idle, **env)
    idle.prints_nothing(lambda: idle.start("good.gcode"))
    idle.settings.write_text(kept)
    # printstd is not installed for OctoPrint.
    restarted(idle)
    idle.prints_nothing(lambda: (idle.start("good.gcode"), idle.terminal("M23 sd.gco", "M24")))
    restarted(idle, **env)
    idle.prints(lambda: idle.start("good.gcode"))


def test_a_disabled_plugin_is_seen_within_ten_seconds(
    idle: Gated, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """OctoPrint without the plugin prints whatever it is told to: whoever watches sees it."""
    (tmp_path / "key").write_text(KEY)
    watch = ["watch", "--settings", str(idle.settings), "--octoprint", idle.server.url]
    watch += ["--api-key-file", str(tmp_path / "key")]
    idle.upload("long.gcode", carried(long_program(20_000)))
    idle.start("long.gcode")
    idle.until("Printing")
    wait_for("its start", lambda: idle.journal()[-1]["event"] == "started")
    before = len(idle.journal())
    assert main([*watch, "--every", "0.5", "--for", "4"]) == 0
    assert len(idle.journal()) == before
    idle.job(command="cancel")
    idle.until("Operational")
    wait_for("its end", lambda: idle.journal()[-1]["event"] == "ended")
    config = idle.server.folder / "config.yaml"
    idle.server.process.stop(signal.SIGTERM)
    text = config.read_text()
    assert "_disabled:" in text
    config.write_text(text.replace("_disabled:", "_disabled:\n  - printstd_gate", 1))
    idle.server.process.start()
    idle.server.wait()
    before = len(idle.journal())
    idle.start("long.gcode")
    idle.until("Printing")
    began = time.monotonic()
    assert main([*watch, "--for", "6.5"]) == 0
    assert time.monotonic() - began < 10
    (record,) = idle.journal()[before:]
    assert (record["event"], record["file"]) == ("uncertified", "local/long.gcode")
    assert "no gate started" in capsys.readouterr().out
    idle.job(command="cancel")
    json.dumps(record)
