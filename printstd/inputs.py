"""Model files as they come in: a mesh as it is, a CAD file as the mesh that the request needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from printstd.dataclass import dataclass
from printstd.errors import InputError
from printstd.reuse.kept import Kept
from printstd.words import said

if TYPE_CHECKING:
    from printstd.artifacts.cad import CadMesh
    from printstd.artifacts.characteristics import CharacteristicList
    from printstd.artifacts.mesh import ModelFile
    from printstd.ports import Cache
    from printstd.profiles.resolved import Resolved
    from printstd.units import LengthUnit


@dataclass(frozen=True, slots=True)
class ModelInput:
    """A model's bytes under the name the user knows it by.

    data : of the file; of a CAD file the mesh that was made of it, which is what everything else
    is about. cad : what the mesh was made of; None where the file has the mesh itself.
    """

    data: bytes
    name: str
    cad: CadMesh | None = None

    @property
    def made_of(self) -> tuple[object, ...]:
        """What else than its data is in the model file behind it: of a CAD file, which, and how its
        mesh was made."""
        if self.cad is None:
            return ()
        own = self.cad.source
        return (own.sha256, own.deflection_nm, own.chord_limit_nm, own.tessellator)


def model_input(
    model: ModelInput,
    resolved: Resolved | None,
    *,
    unit: LengthUnit | None = None,
    plate: int | None = None,
    scale: float = 1.0,
    drawing: CharacteristicList | None = None,
    cache: Cache | None = None,
) -> ModelInput:
    """A CAD file as its mesh, as fine as the class and the drawing need; any other as it is.

    resolved : None where nothing is asked of the part. Raises InputError where the file is refused.
    """
    from printstd.cad import cad_mesh, chord_limit, is_cad, tessellator_name

    if model.cad is not None or not is_cad(model.data):
        return model
    if plate is not None:
        raise InputError(
            said("only a 3MF project has plates"),
            got=said("plate {plate} of a file in {kind}", plate=plate, kind="step"),
            wanted=said("a 3MF project"),
            hint=said("leave --plate out"),
            code="STEP-040",
        )
    limit = chord_limit(resolved, drawing, scale)

    def kind() -> type[CadMesh]:
        from printstd.artifacts.cad import CadMesh

        return CadMesh

    inputs = (model.data, limit.mm, str(limit.source), unit, tessellator_name())
    made = Kept(cache, "cad", kind, inputs, lambda: cad_mesh(model.data, limit, unit=unit)).value()
    return ModelInput(made.stl, model.name, made)


def read_input(
    model: ModelInput,
    unit: LengthUnit | None,
    plate: int | None,
    extruder: int | None = None,
) -> ModelFile:
    """The model file behind an input, its mesh as it is. InputError where it is refused."""
    if model.cad is not None:
        from printstd.cad import cad_file

        return cad_file(model.cad, model.name)
    from printstd.intake import read_model

    return read_model(model.data, name=model.name, unit=unit, plate=plate, extruder=extruder)
