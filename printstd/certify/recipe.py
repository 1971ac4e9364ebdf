"""What a generation statement says of how to make its program again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from printstd.certify.fields import object_of, sha256_of, statement_of, text_of
from printstd.certify.predicates import GENERATION
from printstd.certify.strict_json import StrictJsonError


@dataclass(frozen=True, slots=True)
class OrderRow:
    """What was asked of one model. unit : as the user said it, None: as the file does. rotate_deg :
    about X, Y, Z, as decimal texts. is_split : of a project only what the file itself gives to this
    extruder. copies : of it on the plate."""

    model_sha256: str
    unit: str | None
    plate: int | None
    extruder: int | None
    is_split: bool
    scale_e6: int
    rotate_deg: tuple[str, str, str]
    notation: str | None
    is_oriented: bool
    copies: int


@dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that the bytes of a program depend on apart from models, tool and platform."""

    pack: str
    tolerance_class: str
    material: str
    more_materials: tuple[str, ...]
    process: str
    printer: str
    overrides: tuple[tuple[str, str], ...]
    epoch: int
    is_healed: bool
    orders: tuple[OrderRow, ...]


def order_row(row: OrderRow) -> dict[str, Any]:
    """As it stands in a statement."""
    return {
        "model": {"sha256": row.model_sha256},
        "unit": row.unit,
        "plate": row.plate,
        "extruder": row.extruder,
        "isSplit": row.is_split,
        "scaleE6": row.scale_e6,
        "rotateDeg": list(row.rotate_deg),
        "notation": row.notation,
        "isOriented": row.is_oriented,
        "copies": row.copies,
    }


def read_recipe(payload: bytes) -> Recipe | None:
    """Of a verified generation statement; None in those of versions that did not say it all.
    StrictJsonError where its form is not ours."""
    statement = statement_of(payload, GENERATION)
    recipe = object_of(object_of(statement, "predicate"), "recipe")
    if "orders" not in recipe:
        return None
    rows = recipe["orders"]
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise StrictJsonError("orders: a list is wanted")
    more = recipe.get("moreMaterials", [])
    overrides = recipe.get("overrides")
    if not isinstance(more, list) or not all(isinstance(one, str) for one in more):
        raise StrictJsonError("moreMaterials: a list of texts is wanted")
    if not isinstance(overrides, list) or not all(
        isinstance(pair, list) and len(pair) == 2 and all(isinstance(text, str) for text in pair)
        for pair in overrides
    ):
        raise StrictJsonError("overrides: pairs of texts are wanted")
    return Recipe(
        text_of(recipe, "pack"),
        text_of(recipe, "class"),
        text_of(recipe, "material"),
        tuple(more),
        text_of(recipe, "process"),
        text_of(recipe, "printer"),
        tuple((key, value) for key, value in overrides),
        _number(recipe, "epoch", 1),
        _truth(recipe, "heal"),
        tuple(_order(row) for row in rows),
    )


def _order(row: Mapping[str, Any]) -> OrderRow:
    angles = row.get("rotateDeg")
    if (
        not isinstance(angles, list)
        or len(angles) != 3
        or not all(isinstance(one, str) and _is_decimal(one) for one in angles)
    ):
        raise StrictJsonError("rotateDeg: three decimal texts are wanted")
    return OrderRow(
        sha256_of(row.get("model"), "sha256"),
        _text_or_none(row, "unit"),
        _number_or_none(row, "plate", 1),
        _number_or_none(row, "extruder", 1),
        _truth(row, "isSplit"),
        _number(row, "scaleE6", 1),
        (angles[0], angles[1], angles[2]),
        _text_or_none(row, "notation"),
        _truth(row, "isOriented"),
        _number(row, "copies", 1),
    )


def _is_decimal(text: str) -> bool:
    try:
        return len(text) <= 32 and -360 <= float(text) <= 360
    except ValueError:
        return False


def _number(row: Mapping[str, Any], key: str, least: int) -> int:
    value = row.get(key)
    if type(value) is not int or not least <= value <= 10_000_000_000:
        raise StrictJsonError(f"{key}: a number from {least} is wanted")
    return value


def _number_or_none(row: Mapping[str, Any], key: str, least: int) -> int | None:
    return None if row.get(key) is None else _number(row, key, least)


def _text_or_none(row: Mapping[str, Any], key: str) -> str | None:
    return None if row.get(key) is None else text_of(dict(row), key)


def _truth(row: Mapping[str, Any], key: str) -> bool:
    value = row.get(key)
    if type(value) is not bool:
        raise StrictJsonError(f"{key}: true or false is wanted")
    return value
