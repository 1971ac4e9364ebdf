"""A board on a serial line, with this process as its host: our own sender (docs/hosts.md).

Programs are kept in a folder of this computer and streamed line by line from a thread. The line
lives as long as the process does: when it ends in the middle of a print, so does the print, and the
journal says so afterwards.
"""

from __future__ import annotations

import contextlib
import hashlib
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from printstd.adapters.files import write_all
from printstd.adapters.hosts.calling import refused, shortened
from printstd.adapters.hosts.names import stored_name
from printstd.adapters.hosts.serial_journal import Holding, Journal
from printstd.adapters.hosts.serial_lines import (
    MAX_LINE_BYTES,
    Answer,
    Kind,
    SentProgram,
    capabilities,
    frame,
    program_of,
    temperatures,
    waits_for_heat,
)
from printstd.adapters.hosts.serial_parting import parting
from printstd.adapters.hosts.serial_sender import STALL_S, BoardError, Line
from printstd.artifacts.host import (
    Heater,
    HostAbilities,
    HostFile,
    HostRun,
    HostState,
    HostStatus,
    RunOutcome,
)
from printstd.errors import HostSilent
from printstd.words import said

ABILITIES: Final = HostAbilities(
    history=True,
    downloads=True,
    digests="sha256",
    pausing=True,
    factors=False,
    fan=False,
    z_offset=False,
    excluded=False,
    carrier="gcode",
    proven="real",
)
_ANSWER_S: Final = 8.0
"""A board that the opening of its line resets begins in two seconds, with a display in five."""
_LOOK_S: Final = 5.0
_HEATERS_OFF: Final = (b"M104 S0", b"M140 S0", b"M107")
RESETS: Final = ("as-is", "pulse", "never")

_TERMINAL_ERRORS: tuple[type[Exception], ...] = ()
"""What a terminal raises beside OSError."""
with contextlib.suppress(ImportError):
    import termios

    _TERMINAL_ERRORS = (termios.error,)

OpenPort = Callable[[str, int, str], Any]


@dataclass(slots=True)
class _Job:
    run_id: str
    file: str
    program: SentProgram
    began_s: float
    at: int = 0
    is_paused: bool = False
    is_cancelled: bool = False

    @property
    def at_byte(self) -> int:
        return self.program.ends[self.at - 1] if self.at else 0


@dataclass(slots=True)
class _Board:
    """What it said of itself. known : its capabilities."""

    firmware: str = ""
    known: dict[str, bool] = field(default_factory=dict)
    heaters: dict[str, tuple[float, float]] = field(default_factory=dict)
    words: str = ""


def open_port(device: str, baud: int, reset: str) -> Any:
    """reset : ``as-is`` leaves DTR as opening sets it, ``pulse`` resets the board by it, ``never``
    keeps it low. Terminals without DTR (a pseudo-terminal) take no notice."""
    import serial

    port = serial.serial_for_url(device, do_not_open=True)
    port.baudrate, port.timeout, port.write_timeout, port.exclusive = baud, 0.1, 10.0, True
    if reset == "never":
        port.dtr = False
    try:
        port.open()
    except _TERMINAL_ERRORS as error:
        raise OSError(str(error)) from error
    if reset == "pulse":
        with contextlib.suppress(OSError):
            port.dtr = False
            time.sleep(0.1)
            port.dtr = True
    return _Reader(port)


class _Reader:
    """Reads what is there, and waits for one byte where nothing is."""

    def __init__(self, port: Any) -> None:
        self._port = port

    def read(self, size: int, /) -> bytes:
        data: bytes = self._port.read(max(1, min(size, self._port.in_waiting)))
        return data

    def write(self, data: bytes, /) -> int | None:
        written: int | None = self._port.write(data)
        return written

    def close(self) -> None:
        self._port.close()


class SerialMarlin:
    """device : ``/dev/ttyUSB0`` or the like. folder : of this printer's own, kept between runs."""

    abilities = ABILITIES

    def __init__(
        self,
        device: str,
        secrets: Mapping[str, str],
        *,
        folder: Path,
        baud: int = 115200,
        reset: str = "as-is",
        opening: OpenPort = open_port,
        stall_s: float = STALL_S,
    ) -> None:
        self._stall_s = stall_s
        self._device, self._baud, self._reset, self._opening = device, baud, reset, opening
        self._spool = folder / "spool"
        self._journal = Journal(folder / "journal.jsonl", time.time)
        self._held = Holding(folder / "held")
        self._lock = threading.RLock()
        self._port: Any = None
        self._line: Line | None = None
        self._thread: threading.Thread | None = None
        self._closing = False
        self._board = _Board()
        self._job: _Job | None = None
        self._error = ""
        self._looked_s = 0.0
        self._in_flight = b""

    def close(self) -> None:
        """A print that is on fails, as it would if the process ended."""
        with self._lock:
            self._closing = True
            thread = self._thread
        if thread is not None:
            thread.join()
        with self._lock:
            self._closing = False

    # The line.

    def _is_up(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def _open(self) -> None:
        """BoardError, or an OSError of the device, where there is no board that answers."""
        if self._is_up():
            return
        self._held.take()
        with contextlib.ExitStack() as undo:
            undo.callback(self._held.release)
            self._begin()
            undo.pop_all()

    def _begin(self) -> None:
        self._board, self._error = _Board(), ""
        port = self._opening(self._device, self._baud, self._reset)
        with contextlib.ExitStack() as undo:
            undo.callback(port.close)
            line = Line(port, self._heard, stall_s=self._stall_s)
            line.restart_numbers(_ANSWER_S)
            line.send(b"M115")
            name = self._board.firmware.lower()
            line.checks_numbers = not ("klipper" in name or "kalico" in name)
            line.send(b"M105")
            if self._board.known.get("AUTOREPORT_TEMP"):
                line.send(b"M155 S2")
            undo.pop_all()
        self._port, self._line = port, line
        self._thread = threading.Thread(target=self._work, name=self._device, daemon=True)
        self._thread.start()

    def _heard(self, answer: Answer) -> None:
        if answer.kind in (Kind.OK, Kind.TEMPERATURES):
            self._board.heaters.update(temperatures(answer.text.removeprefix("ok")))
        elif answer.kind is Kind.CAPABILITY:
            self._board.firmware = capabilities(answer.text, self._board.known) or (
                self._board.firmware
            )
        elif answer.kind is Kind.ECHO:
            self._board.words = answer.text
        elif answer.kind is Kind.ACTION and (job := self._job) is not None:
            # A person at the display, or the firmware's own runout sensor.
            verb = answer.text.split(" ", 1)[0]
            if verb in ("pause", "paused"):
                job.is_paused = True
            elif verb in ("resume", "resumed"):
                job.is_paused = False
            elif verb == "cancel":
                job.is_cancelled = True

    def _work(self) -> None:
        line, words = self._line, ""
        assert line is not None
        try:
            while not self._closing:
                job = self._job
                if job is not None and (job.is_cancelled or not job.is_paused):
                    self._step(line, job)
                else:
                    self._listen(line)
                if time.monotonic() - self._looked_s > _LOOK_S:
                    self._looked_s = time.monotonic()
                    # It also keeps a paused board from switching its motors off.
                    self._send(line, b"M105")
            words = said("this computer ended the print") if self._job is not None else ""
        except (BoardError, OSError) as error:
            words = shortened(error) or type(error).__name__
        finally:
            self._end(line, words)

    def _listen(self, line: Line) -> None:
        """With nothing in flight."""
        for answer in line.answers():
            if answer.kind is Kind.FATAL:
                raise BoardError(answer.text)
            if answer.kind is Kind.STARTED:
                if self._job is not None:
                    raise BoardError(said("the board began anew in the middle"))
                line.restart_numbers(_ANSWER_S)

    def _send(self, line: Line, command: bytes) -> None:
        self._in_flight = command
        try:
            line.send(command)
        finally:
            self._in_flight = b""

    def _step(self, line: Line, job: _Job) -> None:
        commands = job.program.commands
        if job.is_cancelled:
            for command in parting(commands, job.at):
                self._send(line, command)
            self._over(job, RunOutcome.CANCELLED)
        elif job.at == len(commands):
            # An acknowledged move is one that waits in the board; this is acknowledged after it.
            self._send(line, b"M400")
            self._over(job, RunOutcome.COMPLETED)
        else:
            if job.at == len(commands) - 1:
                self._journal.last_line(job.run_id)
            self._send(line, commands[job.at])
            job.at += 1

    def _over(self, job: _Job, outcome: RunOutcome, words: str = "") -> None:
        with self._lock:
            self._journal.ended(job.run_id, outcome, words)
            self._job = None

    def _end(self, line: Line, words: str) -> None:
        """The line is given up; heaters are told off, as far as the board still listens."""
        with self._lock:
            job = self._job
            if job is not None:
                with contextlib.suppress(OSError):
                    line.write(b"".join(command + b"\n" for command in _HEATERS_OFF))
                self._over(job, RunOutcome.FAILED, words)
            self._error = words
            with contextlib.suppress(OSError):
                self._port.close()
            self._line = self._port = None
            self._held.release()

    # What it says of itself.

    def status(self) -> HostStatus:
        with self._lock:
            if not self._is_up():
                if self._error:
                    return HostStatus(HostState.ERROR, message=self._error)
                try:
                    self._open()
                except (BoardError, OSError) as error:
                    return HostStatus(HostState.OFFLINE, message=shortened(error))
            job, board = self._job, self._board
            heaters = tuple(Heater(name, *values) for name, values in sorted(board.heaters.items()))
            if job is None:
                return HostStatus(HostState.IDLE, heaters=heaters, message=shortened(board.words))
            size = job.program.size
            return HostStatus(
                HostState.PAUSED if job.is_paused else HostState.PRINTING,
                file=job.file,
                run_id=job.run_id,
                progress_ratio=job.at_byte / size if size else 1.0,
                layer=job.program.layer(job.at_byte),
                elapsed_s=time.monotonic() - job.began_s,
                heaters=heaters,
                message=shortened(board.words),
            )

    def runs(self) -> tuple[HostRun, ...]:
        with self._lock:
            if not self._is_up() and self._held.is_elsewhere():
                return self._journal.runs(is_last_on=True)
            return self._journal.runs(running=self._job.run_id if self._job else None)

    # Files.

    def upload(self, name: str, data: bytes) -> None:
        stored_name(name, host=self._device)
        with self._lock:
            if self._job is not None and self._job.file == name:
                raise refused(self._device, said("it prints {name} now", name=name))
            self._spool.mkdir(parents=True, exist_ok=True)
            write_all({self._spool / name: data})

    def _stored(self, name: str) -> bytes | None:
        path = self._spool / stored_name(name, host=self._device)
        return path.read_bytes() if path.is_file() else None

    def file(self, name: str) -> HostFile | None:
        data = self._stored(name)
        if data is None:
            return None
        return HostFile(name, len(data), f"sha256:{hashlib.sha256(data).hexdigest()}")

    def download(self, name: str) -> bytes:
        data = self._stored(name)
        if data is None:
            raise refused(self._device, said("it has no file {name}", name=name))
        return data

    def delete(self, name: str) -> None:
        with self._lock:
            self.download(name)
            if self._job is not None and self._job.file == name:
                raise refused(self._device, said("it prints {name} now", name=name))
            (self._spool / name).unlink()

    # What it is told to do.

    def start(self, name: str) -> None:
        with self._lock:
            if self._job is not None:
                raise refused(self._device, said("it prints {name} now", name=self._job.file))
            data = self.download(name)
            program = program_of(data)
            try:
                self._open()
            except (BoardError, OSError) as error:
                raise HostSilent(
                    said("there is no board at the end of this line; it was told nothing"),
                    where=self._device,
                    got=shortened(error),
                    hint=said("see cable, power, baud rate, and whether another program holds it"),
                ) from error
            assert self._line is not None
            if self._line.checks_numbers:
                self._refuse_long_lines(name, program)
            digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
            run_id = self._journal.began(name, digest)
            self._job = _Job(run_id, name, program, time.monotonic())

    def _refuse_long_lines(self, name: str, program: SentProgram) -> None:
        longest = max(program.commands, key=len, default=b"")
        framed = len(frame(len(program.commands), longest))
        if framed > MAX_LINE_BYTES:
            raise refused(
                self._device,
                said(
                    "{name} has a line of {framed} bytes with number and checksum, a board takes "
                    "{most}",
                    name=name,
                    framed=framed,
                    most=MAX_LINE_BYTES,
                ),
            )

    def _on(self, *, is_paused: bool | None) -> _Job:
        job = self._job
        if job is None or job.is_cancelled:
            raise refused(self._device, said("it prints nothing"))
        if is_paused is not None and job.is_paused is not is_paused:
            state = HostState.PAUSED if job.is_paused else HostState.PRINTING
            raise refused(self._device, said("the printer is {state}", state=state.value))
        return job

    def pause(self) -> None:
        """No more lines are sent; what the board has queued is still done. Heaters stay on."""
        with self._lock:
            self._on(is_paused=False).is_paused = True

    def resume(self) -> None:
        with self._lock:
            self._on(is_paused=True).is_paused = False

    def cancel(self) -> None:
        """No more lines of the part are sent: heaters and fan are switched off, and the head is
        lifted and parked as the program's own end does it (`serial_parting`)."""
        with self._lock:
            self._on(is_paused=None).is_cancelled = True
            if waits_for_heat(self._in_flight) and self._board.known.get("EMERGENCY_PARSER"):
                assert self._line is not None
                self._line.write(b"M108\n")

    def emergency_stop(self) -> None:
        """``M112``, past whatever is in flight. A board without an emergency parser takes it when
        it comes to it."""
        with self._lock:
            if self._line is not None:
                self._line.write(b"M112\n")
