"""From a dropped model to a certified program: each model in a folder of its own in the farm's, and
printstd itself, as a process with a bound on its memory, for what takes longer than an answer may.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import printstd
from printstd.adapters.files import read_file, write_all
from printstd.errors import InputError, PrintstdError, UsageError
from printstd.words import said

MOST_BYTES: Final = 256 << 20
KEPT_S: Final = 7 * 86_400
SUFFIXES: Final = (".stl", ".3mf", ".obj", ".ply", ".step", ".stp")
_MEMORY_BYTES: Final = 6 << 30
_TOO_LONG_S: Final = 1800
_ID: Final = re.compile(r"[A-Za-z0-9_-]{16}")
_NAMES: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


_ALONE: Final = "import sys; from printstd.cli.main import main; sys.exit(main())"
_WITH_PAGE: Final = """
import sys
from pathlib import Path
from printstd.cli.main import main
from printstd.cli.options import Format
from printstd.cli.running import reports_beside
with reports_beside({Path("report.html"): Format.HTML}):
    sys.exit(main())
"""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for, by names of profiles. order : the text of an order record, or empty."""

    printer: str
    pack: str = "int"
    tolerance_class: str = "m"
    material: str = "pla"
    process: str = "standard-0.20"
    order: str = ""
    language: str = "en"

    def check(self) -> None:
        """UsageError where a name could be anything but a name."""
        for what, name in (
            ("printer", self.printer),
            ("pack", self.pack),
            ("class", self.tolerance_class),
            ("material", self.material),
            ("process", self.process),
            ("language", self.language),
        ):
            if not _NAMES.fullmatch(name):
                raise UsageError(
                    said("this is no name of a profile"),
                    where=what,
                    got=repr(name[:80]),
                    wanted=said("a name that `printstd profiles list` tells"),
                    hint=said("choose one of the list"),
                )


@dataclass(slots=True)
class Made:
    """A model on its way. stage : ``waiting``, ``checking``, ``checked``, ``certifying``,
    ``certified``, ``failed``. code : the exit code of the last run, None before one. said : what it
    told on its way out. findings : of the last run, as its JSON report has them."""

    id: str
    name: str
    folder: Path
    stage: str = "waiting"
    code: int | None = None
    said: str = ""
    findings: list[dict[str, Any]] = field(default_factory=list)
    wanted: Wanted | None = None
    began_s: float = 0.0


class Workshop:
    """Models of one farm. key : the private key that certificates are signed with; None: models can
    be checked and not certified. Its passphrase, if it has one, is in the service's environment."""

    def __init__(self, folder: Path, *, key: Path | None, at_once: int) -> None:
        self.folder, self.key = folder / "models", key.resolve() if key is not None else None
        self.folder.mkdir(mode=0o700, exist_ok=True)
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix="making")
        self._lock = threading.Lock()
        self._known: dict[str, Made] = {}
        self._running: set[subprocess.Popen[bytes]] = set()
        self.tidy()

    def tidy(self) -> None:
        """Take away what nobody came back for."""
        for old in self.folder.iterdir():
            if old.stat().st_mtime < time.time() - KEPT_S:
                shutil.rmtree(old, ignore_errors=True)

    def close(self) -> None:
        """What still runs is stopped: it wrote nothing at its place yet."""
        for process in list(self._running):
            process.kill()
        self._pool.shutdown(cancel_futures=True)

    def take(self, name: str, data: bytes) -> Made:
        """A model as it was dropped. name : for people; the file's own is its suffix alone."""
        suffix = Path(name).suffix.lower()
        if suffix not in SUFFIXES:
            raise InputError(
                said("this is no model file"),
                where=name[:200],
                got=suffix or said("no suffix"),
                wanted=", ".join(SUFFIXES),
                hint=said("export the part from the CAD program in one of these forms"),
            )
        if not 0 < len(data) <= MOST_BYTES:
            raise InputError(
                said("this file cannot be taken"),
                where=name[:200],
                got=said("{size} bytes", size=len(data)),
                wanted=said("1 to {most} bytes", most=MOST_BYTES),
                hint=said("use the command line for larger ones"),
            )
        made = Made(secrets.token_urlsafe(12), Path(name).name[:200], Path())
        made.folder = self.folder / made.id
        made.folder.mkdir(mode=0o700)
        write_all({made.folder / f"model{suffix}": data})
        with self._lock:
            self._known[made.id] = made
        return made

    def get(self, model_id: str) -> Made:
        """InputError where there is none of that name."""
        made = self._known.get(model_id) if _ID.fullmatch(model_id) else None
        if made is None:
            raise InputError(
                said("there is no such model"),
                got=model_id[:40],
                wanted=said("a model that was dropped here since the service began"),
                hint=said("drop it again"),
            )
        return made

    def check(self, made: Made, wanted: Wanted) -> None:
        """Begin to hold it against the standard; `made.stage` tells when it is done."""
        wanted.check()
        self._begin(made, "checking", wanted)
        self._pool.submit(self._run, made, "validate", wanted, "checked")

    def certify(self, made: Made) -> None:
        """Begin to slice, audit and sign what was checked."""
        if self.key is None:
            raise UsageError(
                said("this service has no key to certify with"),
                got=said("no --key"),
                wanted=said("`printstd farm serve --key KEY`"),
                hint=said("certify at the command line, and put the program into the queue"),
            )
        if made.wanted is None or made.stage not in ("checked", "certified", "failed"):
            raise UsageError(
                said("a model is checked before it is certified"),
                where=made.name,
                got=made.stage,
                wanted="checked",
                hint=said("look at its findings first"),
            )
        self._begin(made, "certifying", made.wanted)
        self._pool.submit(self._run, made, "certify", made.wanted, "certified")

    def program_files(self, made: Made) -> list[tuple[str, bytes]]:
        """The certified program and what vouches for it, as `farm submit` takes them."""
        if made.stage != "certified":
            raise UsageError(
                said("what is printed must be certified"),
                where=made.name,
                got=made.stage,
                wanted="certified",
                hint=said("certify it first"),
            )
        program = made.folder / "part.gcode"
        shown = f"{Path(made.name).stem or 'part'}.gcode"
        found = [(shown, read_file(program))]
        for file in sorted(made.folder.glob("part.gcode.*.json")):
            found.append((shown + file.name.removeprefix("part.gcode"), read_file(file)))
        return found

    def report(self, made: Made) -> bytes:
        """The last run's page, with the model in 3D."""
        file = made.folder / "report.html"
        if not file.is_file():
            raise InputError(
                said("there is no report yet"),
                where=made.name,
                got=made.stage,
                wanted="checked",
                hint=said("wait until it is checked"),
            )
        return read_file(file)

    def _begin(self, made: Made, stage: str, wanted: Wanted) -> None:
        with self._lock:
            if made.stage in ("checking", "certifying"):
                raise UsageError(
                    said("this model is being worked on"),
                    where=made.name,
                    got=made.stage,
                    wanted="checked",
                    hint=said("wait until it is done"),
                )
            made.stage, made.wanted, made.code, made.said = stage, wanted, None, ""
            made.findings, made.began_s = [], time.time()

    def _run(self, made: Made, command: str, wanted: Wanted, done: str) -> None:
        try:
            made.code, made.said = self._printstd(made, command, wanted)
            # 0: yes; 1: a verdict, and it is no; 8: undecided. All three come with findings.
            made.findings = _findings(made.folder / "report.json")
            is_done = made.code == 0 or (command == "validate" and made.code in (1, 8))
            made.stage = done if is_done else "failed"
        except PrintstdError as error:
            made.code, made.said, made.stage = error.exit_code, error.in_full(), "failed"
        finally:
            if made.stage in ("checking", "certifying"):  # a bug of ours is on its way out
                made.code, made.stage = 70, "failed"

    def _printstd(self, made: Made, command: str, wanted: Wanted) -> tuple[int, str]:
        model = next(made.folder.glob("model.*"))
        options = [
            *("--printer", wanted.printer, "--pack", wanted.pack),
            *("--class", wanted.tolerance_class, "--material", wanted.material),
            *("--process", wanted.process, "--lang", wanted.language),
        ]
        if wanted.order:
            write_all({made.folder / "order.toml": wanted.order.encode("utf-8")})
            options += ["--order", "order.toml"]
        arguments = [command, model.name, *options, "--quiet", "--workers", "1"]
        arguments += ["--format", "json", "--report", "report.json"]
        if command == "certify":
            arguments += ["-o", "part.gcode", "--key", str(self.key)]
        return self._call(made.folder, arguments, with_page=command == "validate")

    def _call(self, folder: Path, arguments: Sequence[str], *, with_page: bool) -> tuple[int, str]:
        """with_page : the same run's report as a page too."""
        process = subprocess.Popen(
            [sys.executable, "-c", _WITH_PAGE if with_page else _ALONE, *arguments],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            # From a checkout as from an installed package: the same printstd as this one.
            env={**os.environ, "PYTHONPATH": os.pathsep.join(_own_path())},
            preexec_fn=_bounded if os.name == "posix" else None,
        )
        self._running.add(process)
        try:
            _, told = process.communicate(timeout=_TOO_LONG_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return 70, said("it took longer than {seconds} s", seconds=_TOO_LONG_S)
        finally:
            self._running.discard(process)
        return process.returncode, told.decode("utf-8", "replace")[-4000:]


def _own_path() -> list[str]:
    root = str(Path(printstd.__file__).parents[1])
    return [root, *(path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path)]


def _bounded() -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))


def _findings(file: Path) -> list[dict[str, Any]]:
    if not file.is_file():
        return []
    document = json.loads(file.read_bytes())
    found = []
    for subject in document.get("subjects", ()):
        for section in subject.get("sections", ()):
            for finding in section.get("findings", ()):
                kept = ("rule_id", "status", "message", "measured", "limit", "unit")
                found.append(
                    {"section": section.get("stage", ""), **{key: finding.get(key) for key in kept}}
                )
    return found
