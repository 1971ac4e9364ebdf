"""What an older version signed still verifies: the files of `signed_by_0_1_0` are its own, made
before most fields of the demand were added."""

from __future__ import annotations

import base64
import json
import shutil
from pathlib import Path

import pytest

from printstd.artifacts.codec import from_plain, to_plain
from printstd.artifacts.demand import AuditDemand
from tests.integration.command import printstd

STORED = Path(__file__).parent / "signed_by_0_1_0"
VERIFY = ("verify", "plate.gcode", "--model", "plate.stl", "--trust", "k.pub")


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    shutil.copytree(STORED, tmp_path, dirs_exist_ok=True)
    return tmp_path


def stored_demand() -> dict:
    envelope = json.loads((STORED / "plate.gcode.cert.json").read_bytes())["dsseEnvelope"]
    return json.loads(base64.b64decode(envelope["payload"]))["predicate"]["demand"]


def test_it_verifies_and_is_audited_again_from_its_own_bytes(stored: Path) -> None:
    done = printstd(*VERIFY, cwd=stored)
    assert (done.code, done.err) == (0, "")
    assert "level       C2" in done.out
    assert "audit: PASSED" in done.out


def test_one_changed_byte_of_it_does_not(stored: Path) -> None:
    program = stored / "plate.gcode"
    program.write_bytes(program.read_bytes().replace(b"G1 X", b"G1 Y", 1))
    assert printstd(*VERIFY, cwd=stored).code == 6


def test_what_it_did_not_know_is_off() -> None:
    plain = stored_demand()
    demand = from_plain(AuditDemand, plain)
    assert {"heal_um", "parts", "clearance"}.isdisjoint(plain)
    assert (demand.heal_um, demand.parts, demand.clearance) == (0, (), None)
    plan, by, limits = demand.layers, demand.compensations, demand.integrity
    assert (plan.is_varied, plan.spiral_from, plan.floor_um) == (False, 0, 0)
    assert (by.circles, by.polygons, by.fuzzy_um) == (False, True, 0)
    assert (limits.infill_every_layers, limits.infill_shows) == (1, "middle")
    assert (limits.solid_um, limits.ranges, limits.ironing) == ((0, 0), (), None)
    # What is known today is written today, and read back as the same.
    assert from_plain(AuditDemand, to_plain(demand)) == demand


def _keys(value: object, at: str = "") -> list[str]:
    if isinstance(value, dict):
        return [key for k, v in value.items() for key in (f"{at}{k}", *_keys(v, f"{at}{k}."))]
    return []


@pytest.mark.parametrize("key", _keys(stored_demand()))
def test_no_field_that_it_had_may_be_missing(key: str) -> None:
    plain = stored_demand()
    *parents, last = key.split(".")
    at = plain
    for parent in parents:
        at = at[parent]
    del at[last]
    with pytest.raises(ValueError, match=last):
        from_plain(AuditDemand, plain)
