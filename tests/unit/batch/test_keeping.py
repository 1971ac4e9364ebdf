"""What was put is durable when the run is over, and a disk that refuses is not passed over."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from printstd.batch import keeping
from printstd.batch.keeping import Keeper
from printstd.errors import OutsideError
from printstd.words import said


class Disk:
    """Refuses some; waits until it is let go on."""

    def __init__(self, refused: str = "") -> None:
        self.kept: dict[str, bytes] = {}
        self.refused, self.at_once, self.most = refused, 0, 0
        self.lock = threading.Lock()
        self.go_on = threading.Event()

    def put(self, key: str, pieces: Any) -> None:
        with self.lock:
            self.at_once += 1
            self.most = max(self.most, self.at_once)
        assert self.go_on.wait(20)
        with self.lock:
            self.at_once -= 1
            if key == self.refused:
                raise OutsideError(said("the disk is full"))
            self.kept[key] = b"".join(pieces)


def keeper(disk: Any) -> Keeper:
    return Keeper(disk)


def test_all_is_durable_when_the_run_is_over_however_it_ended() -> None:
    disk = Disk()

    def stopped() -> None:
        with keeper(disk) as own:
            for number in range(20):
                own.put(str(number), [b"%d" % number])
            assert disk.kept == {}
            disk.go_on.set()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    assert disk.kept == {str(number): b"%d" % number for number in range(20)}
    assert 1 < disk.most <= 8


@pytest.mark.parametrize("when", [0, 39])
def test_a_disk_that_refuses_ends_the_run(when: int) -> None:
    disk = Disk(refused=str(when))
    disk.go_on.set()

    def whole() -> None:
        with keeper(disk) as own:
            for number in range(40):
                own.put(str(number), [b"x"])

    with pytest.raises(OutsideError, match="full"):
        whole()


def test_no_more_results_wait_than_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "_WAITING", 3)
    disk = Disk()
    disk.go_on.set()
    with keeper(disk) as own:
        for number in range(50):
            own.put(str(number), [b"x"])
            assert len(own._left) <= 3
    assert len(disk.kept) == 50
