"""The library runs in a process of its own: whatever becomes of it there, the file is refused."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from printstd.adapters import tessellate_worker
from printstd.adapters.tessellator import CascadioTessellator
from printstd.errors import InputError
from tests.step_files import BLOCK, needs_library, step

DATA = step(BLOCK)


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):  # type: ignore[no-untyped-def]
    """In place of the worker, a script; the library is said to be there."""
    monkeypatch.setattr(metadata, "version", lambda name: "1.2.3")

    def play(body: str) -> None:
        script = tmp_path / "worker.py"
        script.write_text(f"import os, sys, time\ndata = sys.stdin.buffer.read()\n{body}\n")
        monkeypatch.setattr(tessellate_worker, "__file__", str(script))

    return play


def refusal(**limits: int) -> InputError:
    with pytest.raises(InputError) as caught:
        CascadioTessellator(**limits).glb(DATA, deflection_mm=0.01)
    assert caught.value.code == "STEP-011"
    return caught.value


def test_the_worker_gets_the_file_the_numbers_and_an_empty_folder(played) -> None:  # type: ignore[no-untyped-def]
    played("print(len(data), *sys.argv[1:], os.listdir('.'), end='')")
    found = CascadioTessellator(seconds=7, memory_bytes=9).glb(DATA, deflection_mm=0.0025)
    assert found == f"{len(DATA)} 0.0025 0.2 7 9 []".encode()


@pytest.mark.parametrize(
    ("body", "got"),
    [
        ("os.abort()", "the library broke off (signal 6)"),
        ("sys.stderr.write('\\x1b[31m**** ERR : bad ****\\nmore\\n'); sys.exit(3)", "ERR : bad"),
        ("sys.exit(3)", "no triangles"),
        ("raise MemoryError", "more than 8 GiB of memory"),
        ("raise ValueError('so')", "ValueError: so"),
        ("os.kill(os.getpid(), 9)", "the system ended it (signal 9): too much time or memory"),
        ("pass", "exit code 0"),
    ],
)
def test_however_it_ends_badly_the_file_is_refused(played, body: str, got: str) -> None:  # type: ignore[no-untyped-def]
    played(body)
    assert refusal().got == got


def test_an_endless_one_is_ended(played, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    played("time.sleep(60)")
    assert refusal(seconds=-29).got == "more than -29 s"


def test_without_the_extra_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", absent)
    with pytest.raises(InputError) as caught:
        CascadioTessellator().glb(DATA, deflection_mm=0.01)
    assert caught.value.code == "STEP-003"
    assert 'pip install "printstd[step]"' in (caught.value.hint or "")


@needs_library
def test_two_processes_give_the_same_bytes_and_import_no_trimesh(tmp_path: Path) -> None:
    """Whatever the hash seed, the folder and what stands in it."""
    (tmp_path / "numpy.py").write_text("raise SystemExit('a module of the folder was imported')")
    command = [sys.executable, "-X", "importtime", "-P", tessellate_worker.__file__]
    command += ["0.01", "0.2", "60", str(8 << 30)]
    one, other = (
        subprocess.run(
            command,
            input=DATA,
            capture_output=True,
            check=True,
            cwd=tmp_path,
            env={"PYTHONHASHSEED": seed},
        )
        for seed in ("0", "4711")
    )
    assert one.stdout == other.stdout
    assert one.stdout.startswith(b"glTF")
    assert b"trimesh.base" not in one.stderr


@needs_library
def test_the_library_refuses_nonsense_without_harm() -> None:
    with pytest.raises(InputError) as caught:
        CascadioTessellator().glb(b"ISO-10303-21;\nrubbish", deflection_mm=0.01)
    assert "Incorrect syntax" in (caught.value.got or "")


@needs_library
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit of memory to set")
def test_a_limit_of_memory_is_held() -> None:
    assert refusal(memory_bytes=150 << 20).got
