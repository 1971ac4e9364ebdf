"""Key files: made once, read back, never overwritten, locked by a passphrase if given one."""

from __future__ import annotations

import os
import stat

import pytest

from printstd.adapters.keys import PASSPHRASE_VARIABLE, load_signer, load_trusted, new_key
from printstd.errors import InputError, UsageError


@pytest.mark.parametrize("algorithm", ["p256", "ed25519"])
@pytest.mark.parametrize("passphrase", [None, "сөз тіркесі".encode()])
def test_a_new_key_signs_and_its_public_half_verifies(tmp_path, monkeypatch, algorithm, passphrase):
    name = tmp_path / "мастер"
    public = new_key(name, algorithm=algorithm, passphrase=passphrase)
    if passphrase:
        monkeypatch.setenv(PASSPHRASE_VARIABLE, passphrase.decode())
    signer = load_signer(tmp_path / "мастер.key")
    (trusted,) = load_trusted(tmp_path / "мастер.pub")
    assert signer.key_id == trusted.key_id == public.key_id
    assert trusted.verifies(b"message", signer.sign(b"message"))
    assert not trusted.verifies(b"massage", signer.sign(b"message"))
    assert "PRIVATE" not in repr(signer)
    if os.name == "posix":
        assert stat.S_IMODE((tmp_path / "мастер.key").stat().st_mode) == 0o600


def test_a_locked_key_needs_its_passphrase(tmp_path, monkeypatch):
    new_key(tmp_path / "k", algorithm="p256", passphrase=b"right")
    monkeypatch.delenv(PASSPHRASE_VARIABLE, raising=False)
    with pytest.raises(InputError):
        load_signer(tmp_path / "k.key")
    monkeypatch.setenv(PASSPHRASE_VARIABLE, "wrong")
    with pytest.raises(InputError):
        load_signer(tmp_path / "k.key")


def test_a_key_is_never_overwritten(tmp_path):
    new_key(tmp_path / "k", algorithm="p256", passphrase=None)
    before = (tmp_path / "k.key").read_bytes()
    with pytest.raises(UsageError):
        new_key(tmp_path / "k", algorithm="p256", passphrase=None)
    assert (tmp_path / "k.key").read_bytes() == before


def test_a_folder_of_keys_is_trusted_whole_and_an_empty_one_is_refused(tmp_path):
    made = {new_key(tmp_path / n, algorithm="p256", passphrase=None).key_id for n in ("a", "b")}
    assert {key.key_id for key in load_trusted(tmp_path)} == made
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(InputError):
        load_trusted(empty)
