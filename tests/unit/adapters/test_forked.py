"""Forks end with the call that began them."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

from printstd.adapters import forked

pytestmark = pytest.mark.skipif(not hasattr(os, "memfd_create"), reason="forks need Linux")


def ours_waits_and_theirs_lasts(parent: int, _: int) -> int:
    """This process takes its task when the fork has one, and is done at once."""
    time.sleep(0.3 if os.getpid() == parent else 60.0)
    return os.getpid()


def children() -> str:
    return Path(f"/proc/self/task/{threading.get_native_id()}/children").read_text()


@pytest.mark.skipif(sys.platform != "linux", reason="children are read from /proc")
def test_no_fork_outlives_a_call_that_is_stopped_while_it_waits_for_one() -> None:
    """Ctrl-C when this process has done its share: forks themselves do not hear it."""
    before = children()
    # What Ctrl-C does, by a signal that a suite in a shell's background hears too.
    heard = signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_REAL, 1.5)
    try:
        with pytest.raises(KeyboardInterrupt):
            forked.run(ours_waits_and_theirs_lasts, os.getpid(), [0, 1], workers=2, order=[0, 1])
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, heard)
    assert children() == before
