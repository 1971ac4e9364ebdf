"""ORD-02: Geometry is the ordered one

What it demands
    The model file is, byte for byte, the one that the order names.

Why
    Two issues of a part look alike. Only the digest tells which of them was ordered, and a program
    of the other one is scrap. `slice` and `certify` make none.

How it is measured
    SHA-256 of the file's bytes against `part.geometry.sha256`. Its format against `part.geometry.
    format`, where that is said. A file written anew, with the same facets, is another file.

Example
    The order names the digest of issue B, and the file is issue C: fails.

Standard and clause
    ISO/ASTM 52901:2017, the part's geometry (structure by previews, verified; not read in full)
"""

from __future__ import annotations

from printstd.artifacts.finding import Finding, Status
from printstd.validate.check import Check
from printstd.validate.context import CheckContext
from printstd.validate.recorded import in_record, order_of, order_record
from printstd.words import said


def run(context: CheckContext) -> tuple[Finding, ...]:
    held = order_of(context)
    ordered = held.says.part.geometry
    source = context.mesh.source
    if ordered.sha256 is None:
        message = said("the order names no digest of its geometry, so any file may be it")
        return (CHECK.says(Status.INDETERMINATE, message),)
    if ordered.sha256 != source.file_sha256:
        return (
            CHECK.says(
                Status.FAIL,
                said(
                    "this is not the file that was ordered: its sha256 is {found}, and the order "
                    "names {wanted}",
                    found=source.file_sha256,
                    wanted=ordered.sha256,
                ),
                measured=1,
                limit=0,
                unit="differences",
                where=in_record(held, "part.geometry.sha256"),
            ),
        )
    findings = [
        CHECK.says(
            Status.PASS,
            said("this is the file that was ordered, sha256 {sha256}", sha256=source.file_sha256),
            measured=0,
            limit=0,
            unit="differences",
        )
    ]
    is_format = ordered.format is None or _kind(ordered.format) in _kind(source.format)
    if not is_format:
        findings.append(
            CHECK.says(
                Status.WARN,
                said(
                    "the order calls the file {wanted}, and it is {found}",
                    wanted=ordered.format,
                    found=source.format,
                ),
                measured=1,
                limit=0,
                unit="differences",
                where=in_record(held, "part.geometry.format"),
            )
        )
    return tuple(findings)


def _kind(name: str) -> str:
    return "".join(sign for sign in name.casefold() if sign.isalnum())


CHECK = Check(
    "ORD-02",
    said("Geometry is the ordered one"),
    said("the order: part.geometry"),
    run,
    (order_record,),
)
