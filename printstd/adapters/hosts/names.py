"""Names that every kind of host stores unchanged."""

from __future__ import annotations

import re
from typing import Final

from printstd.errors import HostRefused
from printstd.words import said

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,119}")
"""No folders, no spaces, no hidden files: hosts rename, refuse or quote all of them differently."""


def stored_name(name: str, *, host: str, ending: str = ".gcode") -> str:
    """The name itself; `HostRefused` where a host would store it under another one."""
    if not _NAME.fullmatch(name) or not name.endswith(ending) or name == ending:
        raise HostRefused(
            said("a printer's host stores no file of this name unchanged"),
            where=host,
            got=repr(name),
            wanted=said(
                "at most 120 ASCII letters, digits, dots, dashes and underscores, then {ending}",
                ending=ending,
            ),
            hint=said("give the program another name; nothing was sent"),
        )
    return name
