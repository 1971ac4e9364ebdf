"""What the tests of intake share."""

from __future__ import annotations

import numpy as np
import pytest

from printstd.artifacts.mesh import ModelFile
from printstd.errors import InputError
from printstd.intake import Limits, read_model
from printstd.units import LengthUnit
from tests.meshes import Triangles


def read(
    data: bytes,
    name: str = "part.stl",
    *,
    unit: LengthUnit | None = None,
    plate: int | None = None,
    limits: Limits | None = None,
) -> ModelFile:
    return read_model(data, name=name, unit=unit, plate=plate, limits=limits)


def refused(
    data: bytes,
    name: str = "part.stl",
    *,
    plate: int | None = None,
    unit: LengthUnit | None = None,
    limits: Limits | None = None,
) -> InputError:
    """The error with which a file is refused; it always has a code and exit code 4."""
    with pytest.raises(InputError) as caught:
        read_model(data, name=name, plate=plate, unit=unit, limits=limits)
    assert caught.value.exit_code == 4
    assert caught.value.code
    return caught.value


def codes(file: ModelFile) -> list[str]:
    """Codes of the reader's remarks, in order."""
    assert all(finding.rule_id == "PAR-01" for finding in file.findings)
    return [dict(finding.details)["code"] for finding in file.findings]


def corners_of(file: ModelFile) -> np.ndarray:
    """(f, 3, 3) float64, mm: the facets' corners in file order."""
    return np.asarray(file.mesh.vertices_mm[file.mesh.faces])


def assert_same_facets(file: ModelFile, mesh: Triangles, *, within_mm: float = 0.0) -> None:
    """The file's facets are those of `mesh`, row by row and corner by corner."""
    wanted = mesh[0][mesh[1]]
    found = corners_of(file)
    assert found.shape == wanted.shape
    assert np.abs(found - wanted).max(initial=0.0) <= within_mm
