"""A program line by line over a serial line, as a host sends it: numbered, with checksums."""

from __future__ import annotations

import contextlib
import re
import time
from dataclasses import dataclass
from pathlib import Path

from tests.hosts.serial_line import serial_printer

SILENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Sent:
    """What a Marlin-like board made of a program. lines : that it acknowledged. error : why it did
    not get to the end. position : X, Y, Z as it tells them at the end. targets_c : nozzle, bed."""

    lines: int
    error: str
    position: tuple[float, float, float] | None
    targets_c: tuple[float, float] | None


def send(program: str, folder: Path) -> Sent:
    """Every line of the program, one at a time, to OctoPrint's virtual printer."""
    import serial

    codes = [line.split(";", 1)[0].strip() for line in program.splitlines()]
    codes = [code for code in codes if code]
    with (
        serial_printer(folder, is_quick=True, numExtruders=2) as device,
        contextlib.closing(serial.Serial(str(device), 115200, timeout=1.0)) as port,
    ):
        answers = ""
        for number, code in enumerate(["M110 N0", *codes, "M114", "M105"]):
            body = f"N{number} {code}"
            checksum = 0
            for byte in body.encode():
                checksum ^= byte
            port.write(f"{body}*{checksum}\n".encode())
            told = _answer(port)
            if told is None:
                return Sent(number, f"no answer to {code!r}", None, None)
            if re.search(r"(?m)^(Error|Resend|!!)", told):
                return Sent(number, f"{told.strip()!r} to {code!r}", None, None)
            if number > len(codes):
                answers += told
    place = re.search(r"X:(-?[0-9.]+) Y:(-?[0-9.]+) Z:(-?[0-9.]+)", answers)
    heat = re.search(r"T0?:[0-9.]+ */ *([0-9.]+).*?B:[0-9.]+ */ *([0-9.]+)", answers, re.S)
    return Sent(
        len(codes),
        "" if place and heat else f"what it tells of itself cannot be read: {answers!r}",
        (float(place[1]), float(place[2]), float(place[3])) if place else None,
        (float(heat[1]), float(heat[2])) if heat else None,
    )


def _answer(port: object) -> str | None:
    """All up to its ok; None where it stays silent."""
    told, until = "", time.monotonic() + SILENCE_S
    while time.monotonic() < until:
        line = port.readline().decode("latin-1")  # type: ignore[attr-defined]
        told += line
        if line.startswith("ok"):
            return told
        if line and not line.startswith("wait"):
            until = time.monotonic() + SILENCE_S
    return None
