"""The models given to `verify`, as a statement names them: of a CAD file the very mesh that was
certified."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from printstd.words import said

if TYPE_CHECKING:
    from printstd.certify.reading import Said, TessellationRow
    from printstd.inputs import ModelInput


def given_models(models: Sequence[Path], stated: Said) -> list[ModelInput]:
    """The models that are named, each once. VerificationError unless they are those of the
    statement: all of them, no other."""
    import hashlib

    from printstd.cli.running import read_model_file, shown
    from printstd.errors import VerificationError

    wanted = {sha256: name for name, sha256 in stated.models}
    read = {path: _as_stated(path, read_model_file(path), stated) for path in models}
    given = {hashlib.sha256(model.data).hexdigest(): path for path, model in read.items()}
    for sha256, path in given.items():
        if sha256 not in wanted:
            raise VerificationError(
                said("this is not the model that the program was certified for"),
                where=shown(path.name),
                got=said("sha256 {sha256}", sha256=sha256),
                wanted=" or ".join(f"sha256 {own}" for own in wanted),
                hint=said("give the very file that was certified"),
            )
    missing = [f"{name}, sha256 {sha256}" for sha256, name in wanted.items() if sha256 not in given]
    if missing:
        raise VerificationError(
            said("the program was certified for more models than these"),
            got=", ".join(shown(path.name) for path in models),
            wanted="; ".join(missing),
            hint=said("give every one of them: --model A --model B"),
        )
    return [read[path] for path in given.values()]


def _as_stated(path: Path, model: ModelInput, stated: Said) -> ModelInput:
    """Of a CAD file that was certified, the very mesh; any other file as it is. VerificationError
    where the library makes another mesh of it now than it did then."""
    import hashlib

    from printstd.cli.running import shown
    from printstd.errors import VerificationError

    sha256 = hashlib.sha256(model.data).hexdigest()
    row = next((row for row in stated.tessellations if row.sha256 == sha256), None)
    if row is None:
        return model
    from printstd.cad import mesh_again
    from printstd.inputs import ModelInput as Input

    made = mesh_again(model.data, row.deflection_nm, row.chord_limit_nm)
    found = hashlib.sha256(made.stl).hexdigest()
    if found != row.model_sha256:
        raise VerificationError(
            said("the mesh that is made of this STEP file now is not the one that was certified"),
            where=shown(path.name),
            got=said(
                "sha256 {sha256}, by {library}", sha256=found, library=made.source.tessellator
            ),
            wanted=said(
                "sha256 {sha256}, by {library}", sha256=row.model_sha256, library=row.tessellator
            ),
            hint=said(
                "give the mesh itself, which `printstd certify` wrote beside the program "
                "(*.model.stl), or install the same library"
            ),
        )
    return Input(made.stl, model.name, made)


def tessellated(row: TessellationRow) -> str:
    return said(
        "{name}, sha256 {sha256}, by {library}; chord error {chord:.3f} um at most, limit "
        "{limit:g} um",
        name=row.name,
        sha256=row.sha256,
        library=row.tessellator,
        chord=row.chord_nm / 1000,
        limit=row.chord_limit_nm / 1000,
    )
