"""Products are written whole or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from printstd.adapters.files import read_file, staged, write_all
from printstd.errors import InputError, OutsideError


def _listing(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_all_products_arrive_with_their_bytes_and_nothing_else_stays(tmp_path):
    products = {tmp_path / "Деталь №1.gcode": b"a" * 100_000, tmp_path / "b.json": b"{}"}
    write_all(products)
    assert {path: path.read_bytes() for path in products} == products
    assert _listing(tmp_path) == {path.name for path in products}


def test_a_product_that_cannot_be_written_stops_all_and_keeps_the_old(tmp_path):
    old = tmp_path / "a.gcode"
    old.write_bytes(b"old")
    with pytest.raises(OutsideError):
        write_all({old: b"new", tmp_path / "missing" / "b": b""})
    assert old.read_bytes() == b"old"
    assert _listing(tmp_path) == {"a.gcode"}


def test_a_failed_rename_leaves_no_temporary_file(tmp_path):
    (tmp_path / "taken").mkdir()
    with pytest.raises(OutsideError):
        write_all({tmp_path / "taken": b"x"})
    assert _listing(tmp_path) == {"taken"}


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_secret_files_are_readable_by_their_owner_alone(tmp_path):
    write_all({tmp_path / "k": b"secret"}, mode=0o600)
    assert stat.S_IMODE((tmp_path / "k").stat().st_mode) == 0o600


def test_missing_folders_and_oversize_inputs_are_refused_with_their_reason(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_file(tmp_path / "nothing")
    with pytest.raises(InputError, match="folder"):
        read_file(tmp_path)
    (tmp_path / "big").write_bytes(b"12345")
    with pytest.raises(InputError, match="too large"):
        read_file(tmp_path / "big", max_bytes=4)


@pytest.mark.skipif(os.name != "posix", reason="pipes with names are POSIX's")
def test_a_pipe_is_read_to_its_end_and_no_further_than_allowed(tmp_path):
    import threading

    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for sent, most, fails in ((b"abc", 3, False), (b"abcd", 3, True)):
        writer = threading.Thread(target=pipe.write_bytes, args=(sent,))
        writer.start()
        if fails:
            with pytest.raises(InputError, match="too large"):
                read_file(pipe, max_bytes=most)
        else:
            assert read_file(pipe, max_bytes=most) == sent
        writer.join()


def test_what_is_staged_is_not_there_before_it_is_committed(tmp_path):
    products = {tmp_path / "a": b"1", tmp_path / "b": b"2"}
    with staged(products) as commit:
        assert not any(path.exists() for path in products)
        commit()
        assert {path: path.read_bytes() for path in products} == products
    assert _listing(tmp_path) == {"a", "b"}


def test_what_is_left_without_a_commit_or_by_an_error_leaves_nothing(tmp_path):
    (tmp_path / "a").write_bytes(b"old")
    with staged({tmp_path / "a": b"new"}):
        pass
    with pytest.raises(KeyboardInterrupt), staged({tmp_path / "a": b"new"}):
        raise KeyboardInterrupt
    assert _listing(tmp_path) == {"a"}
    assert (tmp_path / "a").read_bytes() == b"old"


@pytest.mark.skipif(os.name != "posix", reason="devices are POSIX's")
def test_no_device_is_ever_replaced():
    with pytest.raises(OutsideError, match="cannot be written"):
        write_all({Path("/dev/null"): b"x"})
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
