"""`printstd inspect`: what is this file: a model, a program or a certificate."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from printstd.cli import options
from printstd.cli.options import Format
from printstd.cli.speech import Language
from printstd.words import listed, said

if TYPE_CHECKING:
    from printstd.artifacts.mesh import ModelFile
    from printstd.certify.carriers.carried import Carried
    from printstd.certify.dsse import Envelope
    from printstd.report.document import Fact, FeatureRow, Subject


def inspect(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE", help="Models, programs or certificates.", show_default=False
        ),
    ],
    units: options.Units = None,
    plate: options.Plate = None,
    features: Annotated[
        bool,
        typer.Option("--features", help="List every size recognised on a model."),
    ] = False,
    redact: options.Redact = None,
    report: options.ReportFile = None,
    form: options.ReportFormat = Format.TEXT,
    lang: options.Lang = Language.EN,
    quiet: options.Quiet = False,
) -> int:
    """Say what a file is and holds, without judging it. Nothing is verified here."""
    from printstd.cli.places import settle
    from printstd.cli.running import deliver, document_of, order_of, over_inputs, shown

    settle([report] if report else [], inputs=files)
    order = order_of(units=units, plate=plate)

    def one(path: Path) -> Subject:
        import hashlib

        from printstd.adapters.files import read_file
        from printstd.cli.contents import holds_program
        from printstd.report.document import Subject

        data, name = read_file(path), shown(path.name)
        rows: tuple[FeatureRow, ...] = ()
        if data[:64].lstrip()[:1] == b"{":
            facts = _capability(data, name) or _part(data, name) or _passport(data, name)
            facts = (
                facts
                or _as_run(data, name)
                or _about_others(data, name)
                or _certificate(data, name)
            )
        elif holds_program(path, data, is_meant=False):
            facts = _program(data, name, plate)
        else:
            from printstd.inputs import ModelInput, model_input, read_input

            model = ModelInput(data, name)
            model = model_input(model, None, unit=order.unit, plate=order.plate)
            file = read_input(model, order.unit, order.plate)
            facts = _model(file)
            if features:
                found = _features(file)
                facts += found.facts
                rows = found.rows
        digest = hashlib.sha256(data).hexdigest()
        return Subject(name, digest, facts, (), (), None, 0, (), rows)

    subjects = over_inputs(files, one)
    return deliver(
        document_of("inspect", subjects, None), form=form, file=report, quiet=quiet, redact=redact
    )


def _model(file: ModelFile) -> tuple[Fact, ...]:
    from printstd.cli.commands.validate import model_rows
    from printstd.kernels.solid import signed_volume_mm3
    from printstd.report.document import Fact

    mesh = file.mesh
    low, high = mesh.box_mm
    volume = signed_volume_mm3(mesh.vertices_mm, mesh.faces)
    return (
        *model_rows(file),
        Fact(said("from"), said("{point} mm", point=", ".join(f"{c:.6g}" for c in low))),
        Fact(said("to"), said("{point} mm", point=", ".join(f"{c:.6g}" for c in high))),
        Fact(said("volume"), said("{volume:.6g} cm3", volume=volume / 1000)),
        Fact(said("vertices"), said("{count} after welding", count=len(mesh.vertices_mm))),
        *(Fact(f.rule_id, f.message) for f in file.findings),
    )


class _Features(NamedTuple):
    facts: tuple[Fact, ...]
    rows: tuple[FeatureRow, ...]


def _features(file: ModelFile) -> _Features:
    """What is recognised on a model: a line for each, and all of it."""
    from printstd.artifacts.wording import FEATURE_KINDS
    from printstd.report.document import Fact
    from printstd.report.feature_rows import feature_rows
    from printstd.validate.recognised import recognised, surface_of
    from printstd.words import said

    found = recognised(surface_of(file.mesh, file.exact))
    rows = feature_rows(found, None)
    share = said("{share:.1%} of the surface", share=found.left_over_area_ratio)
    listed = (
        Fact(said("{id} {kind}", id=row.id, kind=FEATURE_KINDS[row.kind]), _told(row))
        for row in rows
    )
    return _Features((Fact(said("free form"), share), *listed), rows)


def _told(row: FeatureRow) -> str:
    """``3 mm (measured 3.0000012, U 1.4e-05), at 8, 20, 2.5 along 0, 0, 1; 64 sides over 360 deg,
    fit 1.0e-06 mm``."""
    from printstd.artifacts.features import FeatureSource
    from printstd.artifacts.wording import SIZE_UNITS
    from printstd.words import said

    values = {
        "nominal": row.nominal,
        "unit": SIZE_UNITS[row.unit],
        "size": row.size,
        "u": row.u,
        "at": ", ".join(f"{c:.6g}" for c in row.point_mm),
        "along": ", ".join(f"{c:.6g}" for c in row.axis),
        "sides": row.facet_sides,
        "arc": row.arc_deg,
        "fit": row.residual_mm,
    }
    if row.source is FeatureSource.STEP:
        return said("{nominal:.7g} {unit} (the STEP file's own), at {at} along {along}", **values)
    if row.facet_sides:
        return said(
            "{nominal:.7g} {unit} (measured {size:.9g}, U {u:.1e}), at {at} along {along}; "
            "{sides} sides over {arc:.4g} deg, fit {fit:.1e} mm",
            **values,
        )
    return said(
        "{nominal:.7g} {unit} (measured {size:.9g}, U {u:.1e}), at {at} along {along}", **values
    )


# Comments that slicers of every family leave about a whole program (facts of slicers 3).
_TOLD = (
    "generated by",
    "filament used [mm]",
    "filament used [cm3]",
    "filament used [g]",
    "total layers count",
    "estimated printing time (normal mode)",
    "printer_model",
    "filament_type",
    "layer_height",
    "nozzle_diameter",
)


def _program(file: bytes, name: str, plate: int | None) -> tuple[Fact, ...]:
    """What the program says of itself (a claim), and what is counted in it."""
    from printstd.certify.c14n import canonical_commands, commands_sha256
    from printstd.certify.carriers.carried import open_carrier
    from printstd.certify.carriers.forms import Form
    from printstd.report.document import Fact

    held = open_carrier(file, name, plate=plate)
    data = held.program
    told: dict[str, str] = {}
    for raw in data.split(b"\n"):
        if not raw.startswith(b";"):
            continue
        line = raw[1:].decode("utf-8", "replace").strip()
        for key in _TOLD:
            if key not in told and line.startswith(key):
                told[key] = line.removeprefix(key).lstrip(" =:")
    commands = canonical_commands(data)
    return (
        Fact(said("kind"), "G-code"),
        *(_container(held, name) if held.form is not Form.GCODE else ()),
        Fact(
            said("lines"),
            said(
                "{lines}, {moves} of them G1",
                lines=data.count(chr(10).encode()),
                moves=commands.count(b"G1 "),
            ),
        ),
        Fact(
            said("commands"),
            said("sha256 {commands_sha256} (c14n-v1)", commands_sha256=commands_sha256(data)),
        ),
        *(Fact(said("says: {key}", key=key), value) for key, value in told.items()),
    )


def _container(held: Carried, name: str) -> tuple[Fact, ...]:
    """What a program came in, and which certificates with it: unverified."""
    import hashlib

    from printstd.certify.carriers.chosen import chosen
    from printstd.report.document import Fact

    digest = hashlib.sha256(held.program).hexdigest()
    rows = [
        Fact(said("carrier"), held.form.value),
        Fact(said("program inside"), said("sha256 {sha256}", sha256=digest)),
    ]
    if held.container_sha256 is not None:
        rows.append(
            Fact(
                said("file around it"),
                said("sha256 {sha256} (bgcode-v1)", sha256=held.container_sha256),
            )
        )
    for inside, bundle in chosen(held.bundles, name, digest).values():
        rows += [
            Fact(listed((inside, fact.name), ": "), fact.value)
            for fact in _certificate(bundle, inside)[:3]
        ]
    return tuple(rows)


def _capability(data: bytes, name: str) -> tuple[Fact, ...]:
    """A record of capability as it stands, unverified; empty where it is none."""
    from printstd.certify.capability import is_capability, read_capability
    from printstd.cli.capability import capability_facts
    from printstd.report.document import Fact

    if not is_capability(data):
        return ()
    stated = read_capability(data, name, None)
    return (
        Fact(said("kind"), said("record of capability (not verified here)")),
        Fact(said("claims key"), stated.claimed_key_id),
        Fact(said("issued"), stated.issued_at),
        *capability_facts(stated.record),
    )


def _about_others(data: bytes, name: str) -> tuple[Fact, ...]:
    """A revocation, a list of them or a verification result as it stands, unverified; empty where
    it is none."""
    from printstd.certify.dsse import read_bundle
    from printstd.certify.revocation import Revocation, read_revocation
    from printstd.certify.strict_json import StrictJsonError
    from printstd.certify.svr import read_svr
    from printstd.errors import VerificationError
    from printstd.report.document import Fact

    try:
        envelope = read_bundle(data, name)
    except VerificationError:
        return ()
    claims = Fact(said("claims key"), envelope.key_id)
    try:
        found = read_revocation(envelope.payload)
    except StrictJsonError:
        pass
    else:
        issued = Fact(said("issued"), found.issued_at)
        if not isinstance(found, Revocation):
            kind = Fact(said("kind"), said("list of revocations (not verified here)"))
            rows = [Fact(said("revocation"), f"sha256 {sha256}") for sha256 in found.revocations]
            return (kind, claims, issued, *rows)
        kind = Fact(said("kind"), said("revocation (not verified here)"))
        rows = [Fact(said("revokes"), f"sha256 {sha256}") for sha256 in found.revoked]
        rows.append(Fact(said("reason"), found.reason))
        if found.superseded_by is not None:
            rows.append(Fact(said("superseded by"), f"sha256 {found.superseded_by}"))
        return (kind, claims, issued, *rows)
    try:
        result = read_svr(envelope.payload)
    except StrictJsonError:
        return ()
    return (
        Fact(said("kind"), said("verification result (not verified here)")),
        claims,
        Fact(said("issued"), result.issued_at),
        Fact(said("made by"), result.verifier),
        *(Fact(said("about"), f"sha256 {sha256}") for sha256 in result.subjects),
        Fact(said("properties"), ", ".join(result.properties)),
    )


def _x509(envelope: Envelope) -> list[tuple[str, str]]:
    """The signer's certificate and the stamps of a bundle, by their own claim."""
    rows: list[tuple[str, str]] = []
    if envelope.certificate is not None:
        from printstd.certify.chains import ChainError, identities, load_certificate, span, told

        try:
            leaf = load_certificate(envelope.certificate)
            first, last = span(leaf)
            text = said(
                "{subject}, for {uris}, valid from {first} to {last}",
                subject=told(leaf.subject),
                uris=", ".join(identities(leaf)) or said("nothing by URI"),
                first=first,
                last=last,
            )
        except ChainError as error:
            text = said("nothing that can be read ({error})", error=str(error))
        rows.append((said("certificate"), text))
    for reply in envelope.stamps:
        from printstd.certify.stamps import StampError, read_stamp

        try:
            stamp = read_stamp(reply)
            text = said("{time}, by {by}", time=stamp.time, by=stamp.by)
        except StampError as error:
            text = said("nothing that can be read ({error})", error=str(error))
        rows.append((said("time stamp"), text))
    return rows


def _part(data: bytes, name: str) -> tuple[Fact, ...]:
    """A statement about one part of a plate as it stands, unverified; empty where it is none."""
    from printstd.certify.parts import is_part, read_part
    from printstd.cli.parts import part_facts
    from printstd.report.document import Fact

    if not is_part(data):
        return ()
    stated = read_part(data, name, None, "")
    return (
        Fact(said("kind"), said("statement about one part of a plate (not verified here)")),
        Fact(said("claims key"), stated.claimed_key_id),
        *part_facts(stated),
    )


def _passport(data: bytes, name: str) -> tuple[Fact, ...]:
    """A passport as it stands, unverified; empty where it is none."""
    from printstd.certify.passport import is_passport, read_passport
    from printstd.cli.passport import passport_facts
    from printstd.report.document import Fact

    if not is_passport(data):
        return ()
    stated = read_passport(data, name, None)
    return (
        Fact(said("kind"), said("passport of a part (not verified here)")),
        Fact(said("claims key"), stated.claimed_key_id),
        *passport_facts(stated),
    )


def _as_run(data: bytes, name: str) -> tuple[Fact, ...]:
    """The record of a run as it stands, unverified; empty where it is none."""
    from printstd.certify.as_run_statement import is_as_run, read_as_run
    from printstd.cli.as_run import as_run_facts
    from printstd.report.document import Fact

    if not is_as_run(data):
        return ()
    stated = read_as_run(data, name, None)
    return (
        Fact(said("kind"), said("as-run record (not verified here)")),
        Fact(said("claims key"), stated.claimed_key_id),
        *as_run_facts(stated),
    )


def _certificate(data: bytes, name: str) -> tuple[Fact, ...]:
    """A bundle's statement as it stands: unverified."""
    from printstd.certify.dsse import read_bundle
    from printstd.certify.reading import read_statement
    from printstd.certify.strict_json import StrictJsonError
    from printstd.cli.commands.verify import told_records
    from printstd.errors import InputError, VerificationError
    from printstd.report.document import Fact

    try:
        envelope = read_bundle(data, name)
        stated = read_statement(envelope.payload)
    except (VerificationError, StrictJsonError) as error:
        raise InputError(
            said("this is JSON, but no certificate of printstd's"),
            where=name,
            got=getattr(error, "got", None) or str(error),
            wanted=said("OUT.gcode.cert.json or OUT.gcode.recheck.json"),
            hint=said("give a model, a program or a certificate"),
        ) from error
    rows: list[tuple[str, str]] = [
        (said("kind"), said("certificate, {kind} (not verified here)", kind=stated.kind)),
        (said("claims key"), envelope.key_id),
        *_x509(envelope),
        (
            said("about"),
            said(
                "{name}, sha256 {sha256}",
                name=stated.subject_name,
                sha256=stated.subject_sha256,
            ),
        ),
        *(
            (said("model"), said("{name}, sha256 {sha256}", name=name, sha256=sha256))
            for name, sha256 in stated.models
        ),
        *told_records(stated),
        (said("issued"), stated.issued_at),
        (
            said("standard"),
            said("{indication}, pack {pack}", indication=stated.indication, pack=stated.pack),
        ),
        (
            said("made by"),
            said(
                "printstd {version}, sources sha256 {sha256}",
                version=stated.tool_version,
                sha256=stated.tool_sha256,
            ),
        ),
        *((said("asked for"), text) for text in stated.request),
    ]
    if stated.demand is not None:
        rows.append((said("machine"), f"{stated.demand.machine.name} ({stated.demand.dialect})"))
    if stated.verdict is not None:
        rows.append((said("verdict"), stated.verdict.value))
    rows.extend((row.rule_id, f"{row.result.value}  {row.message}") for row in stated.rows)
    rows.extend((row.rule_id, f"{row.result.value}  {row.message}") for row in stated.checks)
    return tuple(Fact(key, value) for key, value in rows)
