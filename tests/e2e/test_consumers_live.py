"""Servers that print our programs: progress, layers, objects and pictures as their pages show them.
One print each on Moonraker with Kalico, on OctoPrint and on PrusaLink."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from tests.e2e.consumed import Consumed, made
from tests.hosts import boards
from tests.hosts.klipper import Klipper, klipper
from tests.hosts.octoprint import OctoPrint, octoprint
from tests.hosts.prusalink import prusalink
from tests.hosts.running import wait_for
from tests.oracles.png_reader import read_png

WARM = {"ambientTemperature": 250.0}
"""The virtual printer is as warm as any program asks for, and waits for nothing."""
_WATCHED = "print_stats&display_status&exclude_object&toolhead"


def form(**parts: bytes | str) -> dict[str, Any]:
    """Multipart: `file` (NAME, bytes as ``file`` and ``name``) and fields."""
    mark = uuid.uuid4().hex
    name, data = str(parts.pop("name")), parts.pop("file")
    assert isinstance(data, bytes)
    body = b"".join(
        f'--{mark}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value!s}\r\n'.encode()
        for key, value in parts.items()
    )
    body += (
        f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    ).encode()
    body += data + f"\r\n--{mark}--\r\n".encode()
    return {
        "method": "POST",
        "body": body,
        "headers": {"Content-Type": f"multipart/form-data; boundary={mark}"},
    }


# ----------------------------------------------------------------------------------- Moonraker


@pytest.fixture(scope="module")
def plate(tmp_path_factory: pytest.TempPathFactory) -> Consumed:
    """Two objects, long enough to be met on the way."""
    case = ("bracket", "voron-2.4-350", "abs", "draft-0.30")
    return made(case, tmp_path_factory.mktemp("plate"), copies=2)


@pytest.fixture(scope="module")
def moonraker(plate: Consumed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Klipper]:
    config = boards.of_printer(plate.printer)
    for own in ("exclude_object", "display_status", "pause_resume"):
        del config[own]
    with klipper(tmp_path_factory.mktemp("moonraker"), config=config) as server:
        yield server


def test_moonraker_shows_progress_layers_and_objects_and_leaves_one_out(
    moonraker: Klipper, plate: Consumed
) -> None:
    def watched() -> dict[str, Any]:
        status, told = moonraker.ask(f"/printer/objects/query?{_WATCHED}")
        assert status == 200
        found: dict[str, Any] = told["result"]["status"]
        return found

    names = re.findall(r"^EXCLUDE_OBJECT_DEFINE NAME=(\S+)", "\n".join(plate.reading.lines), re.M)
    left_out = names[1].upper()
    sent = form(name="plate.gcode", file=plate.program.data, print="true")
    status, told = moonraker.ask("/server/files/upload", **sent)
    assert status == 201
    assert told["print_started"]
    seen: list[dict[str, Any]] = []
    until, is_told = time.monotonic() + 180, False
    while time.monotonic() < until:
        seen.append(watched())
        state = seen[-1]["print_stats"]["state"]
        if state in ("complete", "error", "cancelled"):
            break
        if not is_told and seen[-1]["exclude_object"]["objects"]:
            script = {"script": f"EXCLUDE_OBJECT NAME={left_out}"}
            assert moonraker.ask("/printer/gcode/script", method="POST", json_body=script)[0] == 200
            is_told = True
        time.sleep(0.05)
    stats = seen[-1]["print_stats"]
    assert (stats["state"], stats["message"]) == ("complete", "")
    # From the first lines on, which tell of progress, then of objects.
    printing = [
        one
        for one in seen
        if one["print_stats"]["state"] == "printing" and one["exclude_object"]["objects"]
    ]
    defined = {row["name"]: row for one in printing for row in one["exclude_object"]["objects"]}
    assert set(defined) == {name.upper() for name in names}
    assert all(len(row["polygon"]) > 3 and len(row["center"]) == 2 for row in defined.values())
    assert printing[-1]["exclude_object"]["excluded_objects"] == [left_out]
    # M73: whole per cents, never back; a server without it counts bytes.
    shown = [one["display_status"]["progress"] for one in printing]
    assert shown == sorted(shown)
    assert len(set(shown)) > 3
    assert all(abs(100 * value - round(100 * value)) < 1e-6 for value in shown)
    layers = [one["print_stats"]["info"] for one in printing]
    assert {row["total_layer"] for row in layers} - {None} == {plate.program.totals.n_layers}
    current = [row["current_layer"] for row in layers if row["current_layer"] is not None]
    assert current == sorted(current)
    assert len(set(current)) > 3
    # What was left out was not printed: the extruder has turned so far.
    assert seen[-1]["toolhead"]["position"][3] < 0.8 * plate.all_filament_mm


def test_moonraker_serves_the_metadata_and_pictures_that_its_pages_show(
    moonraker: Klipper, plate: Consumed
) -> None:
    sent = form(name="shown.gcode", file=plate.program.data)
    assert moonraker.ask("/server/files/upload", **sent)[0] == 201
    status, told = moonraker.ask("/server/files/metadata?filename=shown.gcode")
    assert status == 200
    assert told["result"]["estimated_time"] == round(plate.program.totals.print_time_ms / 1000)
    assert told["result"]["layer_count"] == plate.program.totals.n_layers
    sizes = {(p["width"], p["height"]): p["relative_path"] for p in told["result"]["thumbnails"]}
    for size in plate.printer.thumbnails_px:
        status, data = moonraker.ask(f"/server/files/gcodes/{sizes[tuple(size)]}")
        assert status == 200
        assert read_png(data)[0].shape == tuple(size)[::-1]
    # Nothing rewrote the file: its objects were marked already.
    status, data = moonraker.ask("/server/files/gcodes/shown.gcode")
    assert status == 200
    assert data == plate.program.data


# ------------------------------------------------------------------------ OctoPrint, PrusaLink


@pytest.fixture(scope="module")
def fin(tmp_path_factory: pytest.TempPathFactory) -> Consumed:
    return made(("fin", "ender3-v2", "pla", "draft-0.30"), tmp_path_factory.mktemp("fin"))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OctoPrint]:
    with octoprint(tmp_path_factory.mktemp("octoprint"), virtual=WARM, analysis=True) as server:
        yield server


def test_octoprint_analyses_what_it_is_given_and_sends_progress_to_the_printer(
    server: OctoPrint, fin: Consumed
) -> None:
    sent = form(name="fin.gcode", file=fin.program.data)
    assert server.ask("/api/files/local", **sent)[0] == 201

    def analysis() -> dict[str, Any]:
        found: dict[str, Any] = server.ask("/api/files/local/fin.gcode")[1].get("gcodeAnalysis", {})
        return found

    wait_for("OctoPrint has analysed the program", lambda: "filament" in analysis(), server.process)
    found = analysis()
    assert found["filament"]["tool0"]["length"] == pytest.approx(fin.farthest_e_mm, abs=0.01)
    volume = found["filament"]["tool0"]["volume"] / found["filament"]["tool0"]["length"]
    # cm3 per mm of a filament of 1.75 mm, which a comment tells it.
    assert volume == pytest.approx(2.405282e-3, rel=1e-5)
    assert found["printingArea"]["maxZ"] == pytest.approx(fin.program.totals.max_z_um / 1000)
    assert 0.4 < found["estimatedPrintTime"] * 1000 / fin.program.totals.print_time_ms < 1.6
    select = {"command": "select", "print": True}
    asked = server.ask("/api/files/local/fin.gcode", method="POST", json_body=select)
    assert asked[0] == 204

    def is_done() -> bool:
        told = server.ask("/api/job")[1]
        return bool(told["state"] == "Operational" and told["progress"]["completion"] == 100)

    wait_for("OctoPrint has printed it", is_done, server.process)
    log = server.serial_log()
    wanted = [line for line in fin.reading.lines if line.startswith("M73")]
    sent_on = re.findall(r"<<< N\d+ (M73 [^*]*)\*\d+", log)
    assert sent_on == wanted
    assert sent_on[-1] == "M73 P100 R0"
    assert not re.findall(r">>> .*(?:[Uu]nknown|Error|!!).*", log)


def test_prusalink_shows_what_the_program_says_of_itself(fin: Consumed) -> None:
    with prusalink(**WARM) as server:
        status, told = server.ask(
            "/api/v1/files/local/fin.gcode",
            method="PUT",
            body=fin.program.data,
            headers={"Content-Type": "text/x.gcode", "Print-After-Upload": "?0"},
        )
        assert status == 201, told
        place = "/api/v1/files/local/fin.gcode"
        wait_for("PrusaLink lists it", lambda: server.ask(place)[0] == 200, server.process)
        _, told = server.ask(place)
        meta = told["meta"]
        assert meta["estimated_print_time"] == round(fin.program.totals.print_time_ms / 1000)
        assert meta["filament_type"] == fin.material.name
        assert meta["layer_height"] == fin.resolved.process.layer_height_mm
        assert meta["nozzle_diameter"] == fin.printer.nozzle_mm
        assert meta["normal_percent_present"]
        assert meta["layer_info_present"]
        status, picture = server.ask(quote(told["refs"]["thumbnail"]))
        assert status == 200
        assert read_png(picture)[0].shape == (300, 300)
