"""Records of orders and feedstock: bytes to what they say, and which of their fields are
missing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from printstd.artifacts.calibration import CalibrationRecord
from printstd.errors import InputError, ProfileProblem, RecordError
from printstd.profiles.calibration_models import CalibrationForm, CalibrationRecordFile
from printstd.profiles.capability_models import MeasurementHeader
from printstd.profiles.feedstock_models import Feedstock
from printstd.profiles.kinds import Date
from printstd.profiles.load import typed
from printstd.profiles.order_models import OrderRecord
from printstd.profiles.passport_models import PassportDetails
from printstd.profiles.raw import parse
from printstd.profiles.records import Held
from printstd.words import said

Model = TypeVar("Model", bound=BaseModel)


def read_feedstock(data: bytes, name: str) -> Held[Feedstock]:
    """Raises RecordError with everything that is wrong with its form."""
    return _read(data, name, "feedstock record", Feedstock)


def read_order(data: bytes, name: str) -> Held[OrderRecord]:
    """Raises RecordError with everything that is wrong with its form."""
    return _read(data, name, "order record", OrderRecord)


def read_measurement_header(data: bytes, name: str) -> Held[MeasurementHeader]:
    """Raises RecordError with everything that is wrong with its form."""
    return _read(data, name, "measurement header", MeasurementHeader)


def read_calibration_form(data: bytes, name: str) -> Held[CalibrationForm]:
    """Raises RecordError with everything that is wrong with its form."""
    return _read(data, name, "calibration form", CalibrationForm)


def read_calibration_record(data: bytes, name: str) -> CalibrationRecord:
    """What `printstd calibrate take` wrote; InputError with the first thing that is wrong."""
    try:
        held = CalibrationRecordFile.model_validate_json(data)
        Date.fromisoformat(held.on)
    except ValueError as error:
        first = error.errors()[0] if isinstance(error, ValidationError) else None
        where = "" if first is None else ".".join(str(part) for part in first["loc"])
        raise InputError(
            said("this is no record of a calibration"),
            where=f"{name}: {where}" if where else name,
            got=str(error) if first is None else first["msg"],
            wanted=said("what `printstd calibrate take FORM.toml -o RECORD.json` wrote"),
            hint=said("give the record, not the form that it was made of"),
        ) from error
    return CalibrationRecord(**held.model_dump(exclude={"schema_version"}))


def read_passport_details(data: bytes, name: str) -> Held[PassportDetails]:
    """Raises RecordError with everything that is wrong with its form."""
    return _read(data, name, "passport details", PassportDetails)


def _read(data: bytes, name: str, kind: str, model: type[Model]) -> Held[Model]:
    problems: list[ProfileProblem] = []
    raw = parse(kind, name, name, data, problems)
    found = typed(raw, model, problems) if raw else None
    if raw is None or found is None or problems:
        raise RecordError(name, tuple(problems))
    return Held(found, name, hashlib.sha256(data).hexdigest(), raw)


def missing(record: BaseModel, fields: Iterable[str]) -> list[str]:
    """Those of the fields that the record does not say. fields : dotted; ``a|b`` is missing where
    neither is there."""
    return [one for one in fields if not any(_is_said(record, key) for key in one.split("|"))]


def _is_said(record: BaseModel, key: str) -> bool:
    value: Any = record
    for part in key.split("."):
        value = getattr(value, part)
    return value is not None and value != ()
