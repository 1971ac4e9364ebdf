"""A peer that speaks a Duet's published HTTP interface, alone or on a computer: the wire, not a
printer. What it holds a client to: sessions (few of them), paths, checksums, pausing before
cancelling; and it lets a job run for a time by its lines.
"""

from __future__ import annotations

import json
import re
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

SESSIONS = 3
LINE_S = 0.002


class Duet:
    """password, files by path, and one job. begun : paths that were started, in their order."""

    def __init__(self, *, is_on_computer: bool, password: str) -> None:
        self.is_on_computer, self.password = is_on_computer, password
        self.lock = threading.RLock()
        self.files: dict[str, bytes] = {}
        self.sessions: set[str] = set()
        self.most_sessions = 0
        self.begun: list[str] = []
        self.reply = ""
        self.status, self.job = "idle", None
        self.last: dict[str, Any] = {}
        self._keys = 0
        self._server: ThreadingHTTPServer | None = None
        self.port = 0
        self.start()

    def start(self) -> None:
        duet = self

        class Handler(_Handler):
            peer = duet

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = False
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
        self.sessions.clear()

    def enter(self, password: str) -> str | None:
        with self.lock:
            self._keys += 1
            key = str(100000 + self._keys)
            self.sessions.add(key)
            self.most_sessions = max(self.most_sessions, len(self.sessions))
            return key

    # A job lasts for the time of its lines, pauses apart.

    def settle(self) -> None:
        with self.lock:
            if self.job is not None and self.status == "processing":
                now = time.monotonic()
                self.job["done_s"] += now - self.job["looked_s"]
                self.job["looked_s"] = now
                if self.job["done_s"] >= self.job["lasts_s"]:
                    self.end()

    def end(self, *, is_cancelled: bool = False, is_aborted: bool = False) -> None:
        assert self.job is not None
        self.last = {
            "lastFileName": self.job["path"],
            "lastDuration": round(self.job["done_s"], 3),
            "lastFileAborted": is_aborted,
            "lastFileCancelled": is_cancelled,
        }
        self.job, self.status = None, "idle"

    def run(self, gcode: str) -> str:
        with self.lock:
            self.settle()
            if match := re.fullmatch(r'M32 "(.+)"', gcode):
                if match[1] not in self.files:
                    return f"Error: M32: Failed to select file {match[1]} to print"
                if self.job is not None:
                    return "Error: M32: a file is already being printed"
                lines = self.files[match[1]].count(b"\n")
                self.job = {"path": match[1], "done_s": 0.0, "lasts_s": lines * LINE_S}
                self.job["looked_s"], self.status = time.monotonic(), "processing"
                self.begun.append(match[1])
            elif gcode == "M25" and self.status == "processing":
                self.status = "paused"
            elif gcode == "M24" and self.status == "paused" and self.job is not None:
                self.job["looked_s"], self.status = time.monotonic(), "processing"
            elif gcode == "M0":
                if self.status != "paused":
                    return "Error: M0: job is not paused"
                self.end(is_cancelled=True)
            return ""

    def model(self) -> dict[str, Any]:
        with self.lock:
            self.settle()
            job: dict[str, Any] = {
                "file": {"fileName": None, "size": 0},
                "filePosition": 0,
                "build": None,
                **self.last,
            }
            if self.job is not None:
                size = len(self.files[self.job["path"]])
                ratio = min(self.job["done_s"] / max(self.job["lasts_s"], 1e-9), 1.0)
                job["file"] = {"fileName": self.job["path"], "size": size}
                job["filePosition"] = int(size * ratio)
                job["layer"], job["duration"] = 1, int(self.job["done_s"])
            return {
                "state": {"status": self.status, "displayMessage": ""},
                "job": job,
                "move": {
                    "speedFactor": 1.0,
                    "extruders": [{"factor": 1.0}],
                    "axes": [{"letter": "Z", "babystep": 0.0, "userPosition": 0.2}],
                },
                "heat": {
                    "bedHeaters": [0],
                    "heaters": [
                        {"current": 60.1, "active": 60, "state": "active"},
                        {"current": 24.0, "active": 210, "state": "off"},
                    ],
                },
                "fans": [{"actualValue": 0.0}],
                "tools": [{"number": 0, "heaters": [1]}],
            }


class _Handler(BaseHTTPRequestHandler):
    peer: Duet

    def log_message(self, *_: Any) -> None:
        pass

    def _say(self, status: int, body: Any = None) -> None:
        data = (
            body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        )
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def _serve(self) -> None:
        parts = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(parts.query).items()}
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        key = self.headers.get("X-Session-Key", "")
        if self.peer.is_on_computer:
            self._on_computer(parts.path, query, body, key)
        else:
            self._alone(parts.path, query, body, key)

    do_GET = do_POST = do_PUT = do_DELETE = _serve

    def _alone(self, path: str, query: dict[str, str], body: bytes, key: str) -> None:
        peer = self.peer
        if path == "/rr_connect":
            if query.get("password", "reprap") != peer.password:
                return self._say(200, {"err": 1})
            if len(peer.sessions) >= SESSIONS:
                return self._say(200, {"err": 2})
            key = peer.enter(peer.password) or ""
            return self._say(200, {"err": 0, "sessionTimeout": 8000, "sessionKey": int(key)})
        if not path.startswith("/rr_"):
            return self._say(404)
        if key not in peer.sessions:
            return self._say(401)
        name = query.get("name", "")
        match (self.command, path):
            case ("GET", "/rr_disconnect"):
                peer.sessions.discard(key)
                return self._say(200, {"err": 0})
            case ("GET", "/rr_model"):
                return self._say(
                    200,
                    {
                        "key": query["key"],
                        "flags": query["flags"],
                        "result": peer.model()[query["key"]],
                    },
                )
            case ("GET", "/rr_gcode"):
                peer.reply = peer.run(query["gcode"])
                return self._say(200, {"buff": 250})
            case ("GET", "/rr_reply"):
                reply, peer.reply = peer.reply, ""
                return self._say(200, reply.encode())
            case ("POST", "/rr_upload"):
                if f"{zlib.crc32(body):08x}" != query["crc32"].zfill(8):
                    return self._say(200, {"err": 1})
                peer.files[name] = body
                return self._say(200, {"err": 0})
            case ("GET", "/rr_download"):
                return self._say(200, peer.files[name]) if name in peer.files else self._say(404)
            case ("GET", "/rr_delete"):
                return self._say(200, {"err": 0 if peer.files.pop(name, None) is not None else 1})
            case ("GET", "/rr_fileinfo"):
                if name not in peer.files:
                    return self._say(200, {"err": 1})
                return self._say(200, {"err": 0, "size": len(peer.files[name])})
        return self._say(404)

    def _on_computer(self, path: str, query: dict[str, str], body: bytes, key: str) -> None:
        peer = self.peer
        if path == "/machine/connect":
            if query.get("password", "reprap") != peer.password:
                return self._say(403)
            return self._say(200, {"sessionKey": peer.enter(peer.password)})
        if not path.startswith("/machine/"):
            return self._say(404)
        if key not in peer.sessions:
            return self._say(403)
        kind, _, name = path.removeprefix("/machine/").partition("/")
        name = unquote(name)
        match (self.command, kind):
            case ("GET", "disconnect"):
                peer.sessions.discard(key)
                return self._say(204)
            case ("GET", "model"):
                return self._say(200, peer.model())
            case ("POST", "code"):
                return self._say(200, peer.run(body.decode()).encode())
            case ("PUT", "file"):
                peer.files[name] = body
                return self._say(201)
            case ("GET", "file") if name in peer.files:
                return self._say(200, peer.files[name])
            case ("DELETE", "file") if name in peer.files:
                del peer.files[name]
                return self._say(204)
            case ("GET", "fileinfo") if name in peer.files:
                return self._say(200, {"size": len(peer.files[name]), "fileName": name})
        return self._say(404)


@contextmanager
def duet(*, is_on_computer: bool, password: str = "reprap") -> Iterator[Duet]:
    peer = Duet(is_on_computer=is_on_computer, password=password)
    try:
        yield peer
    finally:
        peer.stop()
