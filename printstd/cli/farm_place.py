"""The farm that a command is about: its folder, database, policy; and its coordinator."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from printstd.words import said

if TYPE_CHECKING:
    from printstd.adapters.farm_folder import FarmFolder
    from printstd.adapters.farm_store.store import FarmStore
    from printstd.artifacts.farm import FarmPrinter
    from printstd.artifacts.job import ProgramFacts
    from printstd.certify.policy import TrustPolicy
    from printstd.certify.verify import Verified
    from printstd.coordinator.coordinator import Coordinator
    from printstd.coordinator.printing import Checked, Verify, Watcher
    from printstd.coordinator.settings import Patience
    from printstd.farm.dispatch import GroupRules
    from printstd.farm.host import Host

_BESIDE: Final = (".json", ".tlog-proof", ".p7s", ".tsr")
_MAX_BESIDE_BYTES: Final = 32 << 20

FarmAt = Annotated[
    Path,
    typer.Option(
        "--farm",
        metavar="FOLDER",
        envvar="PRINTSTD_FARM",
        help="The farm's folder (`printstd farm init`).",
        show_default="here",
    ),
]
HERE: Final = Path(".")


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def who() -> str:
    """Who does it, for the history: the user of this machine."""
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "unknown"


@dataclass(frozen=True, slots=True, eq=False)
class Farm:
    folder: FarmFolder
    store: FarmStore
    trust: TrustPolicy


@contextmanager
def at_farm(path: Path) -> Iterator[Farm]:
    """The farm in a folder, open for the length of the block."""
    from printstd.adapters.farm_folder import open_folder
    from printstd.adapters.farm_store.store import open_store

    folder = open_folder(path)
    trust = policy_of(folder)
    store = open_store(folder.place)
    try:
        yield Farm(folder, store, trust)
    finally:
        store.close()


def policy_of(folder: FarmFolder) -> TrustPolicy:
    from printstd.cli.commands.verify import load_policy

    found = load_policy(folder.trust, folder.policy)
    assert found is not None  # `open_folder` demands one of the two.
    return found


def files_of(program: Path) -> list[tuple[str, bytes]]:
    """A program as it lies there and all that vouches for it beside it, the program first."""
    from printstd.adapters.files import read_file

    found = [(program.name, read_file(program))]
    for file in sorted(program.parent.glob(_escaped(program.name) + ".*")):
        if file.suffix in _BESIDE and file.is_file():
            found.append((file.name, read_file(file, max_bytes=_MAX_BESIDE_BYTES)))
    return found


def _escaped(name: str) -> str:
    import glob

    return glob.escape(name)


def verified(
    files: Sequence[tuple[str, bytes]], policy: TrustPolicy, policy_file: Path | None, now: str
) -> Verified:
    """What `printstd verify` would say of these files, were they in a folder: VerificationError
    where it is not that the program passed."""
    import tempfile

    from printstd.cli.at_hand import verified_of
    from printstd.errors import VerificationError

    with tempfile.TemporaryDirectory(prefix="printstd-farm-") as name:
        for file, data in files:
            (Path(name) / Path(file).name).write_bytes(data)
        found = verified_of(Path(name) / Path(files[0][0]).name, policy, now, policy_file)
    if found.program is None:
        raise VerificationError(
            said("the certificate does not say that the program passed"),
            where=files[0][0],
            got=found.outcome.value,
            wanted=said("PASSED, in a re-check that the farm's policy accepts"),
            hint=said("`printstd verify` tells what was found"),
        )
    return found


def verifier(farm: Farm) -> Verify:
    """Under the farm's policy as it stands in its folder at that moment."""

    def verify(files: Sequence[tuple[str, bytes]], now: str) -> Checked:
        from printstd.coordinator.printing import Checked
        from printstd.errors import OutsideError, PrintstdError

        try:
            rules = policy_of(farm.folder)
        except PrintstdError as error:
            # That is no word about the program: it waits until the policy can be read again.
            raise OutsideError(
                said("the farm's policy cannot be read"),
                where=str(farm.folder.path),
                got=error.what,
                hint=said("mend it; what waits goes on by itself"),
            ) from error
        found = verified(files, rules, farm.folder.policy, now)
        assert found.program is not None
        return Checked(found.program, files[0][1])

    return verify


def facts_of(farm: Farm, files: Sequence[tuple[str, bytes]]) -> ProgramFacts:
    """What the certificates say that matters to a farm, once they verified under its policy."""
    from printstd.adapters.clock import SystemClock
    from printstd.coordinator.facts import program_facts

    found = verified(files, farm.trust, farm.folder.policy, SystemClock().now_utc())
    return program_facts(found, files[0][0])


def rules_of(folder: FarmFolder) -> dict[str, GroupRules]:
    from printstd.farm.dispatch import GroupRules

    return {
        name: GroupRules(group.max_heating, group.start_interval_s)
        for name, group in folder.settings.groups.items()
    }


def patience_of(folder: FarmFolder) -> Patience:
    from printstd.coordinator.settings import Patience

    return Patience(**folder.settings.patience.model_dump(exclude_none=True))


def open_host(farm: Farm, printer: FarmPrinter) -> Host:
    from printstd.adapters.hosts.opening import open_host as opened

    own = farm.folder.path / "hosts" / printer.name
    return opened(printer.host.address, farm.folder.secrets(printer.host.secret), folder=own)


def coordinator_of(
    farm: Farm, *, owner: str | None = None, watchers: tuple[Watcher, ...] = ()
) -> Coordinator:
    """What `farm run` and `farm serve` have running. owner : its name in leases and history, unique
    among those that run on one database."""
    from printstd.adapters.clock import SystemClock
    from printstd.cli.farm_records import record_keeper
    from printstd.coordinator.coordinator import Coordinator
    from printstd.coordinator.printing import Printing

    owner = owner or f"coordinator {socket.gethostname()}:{os.getpid()}"
    keeper = record_keeper(farm, owner)
    printing = Printing(
        store=farm.store,
        verify=verifier(farm),
        now_ms=now_ms,
        now_utc=SystemClock().now_utc,
        owner=owner,
        patience=patience_of(farm.folder),
        watchers=watchers if keeper is None else (*watchers, keeper),
    )
    return Coordinator(
        printing,
        lambda printer: open_host(farm, printer),
        rules_of(farm.folder),
        farm.folder.settings.calibration.required,
    )
