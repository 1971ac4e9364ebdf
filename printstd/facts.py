"""What statements tell of the models of a plate and of their parts.

Stages are imported where they are called, so that a command pays for what it uses.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from printstd.inputs import ModelInput
from printstd.plates import Plate, Prepared

if TYPE_CHECKING:
    from printstd.certify.recipe import OrderRow
    from printstd.certify.statement import ModelFacts, Part


def distinct_models(parts: Sequence[Prepared]) -> list[ModelInput]:
    """Each model once."""
    return list({part.source.sha256: part.model for part in parts}.values())


def distinct_facts(parts: Sequence[Prepared]) -> tuple[list[ModelFacts], list[int]]:
    """Each model once, and which of them each part is made of."""
    own: dict[str, list[Prepared]] = {}
    for part in parts:
        known = own.setdefault(part.source.sha256, [])
        # Parts of one file that each have some of its objects are its facts together.
        if not known or part.source.extruder is not None:
            known.append(part)
    keys = list(own)
    number = [keys.index(part.source.sha256) for part in parts]
    return [model_facts(*own[sha256]) for sha256 in keys], number


def model_facts(*parts: Prepared) -> ModelFacts:
    """The model as the statements describe it. parts : what its objects are divided into."""
    from printstd.certify.statement import ModelFacts
    from printstd.kernels.solid import signed_volume_mm3

    meshes = list({part.source.extruder: part.file.mesh for part in parts}.values())
    low = np.min([mesh.box_mm[0] for mesh in meshes], axis=0)
    high = np.max([mesh.box_mm[1] for mesh in meshes], axis=0)
    x, y, z = (round(float(size) * 1000) for size in high - low)
    volume = sum(signed_volume_mm3(mesh.vertices_mm, mesh.faces) for mesh in meshes)
    n_faces = sum(len(mesh.faces) for mesh in meshes)
    return ModelFacts(meshes[0].source, n_faces, (x, y, z), round(volume * 1e9))


def statement_parts(plate: Plate, fact_of: Sequence[int]) -> list[Part]:
    """Every copy of every piece as the statements tell it. fact_of : of each model, which of the
    statement's models it is."""
    from printstd.certify.statement import Part

    return [
        Part(
            label,
            fact_of[stand.model],
            stand.placement,
            piece.items,
            piece.own,
            tuple((one.item, one.volume, one.own) for one in piece.regions),
        )
        for label, stand, piece in plate.pieces()
    ]


def statement_orders(plate: Plate) -> list[OrderRow]:
    """What was asked of each model of a plate, so that it can be made again."""
    from printstd.certify.recipe import OrderRow

    rows = []
    for number, prepared in enumerate(plate.models):
        order = prepared.order
        x, y, z = (repr(float(angle)) for angle in order.rotate_deg)
        rows.append(
            OrderRow(
                prepared.source.sha256,
                order.unit.value if order.unit is not None else None,
                order.plate,
                order.extruder,
                prepared.source.extruder is not None,
                order.scale_e6,
                (x, y, z),
                order.notation,
                order.is_oriented,
                len(plate.copies_of(number)),
            )
        )
    return rows
