"""The gate as a service: POST /verify, GET /health, for managers that can ask before they print.

    POST /verify   a program as it is (application/octet-stream), its certificates inside it or in
                   the gate's folders; or JSON:
                   {"program": base64 | "sha256": hex, "name": ..., "cert": text, "recheck": text,
                    "printer": {"profile": ..., "materials": [...], "nozzle_mm": ...}}
    GET /health    200 where settings and policy can be read

The answer is the decision. **Only status 200 is a yes**, and only for bytes whose SHA-256 is its
`file_sha256`: everything else, no answer at all included, is a no (403: refused, with the reason).
Names are for display; no path is made of what a client sends but of 64 hexadecimal digits.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import signal
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

from printstd import __version__
from printstd.adapters.certificate_files import Bundles
from printstd.adapters.files import read_file
from printstd.adapters.names import shown
from printstd.certify.dsse import MAX_BUNDLE_BYTES
from printstd.errors import PrintstdError, UsageError
from printstd.gate.at_hand import stored_program
from printstd.gate.decision import GateDecision
from printstd.gate.gate import MAX_PROGRAM_BYTES, Gate, load_policy
from printstd.words import said

MAX_BODY_BYTES: Final = 256 << 20
MAX_TOGETHER: Final = 4
"""Requests that are verified at once; more are told to come back."""
READ_S: Final = 60.0
_CHUNK: Final = 1 << 20
_PRINTER: Final = ("profile", "materials", "nozzle_mm")
_LEAST_KEY: Final = 16


class _Wrong(Exception):
    """A request that is answered with an error."""

    def __init__(self, status: int, told: str) -> None:
        self.status, self.told = status, told
        super().__init__(told)


class GateServer(ThreadingHTTPServer):
    """One gate for many clients."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(
        self, address: tuple[str, int], settings: Path, api_key: str, programs: Path | None
    ) -> None:
        self.settings_file, self.api_key, self.programs = settings, api_key, programs
        self.together = threading.BoundedSemaphore(MAX_TOGETHER)
        super().__init__(address, _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: GateServer
    protocol_version = "HTTP/1.1"
    server_version = f"printstd-gate/{__version__}"
    sys_version = ""
    timeout = 15.0
    """Of each wait for bytes; the whole of a body has `READ_S`."""

    def do_GET(self) -> None:
        self._answered(self._get)

    def do_POST(self) -> None:
        self._answered(self._post)

    def _answered(self, work: Any) -> None:
        try:
            status, told = work()
        except _Wrong as error:
            status, told = error.status, {"verdict": "refused", "reason": error.told}
            self.close_connection = True
        except PrintstdError as error:
            status, told = 503, {"verdict": "refused", "reason": str(error.what)}
            self.close_connection = True
        body = json.dumps(told, ensure_ascii=True).encode("ascii")
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def _get(self) -> tuple[int, dict[str, Any]]:
        if self.path != "/health":
            raise _Wrong(404, said("there is nothing here"))
        settings = Gate(self.server.settings_file).settings()
        load_policy(settings.policy)
        return 200, {"status": "ok", "version": __version__}

    def _post(self) -> tuple[int, dict[str, Any]]:
        if self.path != "/verify":
            raise _Wrong(404, said("there is nothing here"))
        given = self.headers.get("X-Api-Key", "")
        if not hmac.compare_digest(given.encode("utf-8"), self.server.api_key.encode("utf-8")):
            raise _Wrong(401, said("a key is wanted in the header X-Api-Key"))
        if not self.server.together.acquire(blocking=False):
            raise _Wrong(503, said("too many programs are being verified; ask again"))
        try:
            decision = self._decided(self._body())
        finally:
            self.server.together.release()
        return (200 if decision.is_allowed else 403), decision.record()

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "")
        if self.headers.get("Transfer-Encoding") or not length.isascii() or not length.isdigit():
            raise _Wrong(411, said("the length of the body is wanted"))
        left = int(length)
        if left > MAX_BODY_BYTES:
            raise _Wrong(413, said("at most {most} bytes", most=MAX_BODY_BYTES))
        until = time.monotonic() + READ_S
        parts = []
        while left:
            try:
                part = self.rfile.read1(min(left, _CHUNK))
            except TimeoutError as error:
                raise _Wrong(408, said("the body came too slowly")) from error
            if not part or time.monotonic() > until:
                raise _Wrong(408, said("the body came too slowly, or not whole"))
            parts.append(part)
            left -= len(part)
        return b"".join(parts)

    def _decided(self, body: bytes) -> GateDecision:
        kind = self.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if kind == "application/octet-stream":
            return self._of_program(body, {})
        if kind != "application/json":
            raise _Wrong(415, said("application/octet-stream or application/json is wanted"))
        try:
            told = json.loads(body)
        except ValueError as error:
            raise _Wrong(400, said("the body is no JSON")) from error
        known = {"program", "sha256", "name", "cert", "recheck", "printer"}
        if not isinstance(told, dict) or not told.keys() <= known:
            raise _Wrong(
                400, said("an object of {known} is wanted", known=", ".join(sorted(known)))
            )
        if ("program" in told) == ("sha256" in told):
            raise _Wrong(400, said("either program or sha256 is wanted"))
        if "sha256" in told:
            return self._of_program(self._stored(told["sha256"]), told)
        try:
            program = base64.b64decode(_text(told, "program"), validate=True)
        except (binascii.Error, ValueError) as error:
            raise _Wrong(400, said("program: base64 is wanted")) from error
        return self._of_program(program, told)

    def _stored(self, sha256: Any) -> bytes:
        folder = self.server.programs
        path = stored_program(folder, sha256) if folder and isinstance(sha256, str) else None
        if path is None:
            raise _Wrong(404, said("no program of this digest is stored here"))
        data = read_file(path, max_bytes=MAX_PROGRAM_BYTES)
        if hashlib.sha256(data).hexdigest() != sha256:
            raise _Wrong(409, said("what is stored under this digest has another"))
        return data

    def _of_program(self, data: bytes, told: dict[str, Any]) -> GateDecision:
        sha256 = hashlib.sha256(data).hexdigest()
        printer = told.get("printer", {})
        if not isinstance(printer, dict) or not printer.keys() <= set(_PRINTER):
            raise _Wrong(
                400, said("printer: an object of {known} is wanted", known=", ".join(_PRINTER))
            )
        gate = Gate(self.server.settings_file, **printer)
        bundles: Bundles = {}
        for kind in ("cert", "recheck"):
            text = _text(told, kind).encode("utf-8") if kind in told else None
            if text is not None and len(text) > MAX_BUNDLE_BYTES:
                raise _Wrong(413, said("at most {most} bytes", most=MAX_BUNDLE_BYTES))
            bundles[kind] = (kind, text) if text is not None else None
        folder = self.server.programs or gate.settings().verified
        name = shown(Path(_text(told, "name")).name) if "name" in told else sha256
        return gate.decide_bytes(data, folder / f"{sha256}.gcode", name, bundles)

    def log_message(self, format: str, *args: Any) -> None:
        """One line for a request, without what a client put into it."""
        sys.stderr.write(f"{self.client_address[0]} {self.command} {args[1] if args[1:] else ''}\n")


def _text(told: dict[str, Any], key: str) -> str:
    found = told[key]
    if not isinstance(found, str) or (key == "name" and len(found) > 255):
        raise _Wrong(400, said("{key}: a text is wanted", key=key))
    return found


def serve(settings: Path, host: str, port: int, api_key_file: Path, programs: Path | None) -> int:
    """Until it is told to stop."""
    key = read_file(api_key_file, max_bytes=4096).decode("utf-8", "replace").strip()
    if len(key) < _LEAST_KEY:
        raise UsageError(
            said("the key is too short to keep anybody out"),
            where=str(api_key_file),
            got=said("{count} characters", count=len(key)),
            wanted=said("at least {least}", least=_LEAST_KEY),
            hint=said("`python -c 'import secrets; print(secrets.token_hex(32))'` makes one"),
        )
    Gate(settings).settings()
    with GateServer((host, port), settings, key, programs) as server:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
        sys.stdout.write(f"http://{host}:{server.server_address[1]}\n")
        sys.stdout.flush()
        server.serve_forever(poll_interval=0.2)
    return 0
