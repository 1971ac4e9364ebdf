"""Repair as a whole: mended, written, read back, and only then judged and proved.

What is proved is proved of the file, so the rounding of its numbers counts. Whether the model is
sound is what the checks of meshes say (`GEO-..`), of the source and of the repaired file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.finding import Finding, Status, Where
from printstd.artifacts.repair import (
    RepairAction,
    RepairClass,
    RepairedMesh,
    RepairPolicy,
    RepairProof,
)
from printstd.errors import UsageError
from printstd.profiles.decision import Decision, decide, rule_statuses
from printstd.words import Said, said

if TYPE_CHECKING:
    from printstd.artifacts.mesh import ModelFile
    from printstd.profiles.resolved import Resolved

LARGEST_BOUND_MM: Final = 0.01
"""Whatever the class allows, by itself repair moves nothing farther (facts of validation, 4.1)."""
SHARE: Final = 0.1
"""Of the smallest tolerance of the class."""

_PROOF: Final = "REP-09"
_REST: Final = "REP-10"
_CLASSES: Final = {
    RepairClass.LOSSLESS: said("lossless"),
    RepairClass.BOUNDED: said("bounded"),
    RepairClass.GUESS: said("topology guess"),
}


@dataclass(frozen=True, slots=True, eq=False)
class Mended:
    """What came of a repair. product : the file, None where it was refused. record : None where
    nothing was tried."""

    findings: tuple[Finding, ...]
    decision: Decision
    product: bytes | None
    record: RepairedMesh | None
    proof: RepairProof | None
    after: ModelFile | None

    @property
    def rules_run(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(finding.rule_id for finding in self.findings))


def policy_of(resolved: Resolved, bound_mm: float | None) -> RepairPolicy:
    """How far repair may go under the class. UsageError where `bound_mm` is beyond its share."""
    if resolved.bands:
        smallest = min(band.deviation_mm for band in resolved.bands)
        share = SHARE * smallest
        source = said(
            "a tenth of the smallest tolerance, {tolerance:g} mm, of {indication}",
            tolerance=smallest,
            indication=resolved.indication,
        )
    else:
        share = LARGEST_BOUND_MM
        source = said("no tolerance class is in force: {mm:g} mm", mm=share)
    if bound_mm is not None:
        if not 0 < bound_mm <= share * (1 + 1e-9):
            raise UsageError(
                said("--bound: repair may not move the surface so far"),
                got=said("{mm:g} mm", mm=bound_mm),
                wanted=said("more than 0 and at most {mm:g} mm: {why}", mm=share, why=source),
                hint=said("choose a coarser --class if the drawing does, or mend the model in CAD"),
            )
        return RepairPolicy(bound_mm, said("--bound, within {why}", why=source), resolved.nozzle_mm)
    if share > LARGEST_BOUND_MM * (1 + 1e-9):
        source = said("more only with --bound; the class would allow {why}", why=source)
    return RepairPolicy(min(share, LARGEST_BOUND_MM), source, resolved.nozzle_mm)


def mended(file: ModelFile, resolved: Resolved, policy: RepairPolicy, *, is_3mf: bool) -> Mended:
    """The file repaired under the policy, or what of it was refused."""
    from printstd.intake import read_model
    from printstd.repair.encode import encoded
    from printstd.repair.proof import proved
    from printstd.repair.run import repaired

    if file.portions or file.cut is not None:
        return _not_tried()
    mesh = file.mesh
    record = repaired(mesh.vertices_mm, mesh.faces, policy)
    if not len(record.faces):
        return _refused_whole()
    product = encoded(
        record.vertices_mm, record.faces, is_3mf=is_3mf, source_sha256=mesh.source.sha256
    )
    name = "repaired.3mf" if is_3mf else "repaired.stl"
    after = read_model(product, name=name)
    proof = proved(
        (mesh.vertices_mm, mesh.faces),
        (after.mesh.vertices_mm, after.mesh.faces),
        is_fill=record.source_facet < 0,
        is_dust=record.is_dust,
        bound_mm=policy.bound_mm,
    )
    was, now = (_mesh_findings(one, resolved) for one in (file, after))
    then, is_ = rule_statuses(was), rule_statuses(now)
    findings = (
        *(_told(action, policy, then, is_) for action in record.actions),
        *(_refusal(refusal, policy) for refusal in record.refusals),
        _proof_finding(proof, policy, is_changed=bool(record.actions)),
        *_rest(now),
    )
    rules = tuple(dict.fromkeys(finding.rule_id for finding in findings))
    decision = decide(findings, rules_run=rules, mandatory=())
    is_done = decision.exit_code == 0
    return Mended(findings, decision, product if is_done else None, record, proof, after)


def _mesh_findings(file: ModelFile, resolved: Resolved) -> tuple[Finding, ...]:
    from printstd.validate.registry import CHECKS, validate_model

    return validate_model(
        file, resolved, only=[rule for rule in CHECKS if rule.startswith("GEO-")]
    ).findings


def _told(
    action: RepairAction,
    policy: RepairPolicy,
    then: dict[str, Status],
    now: dict[str, Status],
) -> Finding:
    turned = [
        f"{rule} {then[rule].value} -> {now[rule].value}"
        for rule in action.rules
        if rule in then and rule in now and then[rule] is not now[rule]
    ]
    if turned:
        verdict: str = said("yes: {rules}", rules=", ".join(turned))
    else:
        verdict = said("no")
    return Finding(
        action.code,
        Status.INFO,
        action.message,
        policy.bound_source if action.kind is RepairClass.BOUNDED else said("loses nothing"),
        measured=None if action.displacement_mm is None else _rounded(action.displacement_mm),
        limit=_rounded(policy.bound_mm),
        unit="mm",
        where=_where(action),
        details=(
            (said("class"), _CLASSES[action.kind]),
            (said("facets of the source"), _runs(action.facets) or said("none")),
            (
                said("largest displacement"),
                said("{mm:.6f} mm", mm=action.displacement_mm or 0.0),
            ),
            (said("change of area"), said("{mm2:+.6f} mm2", mm2=action.area_change_mm2 + 0.0)),
            (said("change of volume"), said("{mm3:+.6f} mm3", mm3=action.volume_change_mm3 + 0.0)),
            (said("a verdict depends on it"), verdict),
        ),
    )


def _refusal(refusal: RepairAction, policy: RepairPolicy) -> Finding:
    return Finding(
        refusal.code,
        Status.FAIL,
        said("refused: {why}", why=refusal.message),
        policy.bound_source,
        where=_where(refusal),
        details=(
            (said("class"), _CLASSES[refusal.kind]),
            (said("facets of the source"), _runs(refusal.facets) or said("none")),
        ),
    )


def _where(action: RepairAction) -> tuple[Where, ...]:
    return (*action.where, Where(facets=action.facets)) if action.facets else action.where


def _proof_finding(proof: RepairProof, policy: RepairPolicy, *, is_changed: bool) -> Finding:
    values = {"mm": proof.upper_mm, "bound": policy.bound_mm}
    is_near = proof.upper_mm <= policy.bound_mm
    largest_fill_mm = max(policy.hole_mm, policy.bound_mm)
    is_proved = is_near and proof.fill_mm <= largest_fill_mm and not proof.wrong_points
    if not is_near:
        message: Said = said(
            "refused: it is not proved that the repaired surface stays within {bound:.3g} mm of "
            "the model's; the bound is {mm:.3g} mm",
            **values,
        )
    elif proof.fill_mm > largest_fill_mm:
        message = said(
            "refused: a filling lies {mm:.3g} mm from the model's surface, farther than a nozzle "
            "is wide",
            mm=proof.fill_mm,
        )
    elif proof.wrong_points:
        message = said(
            "refused: beside the repaired surface, inside and outside are not what they were or "
            "should be, at {wrong} of {points} points",
            wrong=proof.wrong_points,
            points=proof.points,
        )
    elif not is_changed and not proof.removed and not proof.added:
        message = said("there was nothing to repair: every facet is as it was")
    elif not is_changed:
        message = said(
            "there was nothing to repair; writing moves the surface by {mm:.2g} mm at most",
            **values,
        )
    elif proof.inside_points:
        message = said(
            "the repaired surface is proved to lie within {mm:.3g} mm of the model's; what is gone "
            "of the model's lies inside the body, at all {points} points looked at",
            points=proof.inside_points,
            **values,
        )
    else:
        message = said(
            "the repaired surface is proved to lie within {mm:.3g} mm of the model's, and the "
            "other way round",
            **values,
        )
    details = [
        (said("facets removed, added"), f"{proof.removed}, {proof.added}"),
        (
            said("distance between"),
            said("{lower:.6f} and {upper:.6f} mm", lower=proof.lower_mm, upper=proof.upper_mm),
        ),
        (said("nearest facets asked for"), str(proof.queries)),
        (said("points looked at on both sides"), str(proof.points)),
    ]
    if proof.fill_mm:
        text = said("{mm:.6f} mm from the model's surface at most", mm=proof.fill_mm)
        details.append((said("fillings, the size of the guess"), text))
    if proof.inside_points:
        details.append(
            (said("points of what is gone, all inside the body"), str(proof.inside_points))
        )
    return Finding(
        _PROOF,
        Status.PASS if is_proved else Status.FAIL,
        message,
        policy.bound_source,
        measured=_rounded(proof.upper_mm),
        limit=_rounded(policy.bound_mm),
        unit="mm",
        where=() if proof.place_mm is None else (Where(point_mm=proof.place_mm),),
        details=tuple(details),
    )


def _rest(now: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """What the checks of meshes still find."""
    failed = [f for f in now if f.status is Status.FAIL]
    if not failed:
        unknown = [f for f in now if f.status is Status.NOT_EVALUATED]
        return tuple(
            Finding(
                _REST,
                Status.WARN,
                said(
                    "a check of meshes could not be made of the repaired file ({rule}): {message}",
                    rule=finding.rule_id,
                    message=finding.message,
                ),
                finding.source,
            )
            for finding in unknown
        ) or (
            Finding(
                _REST,
                Status.PASS,
                said("the checks of meshes (GEO) find no fault in the repaired file"),
                "3MF Core 1.4.0, 4.1",
            ),
        )
    return tuple(
        Finding(
            _REST,
            Status.FAIL,
            said(
                "refused: this would be left, and how to mend it is a guess ({rule}): {message}",
                rule=finding.rule_id,
                message=finding.message,
            ),
            finding.source,
            finding.measured,
            finding.limit,
            finding.unit,
            finding.where,
            finding.details,
        )
        for finding in failed
    )


def _not_tried() -> Mended:
    return _only(
        said(
            "refused: the file has objects with settings of their own or volumes that are cut out, "
            "which the repaired file could not say; repair each body by itself"
        )
    )


def _refused_whole() -> Mended:
    return _only(
        said("refused: nothing would be left: no facet has an area"),
    )


def _only(message: Said) -> Mended:
    findings = (Finding(_REST, Status.FAIL, message, "3MF Core 1.4.0, 4.1"),)
    decision = decide(findings, rules_run=(_REST,), mandatory=())
    return Mended(findings, decision, None, None, None, None)


def _rounded(value: float) -> float:
    return round(float(value), 9) + 0.0


def _runs(numbers: tuple[int, ...]) -> str:
    """``0-12, 40``."""
    if not numbers:
        return ""
    values: NDArray[np.int64] = np.array(numbers, np.int64)
    starts = np.flatnonzero(np.r_[True, np.diff(values) != 1])
    stops = np.r_[starts[1:], len(values)] - 1
    runs = zip(values[starts].tolist(), values[stops].tolist(), strict=True)
    return ", ".join(f"{a}-{b}" if b > a else f"{a}" for a, b in runs)
