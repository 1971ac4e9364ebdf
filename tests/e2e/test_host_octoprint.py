"""OctoPrint's driver against OctoPrint."""

from __future__ import annotations

import signal
import time

import pytest

from printstd.artifacts.host import HostState, RunOutcome
from printstd.errors import HostSilent
from printstd.farm.host import Host
from tests.e2e.host_contract import NetworkContract, Subject, ended, moves, until
from tests.hosts.octoprint import OctoPrint, octoprint


class OctoPrintSubject(Subject):
    kind = "octoprint"
    long = moves(3000, feed=600)
    short = moves(200)

    def __init__(self, server: OctoPrint) -> None:
        self.server, self.port = server, server.port
        self.secrets, self.wrong = {"key": server.key}, {"key": "F" * 32}

    def counted(self, file: str) -> int:
        status, told = self.server.ask(f"/api/files/local/{file}?force=true")
        assert status == 200
        prints = told.get("prints") or {}
        return prints.get("success", 0) + prints.get("failure", 0)

    def kill(self) -> None:
        self.server.process.stop(signal.SIGKILL)

    def begin(self) -> None:
        self.server.process.start()
        self.server.wait()

    def is_start(self, request: bytes) -> bool:
        return request.startswith(b"POST /api/files/local/")

    def is_upload(self, request: bytes) -> bool:
        return request.startswith(b"POST /api/files/local ")


@pytest.fixture(scope="module")
def subject(tmp_path_factory: pytest.TempPathFactory):
    with octoprint(tmp_path_factory.mktemp("octoprint")) as server:
        yield OctoPrintSubject(server)


class TestOctoPrint(NetworkContract):
    def test_an_error_of_the_board_ends_the_print_and_is_told(
        self, subject: OctoPrintSubject, host: Host
    ):
        host.upload("dies.gcode", subject.long)
        host.start("dies.gcode")
        subject.server.ask(
            "/api/printer/command",
            method="POST",
            json_body={"command": "!!DEBUG:trigger_fatal_error_marlin"},
        )
        until(lambda: host.status().state is HostState.OFFLINE)
        assert "Thermal Runaway" in host.status().message
        assert ended(host, "dies.gcode").outcome is RunOutcome.STOPPED
        subject.server.ask(
            "/api/connection", method="POST", json_body={"command": "connect", "port": "VIRTUAL"}
        )
        until(lambda: host.status().state is HostState.IDLE)

    def test_a_file_s_counts_tell_which_print_ended_how_only_where_it_is_known(
        self, subject: OctoPrintSubject, host: Host
    ):
        host.upload("counted.gcode", subject.short)
        for number in range(1, 3):
            host.start("counted.gcode")
            until(lambda number=number: subject.counted("counted.gcode") == number)
            until(lambda: host.status().state is HostState.IDLE)
        runs = [run for run in host.runs() if run.file == "counted.gcode"]
        assert [run.run_id for run in runs] == ["counted.gcode#1", "counted.gcode#2"]
        assert {run.outcome for run in runs} == {RunOutcome.COMPLETED}
        assert runs[-1].ended_utc_s == pytest.approx(time.time(), abs=60)

    def test_a_server_that_only_begins_is_silent(self, subject: OctoPrintSubject, host: Host):
        subject.kill()
        subject.server.process.start()
        seen = set()
        while True:
            try:
                if host.status().state is HostState.IDLE:
                    break
            except HostSilent:
                seen.add("silent")
            time.sleep(0.02)
        assert seen == {"silent"}
