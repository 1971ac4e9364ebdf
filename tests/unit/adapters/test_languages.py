"""Catalogues as many threads of a service ask for them."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from printstd.adapters import languages
from printstd.report.languages import catalogue


def test_a_catalogue_is_read_once_however_many_ask_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, most, reads = [0], [0], [0]
    all_here = threading.Barrier(8)

    def read(text: str, name: str):
        reads[0] += 1
        reading[0] += 1
        most[0] = max(most[0], reading[0])
        # Another thread would come in here.
        threading.Event().wait(0.01)
        reading[0] -= 1
        return lambda template: f"{name} {template}"

    monkeypatch.setattr(catalogue, "read_catalogue", read)
    languages._read.cache_clear()

    def asked(language: str) -> str:
        all_here.wait()
        return languages.words_of(language)("held")

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(asked, ("ru", "kk") * 4))
    languages._read.cache_clear()
    assert told == ["ru.po held", "kk.po held"] * 4
    assert (reads[0], most[0]) == (2, 1)
