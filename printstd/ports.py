"""What the stages may ask of the outside. `adapters` answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import Protocol, TypeVar

from printstd.errors import PrintstdError

Shared = TypeVar("Shared")
Task = TypeVar("Task")
Result = TypeVar("Result")
Found = TypeVar("Found", covariant=True)


class Executor(Protocol):
    """Runs independent tasks; the results come back in the order of the tasks."""

    @property
    def workers(self) -> int:
        """How many tasks can really run at the same time."""
        ...

    def chunks(self, work_ms: Sequence[float]) -> list[range]:
        """Contiguous ranges that cover all items, sized for this executor.

        work_ms : about how long one process would take for each item. Where all of it is less
        than sharing costs, it comes back as one range.
        """
        ...

    def map(
        self,
        function: Callable[[Shared, Task], Result],
        tasks: Sequence[Task],
        *,
        shared: Shared,
    ) -> list[Result]:
        """``[function(shared, task) for task in tasks]``; `function` is a module-level name.

        `shared` reaches every worker once. Results are joined by index, so arrival order can
        never reach the output (facts of certification 11.1: it is what breaks other slicers).
        """
        ...

    def beside(
        self, function: Callable[[Shared], Result], shared: Shared, *, work_ms: float
    ) -> Pending[Result]:
        """Begin ``function(shared)`` while the caller goes on; `function` is a module-level name.

        work_ms : about how long it takes. Where that is less than starting it costs, or there is
        nobody else to do it, it is done before this returns.
        """
        ...


class Pending(Protocol[Found]):
    """What was begun beside; the block that it was begun for does not outlive it."""

    def is_ready(self) -> bool: ...

    def result(self) -> Found:
        """What it gave, waited for; or raises what it raised."""
        ...

    def __enter__(self) -> Pending[Found]: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class Crew(Protocol):
    """Does very many tasks that have nothing to do with each other, here or on other machines."""

    @property
    def workers(self) -> int:
        """How many tasks can be under way at the same time, when it was last looked."""
        ...

    def each(
        self,
        function: Callable[[Shared, Task], Result],
        tasks: Iterable[Task],
        *,
        shared: Shared,
        done: Callable[[int, Result | PrintstdError], None],
    ) -> None:
        """``function(shared, task)`` for every task; `function` is a module-level name.

        tasks : taken one by one, no more of them at a time than workers need. done : called in this
        thread with a task's number and what it gave, in whatever order they are finished; where a
        task failed, or nobody who worked at it lived to answer, with the PrintstdError that says
        so: the others are done all the same. A worker that is lost changes nothing in what is
        given.
        """
        ...


class Progress(Protocol):
    """Told how far a long piece of work has got."""

    def stage(self, name: str, total: int) -> None: ...

    def advance(self, steps: int = 1) -> None: ...


class Cache(Protocol):
    """Keeps results of stages between runs. Others may put and get at the same time."""

    def get(self, key: str) -> bytes | memoryview | None:
        """What was put under this key, whole and unchanged; None where there is nothing of it."""
        ...

    def put(self, key: str, pieces: Sequence[bytes | memoryview]) -> None:
        """Keep these one after the other, if there is room: whoever puts must not count on it."""
        ...


class Tessellator(Protocol):
    """Makes triangles of a CAD file's bodies."""

    @property
    def name(self) -> str:
        """Name and version of what does it."""
        ...

    def glb(self, data: bytes, *, deflection_mm: float) -> bytes:
        """Of a STEP file: binary glTF in metres with the extension ``TM_brep_faces``, its facets
        about so near to the surfaces. The same bytes for the same two. Raises InputError."""
        ...


class Signer(Protocol):
    """Holds a private key and signs bytes with it."""

    @property
    def key_id(self) -> str: ...

    @property
    def algorithm(self) -> str: ...

    @property
    def certificate(self) -> bytes | None:
        """The key's own X.509 certificate, DER, where it has one."""
        ...

    def sign(self, message: bytes) -> bytes: ...


class Clock(Protocol):
    def now_utc(self) -> str:
        """The time as ``YYYY-MM-DDTHH:MM:SSZ``."""
        ...


class ProfileSource(Protocol):
    """Where the profile files lie: a kind (``materials``) and a name give TOML text."""

    def names(self, kind: str) -> list[str]: ...

    def read(self, kind: str, name: str) -> tuple[str, bytes]:
        """The file's display name and its bytes; KeyError where there is none."""
        ...
