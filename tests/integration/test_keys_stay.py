"""Private keys and passphrases: locked, in one process alone, and in nothing that is written."""

from __future__ import annotations

import base64
import os
import pickle
import stat
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization

from printstd.adapters.keys import load_signer, new_key
from printstd.adapters.signing import KeptSigner
from printstd.errors import InputError
from tests.integration.command import in_a_process, listing, printstd, says
from tests.small_part import PEER

SECRET = "корова-7-дождь"
CERTIFY = ("certify", "small.stl", *PEER, "-o", "out.gcode", "--key")


def secrets_of(key: Path, passphrase: str | None) -> list[bytes]:
    """The private number as it may stand in memory or text, and what opens it."""
    opened = serialization.load_pem_private_key(
        key.read_bytes(), passphrase.encode() if passphrase else None
    )
    number = opened.private_numbers().private_value.to_bytes(32, "big")
    plain = opened.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    found = [number, number[::-1], base64.b64encode(plain)[8:56]]
    if passphrase:
        found.append(passphrase.encode())
    return found


# In each process that starts as a worker, and in the keeper once it has answered: is a secret in
# its memory? What is looked for is masked, or the spy would find its own list. Work is divided
# however little it is, so that there are workers.
SPY = """
import os, re
import printstd.adapters.beside as beside, printstd.adapters.executors as executors
import printstd.adapters.forked as forked, printstd.adapters.signing as signing
SECRETS = [bytes.fromhex(text) for text in {secrets!r}]
TABLE = bytes(b ^ 0x5A for b in range(256))
def holds():
    found = 0
    with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", 0) as memory:
        for line in maps:
            match = re.match(r"([0-9a-f]+)-([0-9a-f]+) rw", line)
            if match is None or "[v" in line:
                continue
            start, end = (int(text, 16) for text in match.groups())
            try:
                memory.seek(start)
                data = memory.read(end - start)
            except (OSError, ValueError, OverflowError):
                continue
            masked = data.translate(TABLE)
            found += sum(secret in masked for secret in SECRETS)
    return found
def tell(kind):
    if os.path.exists("spied") and os.path.getsize("spied") > 60:
        return  # six or seven of them are enough
    with open("spied", "a") as stream:
        stream.write(f"{{kind}} {{holds()}}\\n")
def worker(kind, original):
    def be():
        original()
        tell(kind)
    return be
forked.be_a_worker = worker("worker", forked.be_a_worker)
beside.be_a_worker = worker("worker", beside.be_a_worker)
send = signing._send
def sending(line, answer):
    tell("keeper")
    send(line, answer)
signing._send = sending
executors._WORTH_MS = 0.0
def always(self, work_ms):
    return [range(n, n + 1) for n in range(len(work_ms))]
executors.ProcessExecutor.chunks = always
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads the memory of processes as Linux has it")
def test_the_key_is_in_its_keeper_and_in_no_worker(desk):
    secrets = [bytes(b ^ 0x5A for b in one).hex() for one in secrets_of(desk / "k.key", None)]
    code = SPY.format(secrets=secrets)
    done = in_a_process(*CERTIFY, "k.key", "--workers", "2", "-q", cwd=desk, code=code)
    assert done.code == 0, done.err
    rows = [line.split() for line in (desk / "spied").read_text().splitlines()]
    keepers = [int(found) for kind, found in rows if kind == "keeper"]
    workers = [int(found) for kind, found in rows if kind == "worker"]
    assert len(workers) >= 2
    assert keepers
    assert max(keepers) > 0, "the spy does not see what it should"
    assert max(workers) == 0


def locked(folder: Path) -> Path:
    new_key(folder / "locked", algorithm="p256", passphrase=SECRET.encode())
    return folder / "locked.key"


@pytest.mark.skipif(os.name != "posix", reason="modes of files are POSIX")
def test_a_key_is_of_its_owner_alone_whatever_the_umask(desk):
    before = os.umask(0)
    try:
        done = printstd("keys", "new", "mine", cwd=desk)
    finally:
        os.umask(before)
    assert done.code == 0
    assert stat.S_IMODE((desk / "mine.key").stat().st_mode) == 0o600


def test_a_locked_key_opens_with_its_passphrase_from_the_variable_or_a_file(desk):
    locked(desk)
    (desk / "pass").write_text(f"{SECRET}\n", "utf-8")
    for given in (
        {"PRINTSTD_KEY_PASSPHRASE": SECRET},
        {"PRINTSTD_KEY_PASSPHRASE_FILE": str(desk / "pass")},
    ):
        call = ("certify", "small.gcode", "--model", "small.stl", *PEER, "--key", "locked.key")
        assert printstd(*call, "-q", cwd=desk, **given).code == 0
    made = printstd(
        "keys", "new", "again", cwd=desk, PRINTSTD_KEY_PASSPHRASE_FILE=str(desk / "pass")
    )
    assert made.code == 0
    assert b"ENCRYPTED" in (desk / "again.key").read_bytes()


@pytest.mark.parametrize("given", [{}, {"PRINTSTD_KEY_PASSPHRASE": "wrong-" + SECRET}])
def test_a_locked_key_stays_shut_and_nothing_tells_the_passphrase(desk, given):
    locked(desk)
    before = listing(desk)
    done = printstd(*CERTIFY, "locked.key", cwd=desk, **given)
    assert done.code == 4
    says(done.err, "where", "got", "wanted", "what to do")
    assert listing(desk) == before
    assert SECRET not in done.out + done.err


def test_no_secret_is_in_anything_that_is_written_or_said(desk):
    key = locked(desk)
    secrets = secrets_of(key, SECRET)
    before = set(listing(desk))
    call = ("certify", "small.gcode", "--model", "small.stl", *PEER, "--key", "locked.key")
    done = printstd(*call, "--svr", "--format", "json", cwd=desk, PRINTSTD_KEY_PASSPHRASE=SECRET)
    assert done.code == 0, done.err
    written = {name: data for name, data in listing(desk).items() if name not in before}
    assert len(written) == 2
    for text in (done.out.encode(), done.err.encode(), *written.values()):
        assert not any(secret in text for secret in secrets)


def test_a_passphrase_is_asked_for_on_a_terminal_alone(desk):
    done = printstd("keys", "new", "asked", "--passphrase", cwd=desk)
    assert done.code == 2
    assert "terminal" in done.err
    assert not (desk / "asked.key").exists()


def test_neither_a_key_nor_its_signer_can_be_sent_to_another_process(desk):
    with pytest.raises(TypeError, match="does not leave"):
        pickle.dumps(load_signer(desk / "k.key"))
    with KeptSigner(str(desk / "k.key")) as signer:
        with pytest.raises(TypeError, match="does not leave"):
            pickle.dumps(signer)
        assert signer.public.verifies(b"message", signer.sign(b"message"))
        assert "PRIVATE" not in repr(signer)


def test_what_the_keeper_cannot_open_is_raised_here_and_the_keeper_is_gone(desk):
    with pytest.raises(InputError, match="no such file"):
        KeptSigner(str(desk / "absent.key"))
    with KeptSigner(str(desk / "k.key")) as signer:
        keeper = signer._keeper
        assert keeper.is_alive()
    assert not keeper.is_alive()
