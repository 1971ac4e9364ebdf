"""3MF packages of a tetrahedron and a cube, as small as a test can read them."""

from __future__ import annotations

from tests import meshes
from tests.meshes import mesh_xml, model_xml, zip_3mf

CUBE = meshes.cube(20.0)
TETRA = meshes.tetrahedron(10.0)
TETRA_XML = mesh_xml(TETRA)
PRODUCTION = f'xmlns:p="{meshes.PRODUCTION_3MF}" requiredextensions="p"'
MM = 'unit="millimeter"'


def thing(id_: int, content: str, more: str = "") -> str:
    return f'<object id="{id_}" {more}>{content}</object>'


def part(resources: str, build: str, attributes: str = MM) -> bytes:
    return zip_3mf(model_xml(resources, build, attributes))


def one(content: str, attributes: str = MM) -> bytes:
    return part(thing(1, content), '<item objectid="1"/>', attributes)


def production(
    root_resources: str,
    build: str,
    others: dict[str, str],
    extra: dict[str, str | bytes] | None = None,
    attributes: str = f"{MM} {PRODUCTION}",
) -> bytes:
    parts: dict[str, str | bytes] = {
        name: model_xml(resources, "") for name, resources in others.items()
    }
    return zip_3mf(model_xml(root_resources, build, attributes), parts | (extra or {}))


def component(path: str, id_: int, shift: tuple[float, float, float] = (0, 0, 0)) -> str:
    x, y, z = shift
    return (
        f'<components><component p:path="{path}" objectid="{id_}" '
        f'transform="1 0 0 0 1 0 0 0 1 {x} {y} {z}"/></components>'
    )
