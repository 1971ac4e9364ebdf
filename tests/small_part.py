"""Two small blocks, an honest program for them that no generator of ours made, and certificates
over it from the real audit: what tests of signing, verifying and the command line work on."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

from printstd import pipeline
from printstd.adapters.clock import FixedClock
from printstd.adapters.executors import SerialExecutor
from printstd.adapters.keys import FileSigner
from printstd.adapters.profile_files import default_source
from printstd.adapters.surroundings import tool_facts
from printstd.artifacts.layer_plan import LayerPlan
from printstd.artifacts.mesh import Placement
from printstd.artifacts.program import Totals
from printstd.certify.dsse import sign_bundle
from printstd.certify.statement import Part, generation_statement, recheck_statement
from printstd.profiles.demand import audit_demand
from printstd.profiles.resolved import Request
from tests.mutation.demands import IDENTITY_E9
from tests.mutation.tiny_slicer import Recipe, as_bytes, prism_stl, slice_prism, two_blocks

LAYERS = 16
PEER = ("--printer", "peer", "--material", "peer", "--process", "peer-0.20")
EPOCH_S = 1_790_000_000
NOW = "2026-09-21T14:13:20Z"
CENTRE_UM = (125_000, 105_000, 0)


@functools.cache
def model() -> bytes:
    return prism_stl(two_blocks(), LAYERS * 0.2)


@functools.cache
def program() -> bytes:
    """Passes the audit under `PEER`, its fan on from the second layer as that material wants."""
    return as_bytes(_lines(Recipe(layers=LAYERS, solid_layers=4)))


@functools.cache
def fast_program() -> bytes:
    """The same, printed faster: a virtual board sleeps for a tenth of every move."""
    return as_bytes(_lines(Recipe(layers=LAYERS, solid_layers=4, print_speed=120.0)))


@functools.cache
def wrong_program() -> bytes:
    """The same with its walls 0.1 mm too far out: G-04 and G-05 say no."""
    return as_bytes(_lines(Recipe(layers=LAYERS, solid_layers=4, wall_offset=0.1)))


def _lines(recipe: Recipe) -> Sequence[str]:
    lines = [line for line in slice_prism(two_blocks(), recipe) if line != "M106 S255"]
    lines.insert(lines.index(";LAYER:1") + 1, "M106 S255")
    return lines


@functools.cache
def prepared() -> pipeline.Prepared:
    request = Request(material="peer", process="peer-0.20", printer="peer")
    resolved = pipeline.resolve(request, default_source())
    return pipeline.prepare(
        pipeline.ModelInput(model(), "Кубики №2.stl"), pipeline.Order(), resolved
    )


@dataclass(frozen=True)
class Pair:
    """The two bundles over one program."""

    program: bytes
    generation: bytes
    recheck: bytes


@functools.cache
def demanded() -> pipeline.AuditDemand:
    """The demand as the maker of the program would declare it: place and layer count fixed."""
    return audit_demand(
        prepared().resolved,
        placement=Placement(IDENTITY_E9, CENTRE_UM),
        layers=LayerPlan(200, 200, LAYERS),
        model_unit_nm=1_000_000,
        model_plate=None,
        supports_allowed=False,
    )


@functools.cache
def checked(data: bytes) -> pipeline.Checked:
    return pipeline.audit(data, prepared().model, demanded(), executor=SerialExecutor())


@functools.cache
def statements(data: bytes, name: str = "Кубики №2.gcode") -> tuple[bytes, bytes]:
    """The payloads of the two statements over `data`."""
    part = prepared()
    report, _ = pipeline.validate(part, progress=Silence())
    generation = generation_statement(
        name=name,
        program=data,
        totals=Totals(LAYERS, 75_000, 180_000, 224, 600_000, 40_000, 3_200),
        models=[pipeline.model_facts(part)],
        machine_name=f"{pipeline.ascii_name(name)}.gcode",
        parts=[
            Part(
                pipeline.part_label(part.file.mesh.source.sha256),
                0,
                Placement(IDENTITY_E9, CENTRE_UM),
            )
        ],
        resolved=part.resolved,
        demand=demanded(),
        report=report,
        tool=tool_facts(),
        issued_at=FixedClock(EPOCH_S).now_utc(),
    )
    found = checked(data)
    recheck = recheck_statement(
        name=name,
        program=data,
        models=[pipeline.model_facts(part)],
        resolved=part.resolved,
        demand=found.demand,
        audit=found.audit,
        decision=found.decision,
        generation_payload=generation,
        tool=tool_facts(),
        issued_at=FixedClock(EPOCH_S).now_utc(),
    )
    return generation, recheck


def pair(signer: FileSigner, data: bytes | None = None) -> Pair:
    made = data if data is not None else program()
    generation, recheck = statements(made)
    return Pair(made, sign_bundle(generation, signer), sign_bundle(recheck, signer))


class Silence:
    def stage(self, name: str, total: int) -> None: ...

    def advance(self, steps: int = 1) -> None: ...
