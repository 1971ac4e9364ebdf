"""`printstd batch` as a user runs it: the same answers as file by file, whoever does the work and
whatever becomes of the workers; on one machine and on a Dask cluster with TLS."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from benchmarks import generated
from printstd.adapters.keys import new_key
from printstd.adapters.log_store import open_log
from printstd.certify.log.auditing import audit_rows
from printstd.certify.log.entry import entry_of
from tests.e2e.tls import credentials_in
from tests.integration.command import ROOT, environment, listing, says
from tests.integration.command import in_a_process as printstd

SAMPLES = ("cube20", "thin_tube", "shim", "cut_short", "vent", "lid")
PRINTER = ("--printer", "mk4s")
AT = ("--time", "1790000000")


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("batch") / "parts"
    (folder / "sub").mkdir(parents=True)
    for number, name in enumerate(SAMPLES):
        place = folder / ("sub" if number % 2 else "") / f"{name}.stl"
        shutil.copy(ROOT / "samples" / f"{name}.stl", place)
    return folder


@pytest.fixture(scope="module")
def key(parts: Path) -> Path:
    new_key(parts.parent / "k", algorithm="p256", passphrase=None)
    return parts.parent / "k.key"


def workers_of(coordinator: int) -> list[int]:
    """The processes that a coordinator's workers are, by what the system says of them."""
    found = []
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            text = status.read_text()
            command = (status.parent / "cmdline").read_bytes()
        except OSError:
            continue
        if f"\nPPid:\t{coordinator}\n" in text and b"hand.py" in command:
            found.append(int(status.parent.name))
    return found


def kill_workers_of(coordinator: subprocess.Popen[bytes], at_least: int) -> int:
    """Kill as many as asked, one after another, while it works; how many died."""
    killed: set[int] = set()
    until = time.monotonic() + 60
    while coordinator.poll() is None and len(killed) < at_least and time.monotonic() < until:
        for pid in workers_of(coordinator.pid):
            if pid not in killed:
                time.sleep(0.4)
                os.kill(pid, signal.SIGKILL)
                killed.add(pid)
                break
        time.sleep(0.05)
    return len(killed)


def test_a_batch_says_what_single_calls_say_and_a_killed_worker_changes_nothing(
    parts: Path, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "printstd.cli.main", "batch", "validate", str(parts)]
    command += [*PRINTER, "--workers", "2", "--format", "json", "--results", str(tmp_path / "r")]
    running = subprocess.Popen(
        command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    killed = kill_workers_of(running, at_least=2)
    out, _ = running.communicate(timeout=120)
    assert killed == 2
    assert running.returncode == 4
    told = {row["name"]: row for row in json.loads(out)["subjects"]}
    assert len(told) == len(SAMPLES)
    alone = printstd(
        "validate", *sorted(parts.rglob("*.stl")), *PRINTER, "--format", "json", cwd=tmp_path
    )
    for row in json.loads(alone.out)["subjects"]:
        name = row["name"]
        (own,) = [one for key, one in told.items() if key.rsplit("/", 1)[-1] == name]
        assert own["exit_code"] == row["exit_code"]
        assert [s["outcome"] for s in own["sections"]] == [s["outcome"] for s in row["sections"]]
        loud = ("FAIL", "WARN", "INDETERMINATE", "NOT_EVALUATED")
        for mine, theirs in zip(own["sections"], row["sections"], strict=True):
            assert mine["findings"] == [f for f in theirs["findings"] if f["status"] in loud]
        if row["problem"]:
            assert own["problem"]["exit_code"] == row["problem"]["exit_code"]


@pytest.fixture(scope="module")
def certified(parts: Path, key: Path) -> Path:
    out = parts.parent / "out"
    out.mkdir()
    done = printstd(
        "batch", "certify", parts, "--outdir", out, "--key", key, *PRINTER, *AT, cwd=parts.parent
    )
    assert done.code == 4, done.err
    return out


def test_what_is_certified_is_what_certify_makes(
    parts: Path, certified: Path, key: Path, tmp_path: Path
) -> None:
    done = printstd(
        "certify", parts / "cube20.stl", "-o", tmp_path / "cube20.gcode", "--key", key, *PRINTER,
        *AT, cwd=tmp_path,
    )  # fmt: skip
    assert done.code == 0, done.err
    alone, batch = listing(tmp_path), listing(certified)
    assert batch["cube20.gcode"] == alone["cube20.gcode"]
    for name in ("cube20.gcode.cert.json", "cube20.gcode.recheck.json"):
        payload = [json.loads(own[name])["dsseEnvelope"]["payload"] for own in (alone, batch)]
        assert payload[0] == payload[1]
    # A no has no program, a refused file nothing at all, and nothing else is left.
    assert {name.split(".")[0] for name in batch} == {"cube20"}
    held = printstd("batch", "verify", certified, "--trust", key.with_suffix(".pub"), cwd=tmp_path)
    assert held.code == 0, held.out + held.err
    program = certified / "cube20.gcode"
    again = shutil.copytree(certified, tmp_path / "copy")
    (again / program.name).write_bytes(program.read_bytes().replace(b"G1", b"G0", 1))
    told = printstd("batch", "verify", again, "--trust", key.with_suffix(".pub"), cwd=tmp_path)
    assert told.code == 6


def test_a_second_run_does_what_is_missing_and_changes_no_byte(
    parts: Path, certified: Path, key: Path
) -> None:
    before = listing(certified)
    call = ("batch", "certify", parts, "--outdir", certified, "--key", key, *PRINTER, *AT)
    done = printstd(*call, cwd=parts.parent)
    assert done.code == 4
    assert "6 of 6 files were done before" in done.err
    assert listing(certified) == before
    (certified / "cube20.gcode.recheck.json").unlink()
    assert "5 of 6 files were done before" in printstd(*call, cwd=parts.parent).err
    assert sorted(listing(certified)) == sorted(before)


def new_log(folder: Path) -> tuple[str, ...]:
    """A log of its own, as the options that name it."""
    new_key(folder / "log", algorithm="ed25519", passphrase=None)
    call = ("log", "new", folder / "l.sqlite", "--key", folder / "log.key", "--origin", "x.example")
    assert printstd(*call, cwd=folder).code == 0
    return "--log", str(folder / "l.sqlite"), "--log-key", str(folder / "log.key")


def all_logged(out: Path, log: str) -> None:
    """Every statement once, with its proof, and nothing else."""
    statements = [place for place in out.rglob("*.json") if place.parent.name[:1] != "."]
    assert statements
    with open_log(log).reading() as rows:
        counted, problems = audit_rows(rows)
        assert (counted.entries, problems) == (len(statements), [])
        for place in statements:
            index = rows.index_of(entry_of(place.read_bytes(), place.name).payload)
            assert index is not None
            assert place.with_name(f"{place.name}.tlog-proof").exists()


def test_a_coordinator_killed_at_random_times_logs_every_certificate_once(
    parts: Path, key: Path, tmp_path: Path
) -> None:
    """With all its workers, by SIGKILL; each run has another time, so that a statement that was
    made anew is another one."""
    (tmp_path / "parts").mkdir()
    for number in range(4):
        model = (parts / "cube20.stl").read_bytes()
        place = tmp_path / "parts" / f"{number}.stl"
        place.write_bytes(b"%80d" % number + model[80:])
    out = tmp_path / "out"
    out.mkdir()
    log = new_log(tmp_path)
    command = [sys.executable, "-m", "printstd.cli.main", "batch", "certify", "parts", *log]
    command += ["--outdir", str(out), "--key", str(key), *PRINTER, "--workers", "2", "-q"]
    draw = random.Random(5)
    for patience in [*(draw.uniform(2.0, 7.0) for _ in range(4)), 300.0]:
        running = subprocess.Popen(
            command, env=environment(), cwd=tmp_path, start_new_session=True, stderr=subprocess.PIPE
        )
        try:
            _, talk = running.communicate(timeout=patience)
            assert running.returncode == 0, talk.decode()
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)
            running.communicate()
    all_logged(out, log[1])
    assert len(list(out.glob("*.json"))) == 8


def test_a_file_that_takes_too_much_is_told_of_alone(parts: Path, tmp_path: Path) -> None:
    big = generated.write(tmp_path, "ball", 400_000)
    done = printstd(
        "batch", "validate", parts / "cube20.stl", big, *PRINTER, "--memory-limit", "400",
        "--format", "json", cwd=tmp_path,
    )  # fmt: skip
    rows = {row["name"]: row for row in json.loads(done.out)["subjects"]}
    assert rows["cube20.stl"]["exit_code"] == 0
    assert rows[big.name]["exit_code"] == 4
    assert "more memory than was allowed" in rows[big.name]["problem"]["message"]
    assert done.code == 4


def test_calls_that_cannot_be_are_refused_before_any_work(parts: Path, tmp_path: Path) -> None:
    def refused(*call: object) -> dict[str, str]:
        done = printstd("batch", *call, cwd=tmp_path)
        assert done.code == 2, done.out + done.err
        return says(done.err, "wanted", "what to do")

    refused("validate")
    refused("slice", parts, "--outdir", tmp_path)
    refused("certify", parts, "--outdir", tmp_path, *PRINTER)
    refused("verify", parts)
    cluster = ("validate", parts, "--cluster")
    assert refused(*cluster, "tcp://127.0.0.1:1")["wanted"].startswith("tls://")
    assert refused(*cluster, "tcp://10.0.0.1:1", "--cluster-unprotected")["got"].startswith("tcp")
    refused(*cluster, "tls://10.0.0.1:1")
    refused(*cluster, "http://10.0.0.1:1")
    refused(*cluster, "tls://10.0.0.1:1", "--cluster-credentials", tmp_path)
    refused("validate", parts, "--cluster-unprotected")
    assert listing(tmp_path) == {}


# ------------------------------------------------------------------------------------ a cluster


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def process(*command: str, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as out:
        running = subprocess.Popen(command, env=environment(), stdout=out, stderr=out)
        try:
            yield running
        finally:
            running.terminate()
            try:
                running.wait(20)
            except subprocess.TimeoutExpired:
                running.kill()
                running.wait()


class Cluster:
    """A real scheduler and real workers, TLS on both sides."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder, self.stack = folder, stack
        self.port = free_port()
        self.credentials = credentials_in(folder)
        self.address = f"tls://127.0.0.1:{self.port}"
        self.tls = [
            "--tls-ca-file", str(self.credentials / "ca.pem"),
            "--tls-cert", str(self.credentials / "cert.pem"),
            "--tls-key", str(self.credentials / "key.pem"),
        ]  # fmt: skip
        dask = [sys.executable, "-m", "distributed.cli.dask_scheduler"]
        place = ["--host", "127.0.0.1", "--port", str(self.port), "--protocol", "tls"]
        command = [*dask, *place, "--no-dashboard", *self.tls]
        stack.enter_context(process(*command, log=folder / "scheduler.log"))

    def worker(self, number: int) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "distributed.cli.dask_worker", self.address, *self.tls]
        command += ["--nthreads", "1", "--host", "127.0.0.1", "--no-dashboard", "--no-nanny"]
        local = self.folder / f"w{number}"
        command += ["--local-directory", str(local), "--protocol", "tls"]
        return self.stack.enter_context(process(*command, log=self.folder / f"w{number}.log"))


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    pytest.importorskip("distributed")
    with ExitStack() as stack:
        yield Cluster(tmp_path, stack)


def test_a_cluster_gives_the_same_and_a_killed_machine_changes_nothing(
    cluster: Cluster, parts: Path, certified: Path, key: Path, tmp_path: Path
) -> None:
    doomed = cluster.worker(1)
    out = tmp_path / "out"
    out.mkdir()
    log = new_log(tmp_path)
    command = [sys.executable, "-m", "printstd.cli.main", "batch", "certify", str(parts), *log]
    command += ["--outdir", str(out), "--key", str(key), *PRINTER, *AT, "--format", "json"]
    command += ["--results", str(tmp_path / "r"), "--cluster", cluster.address]
    command += ["--cluster-credentials", str(cluster.credentials)]
    running = subprocess.Popen(
        command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    until = time.monotonic() + 60
    # Killed over its first file, with the machine's only worker: there is nobody then.
    while not workers_of(doomed.pid) and time.monotonic() < until and running.poll() is None:
        time.sleep(0.05)
    time.sleep(0.5)
    doomed.kill()
    doomed.wait()
    cluster.worker(2)
    told, talk = running.communicate(timeout=120)
    assert running.returncode == 4, talk.decode()
    assert len(json.loads(told)["subjects"]) == len(SAMPLES)
    all_logged(out, log[1])
    for proof in out.rglob("*.tlog-proof"):
        proof.unlink()
    found, alone = listing(out), listing(certified)
    assert sorted(found) == sorted(alone)
    assert found["cube20.gcode"] == alone["cube20.gcode"]
    for name in found:
        if name.endswith(".json"):
            one, other = (
                json.loads(own[name])["dsseEnvelope"]["payload"] for own in (found, alone)
            )
            assert one == other


def test_a_machine_that_stops_gives_its_files_to_another_and_none_is_doubled(
    cluster: Cluster, parts: Path, key: Path, certified: Path, tmp_path: Path
) -> None:
    """Stopped, not killed: its connection stands, and it answers when it is let go on."""
    stopped = cluster.worker(1)
    out = tmp_path / "out"
    out.mkdir()
    # Patience is a matter of a minute: here of seconds.
    command = [sys.executable, "-c", IMPATIENT, "batch", "certify", str(parts)]
    command += ["--outdir", str(out), "--key", str(key), *PRINTER, *AT, "--format", "json"]
    command += ["--results", str(tmp_path / "r"), "--cluster", cluster.address]
    command += ["--cluster-credentials", str(cluster.credentials)]
    running = subprocess.Popen(
        command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    until = time.monotonic() + 90
    while not workers_of(stopped.pid) and time.monotonic() < until and running.poll() is None:
        time.sleep(0.05)
    held = [stopped.pid, *workers_of(stopped.pid)]
    assert len(held) > 1
    for pid in held:
        os.kill(pid, signal.SIGSTOP)
    other = cluster.worker(2)
    told, talk = running.communicate(timeout=200)
    for pid in held:
        os.kill(pid, signal.SIGCONT)
    assert running.returncode == 4, talk.decode()
    names = [row["name"] for row in json.loads(told)["subjects"]]
    assert len(names) == len(set(names)) == len(SAMPLES)
    assert sorted(listing(out)) == sorted(listing(certified))
    assert (out / "cube20.gcode").read_bytes() == (certified / "cube20.gcode").read_bytes()
    assert other.poll() is None
    # What it does when it goes on reaches nobody: not the folder, not the results.
    before = listing(out), sorted((tmp_path / "r").rglob("*.result"))
    time.sleep(3)
    assert (listing(out), sorted((tmp_path / "r").rglob("*.result"))) == before


IMPATIENT = (
    "import sys; from printstd.adapters import cluster; cluster._SILENT_S = 4.0; "
    "from printstd.cli.main import main; main()"
)


def test_who_has_no_certificate_of_the_cluster_is_not_heard(
    cluster: Cluster, parts: Path, tmp_path: Path
) -> None:
    strange = credentials_in(tmp_path / "strange")
    done = printstd(
        "batch", "validate", parts, "--cluster", cluster.address, "--cluster-credentials", strange,
        cwd=tmp_path,
    )  # fmt: skip
    assert done.code == 7
    says(done.err, "where", "got", "wanted", "what to do")
