"""A folder with a model, its program and a key pair, made once and copied for every test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from printstd.adapters.keys import new_key
from tests import meshes, small_part


@pytest.fixture(scope="session")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stock")
    new_key(folder / "k", algorithm="p256", passphrase=None)
    new_key(folder / "other", algorithm="ed25519", passphrase=None)
    cube = meshes.cube()
    files = {
        "small.stl": small_part.model(),
        "small.gcode": small_part.program(),
        "wrong.gcode": small_part.wrong_program(),
        "cube.stl": meshes.stl_binary(cube),
        "open.stl": meshes.stl_binary(meshes.without(cube, [0])),
        "cut.stl": meshes.stl_binary(cube)[:-7],
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


@pytest.fixture
def desk(stock: Path, tmp_path: Path) -> Path:
    """A working folder of a test's own, with everything in it."""
    folder = tmp_path / "стол"
    shutil.copytree(stock, folder)
    return folder
