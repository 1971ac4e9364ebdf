"""Standard output and standard error: any script, and nobody there to read."""

from __future__ import annotations

import contextlib
import os
import sys


def speak_utf8() -> None:
    """A file may be named in any script; a pipe in the C locale must not fail on it. Streams that
    were closed are opened on nothing, before a product is opened under their number."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            nothing = os.open(os.devnull, os.O_RDWR)
            setattr(sys, name, os.fdopen(nothing, mode, encoding="utf-8"))
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="backslashreplace")


def say(text: str) -> None:
    """Talk, as opposed to data: standard error. Where nobody listens the exit code says it."""
    with contextlib.suppress(OSError):
        sys.stderr.write(text + "\n")
        sys.stderr.flush()


def forget_stdout() -> None:
    """Nothing more can be said there; the interpreter must not try when it ends."""
    with contextlib.suppress(OSError, ValueError):  # no real file: then nothing is tried
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
