"""Crew of this machine: each worker is a process that does one task after the other
(`adapters.hand`), watched by a thread of this one.

Whatever a task does to its worker is that task's alone: a worker that dies over it, takes too long
or too much memory is replaced. A worker that was killed from outside is indistinguishable from one
that its task killed, so a task is tried again before it is given up.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

from printstd.adapters import hand
from printstd.errors import InputError, InternalError, OutsideError, PrintstdError
from printstd.words import said

Shared = TypeVar("Shared")
Task = TypeVar("Task")
Result = TypeVar("Result")

TRIES: Final = 3
"""Of a task whose worker dies over it."""
_SIGKILL: Final = 9
_SECRET: Final = "PRINTSTD_KEY_PASSPHRASE"
"""How the names of variables begin that say a passphrase, or where it is (`adapters.keys`)."""
_TASKS_EACH: Final = 1000
"""A worker is replaced after so many: what libraries keep for themselves does not add up."""
_DYING_S: Final = 5.0
_LOOK_S: Final = 0.02
"""How often it is looked how much memory a worker has."""
_STOPPED_S: Final = 5.0
"""How often it is looked whether a worker is stopped (SIGSTOP); twice, and it is ended."""
_TALK_BYTES: Final = 4000
_WAITING: Final = 2
"""Tasks in flight for each worker: the next one waits where it will be taken from."""


class Limits(NamedTuple):
    """Of one task. seconds, memory_bytes : None where there is none."""

    seconds: float | None = None
    memory_bytes: int | None = None


NO_LIMITS: Final = Limits()
TIME, MEMORY, STOPPED = "time", "memory", "stopped"
"""What a worker can be ended for: two limits, and that somebody else has stopped it."""


class Died(Exception):
    """A worker ended over its task. code : as of `subprocess`. over : which limit it was ended for.
    talk : the end of what it said."""

    def __init__(self, code: int, over: str, talk: str) -> None:
        self.code, self.over, self.talk = code, over, talk
        super().__init__(f"{code}, {talk}")


class Hand:
    """One worker, started when it is first needed and again after it died."""

    def __init__(self, first: bytes, limits: Limits) -> None:
        """first : pickle of ``(function, shared)``."""
        self._first, self._limits = first, limits
        self._process: subprocess.Popen[bytes] | None = None
        self._talk: Any = None
        self._left = 0
        self._is_ended = False
        self._lock = threading.Lock()

    def answer(self, task: Any) -> Any:
        """What the function gave for the task, or the PrintstdError that stands for it."""
        last: Died | None = None
        for _ in range(TRIES):
            try:
                kind, value = self._call(task)
            except Died as died:
                last = died
                if died.over in (TIME, MEMORY) or self._is_ended:
                    break
                continue
            if kind == hand.DONE or kind == hand.REFUSED:
                return value
            if kind == hand.NO_MEMORY:
                self._close()  # what it holds would be missing to the next task
                return _no_memory(self._limits)
            return _bug(*value)
        if last is None:
            raise AssertionError("tried at least once")
        return _lost(last, self._limits)

    def _call(self, task: Any) -> tuple[str, Any]:
        process = self._started()
        watch = _Watch(process, self._limits)
        try:
            if process.stdin is None or process.stdout is None:
                raise AssertionError("started with pipes")
            hand.send(process.stdin, task)
            reply: tuple[str, Any] = hand.receive(process.stdout)
        except (OSError, EOFError, ValueError) as error:
            died = Died(_code(process), watch.over, self._last_words())
            self._close()
            raise died from error
        finally:
            watch.end()
        self._left -= 1
        if self._left <= 0:
            self._close()
        return reply

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is not None:
            return self._process
        # Workers are as many as are wanted: libraries need not start more of their own.
        environment = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"} | os.environ
        # The passphrase of the coordinator's key is nothing that workers need.
        environment = {k: v for k, v in environment.items() if not k.startswith(_SECRET)}
        command = [sys.executable, "-P", str(Path(hand.__file__))]
        self._talk = tempfile.TemporaryFile()  # noqa: SIM115 (closed with the worker)
        with self._lock:
            if self._is_ended:
                raise Died(-_SIGKILL, "", "")
            try:
                process = subprocess.Popen(
                    [*command, str(self._limits.memory_bytes or 0)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=self._talk,
                    env=environment,
                )
            except OSError as error:
                raise OutsideError(
                    said("a worker process could not be started"),
                    where=command[0],
                    got=error.strerror or str(error),
                    wanted=said("a process for each worker"),
                    hint=said("try fewer --workers"),
                ) from error
            self._process = process
        self._left = _TASKS_EACH
        if process.stdin is None or process.stdout is None:
            raise AssertionError("started with pipes")
        try:
            hand.send(process.stdin, sys.path)
            hand.send(process.stdin, self._first)
            # How long starting takes is no task's fault.
            hand.receive(process.stdout)
        except (OSError, EOFError) as error:
            died = Died(_code(process), "", self._last_words())
            self._close()
            raise died from error
        return process

    def _last_words(self) -> str:
        self._talk.seek(0, os.SEEK_END)
        self._talk.seek(max(0, self._talk.tell() - _TALK_BYTES))
        text: str = self._talk.read().decode("utf-8", "replace").strip()
        return text

    def end(self) -> None:
        """Kill it, whatever it is at; called from any thread."""
        with self._lock:
            self._is_ended = True
            if self._process is not None:
                self._process.kill()

    def _close(self) -> None:
        """Only by the thread that calls it."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        process.wait()
        self._talk.close()

    def close(self) -> None:
        self._close()


def _code(process: subprocess.Popen[bytes]) -> int:
    """Of one that has closed its end: it is about to end, or will be ended."""
    try:
        return process.wait(_DYING_S)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


class _Watch:
    """Ends a worker over a task that passes a limit; `over` then says which. Pages that were
    touched are counted, not address space: libraries reserve much that they never use."""

    def __init__(self, process: subprocess.Popen[bytes], limits: Limits) -> None:
        self._process, self._limits, self.over = process, limits, ""
        self._is_done = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        if limits != NO_LIMITS:
            self._thread.start()

    def _look(self) -> None:
        began = time.monotonic()
        wait_s = min(self._limits.seconds or _STOPPED_S, _STOPPED_S)
        if self._limits.memory_bytes is not None:
            wait_s = _LOOK_S
        looked, was_stopped = began, False
        while not self._is_done.wait(wait_s):
            now = time.monotonic()
            if self._is_late(now - began):
                self.over = TIME
            elif self._is_large():
                self.over = MEMORY
            elif now - looked >= _STOPPED_S:
                # Once may be the moment in which all go on again after Ctrl-Z.
                is_stopped = hand.is_stopped(self._process.pid)
                if is_stopped and was_stopped:
                    self.over = STOPPED
                looked, was_stopped = now, is_stopped
            if self.over:
                self._process.kill()
                return

    def _is_late(self, passed_s: float) -> bool:
        return self._limits.seconds is not None and passed_s >= self._limits.seconds

    def _is_large(self) -> bool:
        if self._limits.memory_bytes is None:
            return False
        return hand.resident_bytes(self._process.pid) > self._limits.memory_bytes

    def end(self) -> None:
        self._is_done.set()
        if self._limits != NO_LIMITS:
            self._thread.join()


class LocalCrew:
    """The `Crew` of this machine."""

    def __init__(self, workers: int, limits: Limits = NO_LIMITS) -> None:
        if workers < 1:
            raise ValueError(f"workers: {workers}, wanted at least 1")
        self.workers = workers
        self._limits = limits

    def each(
        self,
        function: Callable[[Shared, Task], Result],
        tasks: Iterable[Task],
        *,
        shared: Shared,
        done: Callable[[int, Result | PrintstdError], None],
    ) -> None:
        first = pickle.dumps((function, shared), protocol=5)
        todo: queue.SimpleQueue[tuple[int, Task] | None] = queue.SimpleQueue()
        found: queue.SimpleQueue[tuple[int, Any]] = queue.SimpleQueue()
        hands = [Hand(first, self._limits) for _ in range(self.workers)]
        threads = [
            threading.Thread(target=_serve, args=(own, todo, found), daemon=True) for own in hands
        ]
        for thread in threads:
            thread.start()
        source = enumerate(tasks)
        outstanding, is_over = 0, False
        try:
            while True:
                while not is_over and outstanding < _WAITING * self.workers:
                    one = next(source, None)
                    is_over = one is None
                    if one is not None:
                        todo.put(one)
                        outstanding += 1
                if not outstanding:
                    break
                number, answer = found.get()
                outstanding -= 1
                if isinstance(answer, BaseException) and not isinstance(answer, PrintstdError):
                    raise answer
                done(number, answer)
        finally:
            # After an error what has not begun would be wasted work, and what has, too.
            if outstanding:
                with contextlib.suppress(queue.Empty):
                    while True:
                        todo.get_nowait()
            for _ in threads:
                todo.put(None)
            if outstanding:
                for own in hands:
                    own.end()
            for thread in threads:
                thread.join()


def _serve(own: Hand, todo: Any, found: Any) -> None:
    try:
        while (one := todo.get()) is not None:
            number, task = one
            try:
                answer = own.answer(task)
            except BaseException as error:
                answer = error
            found.put((number, answer))
    finally:
        own.close()


# ------------------------------------------------------------------------------- what is told


def _no_memory(limits: Limits) -> PrintstdError:
    if limits.memory_bytes is None:
        return OutsideError(
            said("there is not enough memory"),
            wanted=said("a machine that holds the model several times over"),
            hint=said("try fewer --workers, or a smaller model"),
        )
    return InputError(
        said("the file takes more memory than was allowed"),
        got=said("more than {size} MiB", size=limits.memory_bytes >> 20),
        wanted=said("at most that, by --memory-limit"),
        hint=said("allow more, or give a smaller model"),
    )


def _lost(died: Died, limits: Limits) -> PrintstdError:
    if died.over == TIME:
        return InputError(
            said("the file takes longer than was allowed"),
            got=said("more than {seconds:g} s", seconds=limits.seconds or 0.0),
            wanted=said("at most that, by --timeout"),
            hint=said("allow more, or give a smaller model"),
        )
    if died.over == MEMORY or "MemoryError" in died.talk or "bad_alloc" in died.talk:
        return _no_memory(limits)
    if died.over == STOPPED:
        return OutsideError(
            said("a worker process was stopped over this file, {tries} times", tries=TRIES),
            got=said("somebody stopped it, and did not let it go on"),
            wanted=said("a worker that lives as long as its work takes"),
            hint=said("look at what runs on this machine, and run the batch again"),
        )
    if died.code == -_SIGKILL:
        return OutsideError(
            said("a worker process was killed over this file, {tries} times", tries=TRIES),
            got=said("most often the system ran out of memory and ended it"),
            wanted=said("a worker that lives as long as its work takes"),
            hint=said("try fewer --workers, or a machine with more memory"),
        )
    # The interpreter's own words, or the end of a library's.
    told = died.talk.splitlines()[:1] or [said("nothing was said")]
    return InternalError(
        said("a worker process broke off over this file, {tries} times", tries=TRIES),
        got=said("exit code {code}: {told}", code=died.code, told=told[0][:200]),
        wanted=said("an answer"),
        hint=said("this is our bug: please report it with the file"),
    )


def _bug(kind: str, trace: str) -> PrintstdError:
    error = InternalError(
        said("internal error ({kind}) over this file", kind=kind),
        got=trace.strip().splitlines()[-1][:300],
        wanted=said("an answer"),
        hint=said("this is our bug: `printstd validate` or `slice` of this file alone says more"),
    )
    error.add_note(trace)
    return error
