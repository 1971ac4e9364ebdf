"""CAD files become meshes before anything else is done with them, as fine as the request needs.

How fine: the chord error is at most a tenth of the tightest permissible deviation that the request
can give a size of this part: the smallest of its tolerance class, and of the drawing's rows (of
limits that are not symmetric, half of their distance). And never more than 0.01 mm.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from printstd.words import Said, said

if TYPE_CHECKING:
    from printstd.artifacts.cad import CadMesh
    from printstd.artifacts.characteristics import CharacteristicList
    from printstd.artifacts.mesh import ModelFile
    from printstd.intake.step.read import ChordLimit
    from printstd.profiles.resolved import Resolved
    from printstd.units import LengthUnit

SHARE: Final = 0.1
LARGEST_CHORD_MM: Final = 0.01
"""Whatever the class allows: the surface of a part is more than its sizes."""


def is_cad(data: bytes) -> bool:
    """Do these bytes begin a STEP file?"""
    return data[:4096].removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"ISO-10303-21")


def chord_limit(
    resolved: Resolved | None, drawing: CharacteristicList | None, scale: float
) -> ChordLimit:
    """How far the mesh of a CAD file may stray from it, in the file's own size. resolved : None
    where nothing is asked of the part. scale : that the part is made in."""
    from printstd.intake.step.read import ChordLimit

    found: list[tuple[float, Said]] = []
    if resolved is not None and resolved.bands:
        deviations = [band.deviation_mm for band in resolved.bands]
        tightest = min([*deviations, *(band.deviation_mm for band in resolved.edge_bands)])
        source = said(
            "a tenth of the tightest deviation, {mm:g} mm, of {indication}",
            mm=tightest,
            indication=resolved.indication,
        )
        found.append((SHARE * tightest, source))
    if resolved is not None and drawing is not None:
        found += _of_rows(resolved, drawing)
    in_any_case = said("no more than {mm:g} mm in any case", mm=LARGEST_CHORD_MM)
    found.append((LARGEST_CHORD_MM, in_any_case))
    mm, source = min(found, key=lambda own: round(own[0], 9))
    if scale != 1:
        source = said("{why}, in the file's own size at scale {scale:g}", why=source, scale=scale)
    return ChordLimit(mm / scale, source)


def _of_rows(resolved: Resolved, drawing: CharacteristicList) -> list[tuple[float, Said]]:
    from printstd.profiles.fits import LimitsRefused, parse_limits

    found: list[tuple[float, Said]] = []
    for row in drawing.rows:
        limits = row.limits
        if row.unit != "mm":
            continue
        if limits.lower_e6 is not None and limits.upper_e6 is not None:
            width = limits.upper_e6 - limits.lower_e6
        else:
            text = limits.text or resolved.tolerance_class
            try:
                read = parse_limits(text, resolved.size_tables, nominal_nm=row.nominal_e6)
            except LimitsRefused:
                continue  # the row is left undecided, and says why
            width = read.upper_nm - read.lower_nm
        half_mm = width / 2e6
        if half_mm > 0:
            source = said(
                "a tenth of the deviation, {mm:g} mm, of the drawing's row {number}",
                mm=half_mm,
                number=row.number,
            )
            found.append((SHARE * half_mm, source))
    return found


def tessellator_name() -> str:
    """Whose triangles are made; InputError where the extra is not there."""
    from printstd.adapters.tessellator import CascadioTessellator

    return CascadioTessellator().name


def cad_mesh(
    data: bytes,
    limit: ChordLimit,
    *,
    unit: LengthUnit | None = None,
    deflection_nm: int | None = None,
) -> CadMesh:
    """The mesh of a CAD file; InputError where it is refused or the extra is not there."""
    from printstd.adapters.tessellator import CascadioTessellator
    from printstd.intake.step.read import read_step

    tessellator = CascadioTessellator()
    return read_step(data, tessellator, limit, unit=unit, deflection_nm=deflection_nm)


def mesh_again(data: bytes, deflection_nm: int, limit_nm: int) -> CadMesh:
    """What an earlier run made of the same file, if the library still does the same."""
    from printstd.intake.step.read import ChordLimit

    limit = ChordLimit(limit_nm / 1e6, said("as certified"))
    return cad_mesh(data, limit, deflection_nm=deflection_nm)


def cad_file(cad: CadMesh, name: str) -> ModelFile:
    """The mesh as a model file that knows what it was made of. name : of the CAD file."""
    from dataclasses import replace

    from printstd.intake import read_model
    from printstd.units import LengthUnit as Unit

    file = read_model(cad.stl, name="mesh.stl", unit=Unit.MILLIMETER)
    source = replace(file.mesh.source, name=name, format="step", cad=cad.source)
    return replace(
        file,
        mesh=replace(file.mesh, source=source),
        findings=(*file.findings, *cad.findings),
        exact=cad.faces,
    )
