"""Hours, grams and money of a print, from the figures that its certificate was signed over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from printstd.artifacts.job import ProgramFacts
from printstd.words import said

_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Prices:
    """Per hour of machine, per print, per kg of each material (``default`` for those not named).
    markup_percent : on the sum."""

    currency: str
    machine_per_hour: Decimal
    per_print: Decimal
    materials_per_kg: Mapping[str, Decimal]
    markup_percent: Decimal


@dataclass(frozen=True, slots=True)
class QuoteLine:
    """amount : None where a figure is missing that it needs; `reason` says which."""

    name: str
    amount: Decimal | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Quote:
    """Of all copies together. time_ms, mg : None where no certificate says so. total : None where
    a line has no amount: a sum with a hole in it is no price."""

    copies: int
    time_ms: int | None
    mg: tuple[tuple[str, int | None], ...]
    lines: tuple[QuoteLine, ...]
    total: Decimal | None
    currency: str


def quote(facts: ProgramFacts, copies: int, prices: Prices) -> Quote:
    """Each line is rounded to the cent, so that the lines add up to the total."""
    materials = tuple(
        (feed.material, None if feed.mg is None else feed.mg * copies) for feed in facts.feeds
    )
    time_ms = None if facts.print_time_ms is None else facts.print_time_ms * copies
    unknown = said("no certificate says how long it prints")
    machine = None
    if time_ms is not None:
        machine = _rounded(prices.machine_per_hour * time_ms / 3_600_000)
    lines = [QuoteLine(said("machine"), machine, "" if machine is not None else unknown)]
    lines += [_of_material(material, mg, prices) for material, mg in materials]
    lines.append(QuoteLine(said("prints"), _rounded(prices.per_print * copies)))
    amounts = [line.amount for line in lines]
    total = None
    if None not in amounts:
        total = sum((amount for amount in amounts if amount is not None), Decimal(0))
        markup = _rounded(total * prices.markup_percent / 100)
        lines.append(QuoteLine(said("markup"), markup))
        total += markup
    return Quote(copies, time_ms, materials, tuple(lines), total, prices.currency)


def _of_material(material: str, mg: int | None, prices: Prices) -> QuoteLine:
    per_kg = prices.materials_per_kg.get(material, prices.materials_per_kg.get("default"))
    if per_kg is None:
        return QuoteLine(material, None, said("no rate says what a kilogram of it costs"))
    if mg is None:
        return QuoteLine(material, None, said("no certificate says how much of it is used"))
    return QuoteLine(material, _rounded(per_kg * mg / 1_000_000))


def _rounded(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, ROUND_HALF_UP)


def hours(time_ms: int) -> str:
    minutes = round(time_ms / 60_000)
    return f"{minutes // 60}:{minutes % 60:02}"


def total_mg(mg: Sequence[tuple[str, int | None]]) -> int | None:
    amounts = [amount for _, amount in mg]
    return None if None in amounts else sum(amount or 0 for amount in amounts)
