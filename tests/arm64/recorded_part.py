"""`tests.small_part` as it was recorded on another machine, for one on which nothing but
`cryptography` is installed: pytest loads this as a plugin, before any test asks for the part.

The statements are recorded unsigned; tests sign and change them here, on the machine they run on.
"""

from __future__ import annotations

import base64
import json
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, Final, NamedTuple

RECORD: Final = "PRINTSTD_RECORDED_PART"
"""Names the file that `record` wrote."""
ABSENT: Final = ("numpy", "pydantic", "typer", "manifold3d", "shapely", "sqlalchemy", "httpx2")


class Pair(NamedTuple):
    program: bytes
    generation: bytes
    recheck: bytes


def record(place: Path) -> None:
    """Where everything is installed: the part's program and the statements of it."""
    from tests import small_part

    program = small_part.program()
    told = [program, *small_part.statements(program)]
    place.write_text(json.dumps([base64.b64encode(own).decode() for own in told]))


def _stand_in(place: Path) -> ModuleType:
    program, *payloads = [base64.b64decode(own) for own in json.loads(place.read_text())]
    module: Any = ModuleType("tests.small_part")

    def statements(data: bytes) -> tuple[bytes, bytes]:
        assert data == program, "only what was recorded"
        generation, recheck = payloads
        return generation, recheck

    def pair(signer: Any) -> Pair:
        from printstd.certify.dsse import sign_bundle

        return Pair(program, *(sign_bundle(payload, signer) for payload in payloads))

    module.program = lambda: program
    module.statements = statements
    module.pair = pair
    return module  # type: ignore[no-any-return]


def pytest_configure() -> None:
    """What a printer's host does not have must not be there by chance either."""
    from importlib.util import find_spec

    there = [name for name in ABSENT if find_spec(name) is not None]
    assert not there, f"this machine has {', '.join(there)}: it proves nothing"
    import tests

    part = _stand_in(Path(os.environ[RECORD]))
    sys.modules["tests.small_part"] = part
    tests.small_part = part  # type: ignore[attr-defined]
