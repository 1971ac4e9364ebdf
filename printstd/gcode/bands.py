"""A finished program with commands of its own at some layers: for prints in which each band of
layers is made with another value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from printstd.errors import InternalError
from printstd.gcode.rules import check_commands
from printstd.profiles.resolved import Resolved

_CHANGE: Final = b";LAYER_CHANGE\n"
_AFTER: Final = b";AFTER_LAYER_CHANGE\n"


def with_bands(program: bytes, lines_at: Mapping[int, Sequence[str]], resolved: Resolved) -> bytes:
    """lines_at : number of a layer, from 0 -> lines to stand where it begins, before anything of
    it is laid. Raises ProfileError where the machine's allow-list has no such command."""
    check_commands([line for lines in lines_at.values() for line in lines], resolved)
    pieces = program.split(_CHANGE)
    if len(pieces) - 1 <= max(lines_at, default=0):
        raise InternalError(f"a program of {len(pieces) - 1} layers, wanted more")
    for layer, lines in lines_at.items():
        before, mark, after = pieces[layer + 1].partition(_AFTER)
        if not mark:
            raise InternalError(f"layer {layer} has no place for commands")
        own = "".join(f"{line}\n" for line in lines).encode("ascii")
        pieces[layer + 1] = before + mark + own + after
    return _CHANGE.join(pieces)
