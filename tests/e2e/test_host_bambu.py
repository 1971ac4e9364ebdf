"""Bambu's driver on a real MQTT broker and a real FTPS server, both in TLS: the wire only."""

from __future__ import annotations

import dataclasses
import io
import zipfile
from typing import Any

import pytest

from printstd.adapters.hosts.bambu import ABILITIES, PLATE, Bambu
from printstd.adapters.hosts.bambu_ftps import ImplicitFtps
from printstd.adapters.hosts.opening import open_host
from printstd.artifacts.host import HostFile, HostRun, HostState, HostStatus, RunOutcome
from printstd.errors import HostRefused, HostSilent, HostUnsure, UsageError
from tests.e2e.host_contract import ODD, HostContract, Subject, ended, until
from tests.hosts.bambu import CODE, SERIAL, Wire, bambu, certificate


def carrier(data: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(zipfile.ZipInfo(PLATE), data)
    return made.getvalue()


class InCarriers:
    """The contract's programs, each in the file that this printer takes."""

    def __init__(self, host: Bambu) -> None:
        self.host, self.abilities = host, host.abilities

    def __getattr__(self, name: str) -> Any:
        return getattr(self.host, name)

    def upload(self, name: str, data: bytes) -> None:
        self.host.upload(name + ".3mf", carrier(data))

    def download(self, name: str) -> bytes:
        with zipfile.ZipFile(io.BytesIO(self.host.download(name + ".3mf"))) as archive:
            return archive.read(PLATE)

    def file(self, name: str) -> HostFile | None:
        told = self.host.file(name + ".3mf")
        return told and dataclasses.replace(told, name=name, size=None)

    def delete(self, name: str) -> None:
        self.host.delete(name + ".3mf")

    def start(self, name: str) -> None:
        self.host.start(name + ".3mf")

    def status(self) -> HostStatus:
        status = self.host.status()
        return dataclasses.replace(status, file=status.file and status.file.removesuffix(".3mf"))

    def runs(self) -> tuple[HostRun, ...]:
        return tuple(
            dataclasses.replace(run, file=run.file.removesuffix(".3mf")) for run in self.host.runs()
        )


class BambuSubject(Subject):
    kind = "bambu"
    long = b"; long\nG28\n"
    short = b"G28\n"
    free = (HostState.ERROR,)

    def __init__(self, wire: Wire) -> None:
        self.wire, self.port = wire, wire.mqtt_port
        self.secrets = {"access_code": CODE, "certificate": wire.certificate}

    def plain(self, **secrets: str) -> Bambu:
        return Bambu(
            "127.0.0.1",
            SERIAL,
            {**self.secrets, **secrets},
            mqtt_port=self.wire.mqtt_port,
            ftps_port=self.wire.ftps_port,
            act_s=3.0,
        )

    def open(self, **_: Any) -> InCarriers:
        return InCarriers(self.plain())

    def counted(self, file: str) -> int:
        return self.wire.begun.count(file + ".3mf")


@pytest.fixture(scope="module")
def subject(tmp_path_factory: pytest.TempPathFactory):
    with bambu(tmp_path_factory.mktemp("bambu")) as wire:
        yield BambuSubject(wire)


class TestBambu(HostContract):
    def test_the_carrier_comes_back_byte_for_byte(self, subject: BambuSubject, host: InCarriers):
        data = carrier(ODD)
        host.host.upload("exact.gcode.3mf", data)
        told = host.host.file("exact.gcode.3mf")
        assert told is not None
        assert told.size == len(data)
        assert host.host.download("exact.gcode.3mf") == data
        stored = subject.wire.folder / "files" / "exact.gcode.3mf"
        assert stored.read_bytes() == data

    def test_what_only_changed_is_merged_into_what_was_told(self, host: InCarriers):
        status = host.status()
        heaters = {heater.name: heater.celsius for heater in status.heaters}
        assert heaters == {"bed": 24.0, "tool0": 25.5}
        assert (status.fan_ratio, status.speed_ratio) == (1.0, 1.0)

    def test_a_file_without_a_plate_is_not_sent(self, subject: BambuSubject, host: InCarriers):
        for data in (b"G28\n", carrier(b"")[:20]):
            with pytest.raises(HostRefused, match="3MF"):
                host.host.upload("plain.gcode.3mf", data)
        assert not (subject.wire.folder / "files" / "plain.gcode.3mf").exists()

    def test_a_file_that_was_replaced_is_started_by_its_own_digest(
        self, subject: BambuSubject, host: InCarriers
    ):
        host.upload("swapped.gcode", b"; long\n")
        stored = subject.wire.folder / "files" / "swapped.gcode.3mf"
        stored.write_bytes(carrier(b"; long, and other\n"))
        host.start("swapped.gcode")
        # The peer compares it with what it has.
        assert host.status().state is HostState.PRINTING
        host.cancel()

    def test_the_need_of_developer_mode_is_told_before_anything_is_sent(self):
        assert "Developer Mode" in ABILITIES.notice
        assert ABILITIES.proven == "wire"
        assert ABILITIES.carrier == "gcode.3mf"

    def test_a_start_that_is_dropped_is_unsure_and_says_why(
        self, subject: BambuSubject, host: InCarriers
    ):
        host.upload("dropped.gcode", subject.short)
        subject.wire.is_open = False
        try:
            with pytest.raises(HostUnsure, match="Developer Mode") as told:
                host.start("dropped.gcode")
            assert "nothing followed" in str(told.value)
            subject.wire.answers = True
            with pytest.raises(HostRefused, match="Developer Mode") as refused:
                host.start("dropped.gcode")
            assert "verify failed" in str(refused.value)
        finally:
            subject.wire.is_open, subject.wire.answers = True, False
        assert subject.counted("dropped.gcode") == 0
        assert host.status().state is not HostState.PRINTING

    def test_a_printer_that_says_it_is_closed_gets_no_file(
        self, subject: BambuSubject, host: InCarriers
    ):
        host.status()
        subject.wire.report(fun="3EC18FFF")
        until(lambda: host.host._told.get("fun") == "3EC18FFF")
        try:
            for act in (host.upload, lambda name, _: host.start(name)):
                with pytest.raises(HostRefused, match="Developer Mode"):
                    act("closed.gcode", b"G28\n")
        finally:
            subject.wire.report(fun="0")
            until(lambda: host.host._told.get("fun") == "0")
        assert not (subject.wire.folder / "files" / "closed.gcode.3mf").exists()

    def test_a_data_channel_goes_on_with_the_session_of_its_control_channel(
        self, host: InCarriers, monkeypatch: pytest.MonkeyPatch
    ):
        seen = []
        plain = ImplicitFtps.ntransfercmd

        def looked_at(ftp: ImplicitFtps, *args: Any) -> Any:
            connection, size = plain(ftp, *args)
            seen.append(connection.session_reused)
            return connection, size

        monkeypatch.setattr(ImplicitFtps, "ntransfercmd", looked_at)
        host.upload("reused.gcode", ODD)
        host.download("reused.gcode")
        assert seen == [True, True]

    def test_another_certificate_is_another_printer(self, subject: BambuSubject, tmp_path):
        other = certificate(tmp_path, SERIAL).with_suffix(".crt").read_text()
        named = certificate(tmp_path, "01S00C999999999").with_suffix(".crt").read_text()
        for pem in (other, named):
            stranger = subject.plain(certificate=pem)
            with pytest.raises(HostRefused, match="pinned"):
                stranger.status()
            with pytest.raises(HostRefused, match="pinned"):
                stranger.file("x.gcode.3mf")
            stranger.close()

    def test_the_serial_number_must_be_the_certificate_s(self, subject: BambuSubject):
        wire = subject.wire
        stranger = Bambu("127.0.0.1", "01S00C0", subject.secrets, mqtt_port=wire.mqtt_port)
        with pytest.raises(HostRefused, match="pinned"):
            stranger.status()
        stranger.close()

    def test_a_wrong_access_code_is_a_refusal(self, subject: BambuSubject):
        stranger = subject.plain(access_code="00000000")
        with pytest.raises(HostRefused, match="access code"):
            stranger.status()
        with pytest.raises(HostRefused, match="access code"):
            stranger.download("x.gcode.3mf")
        stranger.close()

    def test_killed_it_is_silent_and_works_again_afterwards(
        self, subject: BambuSubject, host: InCarriers
    ):
        host.upload("before.gcode", ODD)
        subject.wire.kill()
        try:
            until(lambda: not host.host._client.is_connected())
            for act in (host.status, host.runs, lambda: host.download("before.gcode")):
                with pytest.raises(HostSilent):
                    act()
            with pytest.raises(HostSilent):
                host.start("before.gcode")
        finally:
            subject.wire.begin()
        assert host.status().state in (HostState.IDLE, HostState.ERROR)
        assert host.download("before.gcode") == ODD


def test_an_address_and_its_secrets_are_checked_before_anything(subject: BambuSubject, tmp_path):
    address = f"bambu://127.0.0.1?serial={SERIAL}&mqtt={subject.wire.mqtt_port}"
    host = open_host(address, subject.secrets, folder=tmp_path)
    assert host.status().state is not HostState.OFFLINE
    host.close()
    for secrets in ({}, {"access_code": CODE}, {"access_code": CODE, "certificate": "none"}):
        with pytest.raises(UsageError):
            open_host(address, secrets, folder=tmp_path)


def test_a_print_that_ends_by_itself_is_complete(subject: BambuSubject):
    host = subject.open()
    host.upload("end.gcode", subject.short)
    host.start("end.gcode")
    assert ended(host, "end.gcode").outcome is RunOutcome.COMPLETED
    host.close()
