"""Products are placed before any work, and never on anything that matters."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from printstd.cli.places import settle
from printstd.cli.running import shown
from printstd.errors import OutsideError, UsageError


def test_free_names_and_ordinary_files_may_be_written(tmp_path):
    (tmp_path / "old").write_bytes(b"")
    settle([tmp_path / "old", tmp_path / "new"], inputs=[tmp_path / "model.stl"])


@pytest.mark.skipif(os.name != "posix", reason="links are POSIX's")
def test_a_file_is_the_same_by_whatever_path(tmp_path, monkeypatch):
    model = tmp_path / "model.stl"
    model.write_bytes(b"")
    (tmp_path / "link").symlink_to(model)
    (tmp_path / "folder").symlink_to(tmp_path)
    monkeypatch.chdir(tmp_path)
    for same in (Path("model.stl"), Path("./folder/model.stl"), Path("link"), model):
        with pytest.raises(UsageError, match="overwrite"):
            settle([same], inputs=[model])
        with pytest.raises(UsageError, match="overwrite"):
            settle([model, same], inputs=[])
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere" / "x")
    with pytest.raises(OutsideError, match="no such folder"):
        settle([tmp_path / "gone"], inputs=[])


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_is_closed_to_writing_is_told_beforehand(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    with pytest.raises(OutsideError, match="cannot be written to"):
        settle([closed / "a"], inputs=[])


@pytest.mark.skipif(os.name != "posix", reason="names that are no text are POSIX's")
def test_a_shown_name_is_plain_text_and_tells_names_apart():
    raw = [b"a.stl", "Деталь №1.stl".encode(), b"\xff", b"\xfe", b"a\nb", b"a\x1b[2J", b"a\tb"]
    texts = [shown(Path(os.fsdecode(name))) for name in raw]
    assert texts[:2] == ["a.stl", "Деталь №1.stl"]
    assert len(set(texts)) == len(texts)
    for text in texts:
        assert text.isprintable()
        assert text.encode("utf-8")
