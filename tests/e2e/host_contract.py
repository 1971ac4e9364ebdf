"""What is asked of every driver, on the real server: one list of predicates for all of them.

What a server did is counted by its own interface (`Subject.counted`), not through the driver.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from printstd.adapters.hosts.opening import open_host
from printstd.artifacts.host import HostRun, HostState, RunOutcome
from printstd.errors import HostRefused, HostSilent, HostUnsure
from printstd.farm.host import Host
from tests.hosts.cutting import wire

ODD = "; é ü ж\r\nG28\r\nG90\n\n;".encode() + b"x" * 3000 + b"\nM105 ;no end of line"
"""CRLF, UTF-8, a long comment and no final newline."""


def moves(count: int, *, feed: int = 6000) -> bytes:
    return b"G28\nG90\n" + b"".join(
        b"G1 X%d Y%d F%d\n" % (i % 100, i % 50, feed) for i in range(count)
    )


PATIENT_S = 120.0
"""What is waited for comes in a second or two; on a machine that does much else besides, later."""


def until(what: Callable[[], bool], seconds: float = PATIENT_S) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "not so in time"
        time.sleep(0.05)


def stands_still(what: Callable[[], object]) -> bool:
    """For half a second. What was on its way when somebody said stop may still come."""
    before = what()
    time.sleep(0.5)
    return what() == before


class Subject:
    """A server with what differs between kinds. long, short : programs that print for many
    seconds, and for long enough to be seen. wrong : secrets that it does not know; None where it
    asks for none."""

    kind: str
    port: int
    secrets: Mapping[str, str]
    wrong: Mapping[str, str] | None = None
    long: bytes
    short: bytes
    end_s: float = PATIENT_S
    free: tuple[HostState, ...] = (HostState.IDLE,)
    """After a print that was cancelled."""

    def open(self, *, port: int | None = None, secrets: Mapping[str, str] | None = None) -> Host:
        address = f"{self.kind}+http://127.0.0.1:{port or self.port}"
        return open_host(
            address, self.secrets if secrets is None else secrets, folder=Path("/nowhere")
        )

    def counted(self, file: str) -> int:
        """Prints of this file that began, by the server's own interface."""
        raise NotImplementedError

    def kill(self) -> None:
        """As if it lost its power."""
        raise NotImplementedError

    def begin(self) -> None:
        """It comes up again, and is waited for."""
        raise NotImplementedError

    def is_start(self, request: bytes) -> bool:
        """Whether this first line of a request begins a print."""
        raise NotImplementedError

    def is_upload(self, request: bytes) -> bool:
        raise NotImplementedError


def ended(host: Host, file: str, seconds: float = PATIENT_S) -> HostRun:
    """The last run of a file, when it is over."""

    def last() -> HostRun | None:
        found = [run for run in host.runs() if run.file == file]
        return found[-1] if found and found[-1].outcome is not RunOutcome.RUNNING else None

    until(lambda: last() is not None, seconds)
    run = last()
    assert run is not None
    return run


class HostContract:
    """Give it a fixture `subject`, begun once for a module."""

    @pytest.fixture
    def host(self, subject: Subject):
        host = subject.open()
        yield host
        state = host.status().state
        if state in (HostState.PRINTING, HostState.PAUSED):
            host.cancel()
        until(
            lambda: host.status().state in (HostState.IDLE, HostState.ERROR, HostState.OFFLINE),
            subject.end_s,
        )
        host.close()

    def test_stored_bytes_come_back_whole(self, host: Host):
        for data in (ODD, b"G28\n", ODD + b"\r\n\r\n"):
            host.upload("odd.gcode", data)
            assert host.download("odd.gcode") == data
            told = host.file("odd.gcode")
            assert told is not None
            assert told.size in (len(data), None)
            if told.digest is not None:
                import hashlib

                kind, _, digest = told.digest.partition(":")
                assert kind == host.abilities.digests
                assert hashlib.new(kind, data).hexdigest() == digest

    def test_what_is_not_there_is_told_as_such(self, host: Host):
        assert host.file("absent.gcode") is None
        with pytest.raises(HostRefused):
            host.download("absent.gcode")
        with pytest.raises(HostRefused):
            host.start("absent.gcode")
        host.upload("gone.gcode", ODD)
        host.delete("gone.gcode")
        until(lambda: host.file("gone.gcode") is None)

    @pytest.mark.parametrize("name", ["a/b.gcode", "../x.gcode", "ü.gcode", "x.stl", ".gcode", ""])
    def test_a_name_that_would_change_is_refused(self, host: Host, name: str):
        with pytest.raises(HostRefused, match="unchanged"):
            host.upload(name, ODD)

    def test_a_print_pauses_resumes_and_is_cancelled(self, subject: Subject, host: Host):
        host.upload("long.gcode", subject.long)
        host.start("long.gcode")
        status = host.status()
        assert (status.state, status.file) == (HostState.PRINTING, "long.gcode")
        if status.run_id is not None:
            assert [run.outcome for run in host.runs() if run.run_id == status.run_id] == [
                RunOutcome.RUNNING
            ]
        host.pause()
        until(lambda: host.status().state is HostState.PAUSED)
        until(lambda: stands_still(lambda: host.status().progress_ratio))
        assert host.status().state is HostState.PAUSED
        with pytest.raises(HostRefused):
            host.pause()
        host.resume()
        until(lambda: host.status().state is HostState.PRINTING)
        with pytest.raises(HostRefused):
            host.resume()
        host.cancel()
        until(lambda: host.status().state in subject.free)
        run = ended(host, "long.gcode")
        assert run.outcome in (RunOutcome.CANCELLED, RunOutcome.STOPPED)
        for act in (host.pause, host.resume, host.cancel):
            with pytest.raises(HostRefused):
                act()

    def test_a_print_in_progress_is_not_disturbed(self, subject: Subject, host: Host):
        host.upload("other.gcode", ODD)
        host.upload("kept.gcode", subject.long)
        host.start("kept.gcode")
        with pytest.raises(HostRefused):
            host.start("other.gcode")
        with pytest.raises(HostRefused):
            host.start("kept.gcode")
        with pytest.raises(HostRefused):
            host.upload("kept.gcode", ODD)
        status = host.status()
        assert (status.state, status.file) == (HostState.PRINTING, "kept.gcode")
        assert host.download("kept.gcode") == subject.long

    def test_a_print_that_ends_is_counted_once(self, subject: Subject, host: Host):
        host.upload("short.gcode", subject.short)
        before = subject.counted("short.gcode")
        host.start("short.gcode")
        assert ended(host, "short.gcode", subject.end_s).outcome is RunOutcome.COMPLETED
        until(lambda: host.status().state is HostState.IDLE)
        assert subject.counted("short.gcode") == before + 1


class NetworkContract(HostContract):
    """What can happen on the way to a server, beside what is asked of every host."""

    def test_a_start_without_an_answer_is_unsure_and_was_done(self, subject: Subject, host: Host):
        host.upload("cut.gcode", subject.long)
        before = subject.counted("cut.gcode")
        with wire(subject.port) as cut:
            cut.drops = subject.is_start
            far = subject.open(port=cut.port)
            with pytest.raises(HostUnsure):
                far.start("cut.gcode")
            far.close()
            assert cut.lost == 1
        until(lambda: host.status().state is HostState.PRINTING)
        assert host.status().file == "cut.gcode"
        host.cancel()
        until(lambda: host.status().state is HostState.IDLE)
        until(lambda: subject.counted("cut.gcode") == before + 1)

    def test_silence_after_a_start_was_taken_is_no_silence(
        self, subject: Subject, host: Host, monkeypatch: pytest.MonkeyPatch
    ):
        host.upload("taken.gcode", subject.long)
        before = subject.counted("taken.gcode")
        monkeypatch.setattr(f"printstd.adapters.hosts.{subject.kind}._SEEN_S", 1.0)
        with wire(subject.port) as cut:
            told: list[bytes] = []

            def drops(request: bytes) -> bool:
                """The answer to the start arrives, and none that follows."""
                was_told = bool(told)
                if subject.is_start(request):
                    told.append(request)
                return was_told

            cut.drops = drops
            far = subject.open(port=cut.port)
            with pytest.raises(HostUnsure):
                far.start("taken.gcode")
            far.close()
            assert len(told) == 1
        until(lambda: host.status().file == "taken.gcode")
        host.cancel()
        until(lambda: host.status().state in subject.free)
        until(lambda: subject.counted("taken.gcode") == before + 1)

    def test_an_upload_without_an_answer_is_unsure_and_was_done(self, subject: Subject, host: Host):
        with wire(subject.port) as cut:
            cut.drops = subject.is_upload
            far = subject.open(port=cut.port)
            with pytest.raises(HostUnsure):
                far.upload("unsure.gcode", ODD)
            far.close()
        until(lambda: host.file("unsure.gcode") is not None)
        assert host.download("unsure.gcode") == ODD

    def test_a_question_without_an_answer_is_silence(self, subject: Subject):
        with wire(subject.port) as cut:
            cut.drops = lambda request: True
            far = subject.open(port=cut.port)
            with pytest.raises(HostSilent):
                far.status()
            far.close()

    def test_a_key_that_it_does_not_know_is_a_refusal(self, subject: Subject):
        if subject.wrong is None:
            pytest.skip("its address is trusted here: see the test of its own")
        stranger = subject.open(secrets=subject.wrong)
        for act in (stranger.status, lambda: stranger.upload("stranger.gcode", ODD)):
            with pytest.raises(HostRefused, match=r"key|password"):
                act()
        stranger.close()

    def test_killed_it_is_silent_and_works_again_afterwards(self, subject: Subject, host: Host):
        host.upload("before.gcode", ODD)
        subject.kill()
        try:
            for act in (
                host.status,
                host.runs,
                lambda: host.upload("x.gcode", ODD),
                lambda: host.start("before.gcode"),
                lambda: host.download("before.gcode"),
            ):
                with pytest.raises(HostSilent):
                    act()
        finally:
            subject.begin()
        until(lambda: host.status().state is HostState.IDLE)
        assert host.download("before.gcode") == ODD
        assert host.file("x.gcode") is None
