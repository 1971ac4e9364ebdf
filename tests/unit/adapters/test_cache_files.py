"""A folder of entries: whole or none, whoever writes at the same time."""

from __future__ import annotations

import multiprocessing
import os
import stat
import time
from pathlib import Path

import pytest

from printstd.adapters import cache_files
from printstd.adapters.cache_files import FolderCache, folder_cache
from printstd.errors import OutsideError


def entries(folder: Path) -> list[Path]:
    return sorted(folder.glob("??/*"))


def content(found: memoryview | None) -> bytes | None:
    return None if found is None else bytes(found)


def test_what_was_put_is_got(tmp_path: Path) -> None:
    cache = FolderCache(tmp_path / "a" / "b", "me")
    assert cache.get("k") is None
    for data in (b"", b"x", bytes(range(256)) * 99):
        cache.put("k", [data])
        assert content(cache.get("k")) == data
        assert content(FolderCache(tmp_path / "a" / "b", "me").get("k")) == data
    assert cache.get("K") is None
    assert FolderCache(tmp_path / "a" / "b", "another version").get("k") is None
    assert len(entries(tmp_path / "a" / "b")) == 1


def test_every_byte_counts(tmp_path: Path) -> None:
    cache = FolderCache(tmp_path, "me")
    cache.put("k", [b"some content"])
    (path,) = entries(tmp_path)
    whole = path.read_bytes()
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert cache.get("k") is None
        path.write_bytes(whole[:at])
        assert cache.get("k") is None
    path.write_bytes(whole + b"\n")
    assert cache.get("k") is None
    cache.put("k", [b"some content"])
    assert path.read_bytes() == whole


def test_an_entry_under_another_name_is_none(tmp_path: Path) -> None:
    cache = FolderCache(tmp_path, "me")
    cache.put("a", [b"A"])
    (of_a,) = entries(tmp_path)
    cache.put("b", [b"B"])
    (of_b,) = set(entries(tmp_path)) - {of_a}
    os.replace(of_a, of_b)
    assert cache.get("b") is None
    assert cache.get("a") is None


def test_a_folder_or_a_link_to_nowhere_in_its_place_is_none(tmp_path: Path) -> None:
    cache = FolderCache(tmp_path, "me")
    cache.put("a", [b"A"])
    (path,) = entries(tmp_path)
    path.unlink()
    path.mkdir()
    assert cache.get("a") is None
    cache.put("a", [b"A"])
    assert cache.get("a") is None
    path.rmdir()
    path.symlink_to(tmp_path / "nowhere")
    assert cache.get("a") is None
    cache.put("a", [b"A"])
    assert content(cache.get("a")) == b"A"


def write_and_read(folder: str, seed: int, wrong: multiprocessing.Queue[str]) -> None:
    """Half of the keys are those of the other process; all content of a key is the same."""
    cache = FolderCache(Path(folder), "me", max_bytes=600_000)
    for turn in range(400):
        key = f"{(turn * 7 + seed) % 60}"
        data = key.encode() * 20_000
        found = content(cache.get(key))
        if found is not None and found != data:
            wrong.put(key)
        cache.put(key, [data])


def test_processes_at_the_same_time_never_see_half_an_entry(tmp_path: Path) -> None:
    """Three write, read and remove in one small folder."""
    context = multiprocessing.get_context("spawn")
    wrong = context.Queue()
    workers = [
        context.Process(target=write_and_read, args=(str(tmp_path), seed, wrong))
        for seed in range(3)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert wrong.empty()
    assert all(path.suffix == ".kept" for path in entries(tmp_path))


def test_the_folder_stays_within_its_bound(tmp_path: Path) -> None:
    cache = FolderCache(tmp_path, "me", max_bytes=10_000)
    for number in range(40):
        cache.put(f"{number}", [bytes(1_000)])
        assert sum(path.stat().st_size for path in entries(tmp_path)) <= 10_000
    assert content(cache.get("39")) == bytes(1_000)
    assert cache.get("0") is None
    cache.put("large", [bytes(10_001)])
    assert cache.get("large") is None


def test_what_was_used_last_stays(tmp_path: Path) -> None:
    cache = FolderCache(tmp_path, "me", max_bytes=10_000)
    for number in range(8):
        cache.put(f"{number}", [bytes(1_000)])
    for age, path in enumerate(entries(tmp_path)):
        os.utime(path, (1_000_000 + age, 1_000_000 + age))
    assert cache.get("3") is not None
    for number in range(8, 14):
        cache.put(f"{number}", [bytes(1_000)])
        time.sleep(0.01)
    assert cache.get("3") is not None
    assert sum(cache.get(f"{number}") is not None for number in range(8)) < 5


def test_what_a_stopped_run_left_is_removed(tmp_path: Path) -> None:
    FolderCache(tmp_path, "me").put("a", [b"A"])
    (path,) = entries(tmp_path)
    old, new = path.with_name("old.part"), path.with_name("new.part")
    old.write_bytes(b"half")
    new.write_bytes(b"half")
    os.utime(old, (1_000_000, 1_000_000))
    FolderCache(tmp_path, "me").put("b", [b"B"])
    assert not old.exists()
    assert new.exists()


def test_a_disk_that_is_full_costs_time_and_not_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = FolderCache(tmp_path, "me")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cache_files.os, "replace", full)
    cache.put("a", [b"A"])
    assert cache.get("a") is None
    assert entries(tmp_path) == []


def test_a_folder_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(OutsideError) as refused:
        FolderCache(file, "me")
    assert refused.value.exit_code == 7
    assert refused.value.where == str(file)


@pytest.mark.skipif(os.name != "posix", reason="other systems have other rights")
def test_a_folder_in_which_everybody_may_write_is_refused(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    with pytest.raises(OutsideError, match="cannot be used"):
        FolderCache(shared, "me")
    own = tmp_path / "own"
    FolderCache(own, "me")
    assert stat.S_IMODE(own.stat().st_mode) & 0o077 == 0


def test_the_key_holds_the_tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder_cache(tmp_path).put("a", [b"A"])
    assert content(folder_cache(tmp_path).get("a")) == b"A"
    from printstd.adapters import surroundings

    monkeypatch.setattr(surroundings, "sources_sha256", lambda: "0" * 64)
    assert folder_cache(tmp_path).get("a") is None
