"""Profiles for tests: the bundled ones, with files put over them in memory."""

from __future__ import annotations

from collections.abc import Mapping

from printstd.adapters.profile_files import ProfileFiles, bundled_folders

BUNDLED = ProfileFiles(*bundled_folders())


class Overlay:
    """`ports.ProfileSource`: the bundled profiles under some texts."""

    def __init__(self, files: Mapping[str, str | bytes]) -> None:
        """files : ``materials/pla`` -> TOML."""
        self._files = {
            tuple(key.rsplit("/", 1)): value if isinstance(value, bytes) else value.encode()
            for key, value in files.items()
        }

    def names(self, kind: str) -> list[str]:
        own = {name for folder, name in self._files if folder == kind}
        return sorted(own | set(BUNDLED.names(kind)))

    def read(self, kind: str, name: str) -> tuple[str, bytes]:
        data = self._files.get((kind, name))
        return (f"{kind}/{name}.toml", data) if data is not None else BUNDLED.read(kind, name)


def text_of(kind: str, name: str) -> str:
    """A bundled file's text."""
    return BUNDLED.read(kind, name)[1].decode("utf-8")


def line_of(text: str, start: str) -> int:
    """1-based number of the first line that begins with `start`."""
    return next(n for n, line in enumerate(text.splitlines(), 1) if line.startswith(start))
