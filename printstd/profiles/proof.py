"""Whether a printer's profile is still the one that was proven, and what that is worth."""

from __future__ import annotations

import hashlib
import json
from typing import Final

from printstd.errors import UnprovenPrinterError
from printstd.profiles.models import Printer
from printstd.profiles.proof_models import Proven
from printstd.profiles.resolved import Resolved
from printstd.words import Said, said

PROVEN_KEYS: Final = (
    "firmware",
    "max_nozzle_c",
    "max_bed_c",
    "start_code",
    "end_code",
    "layer_change_code",
    "macros",
)
"""What a proof is about, beside volume, limits of motion and the code of tools: with any of it
changed the proof is of another machine."""


def proven_digest(printer: Printer) -> str:
    """SHA-256, hexadecimal, over what a proof is about: firmware, volume, speeds, accelerations and
    temperatures at most, and every line of the printer's own code."""
    values = printer.model_dump(mode="json")
    about = {key: values[key] for key in PROVEN_KEYS}
    about["volume"] = values["volume"]
    about["motion"] = {key: values["motion"][key] for key in ("max_speed_mm_s", "max_accel_mm_s2")}
    tools = values["tools"]
    about["tools"] = tools and {
        key: tools[key]
        for key in ("count", "shares_nozzle", "before_change_code", "after_change_code")
    }
    text = json.dumps(about, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def is_changed(printer: Printer) -> bool:
    """Its proof is of another state of it."""
    return printer.proven.how != "parsed" and printer.proven.of != proven_digest(printer)


def proof_of(printer: Printer) -> Proven:
    """What holds of this printer as it is now; ``parsed`` where it is no longer what was proven."""
    return Proven(how="parsed") if is_changed(printer) else printer.proven


def require_proven(resolved: Resolved) -> None:
    """Raises UnprovenPrinterError where the request's printer is proven by nothing: nobody can
    vouch for what its start and end code do. Without a printer nothing is wrong here."""
    printer = resolved.printer
    if printer is None or proof_of(printer).how != "parsed":
        return
    raise UnprovenPrinterError(
        said("nothing is certified for a printer whose profile is not proven"),
        where=printer.id,
        got=said(
            "a proof by {by} of {on}, and a profile that was changed since",
            by=printer.proven.by,
            on=str(printer.proven.on),
        )
        if is_changed(printer)
        else said("proven = parsed: its file can be read, and no more"),
        wanted=said("a proof of this very profile, simulated or on hardware"),
        hint=said(
            "run the proof, or print with it and write into its file [proven] with how, by, on and "
            "of = {digest!r} (docs/printers.md)",
            digest=proven_digest(printer),
        ),
    )


def proof_text(printer: Printer) -> Said:
    """In a line, for reports and lists."""
    proof = proof_of(printer)
    if proof.how == "parsed":
        return (
            said("not at all: changed since its proof")
            if is_changed(printer)
            else said("not at all: its file can be read")
        )
    by, on = proof.by, str(proof.on)
    if proof.how == "hardware":
        return said("on hardware, by {by}, {on}", by=by, on=on)
    if proof.not_run:
        commands = ", ".join(proof.not_run)
        return said("simulated by {by}, {on}; not run: {commands}", by=by, on=on, commands=commands)
    return said("simulated by {by}, {on}", by=by, on=on)
