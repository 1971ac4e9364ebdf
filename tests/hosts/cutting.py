"""A wire to a server that a test can cut between a request and its answer."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Wire:
    """port : of its near end. drops : whether the answer to a request that begins with these bytes
    (its first line) is lost on the way; the request itself arrives whole. lost : how many
    answers were lost so. Every connection carries one request."""

    def __init__(self, to_port: int) -> None:
        self._to_port = to_port
        self.drops: Callable[[bytes], bool] = lambda request: False
        self.lost = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads: list[threading.Thread] = []
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._carry, args=(near,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _carry(self, near: socket.socket) -> None:
        with near, contextlib.suppress(OSError):
            first = near.recv(65536)
            with socket.create_connection(("127.0.0.1", self._to_port)) as far:
                is_lost = self.drops(first.split(b"\r\n", 1)[0])
                far.sendall(first)
                there = threading.Thread(target=_pump, args=(near, far), daemon=True)
                there.start()
                if is_lost:
                    far.recv(1)
                    self.lost += 1
                else:
                    _pump(far, near)
                for end in (near, far):
                    with contextlib.suppress(OSError):
                        end.shutdown(socket.SHUT_RDWR)
                there.join()

    def close(self) -> None:
        # A thread that waits in accept() wakes only by a connection.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._accepting.join()
        for thread in self._threads:
            thread.join(10)


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        # So that a server that keeps connections open lets go of this one.
        sink.shutdown(socket.SHUT_WR)


@contextmanager
def wire(to_port: int) -> Iterator[Wire]:
    wire = Wire(to_port)
    try:
        yield wire
    finally:
        wire.close()
