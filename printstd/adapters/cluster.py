"""Crew on many machines: Dask Distributed (extra `cluster`).

Whoever can speak with a scheduler can run code on its workers, and its workers' answers are read
here; so TLS with certificates on both sides is required, and a scheduler without it is spoken with
only on this machine's own 127.0.0.1 and only where that is said. Each task runs in a process beside
its Dask worker (`adapters.hands`), under the same limits as on one machine. What is asked is small
and what comes back is small: files and products travel by the file system that all machines share.
"""

from __future__ import annotations

import contextlib
import pickle
import queue
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar
from urllib.parse import urlsplit

from printstd.adapters.hands import NO_LIMITS, TRIES, Limits
from printstd.errors import OutsideError, PrintstdError, UsageError
from printstd.words import said

Shared = TypeVar("Shared")
Task = TypeVar("Task")
Result = TypeVar("Result")

_REACH_S: Final = "15s"
_LOOK_S: Final = 2.0
"""How often it is looked who is there."""
_DESERTED_S: Final = 60.0
"""A run without any worker for so long ends."""
_SILENT_S: Final = 60.0
"""A worker of which the scheduler hears nothing for so long is given up: it has stopped, or its
machine has, and yet its connection stands. Workers speak every second or few, also at work."""
_FETCH_S: Final = 60.0
"""How long an answer, which is small, may be on its way."""
_WAITING: Final = 2
"""Tasks in flight for each thread of each worker."""
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1"})
_FILES: Final = ("ca.pem", "cert.pem", "key.pem")


class _Flying(NamedTuple):
    number: int
    task: Any
    tries: int


class Pulse:
    """How long nothing has been heard of whom. Only time in which it was looked counts: a scheduler
    that stood still itself, or a coordinator that was busy, makes nobody silent."""

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._last: dict[str, tuple[float, float]] = {}
        """Worker -> when it was heard of, by the scheduler's clock, and silence since, in s."""

    def silent(self, heard: Mapping[str, float], passed_s: float) -> list[str]:
        """Who has been silent for longer than the limit. heard : of everybody who is there.
        passed_s : since it was looked last."""
        now = {}
        for who, when in heard.items():
            before, silence_s = self._last.get(who, (when, 0.0))
            silence_s = silence_s + min(passed_s, 2 * _LOOK_S) if before == when else 0.0
            now[who] = (when, silence_s)
        self._last = now
        return [who for who, (_, silence_s) in now.items() if silence_s > self._limit_s]


class DaskCrew:
    """The `Crew` of a cluster; made by `dask_crew`."""

    def __init__(self, client: Any, limits: Limits) -> None:
        self._client, self._limits = client, limits
        self._last_seen = self._looked = time.monotonic()
        self._pulse = Pulse(_SILENT_S)
        self.workers = self._look()

    def each(
        self,
        function: Callable[[Shared, Task], Result],
        tasks: Iterable[Task],
        *,
        shared: Shared,
        done: Callable[[int, Result | PrintstdError], None],
    ) -> None:
        import uuid

        from printstd.adapters.cluster_worker import Introduction, answer

        run = uuid.uuid4().hex
        first = pickle.dumps((function, shared), protocol=5)
        introduction = Introduction(run, first, self._limits)
        self._client.register_plugin(introduction)
        flying: dict[Any, _Flying] = {}
        landed: queue.SimpleQueue[Any] = queue.SimpleQueue()
        source = enumerate(tasks)
        is_over = False
        looked = time.monotonic()

        def begin(one: _Flying) -> None:
            # Every try has a name of its own: a task that was lost is not taken for done.
            key = f"printstd-{run}-{one.number}-{one.tries}"
            future = self._client.submit(answer, run, one.task, key=key, pure=False)
            flying[future] = one
            future.add_done_callback(landed.put)

        try:
            while True:
                while not is_over and len(flying) < _WAITING * max(1, self.workers):
                    drawn = next(source, None)
                    is_over = drawn is None
                    if drawn is not None:
                        begin(_Flying(*drawn, 1))
                if not flying:
                    break
                future = None
                with contextlib.suppress(queue.Empty):
                    future = landed.get(timeout=_LOOK_S)
                if time.monotonic() - looked > _LOOK_S:
                    self.workers, looked = self._look(), time.monotonic()
                if future is None:
                    continue
                one = flying.pop(future)
                given = self._given(future, one)
                future.release()
                if given is None:
                    begin(one._replace(tries=one.tries + 1))
                else:
                    done(one.number, given)
        finally:
            if flying:
                self._client.cancel(list(flying), force=True)
            self._client.unregister_worker_plugin(introduction.name)

    def _given(self, future: Any, one: _Flying) -> Any:
        """What the task gave; None where its worker was lost and it is to be tried again."""
        from distributed import KilledWorker

        if future.status == "finished":
            # Whoever stopped after it answered is not waited for.
            with contextlib.suppress(TimeoutError):
                return future.result(timeout=_FETCH_S)
        error = future.exception() if future.status == "error" else None
        if error is not None and not isinstance(error, KilledWorker):
            raise OutsideError(
                said("a worker of the cluster cannot do what it is asked"),
                got=said("{kind}: {error}", kind=type(error).__name__, error=str(error)[:300]),
                wanted=said("a worker with the same printstd"),
                hint=said("install the same wheels for the scheduler, the workers and here"),
            ) from error
        if one.tries < TRIES:
            return None
        return OutsideError(
            said("the workers that had this file were lost, {tries} times", tries=TRIES),
            got=said("their machines, or the network"),
            wanted=said("a worker that lives as long as its work takes"),
            hint=said("look at the workers' logs, and run the batch again: what is done is kept"),
        )

    def _look(self) -> int:
        """Threads of all workers. OutsideError where nobody has been there for long."""
        try:
            workers = self._client.scheduler_info(n_workers=-1)["workers"]
        except (OSError, TimeoutError) as error:
            raise _unreachable(str(self._client.scheduler), str(error)) from error
        now = time.monotonic()
        heard = {address: float(worker["last_seen"]) for address, worker in workers.items()}
        for address in self._pulse.silent(heard, now - self._looked):
            # Its tasks are given to others; should it wake up, nobody hears its answers.
            call = {"address": address, "stimulus_id": "printstd-silent"}
            self._client.sync(self._client.scheduler.unregister, **call)
            del workers[address]
        self._looked = now
        count = sum(int(worker["nthreads"]) for worker in workers.values())
        if count:
            self._last_seen = now
        elif now - self._last_seen > _DESERTED_S:
            raise OutsideError(
                said("the cluster has no workers"),
                got=said("none for {seconds:.0f} s", seconds=_DESERTED_S),
                wanted=said("at least one"),
                hint=said("start some, and run the batch again: what is done is kept"),
            )
        return count


@contextmanager
def dask_crew(
    address: str, credentials: Path | None, *, is_unprotected: bool, limits: Limits = NO_LIMITS
) -> Iterator[DaskCrew]:
    """The crew of a scheduler. credentials : folder with ca.pem, cert.pem and key.pem. Raises
    UsageError where the connection would not be protected, OutsideError where there is none."""
    check_address(address, credentials, is_unprotected=is_unprotected)
    try:
        import distributed
    except ImportError as error:
        raise UsageError(
            said("clusters are spoken with by an extra that is not installed"),
            got=said("no library {name}", name="distributed"),
            wanted="printstd[cluster]",
            hint='pip install "printstd[cluster]"',
        ) from error
    library: Any = distributed
    security = None
    if credentials is not None:
        ca, cert, key = (str(credentials / name) for name in _FILES)
        security = library.Security(
            tls_ca_file=ca,
            tls_client_cert=cert,
            tls_client_key=key,
            require_encryption=True,
        )
    try:
        client = library.Client(address, security=security, timeout=_REACH_S, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise _unreachable(address, str(error) or type(error).__name__) from error
    try:
        yield DaskCrew(client, limits)
    finally:
        client.close()


def check_address(address: str, credentials: Path | None, *, is_unprotected: bool) -> None:
    """UsageError where what is sent could be read or changed by others."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
        parts = urlsplit("")
    if parts.scheme not in ("tls", "tcp") or not host or port is None:
        raise UsageError(
            said("--cluster: no address of a scheduler"),
            got=address,
            wanted="tls://HOST:PORT",
            hint=said("`dask scheduler` prints it"),
        )
    if parts.scheme == "tcp":
        if not is_unprotected or host not in _LOOPBACK:
            raise UsageError(
                said("a cluster is spoken with by TLS"),
                got=address,
                wanted=said("tls://HOST:PORT with --cluster-credentials FOLDER"),
                hint=said(
                    "whoever reaches a scheduler without TLS runs code on its workers; on "
                    "127.0.0.1 alone --cluster-unprotected allows it"
                ),
            )
        return
    if is_unprotected:
        raise UsageError(
            said("--cluster-unprotected goes with tcp://127.0.0.1"),
            got=address,
            wanted=said("one of the two"),
            hint=said("leave it out"),
        )
    missing = [] if credentials is None else [n for n in _FILES if not (credentials / n).is_file()]
    if credentials is None or missing:
        raise UsageError(
            said("TLS takes certificates"),
            where=str(credentials) if credentials is not None else None,
            got=said("no {files}", files=", ".join(missing or _FILES)),
            wanted=said("--cluster-credentials FOLDER with ca.pem, cert.pem and key.pem"),
            hint=said("docs/batch.md shows how to make them"),
        )


def _unreachable(address: str, got: str) -> OutsideError:
    return OutsideError(
        said("the scheduler cannot be reached"),
        where=address,
        got=got.split("\n", 1)[0][:300],
        wanted=said("a Dask scheduler that takes these certificates"),
        hint=said("start it with `dask scheduler --tls-ca-file ... --tls-cert ... --tls-key ...`"),
    )
