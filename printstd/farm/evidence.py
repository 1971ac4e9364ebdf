"""What a host shows of a program that it was, or may have been, told to print.

Every attempt has a file name of its own at the host, so whatever is found under it is that attempt
and nothing else. Sources, strongest first: the host's own history, then what it says of itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from printstd.artifacts.host import HostRun, HostState, HostStatus, RunOutcome
from printstd.farm.states import Event
from printstd.words import said

_ENDED = {
    RunOutcome.COMPLETED: Event.SEEN_COMPLETED,
    RunOutcome.CANCELLED: Event.SEEN_CANCELLED,
    RunOutcome.FAILED: Event.SEEN_FAILED,
    RunOutcome.STOPPED: Event.SEEN_FAILED,
    RunOutcome.UNKNOWN: Event.INTERRUPTED,
}
_ALL = 0.9995


class Evidence(NamedTuple):
    """event : None where nothing shows that it ever began. reason : of an end that is not good."""

    event: Event | None
    reason: str = ""
    run_id: str = ""


def attempt_file(program_sha256: str, farm: str, instance: int, attempt: int) -> str:
    """The name at the host: ASCII, unique for ever. farm : the farm's own few letters."""
    return f"{program_sha256[:8]}-{farm}{instance}-{attempt}.gcode"


def is_file(told: str | None, file: str) -> bool:
    """Hosts tell a name with or without the folder that it lies in."""
    return told is not None and (told == file or told.endswith("/" + file))


def evidence(
    file: str, status: HostStatus, runs: Sequence[HostRun], *, was_told_to_stop: bool = False
) -> Evidence:
    """What this look at the host says of the attempt called `file`.

    was_told_to_stop : the farm asked for a cancel: an end that the host does not name is that.
    """
    is_here = is_file(status.file, file)
    if is_here and status.state is HostState.PRINTING:
        return Evidence(Event.SEEN_PRINTING, run_id=status.run_id or "")
    if is_here and status.state is HostState.PAUSED:
        return Evidence(Event.SEEN_PAUSED, run_id=status.run_id or "")
    own = [run for run in runs if is_file(run.file, file)]
    ended = [run for run in own if run.outcome is not RunOutcome.RUNNING]
    if ended:
        last = ended[-1]
        event = _ENDED[last.outcome]
        if was_told_to_stop and last.outcome in (RunOutcome.STOPPED, RunOutcome.UNKNOWN):
            event = Event.SEEN_CANCELLED
        return Evidence(event, _reason(event, status), last.run_id)
    if own and status.state in (HostState.PRINTING, HostState.PAUSED):
        # Its history says that it runs, it says that something runs, and names no file.
        if status.file is None:
            is_paused = status.state is HostState.PAUSED
            event = Event.SEEN_PAUSED if is_paused else Event.SEEN_PRINTING
            return Evidence(event, run_id=own[-1].run_id)
        return Evidence(Event.INTERRUPTED, said("the host prints another file"), own[-1].run_id)
    if own:
        # It runs by its history, and the machine stands: that is for whoever looks again to tell.
        return Evidence(Event.INTERRUPTED, _reason(Event.INTERRUPTED, status), own[-1].run_id)
    if is_here and status.state is HostState.ERROR:
        return Evidence(Event.SEEN_FAILED, _reason(Event.SEEN_FAILED, status))
    progress = status.progress_ratio or 0.0
    if is_here and status.state is HostState.IDLE and progress > 0.0:
        is_whole = progress >= _ALL
        event = Event.SEEN_COMPLETED if is_whole else Event.INTERRUPTED
        return Evidence(event, "" if is_whole else _reason(event, status))
    return Evidence(None)


def _reason(event: Event, status: HostStatus) -> str:
    if event is Event.SEEN_COMPLETED:
        return ""
    if event is Event.SEEN_CANCELLED:
        return said("cancelled")
    if status.message:
        return said("the host says: {message}", message=status.message)
    if event is Event.SEEN_FAILED:
        return said("the host says that it failed, and not why")
    return said("it prints no more, and the host does not tell how it ended")
