"""`printstd passport`: the signed passport of one printed part, and its label."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from printstd.cli import options
from printstd.cli.options import Format
from printstd.cli.speech import Language
from printstd.words import said

if TYPE_CHECKING:
    from printstd.certify.passport import StatedPassport
    from printstd.certify.policy import TrustPolicy
    from printstd.ports import Signer
    from printstd.report.document import Subject


def passport(
    certificate: Annotated[
        Path,
        typer.Argument(
            metavar="OUT.gcode|PART.json|PASSPORT.json",
            help="A certified program, a statement about one part of a plate, or a passport that "
            "is to get a label.",
            show_default=False,
        ),
    ],
    details: Annotated[
        Path | None,
        typer.Option(
            "--details",
            metavar="FILE",
            help="What you tell of the part (TOML): serial, cost, machine, maintenance.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="PASSPORT.json",
            help="The signed passport to write; wants --key and --details.",
            show_default=False,
        ),
    ] = None,
    label: Annotated[
        Path | None,
        typer.Option(
            "--label",
            metavar="LABEL.pdf|LABEL.zpl",
            help="A label with a QR code, for paper or for a label printer.",
            show_default=False,
        ),
    ] = None,
    key: options.Key = None,
    trust: Annotated[
        Path | None,
        typer.Option(
            "--trust",
            metavar="KEY|FOLDER",
            help="Who may have signed what is given.",
            show_default="the public half of --key",
        ),
    ] = None,
    policy: options.Policy = None,
    order: options.Order = None,
    feedstock: options.Feedstock = None,
    log: options.LogStore = None,
    log_key: options.LogKey = None,
    as_run: Annotated[
        Path | None,
        typer.Option(
            "--as-run",
            metavar="OUT.gcode.asrun.json",
            help="The signed record of how it was printed.",
            show_default=False,
        ),
    ] = None,
    time: options.Time = None,
    report: options.ReportFile = None,
    form: options.ReportFormat = Format.TEXT,
    lang: options.Lang = Language.EN,
    quiet: options.Quiet = False,
) -> int:
    """Tell time, cost, procurement and maintenance of one part, signed, beside its certificate.

    The certificate is verified first. With --order and --feedstock, the records that it was
    certified with tell more. A passport is evidence for a product passport, and is none.
    """
    from printstd.adapters.clock import FixedClock, SystemClock
    from printstd.adapters.keys import load_signer
    from printstd.cli.commands.verify import load_policy
    from printstd.cli.logged import to_log
    from printstd.cli.places import given_files, settle
    from printstd.cli.running import deliver, document_of, over_inputs

    _check_asked(certificate, details, output, label, key)
    logging = to_log(log, log_key, signs=output is not None)
    inputs = given_files([certificate], details, key, order, feedstock, as_run)
    trusted = load_policy(trust, policy, inputs)
    settle([p for p in (output, label, report) if p is not None], inputs=inputs)
    signer = load_signer(key) if key is not None else None
    rules = trusted or _own_policy(signer)
    now = (FixedClock(time) if time is not None else SystemClock()).now_utc()
    products: dict[Path, bytes] = {}

    def one(path: Path) -> Subject:
        import hashlib

        from printstd.certify.passport import read_passport
        from printstd.cli.passport import passport_facts
        from printstd.cli.running import shown
        from printstd.report.document import Subject

        if details is not None and output is not None and signer is not None:
            data = _made(path, details, order, feedstock, as_run, rules, policy, signer, now)
            products[output] = data
        else:
            data = _given(path)
        if data in products.values():
            stated = read_passport(data, shown(path.name), None)
        else:
            stated = _accepted(data, path, rules, policy, now)
        if label is not None:
            products[label] = _label(stated, label)
        return Subject(
            shown(path.name),
            hashlib.sha256(data).hexdigest(),
            passport_facts(stated),
            (),
            tuple(shown(product) for product in products),
            None,
            0,
        )

    subjects = over_inputs([certificate], one)
    document = document_of("passport", subjects, None)
    return deliver(document, form=form, file=report, quiet=quiet, products=products, log=logging)


def _check_asked(
    certificate: Path,
    details: Path | None,
    output: Path | None,
    label: Path | None,
    key: Path | None,
) -> None:
    from printstd.errors import UsageError

    if label is not None and label.suffix.lower() not in (".pdf", ".zpl"):
        raise UsageError(
            said("a label is a PDF or ZPL"),
            where=str(label),
            got=label.suffix,
            wanted=".pdf, .zpl",
            hint=said("name it LABEL.pdf or LABEL.zpl"),
        )
    asked = (details is not None, output is not None, key is not None)
    if all(asked) or (not any(asked[:2]) and label is not None):
        return
    raise UsageError(
        said("say what is to be made"),
        where=str(certificate),
        got=said("--details, -o and --key, not all of them")
        if any(asked)
        else said("neither -o nor --label"),
        wanted=said(
            "--details FILE --key KEY -o PASSPORT.json, or PASSPORT.json --label LABEL.pdf"
        ),
        hint=said("docs/passport.md has an example"),
    )


def _own_policy(signer: Signer | None) -> TrustPolicy:
    """Who makes the passport may have certified the part: then his own key is enough."""
    from printstd.certify.policy import trusting
    from printstd.errors import UsageError

    public = getattr(signer, "public", None)
    if public is None:
        raise UsageError(
            said("say whom you trust"),
            got=said("neither --trust nor --policy"),
            wanted=said("--trust KEY_OR_FOLDER or --policy FILE"),
            hint=said("a passport rests on signatures that verify"),
        )
    return trusting((public,), "--key")


def _made(
    path: Path,
    details: Path,
    order: Path | None,
    feedstock: Path | None,
    as_run: Path | None,
    policy: TrustPolicy,
    policy_file: Path | None,
    signer: Signer,
    now: str,
) -> bytes:
    from printstd.adapters.files import read_file
    from printstd.adapters.surroundings import tool_facts
    from printstd.certify.dsse import sign_bundle
    from printstd.certify.passport import passport_statement
    from printstd.cli.passport import record_of, run_of, source_of
    from printstd.cli.running import shown
    from printstd.profiles.read_records import read_feedstock, read_order, read_passport_details

    told = read_passport_details(read_file(details), shown(details.name))
    source = source_of(path, policy, now, policy_file)
    record = record_of(
        source,
        told,
        read_order(read_file(order), shown(order.name)) if order is not None else None,
        read_feedstock(read_file(feedstock), shown(feedstock.name))
        if feedstock is not None
        else None,
        run_of(as_run, source, policy, now) if as_run is not None else None,
    )
    return sign_bundle(passport_statement(record, tool=tool_facts(), issued_at=now), signer)


def _given(path: Path) -> bytes:
    from printstd.adapters.files import read_file
    from printstd.certify.dsse import MAX_BUNDLE_BYTES

    return read_file(path, max_bytes=MAX_BUNDLE_BYTES)


def _accepted(
    data: bytes, path: Path, policy: TrustPolicy, policy_file: Path | None, now: str
) -> StatedPassport:
    """A passport that is to get a label; VerificationError where the policy does not accept it."""
    from printstd.certify.passport import passport_under
    from printstd.certify.predicates import PASSPORT
    from printstd.cli.running import shown
    from printstd.cli.sidecars import gather_alone

    beside = gather_alone(path, PASSPORT, policy, policy_file)
    return passport_under(data, shown(path.name), policy, now, beside)[0]


def _label(stated: StatedPassport, file: Path) -> bytes:
    from printstd.certify.passport import link
    from printstd.cli.passport import label_rows
    from printstd.cli.rendering import reader_speech
    from printstd.errors import InputError
    from printstd.report.part_label import label_text

    address = link(stated)
    if address is None:
        raise InputError(
            said("the passport names no host that its label could lead to"),
            where=stated.record.part.serial,
            got=said("no [link] resolver"),
            wanted=said('resolver = "id.example.org" under [link] of passport.toml'),
            hint=said("make the passport again with it"),
        )
    words = label_text(address, label_rows(stated), reader_speech())
    if file.suffix.lower() == ".zpl":
        from printstd.report.as_zpl import render_label as as_zpl

        return as_zpl(words)
    from printstd.adapters.page_files import report_font
    from printstd.report.pdf.label import render_label

    return render_label(words, fonts=report_font)
