"""Lines to a board, one in flight, until each is acknowledged: lost, broken and repeated ones made
good by their numbers.

A line that was not answered in time is sent again under its own number: a board that checks numbers
refuses it where it has it already, so nothing is done twice. A board that does not check them
(Klipper) is never sent a line again.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, Protocol

from printstd.adapters.hosts.serial_lines import (
    Answer,
    Kind,
    frame,
    takes_long,
    understood,
    waits_for_heat,
)
from printstd.words import said

STALL_S: Final = 10.0
SLOW_S: Final = 300.0
HEAT_S: Final = 60.0
"""Without any report of temperatures; reports renew it, whatever the heating takes in all."""
MAX_STALLS: Final = 4
_RESEND_S: Final = 1.0
_GRACE_S: Final = 0.5
_KEPT: Final = 64
_MAX_UNREAD: Final = 1 << 16


class BoardError(Exception):
    """The board said that it stopped, or began anew, or says nothing any more."""


class Port(Protocol):
    """What is used of pyserial: reads return what came within a quarter of a second."""

    def read(self, size: int, /) -> bytes: ...

    def write(self, data: bytes, /) -> int | None: ...


class Line:
    """checks_numbers : the board refuses lines out of order. heard : is told every answer. resends,
    stalls : how often each of them happened, for those who care about a cable."""

    def __init__(
        self,
        port: Port,
        heard: Callable[[Answer], None],
        *,
        stall_s: float = STALL_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._port, self._heard, self._clock, self._stall_s = port, heard, clock, stall_s
        self.checks_numbers = True
        self._number = 0
        self._sent: OrderedDict[int, bytes] = OrderedDict()
        self._unread = b""
        self.resends = self.stalls = 0

    # Reading.

    def answers(self) -> list[Answer]:
        """Whatever came within the port's own time limit; each is told to `heard` too."""
        self._unread += self._port.read(4096)
        *lines, self._unread = self._unread.split(b"\n")
        if len(self._unread) > _MAX_UNREAD:
            raise BoardError(said("the line carries noise: see baud rate and cable"))
        found = [understood(line.decode("utf-8", "replace")) for line in lines if line.strip()]
        for answer in found:
            self._heard(answer)
        return found

    def drain(self, seconds: float) -> None:
        until = self._clock() + seconds
        while self._clock() < until:
            self.answers()

    # Writing.

    def write(self, data: bytes) -> None:
        """Out of order, beside what is in flight (an emergency stop)."""
        while data:
            data = data[self._port.write(data) or 0 :]

    def restart_numbers(self, seconds: float) -> None:
        """``M110`` until it is acknowledged: at opening, a board may still be starting.

        BoardError where it does not answer.
        """
        self._number, until = 0, self._clock() + seconds
        self._sent.clear()
        while self._clock() < until:
            self.write(frame(0, b"M110 N0"))
            asked = self._clock()
            while self._clock() < min(asked + 2.0, until):
                if any(answer.kind is Kind.OK for answer in self.answers()):
                    # Later answers to earlier probes.
                    self.drain(0.3)
                    return
        raise BoardError(said("the board does not answer"))

    def send(self, command: bytes) -> None:
        """Returns when it is acknowledged. BoardError where that cannot be any more."""
        self._number += 1
        number = self._number
        self._sent[number] = frame(number, command)
        while len(self._sent) > _KEPT:
            self._sent.popitem(last=False)
        self._deliver(number, command)

    def _deliver(self, last: int, command: bytes) -> None:
        heats = waits_for_heat(command)
        patience = HEAT_S if heats else SLOW_S if takes_long(command) else self._stall_s
        patience = max(patience, self._stall_s)
        at, stalls = last, 0
        self.write(self._sent[at])
        deadline = self._clock() + patience
        wanted: int | None = None
        """The line that it asked for; its request has an acknowledgement of its own."""
        is_grace = False
        """It may have the line in flight already: look whether it says so before repeating."""
        while True:
            acknowledged = False
            for answer in self.answers():
                match answer.kind:
                    case Kind.FATAL:
                        raise BoardError(answer.text)
                    case Kind.STARTED:
                        raise BoardError(said("the board began anew in the middle"))
                    case Kind.RESEND:
                        wanted, self.resends = answer.number, self.resends + 1
                        deadline = self._clock() + _RESEND_S
                    case Kind.LINE_GARBLED:
                        is_grace = False
                        if wanted is None and answer.number is not None:
                            wanted = answer.number + 1
                        deadline = self._clock() + _RESEND_S
                    case Kind.LINE_OUT_OF_ORDER:
                        is_grace = True
                        deadline = self._clock() + _RESEND_S
                    case Kind.OK if wanted is not None:
                        if is_grace and wanted == at:
                            deadline, wanted = self._clock() + _GRACE_S, None
                        else:
                            at, wanted = self._again(wanted, last), None
                            deadline = self._clock() + patience
                        acknowledged = at > last
                    case Kind.OK:
                        is_grace, stalls = False, 0
                        at += 1
                        acknowledged = at > last
                        if not acknowledged:
                            self.write(self._sent[at])
                            deadline = self._clock() + patience
                    case Kind.BUSY | Kind.OTHER | Kind.ACTION:
                        deadline = self._clock() + patience
                    case Kind.TEMPERATURES if heats:
                        deadline = self._clock() + patience
                    case _:
                        pass
                if acknowledged:
                    return
            if self._clock() <= deadline:
                continue
            if wanted is not None:
                at, wanted, is_grace = self._again(wanted, last), None, False
                if at > last:
                    return
            else:
                stalls, is_grace = stalls + (not is_grace), False
                self.stalls += 1
                if stalls > MAX_STALLS or not self.checks_numbers:
                    raise BoardError(said("the board does not answer any more"))
                self.write(self._sent[at])
            deadline = self._clock() + patience

    def _again(self, wanted: int, last: int) -> int:
        """Send the line that it wants; the one after the last means that it has them all."""
        if wanted == last + 1:
            return wanted
        if wanted not in self._sent:
            raise BoardError(
                said("the board wants line {wanted} again, long after it took it", wanted=wanted)
            )
        self.write(self._sent[wanted])
        return wanted
