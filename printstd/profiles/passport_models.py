"""What the owner of a part tells for its passport (`printstd passport --details passport.toml`):
what no program and no audit knows. Amounts and counters are decimal texts: they are signed as they
are written."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field, field_validator, model_validator

from printstd.profiles.kinds import Date, Strict

Name = Annotated[str, Field(min_length=1, max_length=200)]
Amount = Annotated[str, Field(pattern=r"^[0-9]{1,12}(\.[0-9]{1,4})?$")]
"""A decimal number as text: ``1250.00``."""
UtcTime = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$")]
Serial = Annotated[str, Field(pattern=r"^[!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z]{1,20}$")]
"""As GS1 allows it for AI (21): 1 to 20 characters of its invariant set."""


class PassportPart(Strict):
    serial: Serial
    gtin: Annotated[str, Field(pattern=r"^([0-9]{8}|[0-9]{12,14})$")] | None = None
    batch: Name | None = None

    @field_validator("gtin")
    @classmethod
    def _checked(cls, gtin: str | None) -> str | None:
        """The last digit makes the weighted sum (3 and 1, from the right) a multiple of ten."""
        if (
            gtin is not None
            and sum(
                int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(gtin))
            )
            % 10
        ):
            raise ValueError("the last digit is not the check digit of the others")
        return gtin


class PassportLink(Strict):
    """Where the label's address leads."""

    resolver: Annotated[
        str, Field(pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$")
    ]


class PassportTime(Strict):
    started_at: UtcTime | None = None
    finished_at: UtcTime | None = None

    @model_validator(mode="after")
    def _in_order(self) -> PassportTime:
        if self.started_at and self.finished_at and self.finished_at < self.started_at:
            raise ValueError("finished_at is not before started_at")
        return self


class PassportCostItem(Strict):
    name: Name
    amount: Amount


class PassportCost(Strict):
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    """ISO 4217: ``KZT``, ``EUR``."""
    total: Amount
    items: tuple[PassportCostItem, ...] = ()

    @model_validator(mode="after")
    def _sums(self) -> PassportCost:
        if self.items and sum(Decimal(item.amount) for item in self.items) != Decimal(self.total):
            raise ValueError("total is the sum of the items' amounts")
        return self


class PassportProcurement(Strict):
    order_id: Name | None = None
    purchaser: Name | None = None
    supplier: Name | None = None
    delivered_on: Date | None = None


class PassportMaterial(Strict):
    manufacturer: Name | None = None
    lot: Name | None = None


class PassportMachine(Strict):
    serial: Name | None = None
    site: Name | None = None


class PassportCounter(Strict):
    name: Name
    value: Amount
    unit: Annotated[str, Field(min_length=1, max_length=20)]


class PassportMaintenance(Strict):
    last_service_on: Date | None = None
    next_service_on: Date | None = None
    counters: tuple[PassportCounter, ...] = ()

    @model_validator(mode="after")
    def _each_once(self) -> PassportMaintenance:
        names = [counter.name for counter in self.counters]
        if len(set(names)) != len(names):
            raise ValueError("every counter once")
        return self


class PassportDetails(Strict):
    part: PassportPart
    link: PassportLink | None = None
    time: PassportTime = PassportTime()
    cost: PassportCost | None = None
    procurement: PassportProcurement = PassportProcurement()
    material: PassportMaterial = PassportMaterial()
    machine: PassportMachine = PassportMachine()
    maintenance: PassportMaintenance = PassportMaintenance()
