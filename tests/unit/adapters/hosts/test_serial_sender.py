"""The sender against a board of the published rules, over a cable that loses, breaks and delays:
each line is done once and in its order, whatever happens on the way."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printstd.adapters.hosts.serial_lines import Answer
from printstd.adapters.hosts.serial_sender import BoardError, Line

STALL_S = 3.0


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Board:
    """Marlin's rules for lines. does : each command that was done. happens : what the cable does to
    the n-th line that comes (as text of a fault), or nothing."""

    def __init__(self, clock: Clock, happens: Callable[[int], str]) -> None:
        self.clock, self.happens = clock, happens
        self.does: list[bytes] = []
        self.last, self.came, self.reads = 0, 0, 0
        self.out: list[tuple[float, bytes]] = []
        self.free_at = 0.0

    def say(self, *lines: str, later_s: float = 0.0) -> None:
        # It does one thing after the other: an answer never overtakes an earlier one.
        when = max(self.clock.now, self.free_at) + later_s
        self.out += [(when, line.encode() + b"\n") for line in lines]

    def works(self, seconds: float) -> None:
        self.free_at = max(self.clock.now, self.free_at) + seconds

    def write(self, data: bytes) -> int:
        for line in data.splitlines():
            self.came += 1
            self.take(line, self.happens(self.came))
        return len(data)

    def take(self, line: bytes, fault: str) -> None:
        if fault == "lost":
            return
        if fault == "broken":
            line = line.replace(b"M", b"m", 1)
        body, _, checksum = line.rpartition(b"*")
        total = 0
        for byte in body:
            total ^= byte
        if total != int(checksum):
            self.say(f"Error:checksum mismatch, Last Line: {self.last}", f"Resend: {self.last + 1}")
            self.say("ok")
            return
        match = re.fullmatch(rb"N(\d+) (.*)", body)
        assert match is not None
        number, command = int(match[1]), match[2]
        if command.startswith(b"M110"):
            self.last = number
            self.say("ok")
            return
        if number != self.last + 1:
            told = f"Error:Line Number is not Last Line Number+1, Last Line: {self.last}"
            self.say(told, f"Resend: {self.last + 1}", "ok")
            return
        self.last = number
        self.does.append(command)
        if fault == "busy":
            for _ in range(10):
                self.works(1.0)
                self.say("echo:busy: processing")
            self.say("ok")
        elif fault == "late":
            # As long as it takes to be sent again: both will be answered.
            self.works(STALL_S + 0.5)
            self.say("ok")
        elif fault == "unheard":
            self.say("wait")
        else:
            self.say(f"ok N{number} P3 B3" if fault == "advanced" else "ok")

    def read(self, size: int) -> bytes:
        self.reads += 1
        assert self.reads < 200_000, "it waits for ever"
        due = [line for when, line in self.out if when <= self.clock.now]
        self.out = [(when, line) for when, line in self.out if when > self.clock.now]
        if not due:
            self.clock.now += 0.25
        return b"".join(due)


def printed(commands: list[bytes], happens: Callable[[int], str]) -> tuple[Board, Line]:
    clock = Clock()
    board = Board(clock, lambda n: "" if n == 1 else happens(n))
    line = Line(board, lambda answer: None, clock=clock, stall_s=STALL_S)
    line.restart_numbers(8.0)
    for command in commands:
        line.send(command)
    return board, line


FAULTS = ("", "lost", "broken", "unheard", "late", "busy", "advanced")


@given(st.lists(st.sampled_from(FAULTS), max_size=24))
def test_every_line_is_done_once_and_in_order(faults: list[str]):
    commands = [b"M117 %d" % number for number in range(12)]

    def happens(n: int) -> str:
        fault = faults[n - 2] if n - 2 < len(faults) else ""
        # Three in a row are bad luck, more are a broken cable.
        return "" if (n - 1) % 4 == 0 else fault

    board, _ = printed(commands, happens)
    assert board.does == commands


def test_a_line_that_is_late_and_was_repeated_does_not_go_on_for_ever():
    # Each copy of a line is answered with a request, and each request with a copy.
    board, line = printed([b"M117 %d" % n for n in range(50)], lambda n: "late" if n == 5 else "")
    assert board.does == [b"M117 %d" % n for n in range(50)]
    assert line.resends < 5
    assert board.came < 60


def test_a_board_that_stays_silent_is_given_up():
    with pytest.raises(BoardError, match="does not answer"):
        printed([b"M117 %d" % n for n in range(9)], lambda n: "lost" if n > 4 else "")


def test_a_board_that_checks_no_numbers_is_never_sent_a_line_again():
    clock = Clock()
    board = Board(clock, lambda n: "unheard" if n == 3 else "")
    line = Line(board, lambda answer: None, clock=clock)
    line.restart_numbers(8.0)
    line.checks_numbers = False
    line.send(b"M117 1")
    with pytest.raises(BoardError):
        line.send(b"M117 2")
    assert board.came == 3


@pytest.mark.parametrize("words", ["!! Move out of range", "Error:Heating failed", "start"])
def test_an_ok_after_an_error_is_no_acknowledgement(words: str):
    clock = Clock()
    board = Board(clock, lambda n: "")
    heard: list[Answer] = []
    line = Line(board, heard.append, clock=clock)
    line.restart_numbers(8.0)
    board.say(words)
    with pytest.raises(BoardError):
        line.send(b"M117 1")
    assert any(answer.text == words for answer in heard)


def test_idle_chatter_does_not_keep_a_dead_line_alive():
    clock = Clock()
    board = Board(clock, lambda n: "" if n == 1 else "lost")
    line = Line(board, lambda answer: None, clock=clock)
    line.restart_numbers(8.0)
    for second in range(1000):
        board.say("wait", "T:20 /0 B:20 /0", "echo:hello", later_s=float(second))
    with pytest.raises(BoardError):
        line.send(b"M117 1")
    assert clock.now < 100


def test_heating_takes_as_long_as_it_reports():
    clock = Clock()
    board = Board(clock, lambda n: "unheard" if n == 2 else "")
    line = Line(board, lambda answer: None, clock=clock)
    line.restart_numbers(8.0)
    for second in range(1, 300):
        board.say("T:20 /210 B:20 /0", later_s=float(second))
    board.say("ok", later_s=300.0)
    line.send(b"M109 S210")
    assert clock.now >= 300
    assert board.came == 2


def test_a_line_longer_ago_than_is_kept_ends_it():
    clock = Clock()
    board = Board(clock, lambda n: "")
    line = Line(board, lambda answer: None, clock=clock)
    line.restart_numbers(8.0)
    for n in range(100):
        line.send(b"M117 %d" % n)
    board.say("Resend: 3", "ok")
    with pytest.raises(BoardError, match="line 3"):
        line.send(b"M117 x")
