"""The golden bundles, and what damaged ones are made of them: for every verifier, ours or not."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

FOLDER = Path(__file__).parent / "bundles"


@dataclass(frozen=True)
class Case:
    """One bundle over one program, with whom to trust. key : PEM, or None where roots are."""

    name: str
    bundle: bytes
    program: bytes
    type: str
    key: bytes | None
    roots: bytes | None
    stamps: bytes | None
    stamper: bytes | None
    uri: str | None

    @property
    def kind(self) -> str:
        """``cert`` or ``recheck``."""
        return self.name.split(".")[1]


def index() -> dict[str, object]:
    return json.loads((FOLDER / "index.json").read_bytes())


def cases() -> list[Case]:
    listed = index()
    program = (FOLDER / listed["program"]).read_bytes()

    def file(row: dict[str, str], key: str) -> bytes | None:
        return (FOLDER / row[key]).read_bytes() if key in row else None

    return [
        Case(
            row["bundle"],
            (FOLDER / row["bundle"]).read_bytes(),
            program,
            row["type"],
            *(file(row, key) for key in ("key", "roots", "stamps", "stamper")),
            row.get("uri"),
        )
        for row in listed["cases"]
    ]


def _with(case: Case, change) -> Case:
    bundle = json.loads(case.bundle)
    change(bundle)
    return replace(case, bundle=json.dumps(bundle).encode())


def _payload(change):
    def own(bundle):
        envelope = bundle["dsseEnvelope"]
        text = base64.b64decode(envelope["payload"])
        envelope["payload"] = base64.b64encode(change(text)).decode()

    return own


def _signature(bundle) -> None:
    row = bundle["dsseEnvelope"]["signatures"][0]
    changed = bytearray(base64.b64decode(row["sig"]))
    changed[-1] ^= 1
    row["sig"] = base64.b64encode(changed).decode()


def damaged(case: Case, stranger: Case) -> Iterator[tuple[str, Case]]:
    """(what was done, the case) for everything that each verifier must refuse. stranger : another
    case of another signer."""
    yield "another program", replace(case, program=case.program.replace(b"E0.0", b"E0.1", 1))
    yield "a byte more", replace(case, program=case.program + b"\n")
    yield (
        "another statement",
        _with(case, _payload(lambda text: text.replace(b'"outward', b'"Outward', 1))),
    )
    yield "a cut statement", _with(case, _payload(lambda text: text[:-1]))
    yield "another signature", _with(case, _signature)
    yield "another kind of statement", replace(case, type=case.type.replace("/v1", "/v2"))
    moved = json.loads(stranger.bundle)["dsseEnvelope"]["signatures"][0]["sig"]
    yield (
        "the signature of another",
        _with(case, lambda b: b["dsseEnvelope"]["signatures"][0].update(sig=moved)),
    )
    if case.key is not None:
        yield "another key", replace(case, key=stranger.key)
    else:
        yield "another root", replace(case, roots=case.stamps)
        yield "another stamping root", replace(case, stamps=case.roots, stamper=case.stamps)
        yield (
            "a stamp of another signature",
            _with(
                case,
                lambda b: b["verificationMaterial"].update(
                    timestampVerificationData=json.loads(stranger.bundle)["verificationMaterial"][
                        "timestampVerificationData"
                    ]
                ),
            ),
        )


def all_damaged() -> list[tuple[str, Case]]:
    found = []
    by_name = {case.name: case for case in cases()}
    for case in by_name.values():
        family, kind, _ = case.name.split(".")
        other = "recheck" if kind == "cert" else "cert"
        stranger = (
            by_name[f"chain.{other}.json"]
            if family == "chain"
            else by_name[f"{'p256' if family != 'p256' else 'rsa'}.{kind}.json"]
        )
        found += [(f"{case.name}: {what}", bad) for what, bad in damaged(case, stranger)]
    return found
