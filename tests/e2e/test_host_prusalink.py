"""PrusaLink's driver against PrusaLink, which prints on a virtual MK3S."""

from __future__ import annotations

import signal

import pytest

from printstd.artifacts.host import HostState, RunOutcome
from printstd.farm.host import Host
from tests.e2e.host_contract import ODD, NetworkContract, Subject, ended, moves, until
from tests.hosts.prusalink import PrusaLink, prusalink


class PrusaLinkSubject(Subject):
    kind = "prusalink"
    long = moves(3000, feed=600)
    # It wants to be seen printing: the virtual nozzle takes two seconds for this.
    short = b"M109 S40\n" + moves(100)

    def __init__(self, server: PrusaLink) -> None:
        self.server, self.port = server, server.port
        self.secrets, self.wrong = {"key": server.key}, {"key": "0" * 16}

    def counted(self, file: str) -> int:
        # Of whatever file: the board is not told its name.
        log = (self.server.folder / "serial" / "virtual_printer.log").read_text(errors="replace")
        return log.count("a print begins")

    def kill(self) -> None:
        self.server.process.stop(signal.SIGKILL)

    def begin(self) -> None:
        self.server.begin()

    def is_start(self, request: bytes) -> bool:
        return request.startswith(b"POST /api/v1/files/")

    def is_upload(self, request: bytes) -> bool:
        return request.startswith(b"PUT /api/v1/files/")


@pytest.fixture(scope="module")
def subject():
    with prusalink() as server:
        yield PrusaLinkSubject(server)


class TestPrusaLink(NetworkContract):
    def test_a_user_s_password_does_what_a_key_does(self, subject: PrusaLinkSubject, host: Host):
        user, password = subject.server.user, subject.server.password
        person = subject.open(secrets={"user": user, "password": password})
        person.upload("person.gcode", ODD)
        assert person.download("person.gcode") == ODD
        person.upload("long.gcode", subject.long)
        person.start("long.gcode")
        until(lambda: host.status().state is HostState.PRINTING)
        person.cancel()
        until(lambda: host.status().state is HostState.IDLE)
        person.close()

    def test_an_error_of_the_board_ends_the_print_and_is_told(self):
        # A server of its own: one that saw its board die takes half a minute to start again.
        fatal = b"!!DEBUG:trigger_fatal_error_marlin\n"
        with prusalink() as server:
            subject = PrusaLinkSubject(server)
            host = subject.open()
            host.upload("dies.gcode", moves(200) + fatal + subject.long)
            host.start("dies.gcode")
            until(lambda: host.status().state is HostState.ERROR)
            assert ended(host, "dies.gcode").outcome is RunOutcome.FAILED
            host.close()
