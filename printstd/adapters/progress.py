"""Progress: a bar on a terminal for work that takes over a second, silence elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any, Final, Self

from printstd.words import Translate, english, text_of

PATIENCE_S: Final = 1.0
"""Work that is done within this shows no bar."""


class NoProgress:
    def stage(self, name: str, total: int) -> None:
        """Nobody is looking."""

    def advance(self, steps: int = 1) -> None:
        """Nobody is looking."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing was drawn."""


class TerminalProgress:
    """Draws on stderr once a second has gone by, and wipes what it drew at the end; rich is
    imported only then."""

    def __init__(self, translate: Translate) -> None:
        self._translate = translate
        self._began = time.monotonic()
        self._bar: Any = None
        self._task: Any = None
        self._name, self._total, self._done = "", 0, 0

    def stage(self, name: str, total: int) -> None:
        self._name, self._total, self._done = text_of(name, self._translate), total, 0
        if self._bar is not None:
            self._bar.update(self._task, description=self._name, total=total or None, completed=0)
        else:
            self._draw_if_due()

    def advance(self, steps: int = 1) -> None:
        self._done += steps
        if self._bar is not None:
            self._bar.advance(self._task, steps)
        else:
            self._draw_if_due()

    def _draw_if_due(self) -> None:
        if time.monotonic() - self._began < PATIENCE_S:
            return
        from rich.console import Console
        from rich.progress import Progress

        self._bar = Progress(console=Console(stderr=True), transient=True)
        self._task = self._bar.add_task(self._name, total=self._total or None, completed=self._done)
        self._bar.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


def progress_for(*, quiet: bool, translate: Translate = english) -> NoProgress | TerminalProgress:
    """translate : into the words of whoever looks at the bar."""
    return NoProgress() if quiet or not sys.stderr.isatty() else TerminalProgress(translate)
