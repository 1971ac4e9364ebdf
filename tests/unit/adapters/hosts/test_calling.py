"""Which failure is which: silent, refused, unsure. Against a server that fails as it is told."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from printstd.adapters.hosts.calling import Caller, shortened, shown
from printstd.adapters.hosts.names import stored_name
from printstd.adapters.hosts.opening import open_host
from printstd.errors import HostRefused, HostSilent, HostUnsure, OutsideError, UsageError
from printstd.words import Said, said


@contextmanager
def server(answer: bytes, *, is_cut: bool = False, pem: Path | None = None) -> Iterator[str]:
    """Answers every request so; `is_cut` closes when it has read one; `pem` speaks TLS."""
    context = None
    if pem is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            with near, suppress(OSError):
                if context is not None:
                    near = context.wrap_socket(near, server_side=True)
                with near:
                    near.recv(65536)
                    if not is_cut:
                        near.sendall(answer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        kind = "http" if pem is None else "https"
        yield f"{kind}://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


def http(status: int, body: bytes = b"", *, claimed: int | None = None) -> bytes:
    length = len(body) if claimed is None else claimed
    return b"HTTP/1.1 %d X\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (
        status,
        length,
        body,
    )


def called(url: str, *, changes: bool) -> OutsideError:
    caller = Caller(url, words_of=lambda answer: answer.text, answer_s=1.0)
    try:
        with pytest.raises(OutsideError) as told:
            caller.change("POST", "/x", content=b"data") if changes else caller.read("/x")
    finally:
        caller.close()
    return told.value


@pytest.mark.parametrize(
    ("answer", "asked", "told"),
    [
        (http(400, b"no"), HostRefused, HostRefused),
        (http(404, b"no"), HostRefused, HostRefused),
        (http(409, b"no"), HostRefused, HostRefused),
        (http(302), HostRefused, HostRefused),
        (http(503, b"busy"), HostRefused, HostRefused),
        # Something behind it broke: it may have been done by then.
        (http(500, b"oops"), HostSilent, HostUnsure),
        (http(502), HostSilent, HostUnsure),
        (http(504), HostSilent, HostUnsure),
        (http(200, b"half", claimed=999), HostSilent, HostUnsure),
        (b"nonsense\r\n\r\n", HostSilent, HostUnsure),
    ],
)
def test_an_answer_is_a_refusal_or_leaves_it_open(
    answer: bytes, asked: type[OutsideError], told: type[OutsideError]
):
    with server(answer) as url:
        assert type(called(url, changes=False)) is asked
        assert type(called(url, changes=True)) is told


def test_no_answer_is_silence_to_a_question_and_leaves_an_order_open():
    with server(b"", is_cut=True) as url:
        assert type(called(url, changes=False)) is HostSilent
        assert type(called(url, changes=True)) is HostUnsure


def test_nobody_there_is_silence_to_both():
    with server(b"") as url:
        pass
    assert type(called(url, changes=False)) is HostSilent
    assert type(called(url, changes=True)) is HostSilent


def test_only_a_key_is_blamed_on_a_key():
    with server(http(401, b"no")) as url:
        assert "key" in str(called(url, changes=True))
    with server(http(409, b"no")) as url:
        assert "key" not in str(called(url, changes=True))


def test_a_host_s_words_are_one_line_without_what_moves_a_terminal():
    assert shortened("a\x1b[2J\n b\r\tc") == "a [2J b c"
    assert len(shortened("x" * 5000)) == 300
    assert shortened(OSError(2, "No such file", "/dev/x")) == "[Errno 2] No such file: '/dev/x'"


def test_our_own_words_stay_such_as_can_be_translated():
    words = said("line {number} again", number=3)
    for told in (words, OSError(words)):
        kept = shortened(told)
        assert isinstance(kept, Said)
        assert kept.template == words.template


def test_what_was_told_is_never_silence_afterwards():
    def broken() -> bool:
        raise HostSilent("gone")

    with pytest.raises(HostUnsure):
        shown("here", broken, seconds=0.05, every_s=0.01)
    shown("here", lambda: True, seconds=0.05)


@pytest.mark.parametrize("kind", ["octoprint", "moonraker", "prusalink", "duet"])
@pytest.mark.parametrize("body", [b"<html>a router</html>", b"[]", b'{"result": 3}', b"null"])
def test_whatever_else_answers_is_told_and_gets_nothing(kind: str, body: bytes, tmp_path: Path):
    with server(http(200, body)) as url:
        host = open_host(f"{kind}+{url}", {}, folder=tmp_path)
        for act in (
            host.status,
            lambda: host.start("a.gcode"),
            lambda: host.upload("a.gcode", b"G28\n"),
        ):
            with pytest.raises(HostRefused):
                act()
        host.close()


@pytest.mark.parametrize(
    "address",
    [
        "",
        "octoprint",
        "http://127.0.0.1",
        "octoprint+ftp://127.0.0.1",
        "octoprint+http://",
        "octoprint+http://127.0.0.1:port",
        "other+http://127.0.0.1",
        "serial://",
        "serial://host/dev/ttyUSB0",
        "serial:///dev/ttyUSB0?baud=fast",
        "serial:///dev/ttyUSB0?reset=often",
        "serial:///dev/ttyUSB0?speed=1",
        "bambu://192.0.2.1",
        "bambu://192.0.2.1:8883?serial=1",
        "bambu://192.0.2.1?serial=1&ams=x",
    ],
)
def test_what_is_no_address_is_said_to_be_none(address: str, tmp_path: Path):
    with pytest.raises(UsageError, match="not the address"):
        open_host(address, {"access_code": "1"}, folder=tmp_path)


@pytest.mark.parametrize("host", ["exa mple", "\u0130" * 70, "[::1", "a..b", "-", "x" * 300])
def test_a_name_that_no_network_knows_is_silent_or_no_address(host: str, tmp_path: Path):
    def asked() -> None:
        host_there = open_host(f"octoprint+http://{host}", {}, folder=tmp_path)
        try:
            host_there.status()
        finally:
            host_there.close()

    with pytest.raises((UsageError, HostSilent, HostRefused)):
        asked()


def test_a_key_s_line_end_is_no_part_of_it_and_a_broken_key_is_not_shown(tmp_path: Path):
    with server(http(403)) as url:
        host = open_host(f"octoprint+{url}", {"key": "abc\n"}, folder=tmp_path)
        with pytest.raises(HostRefused):
            host.status()
        host.close()
    with pytest.raises(UsageError) as told:
        open_host(f"octoprint+{url}", {"key": "hunter\r\n2"}, folder=tmp_path)
    assert "hunter" not in str(told.value)


def certificate(folder: Path) -> Path:
    """Self-signed, for 127.0.0.1, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "farm")])
    here = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(here, critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = folder / "farm.pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


def test_https_trusts_the_one_certificate_that_was_given(tmp_path: Path):
    pem = certificate(tmp_path)
    with server(http(200, b"{}"), pem=pem) as url:
        assert url.startswith("https:")
        pinned = Caller(url, words_of=lambda answer: "", certificate=pem.read_text())
        assert pinned.read("/").json() == {}
        pinned.close()
        assert type(called(url, changes=True)) is HostSilent


def test_a_secret_in_an_address_is_refused_and_not_repeated(tmp_path: Path):
    with pytest.raises(UsageError) as told:
        open_host("octoprint+http://farm:hunter2@192.0.2.1", {}, folder=tmp_path)
    assert "hunter2" not in str(told.value)


@pytest.mark.parametrize("name", ["a.gcode", "A-1_b.2.gcode", "x" * 114 + ".gcode"])
def test_names_that_every_host_keeps(name: str):
    assert stored_name(name, host="h") == name


@pytest.mark.parametrize(
    "name", ["", ".gcode", ".a.gcode", "-a.gcode", "a b.gcode", "a\n.gcode", "a.gcode\n", "a.GCODE"]
)
def test_names_that_some_host_changes(name: str):
    with pytest.raises(HostRefused):
        stored_name(name, host="h")
