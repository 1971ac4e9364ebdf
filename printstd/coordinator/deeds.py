"""What people do to printers, jobs and prints, at the command line and at the page alike."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from printstd.adapters.farm_store.store import FarmStore, Rows
from printstd.artifacts.job import Instance, JobState, Wish
from printstd.errors import UsageError
from printstd.farm.states import Event, StepRefused
from printstd.words import said


class Deed(StrEnum):
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    GIVE_UP = "give up"
    """Of what is lost or starting: nobody will ever know what became of it."""


def do_to(store: FarmStore, what: str, deed: Deed, by: str, now_utc_ms: int) -> list[str]:
    """Done to a printer (its name), to a print (``12``), or to every print of a job (``J3``) that
    it can be done to; UsageError or StepRefused where there is none."""
    does = _DOES[deed]
    with store.writing(by) as rows:
        if re.fullmatch(r"[0-9]+", what):
            return [does(rows, rows.instance(int(what)), now_utc_ms)]
        if re.fullmatch(r"[Jj][0-9]+", what):
            return _to_job(rows, job_number(what), does, now_utc_ms)
        return _to_printer(rows, what, deed, now_utc_ms)


def make_ready(store: FarmStore, name: str, bad: str | None, by: str, now_utc_ms: int) -> list[str]:
    """The bed is clear; what lay there is done, or bad. UsageError where something prints there."""
    with store.writing(by) as rows:
        own = rows.printer(name)
        one = rows.on_printers([name]).get(name)
        if one is not None and one.state is not JobState.AWAITING_CLEAR:
            raise UsageError(
                said("something is on its way there"),
                where=name,
                got=said("print {number} is {state}", number=one.number, state=one.state.value),
                wanted=said("a printer that has ended"),
                hint=said("`printstd farm cancel {number}` ends it", number=one.number),
            )
        told: list[str] = []
        if one is not None:
            event = Event.CLEARED if bad is None else Event.REJECTED
            told.append(_told(rows.move(one.number, event, now_utc_ms, reason=bad or "")))
        if own.needs_clear and one is None:
            rows.set_printer(replace(own, needs_clear=False))
            rows.tell("bed cleared", now_utc_ms, printer=name)
    told.append(said("{name} is ready", name=name))
    return told


def job_number(text: str) -> int:
    """Of ``J3``, or of a number alone."""
    digits = text[1:] if text[:1] in "Jj" else text
    if not digits.isdecimal() or not digits.isascii():
        raise UsageError(
            said("this is no job"),
            got=text,
            wanted="J3",
            hint=said("`printstd farm queue` names them"),
        )
    return int(digits)


_Does = Callable[[Rows, Instance, int], str]


def _to_job(rows: Rows, number: int, does: _Does, now_utc_ms: int) -> list[str]:
    told, refusals = [], []
    rows.job(number)
    for one in rows.instances(job=number):
        try:
            told.append(does(rows, one, now_utc_ms))
        except StepRefused as error:
            refusals.append(error)
    if not told and refusals:
        raise refusals[-1]
    return told


def _to_printer(rows: Rows, name: str, deed: Deed, now_utc_ms: int) -> list[str]:
    own = rows.printer(name)
    if deed not in (Deed.PAUSE, Deed.RESUME):
        raise UsageError(
            said("a printer is not cancelled"),
            got=name,
            wanted=said("a job (J3) or a print (12)"),
            hint=said("`printstd farm pause {name}` gives it nothing new", name=name),
        )
    is_paused = deed is Deed.PAUSE
    rows.set_printer(replace(own, is_paused=is_paused))
    rows.tell("printer paused" if is_paused else "printer resumed", now_utc_ms, printer=name)
    if is_paused:
        return [said("{name} gets nothing new", name=name)]
    return [said("{name} goes on", name=name)]


def _told(one: Instance) -> str:
    return said("print {number} is {state}", number=one.number, state=one.state.value)


def _wished(rows: Rows, one: Instance, wish: Wish, now_utc_ms: int) -> str:
    rows.wish(one.number, wish, now_utc_ms)
    return said("print {number}: its host will be told to {wish}", number=one.number, wish=wish)


def _paused(rows: Rows, one: Instance, now_utc_ms: int) -> str:
    if one.state is JobState.PRINTING:
        return _wished(rows, one, Wish.PAUSE, now_utc_ms)
    return _told(rows.move(one.number, Event.HOLD, now_utc_ms, reason=said("held by hand")))


def _resumed(rows: Rows, one: Instance, now_utc_ms: int) -> str:
    if one.state is JobState.PAUSED:
        return _wished(rows, one, Wish.RESUME, now_utc_ms)
    return _told(rows.move(one.number, Event.RELEASE, now_utc_ms))


def _cancelled(rows: Rows, one: Instance, now_utc_ms: int) -> str:
    if one.state in (JobState.STARTING, JobState.PRINTING, JobState.PAUSED, JobState.LOST):
        return _wished(rows, one, Wish.CANCEL, now_utc_ms)
    reason = said("cancelled by hand")
    return _told(rows.move(one.number, Event.CANCEL, now_utc_ms, reason=reason))


def _given_up(rows: Rows, one: Instance, now_utc_ms: int) -> str:
    reason = said("given up by hand: nobody knows what became of it")
    return _told(rows.move(one.number, Event.GIVEN_UP, now_utc_ms, reason=reason))


_DOES: Final = MappingProxyType(
    {
        Deed.PAUSE: _paused,
        Deed.RESUME: _resumed,
        Deed.CANCEL: _cancelled,
        Deed.GIVE_UP: _given_up,
    }
)
