"""What a farm asks of the server in front of a printer; drivers are in ``adapters/hosts/``."""

from __future__ import annotations

from typing import Protocol

from printstd.artifacts.host import HostAbilities, HostFile, HostRun, HostStatus


class Host(Protocol):
    """One printer behind its server. Every call is bounded in time and raises

    `HostSilent` where the host could not be reached (it was told nothing), `HostRefused` where it
    answered no (nothing was done), and `HostUnsure` where it was told and did not answer: whoever
    called must look at `status` and `runs`, since no host's start is idempotent.
    """

    @property
    def abilities(self) -> HostAbilities: ...

    def status(self) -> HostStatus: ...

    def upload(self, name: str, data: bytes) -> None:
        """Store these bytes under this name, replacing what is there; never starts anything."""
        ...

    def file(self, name: str) -> HostFile | None:
        """What the host says of a stored file; None where it has none of that name."""
        ...

    def download(self, name: str) -> bytes:
        """The stored bytes, whole. `HostRefused` where this kind of host cannot give them back."""
        ...

    def delete(self, name: str) -> None: ...

    def start(self, name: str) -> None:
        """Begin to print a stored file. Never repeated by the driver itself.

        Returns when the host shows that it prints (or has printed) it; `HostUnsure` where it took
        the order and does not show it."""
        ...

    def pause(self) -> None: ...

    def resume(self) -> None: ...

    def cancel(self) -> None: ...

    def runs(self) -> tuple[HostRun, ...]:
        """Its own history, oldest first, the running print included; empty where it keeps none.

        `HostAbilities.history` false: the host keeps less than a record of each print (OctoPrint
        counts per file, and forgets the counts with the file), what it does keep is told."""
        ...

    def close(self) -> None: ...
