"""What an output epoch promises: its bytes never change, and the changelog names what moved.

`make golden` writes the digests of epochs that are still open, and refuses those that are closed.
Before the first release that knows epochs, bytes of epoch 1 may still move:
`make golden GOLDEN="--reopen-epoch 1"` writes its digests, too.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import asdict, fields
from itertools import pairwise
from pathlib import Path

import pytest

from printstd.errors import UsageError
from printstd.profiles.epochs import EPOCHS, NEWEST, Epoch, Switches, epoch_of
from tests.golden import samples
from tests.shares import crossed

DIGESTS = Path(__file__).with_name("epochs")
CHANGELOG = Path(__file__).parents[2] / "CHANGELOG.md"
NUMBERS = [epoch.number for epoch in EPOCHS]


def kept(number: int) -> dict[str, str]:
    """Sample -> digest, as the repository has them."""
    path = DIGESTS / f"{number}.toml"
    return tomllib.loads(path.read_text("utf-8"))["sha256"] if path.exists() else {}


def write(number: int, digests: dict[str, str]) -> None:
    rows = [f'"{name}" = "{digests[name]}"' for name in sorted(digests)]
    text = f"# Output epoch {number}: `make golden` writes it.\n\n[sha256]\n" + "\n".join(rows)
    (DIGESTS / f"{number}.toml").write_text(text + "\n", "utf-8")


def refreshed(epoch: Epoch, name: str, digest: str, *, is_reopened: bool = False) -> dict[str, str]:
    """The epoch's digests with one more; AssertionError where a closed epoch had another."""
    known = kept(epoch.number)
    if epoch.is_closed and not is_reopened and known.get(name, digest) != digest:
        raise AssertionError(
            f"epoch {epoch.number} is closed and {name} has other bytes: put the change behind a "
            "switch of a newer epoch (printstd/profiles/epochs.py)"
        )
    return {**known, name: digest}


# Every sample in one epoch, every epoch with its share of samples.
@pytest.mark.parametrize(("number", "name"), crossed(NUMBERS, samples.names(), one_in=len(NUMBERS)))
def test_the_bytes_of_an_epoch_never_change(
    number: int, name: str, updating: bool, reopened: frozenset[int]
) -> None:
    found = samples.digest(name, number)
    if updating:
        is_reopened = number in reopened
        write(number, refreshed(epoch_of(number), name, found, is_reopened=is_reopened))
    assert kept(number).get(name) == found


@pytest.mark.parametrize("number", NUMBERS)
def test_every_digest_is_of_a_sample_that_is_made(number: int) -> None:
    assert set(kept(number)) == set(samples.names())


def changed(number: int) -> set[str]:
    """Samples whose digests differ between an epoch and the one before."""
    before, after = kept(number - 1), kept(number)
    return {name for name in after if before.get(name) != after[name]}


def told(number: int) -> set[str]:
    """Samples that the changelog names under an epoch."""
    text = CHANGELOG.read_text("utf-8")
    found = re.search(rf"^### Output epoch {number}\n(.*?)(?=^##|\Z)", text, re.M | re.S)
    assert found, f"CHANGELOG.md has no section 'Output epoch {number}'"
    if "Samples affected: all." in found[1]:
        return set(samples.names())
    return set(re.findall(r"^  - `([^`]+)`$", found[1], re.M))


@pytest.mark.parametrize("number", NUMBERS[1:])
def test_the_changelog_names_the_samples_that_an_epoch_changes(number: int) -> None:
    assert told(number) == changed(number) != set()


def test_epochs_count_up_and_only_the_newest_may_be_open() -> None:
    assert list(range(1, len(EPOCHS) + 1)) == NUMBERS
    assert all(epoch.is_closed for epoch in EPOCHS[:-1])
    assert EPOCHS[0].switches == Switches()
    assert not any(asdict(Switches()).values())
    assert epoch_of(None) is NEWEST


def test_what_was_once_switched_on_stays_on() -> None:
    for before, after in pairwise(EPOCHS):
        for switch in fields(Switches):
            if getattr(before.switches, switch.name):
                assert getattr(after.switches, switch.name)
        assert before.switches != after.switches


def test_a_closed_epoch_is_not_written_anew() -> None:
    name = samples.names()[0]
    with pytest.raises(AssertionError, match="epoch 1 is closed"):
        refreshed(EPOCHS[0], name, "0" * 64)
    opened = Epoch(1, Switches(), is_closed=False)
    assert refreshed(opened, name, "0" * 64)[name] == "0" * 64
    assert refreshed(EPOCHS[0], name, "0" * 64, is_reopened=True)[name] == "0" * 64


@pytest.mark.parametrize("number", [0, -1, NUMBERS[-1] + 1, 10**9])
def test_an_epoch_that_is_not_known_is_refused_with_those_that_are(number: int) -> None:
    with pytest.raises(UsageError, match=r"no such output epoch") as refused:
        epoch_of(number)
    assert refused.value.wanted == f"one of {', '.join(map(str, NUMBERS))}"
    assert refused.value.exit_code == 2
