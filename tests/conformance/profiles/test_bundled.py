"""Every profile that ships: sound by itself, sound with every other, known to the auditor."""

from __future__ import annotations

import re

import pytest

from printstd.adapters.profile_files import bundled_folders
from printstd.artifacts.layer_plan import LayerPlan
from printstd.audit.verbs import Verb
from printstd.errors import ProfileError
from printstd.profiles import consistency, machine_code, schema
from printstd.profiles.demand import audit_demand
from printstd.profiles.load import MODELS, load
from printstd.profiles.models import Material, Printer
from printstd.profiles.raw import KINDS
from printstd.profiles.resolve import resolve
from printstd.profiles.resolved import Request
from printstd.profiles.show import check_all, describe, titles
from printstd.validate.registry import CHECKS
from tests.shares import crossed
from tests.unit.profiles.json_schema import violations
from tests.unit.profiles.sources import BUNDLED

PRINTERS = BUNDLED.names("printers")
PROCESSES, MATERIALS = BUNDLED.names("processes"), BUNDLED.names("materials")
# Each meets a share of the others on the diagonals, packs not at all.
REQUESTS = [
    Request("int", None, material, process, printer)
    for material, process, printer in (
        *(("pla", *two) for two in crossed(PROCESSES, [None, *PRINTERS], one_in=3)),
        *(
            (material, "standard-0.20", printer)
            for material, printer in crossed(MATERIALS, PRINTERS, one_in=15)
        ),
        *((*two, None) for two in crossed(MATERIALS, PROCESSES, one_in=3)),
    )
]
REQUESTS += [
    Request(pack, printer=printer) for pack in BUNDLED.names("packs") for printer in (None, "mk4s")
]
PLAN = LayerPlan(first_um=200, height_um=200, count=10)


def test_every_file_is_sound() -> None:
    problems, count = check_all(BUNDLED)
    assert problems == []
    assert count == sum(len(BUNDLED.names(folder)) for folder in KINDS.values())


def test_what_users_are_promised_is_there() -> None:
    found = titles(BUNDLED)
    assert set(found["packs"]) == {"cn", "de", "fr", "int", "jp", "kr", "kz", "ru", "sg", "us"}
    assert {"pla", "petg", "abs", "peer"} <= set(found["materials"])
    assert {"draft-0.30", "standard-0.20", "fine-0.12", "peer-0.20"} <= set(found["processes"])
    firmwares = {
        resolve(Request(printer=name), BUNDLED).printer.firmware.value  # type: ignore[union-attr]
        for name in PRINTERS
    }
    assert firmwares == {"marlin2", "prusa-buddy", "klipper", "reprapfirmware", "bambu"}


@pytest.mark.parametrize("request_", REQUESTS, ids=str)
def test_every_combination_resolves_and_every_value_has_an_origin(request_: Request) -> None:
    hotter = _beyond(request_)
    if hotter:
        with pytest.raises(ProfileError) as refused:
            resolve(request_, BUNDLED)
        assert {problem.key for problem in refused.value.problems} == hotter
        return
    resolved = resolve(request_, BUNDLED)
    for key, text, origin in describe(resolved):
        assert text
        assert origin == "default" or re.match(r"profiles/[a-z/]+/[a-z0-9.-]+\.toml:\d+", origin), (
            key
        )
    assert len(resolved.digests) == (9 if request_.printer else 6)


def _beyond(request: Request) -> set[str]:
    """Keys of the material that ask for more heat than the printer has: no bundled printer makes
    PEEK."""
    if request.printer is None:
        return set()
    machine = load(BUNDLED, Printer, "printer", request.printer, [])
    material = load(BUNDLED, Material, "material", request.material, [])
    assert machine is not None
    assert material is not None
    return {
        key
        for key in ("nozzle_c", "first_layer_nozzle_c", "bed_c", "first_layer_bed_c")
        if getattr(material.model, key)
        > (machine.model.max_nozzle_c if "nozzle" in key else machine.model.max_bed_c)
    }


@pytest.mark.parametrize("printer", PRINTERS)
def test_every_printer_gives_a_demand_of_integers(printer: str) -> None:
    asked = (Request(printer=printer, material=name) for name in ("abs", "petg", "pla"))
    resolved = resolve(next(one for one in asked if not _beyond(one)), BUNDLED)
    demand = audit_demand(
        resolved,
        placement=None,
        layers=PLAN,
        model_unit_nm=1_000_000,
        model_plate=None,
        supports_allowed=False,
    )
    assert _floats(demand) == []
    shrinks = resolved.material.shrinkage_xy_ratio
    assert demand.compensations.scale_xy_e6 == round(1_000_000 / (1 - shrinks))


def _floats(value: object) -> list[float]:
    if isinstance(value, float):
        return [value]
    if isinstance(value, tuple):
        return [f for item in value for f in _floats(item)]
    if hasattr(value, "__dataclass_fields__"):
        return [f for name in value.__dataclass_fields__ for f in _floats(getattr(value, name))]
    return []


def test_allow_lists_use_exactly_the_auditor_s_verbs() -> None:
    assert set(consistency.MEANINGS) == {verb.value for verb in Verb}


def test_packs_demand_checks_that_there_are() -> None:
    for name in BUNDLED.names("packs"):
        assert set(resolve(Request(pack=name), BUNDLED).pack.mandatory_checks) <= set(CHECKS)


@pytest.mark.parametrize("printer", PRINTERS)
def test_a_machine_s_own_lines_heat_wait_home_and_end_safely(printer: str) -> None:
    machine = resolve(Request(printer=printer), BUNDLED).printer
    assert machine is not None
    values = dict.fromkeys(machine_code.PLACEHOLDERS, "60")
    start = [machine_code.expand(line, values) for line in machine.start_code]
    end = [machine_code.expand(line, values) for line in machine.end_code]
    assert not any("{" in line for line in start + end)
    commands = [machine_code.command_of(line) for line in start]
    assert {"G28", "M109", "M190"} <= set(commands)
    first_move = next(i for i, c in enumerate(commands) if c in ("G0", "G1"))
    assert "G28" in commands[:first_move]
    purges = [i for i, line in enumerate(start) if " E" in line and commands[i] == "G1"]
    assert all(commands.index("M109") < i for i in purges)
    assert end[-1].split()[0] == "M84"
    nozzles = range(machine.tools.count) if machine.tools else ()
    off = {f"M104 T{number} S0" for number in nozzles} or {"M104 S0"}
    assert {*off, "M140 S0"} <= set(end)
    assert {"M107", "M106 P0 S0"} & set(end)


@pytest.mark.parametrize("kind", list(MODELS))
def test_committed_schemas_are_current(kind: str) -> None:
    root = next(path for path, _ in bundled_folders() if path.is_dir())
    committed = (root / "schema" / f"{kind}.json").read_text("utf-8")
    assert committed == schema.schema_text(kind), "make schemas"


@pytest.mark.parametrize("kind", list(MODELS))
def test_schemas_accept_what_ships_and_refuse_a_misspelt_key(kind: str) -> None:
    import tomllib

    for name in BUNDLED.names(KINDS[kind]):
        values = tomllib.loads(BUNDLED.read(KINDS[kind], name)[1].decode("utf-8"))
        assert violations(schema.schema(kind), values) == []
        assert violations(schema.schema(kind), {**values, "idd": "x"}) != []
    assert violations(schema.schema(kind), {}) != []
