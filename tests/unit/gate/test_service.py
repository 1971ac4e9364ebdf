"""The HTTP service: 200 is a yes and nothing else is; bounds hold; names are no paths."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from printstd.gate import service
from printstd.gate.service import GateServer
from tests.unit.gate.certified import carried, certificates, long_program, write_gate

PROGRAM = long_program(20)
SHA256 = hashlib.sha256(PROGRAM).hexdigest()
KEY = "0123456789abcdef0123"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GateServer]:
    folder = tmp_path_factory.mktemp("service")
    (folder / "programs").mkdir()
    settings = write_gate(folder / "gate")
    with GateServer(("127.0.0.1", 0), settings, KEY, folder / "programs") as found:
        thread = threading.Thread(target=found.serve_forever, args=(0.02,))
        thread.start()
        yield found
        found.shutdown()
        thread.join()


def ask(
    server: GateServer,
    body: bytes | dict[str, Any],
    *,
    path: str = "/verify",
    method: str = "POST",
    key: str | None = KEY,
    kind: str | None = None,
) -> tuple[int, dict[str, Any]]:
    line = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=10)
    is_json = isinstance(body, dict)
    headers = {"Content-Type": kind or f"application/{'json' if is_json else 'octet-stream'}"}
    if key is not None:
        headers["X-Api-Key"] = key
    line.request(method, path, json.dumps(body).encode() if is_json else body, headers)
    answer = line.getresponse()
    told = json.loads(answer.read())
    line.close()
    return answer.status, told


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def test_200_is_a_yes_for_these_very_bytes(server: GateServer) -> None:
    whole = carried(PROGRAM)
    status, told = ask(server, whole)
    assert status == 200
    assert told["verdict"] == "allowed"
    assert told["file_sha256"] == hashlib.sha256(whole).hexdigest()
    assert told["program_sha256"] == SHA256
    made = certificates(PROGRAM)
    sent = {"program": b64(PROGRAM), "cert": made[0].decode(), "recheck": made[1].decode()}
    assert ask(server, sent)[0] == 200
    assert ask(server, {**sent, "name": "Кронштейн.gcode"})[1]["file"] == "Кронштейн.gcode"
    for printer in ({"nozzle_mm": 0.6}, {"profile": "mk4s"}, {"materials": ["petg"]}):
        status, told = ask(server, {**sent, "printer": printer})
        assert (status, told["verdict"]) == (403, "refused")
        assert told["reason"]
        assert told["advice"]
    for missing in ("cert", "recheck"):
        assert ask(server, {k: v for k, v in sent.items() if k != missing})[0] == 403
    for at in (0, len(whole) // 2, len(whole) - 90):
        changed = bytearray(whole)
        changed[at] ^= 1
        status, told = ask(server, bytes(changed))
        assert (status, told["verdict"]) == (403, "refused")
    assert ask(server, b"")[0] == 403


def test_a_stored_program_is_meant_by_its_digest_alone(server: GateServer) -> None:
    assert server.programs is not None
    place = server.programs / f"{SHA256}.gcode"
    made = certificates(PROGRAM)
    sent = {"sha256": SHA256, "cert": made[0].decode(), "recheck": made[1].decode()}
    assert ask(server, sent)[0] == 404
    place.write_bytes(PROGRAM)
    assert ask(server, sent)[0] == 200
    place.write_bytes(PROGRAM + b"G1 X0\n")
    assert ask(server, sent)[0] == 409
    for other in ("../gate/gate", "..", "a" * 63, SHA256.upper(), SHA256 + "\n", "", 5, None):
        assert ask(server, {"sha256": other})[0] == 404
    place.unlink()


def test_who_has_no_key_learns_nothing(server: GateServer) -> None:
    for key in (None, "", KEY[:-1], KEY + "0", "é"):
        status, told = ask(server, carried(PROGRAM), key=key)
        assert status == 401
        assert told["verdict"] == "refused"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"program": "!"}, 400),
        ({"program": 5}, 400),
        ({"program": "", "sha256": "0" * 64}, 400),
        ({"program": "", "path": "/etc/passwd"}, 400),
        ({"program": "", "printer": {"id": "x"}}, 400),
        ({"program": "", "printer": []}, 400),
        ({"program": "", "name": "x" * 300}, 400),
        ({"program": b64(PROGRAM), "cert": 5}, 400),
        ({"program": b64(PROGRAM), "cert": "{}"}, 403),
        ({"program": b64(PROGRAM), "printer": {"nozzle_mm": "0.4"}}, 503),
    ],
)
def test_odd_requests_are_answered_no(
    server: GateServer, body: dict[str, Any], status: int
) -> None:
    got, told = ask(server, body)
    assert got in (status, 403)
    assert told["verdict"] == "refused"
    assert told["reason"]


def test_other_paths_methods_and_kinds(server: GateServer) -> None:
    assert ask(server, b"", path="/health", method="GET")[0] == 200
    assert ask(server, b"", path="/../gate.toml", method="GET")[0] == 404
    assert ask(server, b"", path="/verify/x")[0] == 404
    assert ask(server, b"{}", kind="text/plain")[0] == 415
    assert ask(server, b"[", kind="application/json")[0] == 400


def raw(server: GateServer, head: str, body: bytes = b"") -> bytes:
    with socket.create_connection(("127.0.0.1", server.server_address[1]), timeout=10) as line:
        line.sendall(head.replace("\n", "\r\n").encode() + body)
        line.shutdown(socket.SHUT_WR)
        data = b""
        while part := line.recv(65536):
            data += part
    return data


def test_bodies_are_bounded_and_may_not_come_in_half(
    server: GateServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = f"POST /verify HTTP/1.1\nHost: x\nX-Api-Key: {KEY}\n"
    octets = "Content-Type: application/octet-stream\n"
    assert b" 413 " in raw(server, f"{head}{octets}Content-Length: {1 << 40}\n\n")
    assert b" 411 " in raw(server, f"{head}{octets}\n")
    assert b" 411 " in raw(server, f"{head}{octets}Content-Length: -1\n\n")
    assert b" 411 " in raw(server, f"{head}{octets}Transfer-Encoding: chunked\n\n0\n\n")
    assert b" 408 " in raw(server, f"{head}{octets}Content-Length: 100\n\n", b"half")
    monkeypatch.setattr(service, "READ_S", -1.0)
    assert b" 408 " in raw(server, f"{head}{octets}Content-Length: 4\n\n", b"half")


def test_more_at_once_than_there_is_room_for_are_sent_away(server: GateServer) -> None:
    for _ in range(service.MAX_TOGETHER):
        assert server.together.acquire(blocking=False)
    assert ask(server, carried(PROGRAM))[0] == 503
    for _ in range(service.MAX_TOGETHER):
        server.together.release()
    assert ask(server, carried(PROGRAM))[0] == 200


def test_a_gate_that_cannot_read_its_policy_is_not_well_and_says_no(server: GateServer) -> None:
    policy = server.settings_file.parent / "policy.toml"
    kept = policy.read_bytes()
    policy.write_bytes(b"=")
    assert ask(server, b"", path="/health", method="GET")[0] == 503
    assert ask(server, carried(PROGRAM))[0] == 403
    policy.write_bytes(kept)


def test_a_short_key_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from printstd.gate.commands import main

    settings = write_gate(tmp_path)
    (tmp_path / "key").write_text("short\n")
    arguments = ["serve", "--settings", str(settings), "--api-key-file", str(tmp_path / "key")]
    assert main(arguments) == 2
    assert "too short" in capsys.readouterr().err
