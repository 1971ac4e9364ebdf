"""What answers at an address may be anything: a router's page, another kind of server, a later
version. A driver that cannot make sense of an answer says so as an error of the host."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from printstd.adapters.hosts.calling import shortened, unsure
from printstd.artifacts.host import HostAbilities, HostFile, HostRun, HostStatus
from printstd.errors import HostRefused
from printstd.farm.host import Host
from printstd.words import said

_Told = TypeVar("_Told")
_NONSENSE: Final = (ValueError, KeyError, TypeError, IndexError, AttributeError)


class Guarded:
    """A `Host` as it is, but that answers without sense are `HostRefused` where nothing was to be
    changed, and `HostUnsure` where something was."""

    def __init__(self, host: Host, address: str) -> None:
        self._host, self._address = host, address

    @property
    def abilities(self) -> HostAbilities:
        return self._host.abilities

    def _asked(self, ask: Callable[[], _Told]) -> _Told:
        try:
            return ask()
        except _NONSENSE as error:
            raise HostRefused(
                said("what answers here does not speak as this kind of host does"),
                where=self._address,
                got=shortened(f"{type(error).__name__}: {error}"),
                hint=said("see address and port, and which versions docs/hosts.md names"),
            ) from error

    def _told(self, tell: Callable[[], None]) -> None:
        try:
            tell()
        except _NONSENSE as error:
            raise unsure(self._address, shortened(f"{type(error).__name__}: {error}")) from error

    def status(self) -> HostStatus:
        return self._asked(self._host.status)

    def runs(self) -> tuple[HostRun, ...]:
        return self._asked(self._host.runs)

    def file(self, name: str) -> HostFile | None:
        return self._asked(lambda: self._host.file(name))

    def download(self, name: str) -> bytes:
        return self._asked(lambda: self._host.download(name))

    # What changes much is told only to a host that was understood just before.

    def upload(self, name: str, data: bytes) -> None:
        self.status()
        self._told(lambda: self._host.upload(name, data))

    def delete(self, name: str) -> None:
        self._told(lambda: self._host.delete(name))

    def start(self, name: str) -> None:
        self.status()
        self._told(lambda: self._host.start(name))

    def pause(self) -> None:
        self._told(self._host.pause)

    def resume(self) -> None:
        self._told(self._host.resume)

    def cancel(self) -> None:
        self._told(self._host.cancel)

    def close(self) -> None:
        self._host.close()
