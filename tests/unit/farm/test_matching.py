"""One reason for each no, the first that somebody could act on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from printstd.artifacts.farm import Loaded, Nozzle, Spool
from printstd.artifacts.job import Feed
from printstd.coordinator.facts import requirements
from printstd.farm.explain import reasons
from printstd.farm.matching import Offer, why_not
from tests.small_farm import facts, printer

NOW_S = 1_790_000_000
PLA = Spool("s1", "pla", 50_000)


def offer(**changes: Any) -> Offer:
    state = changes.pop("state", "idle")
    busy = changes.pop("busy_with", 0)
    spool = changes.pop("spool", PLA)
    spools = {} if spool is None else {0: (spool, spool.left_mg)}
    return Offer(printer("a", **changes), spools, state, busy)


NEEDS = requirements(facts())


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, ""),
        ({"is_retired": True}, "retired"),
        ({"profile": "ender3-v2"}, "certified for mk4s"),
        ({"nozzle": Nozzle("n", 600)}, "its nozzle is 0.6 mm, the program is certified for 0.4"),
        ({"spool": None}, "no spool is loaded at tool 0"),
        ({"spool": Spool("s", "petg", 9)}, "the program wants pla"),
        ({"spool": Spool("s", "pla", 9_999)}, "10.0 g to spare, the program wants 10.0 g"),
        ({"spool": Spool("s", "pla", 10_000)}, ""),
        ({"loaded": (Loaded(0, "s1", flow_permille=1051),)}, "flows 1.051"),
        ({"loaded": (Loaded(0, "s1", flow_permille=1050),)}, ""),
        ({"is_paused": True}, "farm resume a"),
        ({"busy_with": 7}, "at work on 7"),
        ({"needs_clear": True}, "farm ready a"),
        ({"state": "silent"}, "does not answer"),
        ({"state": "busy"}, "its host says busy"),
        ({"state": "offline"}, "its host says offline"),
        ({"state": "error"}, ""),
    ],
)
def test_reasons(changes: dict[str, Any], reason: str) -> None:
    told = why_not(NEEDS, facts().feeds, offer(**changes), NOW_S)
    assert (reason in told) if reason else (told == "")


@pytest.mark.parametrize(
    ("asked", "changes", "reason"),
    [
        ({"tags": ("smooth", "hot")}, {"tags": ("hot",)}, "does not offer smooth"),
        ({"names": ("b",)}, {}, "the job asks for b"),
        ({"group": "hall"}, {"group": "cellar"}, "not in group hall"),
        ({"needs_capability": True}, {}, "no record of capability"),
        (
            {"needs_capability": True},
            {"capability_until_utc_s": NOW_S - 1},
            "record of capability has expired",
        ),
        ({"needs_capability": True}, {"capability_until_utc_s": NOW_S}, ""),
    ],
)
def test_what_the_job_asks_on_top(
    asked: dict[str, Any], changes: dict[str, Any], reason: str
) -> None:
    needs = requirements(facts(), **asked)
    told = why_not(needs, facts().feeds, offer(**changes), NOW_S)
    assert (reason in told) if reason else (told == "")


def test_each_tool_is_fed_its_own_material() -> None:
    own = replace(facts(), feeds=(Feed(0, "pla", 5_000), Feed(2, "petg", 5_000)))
    one = Offer(printer("a"), {0: (PLA, 50_000)})
    assert "no spool is loaded at tool 2" in why_not(requirements(own), own.feeds, one, NOW_S)
    both = Offer(printer("a"), {0: (PLA, 50_000), 2: (Spool("g", "petg", 4_000), 4_000)})
    assert "g has 4.0 g to spare" in why_not(requirements(own), own.feeds, both, NOW_S)


def test_explain_has_one_reason_for_every_printer() -> None:
    offers = [offer(), Offer(printer("b", profile="x")), Offer(printer("c"), state="printing")]
    found = reasons(NEEDS, facts().feeds, offers, {}, {}, NOW_S * 1000)
    assert [(one.printer, one.could) for one in found] == [("a", True), ("b", False), ("c", False)]
    assert all(one.reason for one in found)
