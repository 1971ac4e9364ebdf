"""What a file is told to be by its content: a program, as it is or in a container, or none."""

from __future__ import annotations

from pathlib import Path

from printstd.words import said


def check_kind(path: Path, data: bytes, *, is_program: bool) -> None:
    """UsageError where the content is not what the call takes it for."""
    from printstd.errors import UsageError

    looks_so = holds_program(path, data, is_meant=is_program)
    if looks_so and not is_program:
        raise UsageError(
            said("this is a program, and a program is certified against its model"),
            where=str(path),
            got=said("G-code, and no --model"),
            wanted=said("--model MODEL"),
            hint=said("name the file that it was sliced from"),
        )
    if is_program and not looks_so:
        raise UsageError(
            said("--model goes with a program"),
            where=str(path),
            got=said("something that is no G-code"),
            wanted=said("OUT.gcode --model MODEL, or MODEL -o OUT.gcode"),
            hint=said("`printstd inspect` says what a file is"),
        )


def holds_program(path: Path, data: bytes, *, is_meant: bool) -> bool:
    """Is there a program in these bytes, as they are or in a container? A project that was saved
    with its programs is a model too: is_meant says that a program is what the call is about, else
    its name must say so."""
    if looks_like_gcode(data[:65536]):
        return True
    if data[:4] not in (b"PK\x03\x04", b"GCDE"):
        return False
    from printstd.certify.carriers.carried import is_container
    from printstd.certify.carriers.forms import Form, form_of_name

    return is_container(data) and (is_meant or form_of_name(path.name) is not Form.GCODE)


def looks_like_gcode(head: bytes) -> bool:
    """Is this the start of a G-code program: no byte is NUL, and it begins with lines of comment,
    or with a G, M or T word or a line number."""
    if b"\0" in head:
        return False
    first = head.split(None, 1)[:1]
    word = first[0].upper() if first else b""
    return word[:1] == b";" or (word[:1] in (b"G", b"M", b"T", b"N") and word[1:2].isdigit())
