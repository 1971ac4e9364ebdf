"""3MF projects with settings of single objects, parts and modifiers, as slicers write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from printstd import pipeline
from printstd.adapters.executors import SerialExecutor
from printstd.artifacts.audit import Audit
from printstd.artifacts.demand import AuditDemand
from printstd.audit import audit_program
from printstd.profiles.decision import Outcome, decide
from printstd.profiles.resolved import Request
from tests.meshes import Triangles, merged, mesh_xml, model_xml, zip_3mf
from tests.stacks import Silent
from tests.unit.profiles.sources import BUNDLED

SERIAL, SILENT = SerialExecutor(), Silent()
MATERIAL, CUT, MODIFIER = "material", "cut", "modifier"
BLOCKER, ENFORCER = "blocker", "enforcer"
_PRUSA = {MATERIAL: "ModelPart", CUT: "NegativeVolume", MODIFIER: "ParameterModifier"}
_PRUSA |= {BLOCKER: "SupportBlocker", ENFORCER: "SupportEnforcer"}
_ORCA = {MATERIAL: "normal_part", CUT: "negative_part", MODIFIER: "modifier_part"}
_ORCA |= {BLOCKER: "support_blocker", ENFORCER: "support_enforcer"}


@dataclass(frozen=True)
class Volume:
    mesh: Triangles
    kind: str = MATERIAL
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Thing:
    """An object, with settings of its own, that is built once where its volumes lie."""

    volumes: Sequence[Volume]
    settings: Mapping[str, str] = field(default_factory=dict)


def prusa(*things: Thing) -> bytes:
    """One mesh for each object, its volumes ranges of triangles."""
    objects, items, config = "", "", ""
    for number, thing in enumerate(things, 1):
        mesh = merged(*(volume.mesh for volume in thing.volumes))
        objects += f'<object id="{number}" type="model">{mesh_xml(mesh)}</object>'
        items += f'<item objectid="{number}"/>'
        rows, first = _metadata("object", thing.settings), 0
        for volume in thing.volumes:
            last = first + len(volume.mesh[1]) - 1
            own = {"volume_type": _PRUSA[volume.kind], **volume.settings}
            rows += f'<volume firstid="{first}" lastid="{last}">{_metadata("volume", own)}</volume>'
            first = last + 1
        config += f'<object id="{number}">{rows}</object>'
    return zip_3mf(
        model_xml(objects, items),
        {"Metadata/Slic3r_PE_model.config": f'<?xml version="1.0"?><config>{config}</config>'},
    )


def orca(*things: Thing) -> bytes:
    """An object for each volume, which are components of another."""
    objects, items, config, count = "", "", "", 0
    for number, thing in enumerate(things, 1):
        uses, rows = "", _metadata(None, thing.settings)
        for volume in thing.volumes:
            count += 1
            objects += f'<object id="{count}" type="model">{mesh_xml(volume.mesh)}</object>'
            uses += f'<component objectid="{count}"/>'
            own = _metadata(None, volume.settings)
            rows += f'<part id="{count}" subtype="{_ORCA[volume.kind]}">{own}</part>'
        whole = 900 + number
        objects += f'<object id="{whole}" type="model"><components>{uses}</components></object>'
        items += f'<item objectid="{whole}"/>'
        config += f'<object id="{whole}">{rows}</object>'
    return zip_3mf(
        model_xml(objects, items),
        {"Metadata/model_settings.config": f'<?xml version="1.0"?><config>{config}</config>'},
    )


def _metadata(kind: str | None, settings: Mapping[str, str]) -> str:
    of = f'type="{kind}" ' if kind else ""
    return "".join(f'<metadata {of}key="{k}" value="{v}"/>' for k, v in settings.items())


def prepared(data: bytes, **overrides: str) -> pipeline.Prepared:
    """overrides : settings of the process, dots written as two underscores."""
    own = tuple((f"process.{key.replace('__', '.')}", value) for key, value in overrides.items())
    resolved = pipeline.resolve(Request(printer="mk4s", overrides=own), BUNDLED)
    return pipeline.prepare(pipeline.ModelInput(data, "p.3mf"), pipeline.Order(), resolved)


def made(data: bytes, **overrides: str) -> pipeline.Made:
    return pipeline.make_program(prepared(data, **overrides), executor=SERIAL, progress=SILENT)


def audited(program: bytes, data: bytes, demand: AuditDemand) -> tuple[Audit, Outcome]:
    audit = audit_program(program, data, demand)
    found = decide(audit.findings, rules_run=audit.rules_run, mandatory=demand.mandatory_rules)
    return audit, found.outcome


def failed(audit: Audit) -> list[str]:
    """Messages of the rules that failed."""
    return [f"{f.rule_id} {f.message}" for f in audit.findings if f.status.value == "FAIL"]
