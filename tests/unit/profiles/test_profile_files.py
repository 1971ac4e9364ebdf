"""Where profiles are looked for, and that a name is never a path."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import printstd
from printstd.adapters.profile_files import (
    PROFILES_VARIABLE,
    ProfileFiles,
    bundled_folders,
    default_source,
    user_folder,
)
from printstd.errors import OutsideError


def put(root: Path, kind: str, name: str, text: str = "id = 1\n") -> None:
    (root / kind).mkdir(parents=True, exist_ok=True)
    (root / kind / f"{name}.toml").write_text(text, "utf-8")


def test_the_first_folder_that_has_a_name_wins_file_by_file(tmp_path: Path) -> None:
    a, b = tmp_path / "a", tmp_path / "b"
    put(a, "materials", "pla", "a")
    put(b, "materials", "pla", "b")
    put(b, "materials", "petg", "b")
    source = ProfileFiles((a, "mine"), (b, "profiles"))
    assert source.names("materials") == ["petg", "pla"]
    assert source.read("materials", "pla") == ("mine/materials/pla.toml", b"a")
    assert source.read("materials", "petg") == ("profiles/materials/petg.toml", b"b")
    assert source.names("printers") == []


@pytest.mark.parametrize("name", ["../materials/pla", "PLA", "pla.toml", "", ".", "/etc/passwd"])
def test_a_name_is_never_a_path(tmp_path: Path, name: str) -> None:
    put(tmp_path, "materials", "pla")
    source = ProfileFiles((tmp_path, "x"))
    with pytest.raises(KeyError):
        source.read("materials", name)


def test_other_files_and_folders_are_no_profiles(tmp_path: Path) -> None:
    put(tmp_path, "materials", "pla")
    put(tmp_path, "schema", "odd")
    (tmp_path / "materials" / "notes.md").write_text("x", "utf-8")
    (tmp_path / "materials" / "folder.toml").mkdir()
    source = ProfileFiles((tmp_path, "x"))
    assert source.names("materials") == ["pla"]
    assert source.names("schema") == []


def test_explicit_then_user_then_bundled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if sys.platform in ("win32", "darwin"):
        pytest.skip("the user's folder is named by the system here")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv(PROFILES_VARIABLE, raising=False)
    assert user_folder() == tmp_path / "config" / "printstd" / "profiles"
    put(user_folder(), "materials", "pla", "user")
    put(user_folder(), "materials", "mine", "user")
    put(tmp_path / "given", "materials", "pla", "given")
    assert default_source().read("materials", "pla")[1] == b"user"
    assert default_source(tmp_path / "given").read("materials", "pla")[1] == b"given"
    monkeypatch.setenv(PROFILES_VARIABLE, str(tmp_path / "given"))
    source = default_source()
    assert source.read("materials", "pla")[1] == b"given"
    assert source.read("materials", "mine")[1] == b"user"
    assert source.read("materials", "petg")[0] == "profiles/materials/petg.toml"


def test_a_named_folder_that_is_none_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OutsideError, match="does not exist"):
        default_source(tmp_path / "nowhere")


def test_a_neighbour_called_profiles_is_not_taken_for_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Installed, the package lies among others."""
    package = tmp_path / "printstd" / "__init__.py"
    put(tmp_path / "profiles", "materials", "foreign")
    monkeypatch.setattr(printstd, "__file__", str(package))
    assert [path for path, _ in bundled_folders()] == [
        tmp_path / "printstd" / "_bundled" / "profiles"
    ]
