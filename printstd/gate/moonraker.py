"""The gate inside Moonraker: what its component does. Nothing of Moonraker is imported here.

Every way to start a file ends in the macros of ``printstd_gate.cfg``, which call `asked`. It
verifies the file, writes the verified bytes as a read-only copy, and starts that copy with the
command that the macro took the place of. Moonraker's own `start_print` (its API, its queue, uploads
with ``print=true``, PanelDue, OctoPrint's API) is led here directly, so that callers are told why
not. A print of anything else is cancelled and recorded as uncertified.

Fails closed: an exception, a timeout, Moonraker down or this component missing start nothing.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from printstd.adapters.files import read_file
from printstd.errors import PrintstdError, VerificationError
from printstd.gate.decision import GateDecision, refused_by
from printstd.gate.gate import Copied, Gate, stamp_of
from printstd.gate.journal import last_started
from printstd.gate.macros import check_macros, read_approved
from printstd.words import said

START: Final = "_PRINTSTD_PRINT_VERIFIED"
RESUME: Final = "M9924"
OWN_MACROS: Final = {
    "sdcard_print_file": "printstd_gate",
    "m24": "printstd_gate_resume",
    "m23": "",
    "m26": "",
}
"""Macro -> the remote method that it has to call; empty where it has to refuse."""
_WATCH_S: Final = 1.0
_MAX_APPROVED_BYTES: Final = 4 << 20
_ON_CARD: Final = (".gcode", ".g", ".gco")
"""Endings that Klipper opens."""
_PRINTING: Final = ("printing", "paused")


class MoonrakerGate:
    """One component. Everything of Moonraker's is reached through `config`'s server, by the names
    that its components use among themselves (0.10 and 0.11)."""

    def __init__(self, config: Any) -> None:
        self.server = config.get_server()
        self.gate = Gate(Path(os.path.expanduser(config.get("settings"))))
        # A component that cannot read its settings must not load.
        settings = self.gate.settings()
        self.cancels = config.getboolean("cancel_uncertified", True)
        self.events = self.server.get_event_loop()
        self.files = self.server.lookup_component("file_manager")
        self.klippy = self.server.lookup_component("klippy_apis")
        self._check_apart(settings.verified.resolve())
        self.files.add_reserved_path("printstd_gate", settings.verified.resolve(), True)
        self.files.add_reserved_path("printstd_gate_settings", self.gate.settings_file, True)
        self.running: Copied | None = None
        self.told: dict[str, Any] = {"verdict": "none"}
        self._seen: str | None = None
        self._starting = asyncio.Lock()
        self.server.register_remote_method("printstd_gate", self.asked)
        self.server.register_remote_method("printstd_gate_resume", self.asked_to_resume)
        self.klippy.start_print = self.start_print
        self.server.register_event_handler("server:klippy_ready", self._on_ready)
        self._timer = self.events.register_timer(self._watch)
        _register_status(self.server, self._status)

    def _check_apart(self, verified: Path) -> None:
        """The gate empties its folder: it must hold nobody else's files."""
        if Path(self.files.get_directory("gcodes")).resolve().is_relative_to(verified):
            raise self.server.error("printstd gate: `verified` holds the printer's own files")

    # Starting -----------------------------------------------------------------------------------

    async def asked(self, filename: str = "") -> None:
        """By the macro: what is refused is said on the console."""
        try:
            await self.begin(filename)
        except self.server.error as error:
            self._say(str(error))

    async def start_print(
        self, filename: str, wait_klippy_started: bool = False, user: Any = None
    ) -> str:
        """By Moonraker: what is refused is an error, with the reason."""
        if wait_klippy_started:
            await self.server.lookup_component("klippy_connection").wait_started()
        try:
            await self.begin(filename)
        except self.server.error as error:
            self._say(str(error))
            raise
        self.server.send_event("klippy_apis:job_start_complete", user)
        return "ok"

    async def begin(self, filename: str) -> None:
        """Verify a file of Moonraker's, copy it, start the copy. The server's error if not."""
        async with self._starting:
            settings = self.gate.settings()
            await self._check_free()
            decision = await self._in_time(settings.timeout_s, self._decided, filename)
            if decision.is_allowed:
                decision = await self._with_machine(decision)
            self._tell(decision)
            if not decision.is_allowed:
                raise self.server.error(_refusal(decision), 403)
            try:
                card = await self._card()
                called = name_on(card, settings.verified, filename)
                copied = await self._in_time(
                    settings.timeout_s, self.gate.copy_of, decision, called
                )
                name = copied.path.resolve().relative_to(card).as_posix()
                await self.events.run_in_thread(self._note_start, decision, copied)
            except PrintstdError as error:
                refused = refused_by(error, printer=decision.printer, file=filename)
                self._tell(refused)
                await self.events.run_in_thread(self._note_refusal, refused)
                raise self.server.error(_refusal(refused), 403) from error
            self.running, self._seen = copied, None
            await self.klippy.run_gcode(f'{START} FILENAME="{name}"')
            # Klipper has it open now: what was written to it since it was read is seen here, what
            # is written from here on within a second.
            if not self._is_own(str(copied.path)):
                self._seen = str(copied.path)
                await self._uncertified("changed", str(copied.path))
                raise self.server.error("printstd gate: the verified copy was changed", 403)

    async def _check_free(self) -> None:
        """The server's error while something is printed: its copy is not to be touched."""
        told = await self.klippy.query_objects({"print_stats": None})
        if told["print_stats"].get("state") in _PRINTING:
            raise self.server.error("printstd gate: the printer prints or is paused", 409)

    async def asked_to_resume(self) -> None:
        """M24: goes on with what the gate started, if its copy still is what was verified."""
        status = await self.klippy.query_objects({"virtual_sdcard": None})
        path = status["virtual_sdcard"].get("file_path")
        if self._is_own(path):
            await self.klippy.run_gcode(RESUME)
        else:
            self._say(said("printstd gate: there is no verified print to go on with"))

    def _decided(self, filename: str) -> GateDecision:
        root = Path(self.files.get_directory("gcodes")).resolve()
        path = (root / filename.lstrip("/")).resolve()
        if not filename or not path.is_relative_to(root):
            raise self.server.error("printstd gate: there is no such file", 404)
        return self.gate.decide_file(path, filename)

    async def _in_time(self, timeout_s: float, work: Any, *given: Any) -> Any:
        """A verdict that takes longer is a no."""
        try:
            return await asyncio.wait_for(self.events.run_in_thread(work, *given), timeout_s)
        except TimeoutError as error:
            raise self.server.error(
                f"printstd gate: no verdict within {timeout_s:g} s, so nothing is printed", 504
            ) from error

    # The machine --------------------------------------------------------------------------------

    async def _settings_of_klipper(self) -> Mapping[str, Mapping[str, Any]]:
        told = await self.klippy.query_objects({"configfile": ["settings"]})
        found: Mapping[str, Mapping[str, Any]] = told["configfile"]["settings"]
        return found

    async def _with_machine(self, decision: GateDecision) -> GateDecision:
        """The decision, or no where Klipper runs with other macros than were approved."""
        klipper = await self._settings_of_klipper()
        try:
            await self.events.run_in_thread(self._check_machine, klipper, decision)
        except PrintstdError as error:
            refused = refused_by(error, printer=decision.printer, file=decision.file)
            await self.events.run_in_thread(self._note_refusal, refused)
            return refused
        return decision

    def _check_machine(
        self, klipper: Mapping[str, Mapping[str, Any]], decision: GateDecision
    ) -> None:
        settings = self.gate.settings()
        check_own_macros(klipper, settings.printer.id)
        if settings.macros is None:
            raise VerificationError(
                said("nobody has approved this printer's macros"),
                where=settings.printer.id,
                got=said("no klipper.macros in gate.toml"),
                wanted=said("a file of approved macros"),
                hint=said("read what they do; `printstd gate approve-macros` approves them"),
            )
        data = read_file(settings.macros, max_bytes=_MAX_APPROVED_BYTES)
        check_macros(
            klipper,
            decision.program or b"",
            read_approved(data, settings.macros.name),
            printer=settings.printer.id,
            calibration=settings.calibration,
            audited=decision.macros,
        )

    async def _card(self) -> Path:
        """The folder that is Klipper's virtual card."""
        klipper = await self._settings_of_klipper()
        return Path(os.path.expanduser(str(klipper["virtual_sdcard"]["path"]))).resolve()

    # Watching -----------------------------------------------------------------------------------

    async def _on_ready(self) -> None:
        """Klipper is there. A print that was begun before Moonraker was restarted is known by the
        journal."""
        if self.running is None:
            self.running = await self.events.run_in_thread(self._last_started)
        self._timer.start()

    def _last_started(self) -> Copied | None:
        settings = self.gate.settings()
        started = last_started(settings.journal)
        if started is None:
            return None
        path = Path(str(started.get("copy")))
        if not path.resolve().is_relative_to(settings.verified.resolve()):
            return None
        try:
            return self.gate.check_copy(path, str(started["program_sha256"]))
        except PrintstdError:
            return None

    async def _watch(self, now: float) -> float:
        """What is printed, once a second: is it the copy, and is that what it was."""
        told = await self.klippy.query_objects(
            {"print_stats": None, "virtual_sdcard": None}, default={}
        )
        stats = told.get("print_stats", {})
        path = told.get("virtual_sdcard", {}).get("file_path")
        if stats.get("state") in _PRINTING and path:
            if self._starting.locked() or path == self._seen or self._is_own(path):
                return now + _WATCH_S
            self._seen = path
            own = self.running is not None and Path(path) == self.running.path
            await self._uncertified("changed" if own else "uncertified", path)
        elif self.running is not None and not self._starting.locked() and not path:
            ended, self.running = self.running, None
            await self._noted(self._note_end, ended, stats.get("state", ""))
        elif not path:
            self._seen = None
        return now + _WATCH_S

    def _is_own(self, path: str | None) -> bool:
        """Is it the copy that the gate started, as it was when it was verified."""
        running = self.running
        if running is None or path is None or Path(path).resolve() != running.path.resolve():
            return False
        try:
            return stamp_of(running.path) == running.stamp
        except PrintstdError:
            return False

    async def _uncertified(self, event: str, path: str) -> None:
        if self.cancels:
            await self.klippy.cancel_print(default=None)
        self._say(said("printstd gate: this print is not certified: {path}", path=path))
        await self._noted(self._note_foreign, event, path)

    # Records ------------------------------------------------------------------------------------

    async def _noted(self, note: Any, *told: Any) -> None:
        """Watching goes on where the disk is full: the log has it then."""
        try:
            await self.events.run_in_thread(note, *told)
        except PrintstdError as error:
            logging.error("printstd gate: %s: %s", told, error)

    def _note_start(self, decision: GateDecision, copied: Copied) -> None:
        self.gate.note(
            "started",
            file=decision.file,
            program_sha256=decision.program_sha256,
            copy=str(copied.path.resolve()),
        )

    def _note_refusal(self, decision: GateDecision) -> None:
        record = decision.record()
        self.gate.note(
            "refused", **{k: v for k, v in record.items() if k not in ("event", "printer")}
        )

    def _note_foreign(self, event: str, path: str) -> None:
        self.gate.note(event, file=path, cancelled=self.cancels)

    def _note_end(self, copied: Copied, state: str) -> None:
        """The copy is read once more: what was printed is what was verified, to the end."""
        try:
            self.gate.check_copy(copied.path, copied.sha256)
            is_same = stamp_of(copied.path) == copied.stamp
        except PrintstdError:
            is_same = False
        self.gate.note("ended", program_sha256=copied.sha256, state=state, is_same=is_same)

    def _tell(self, decision: GateDecision) -> None:
        self.told = decision.record()

    async def _status(self, request: Any) -> dict[str, Any]:
        return {**self.told, "running": self.running.sha256 if self.running is not None else None}

    def _say(self, text: str) -> None:
        """On every console; nothing of Klipper is needed for it."""
        self.server.send_event("server:gcode_response", f"!! {text}")


def name_on(card: Path, verified: Path, filename: str) -> str | None:
    """What the copy is called on the card. Where the card is the gate's own folder the copy has the
    file's own name, so that Moonraker knows its picture, its time and its history; None: by digest.
    VerificationError where the card does not hold the gate's folder."""
    folder = verified.resolve()
    if not folder.is_relative_to(card):
        raise VerificationError(
            said("the printer's card does not hold the gate's folder"),
            where=str(folder),
            got=said("[virtual_sdcard] path: {card}", card=str(card)),
            wanted=said("the folder itself, or one above it"),
            hint=said("set `verified` in gate.toml, or the path in printer.cfg"),
        )
    name = filename.lstrip("/")
    return name if folder == card and name.lower().endswith(_ON_CARD) else None


def check_own_macros(klipper: Mapping[str, Mapping[str, Any]], printer: str) -> None:
    """Are the gate's macros loaded, so that there is no way around it. VerificationError if not."""
    for name, method in OWN_MACROS.items():
        macro = klipper.get(f"gcode_macro {name}", {})
        text = str(macro.get("gcode", ""))
        wanted = f'action_call_remote_method("{method}"' if method else "action_raise_error("
        if wanted not in text or not macro.get("rename_existing"):
            raise VerificationError(
                said("the gate's macro {name} is not loaded", name=name.upper()),
                where=printer,
                got=text.strip() or said("none"),
                wanted=said("printstd_gate.cfg, included last in printer.cfg"),
                hint=said("include it and restart Klipper"),
            )


def _refusal(decision: GateDecision) -> str:
    told = said(
        "printstd gate: {file} is not printed: {reason}. {advice}",
        file=decision.file,
        reason=decision.reason,
        advice=decision.advice,
    )
    # The server sends it as the reason phrase of its answer: one line of ASCII without "<".
    plain = " ".join(told.split()).replace("<", "(").replace(">", ")")
    return plain.encode("ascii", "replace").decode("ascii")


def _register_status(server: Any, handler: Any) -> None:
    """Moonraker 0.9 and later name kinds of requests by a type of theirs, older ones by text."""
    import importlib

    kinds = getattr(importlib.import_module("moonraker.common"), "RequestType", None)
    server.register_endpoint(
        "/server/printstd_gate/status", ["GET"] if kinds is None else kinds.GET, handler
    )
