"""Kept: the result of a stage, from an earlier run where there is one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar

from printstd.ports import Cache

Result = TypeVar("Result")
_NOT_YET: Final = object()


class Kept(Generic[Result]):
    """What a stage makes of its inputs, when somebody asks for it.

    stage : its name. kind : says the type of the result, by which it is read back. inputs :
    everything that `make` looks at; results of other stages stand in it as they are, by their keys,
    so that they need not be there themselves. cache : None: made, and kept nowhere.
    """

    def __init__(
        self,
        cache: Cache | None,
        stage: str,
        kind: Callable[[], type[Result]],
        inputs: tuple[Any, ...],
        make: Callable[[], Result],
    ) -> None:
        self._cache, self._stage, self._kind = cache, stage, kind
        self._inputs, self._make = inputs, make
        self._key: str | None = None
        self._value: Any = _NOT_YET

    @classmethod
    def of(cls, value: Result) -> Kept[Result]:
        """What is there already, as what a stage is given."""
        made = cls(None, "given", lambda: type(value), (value,), lambda: value)
        made._value = value
        return made

    @property
    def key(self) -> str:
        """The digest of the stage's name and its inputs."""
        if self._key is None:
            from printstd.reuse.fingerprint import fingerprint

            self._key = fingerprint(self._stage, *self._inputs)
        return self._key

    def value(self) -> Result:
        """The result; an entry that cannot be read is as good as none."""
        if self._value is _NOT_YET:
            self._value = self._taken()
        result: Result = self._value
        return result

    def _taken(self) -> Result:
        if self._cache is None:
            return self._make()
        from printstd.reuse.packed import NotPacked, pack, unpack

        found = self._cache.get(self.key)
        if found is not None:
            try:
                return unpack(self._kind(), found)
            except NotPacked:
                pass
        made = self._make()
        self._cache.put(self.key, pack(self._kind(), made))
        return made
