"""Duet's driver against a peer that speaks its published interface: the wire only."""

from __future__ import annotations

import pytest

from printstd.errors import HostRefused
from printstd.farm.host import Host
from tests.e2e.host_contract import NetworkContract, Subject, moves, until
from tests.hosts.duet import Duet, duet


class DuetSubject(Subject):
    kind = "duet"
    long = moves(5000)
    short = moves(200)

    def __init__(self, peer: Duet) -> None:
        self.peer, self.port = peer, peer.port
        self.secrets, self.wrong = {"password": "opensesame"}, {"password": "reprap"}

    def counted(self, file: str) -> int:
        return self.peer.begun.count(f"0:/gcodes/{file}")

    def kill(self) -> None:
        self.peer.stop()

    def begin(self) -> None:
        self.peer.start()

    def is_start(self, request: bytes) -> bool:
        return b"M32" in request or request.startswith(b"POST /machine/code")

    def is_upload(self, request: bytes) -> bool:
        return request.startswith((b"POST /rr_upload", b"PUT /machine/file/"))


@pytest.fixture(scope="module", params=[False, True], ids=["alone", "on-a-computer"])
def subject(request: pytest.FixtureRequest):
    with duet(is_on_computer=request.param, password="opensesame") as peer:
        yield DuetSubject(peer)


class TestDuet(NetworkContract):
    def test_every_session_is_given_back(self, subject: DuetSubject, host: Host):
        subject.peer.most_sessions = 0
        for _ in range(20):
            host.status()
        until(lambda: not subject.peer.sessions)
        assert subject.peer.most_sessions == 1

    def test_it_is_labelled_as_tried_on_the_wire_only(self, host: Host):
        assert host.abilities.proven == "wire"
        assert not host.abilities.history

    def test_heaters_are_named_by_what_they_heat(self, host: Host):
        told = {heater.name: (heater.celsius, heater.target_c) for heater in host.status().heaters}
        assert told == {"bed": (60.1, 60.0), "tool0": (24.0, 0.0)}


def test_no_session_left_is_a_refusal():
    with duet(is_on_computer=False, password="opensesame") as peer:
        subject = DuetSubject(peer)
        for _ in range(3):
            peer.enter("opensesame")
        host = subject.open()
        with pytest.raises(HostRefused, match="sessions"):
            host.status()
        host.close()
