"""Certified programs in every carrier, and what damage and malice make of them: what a browser and
the command line must judge alike.

A case is a folder: names of files and their bytes. The program comes first.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from printstd.certify.c14n import commands_sha256
from printstd.certify.carriers import bgcode, tail, zips
from printstd.certify.carriers.carried import with_certificates, wrapped
from printstd.certify.carriers.forms import Form
from printstd.certify.dsse import sign_bundle
from tests.unit.certify.carriers import packers
from tests.unit.certify.carriers.alone import PASSPORTS_BADLY as PASSPORTS_BADLY
from tests.unit.certify.carriers.alone import POLICIES as POLICIES
from tests.unit.certify.carriers.alone import part_statement as part_statement
from tests.unit.certify.carriers.alone import parts_and_passports as parts_and_passports
from tests.unit.certify.carriers.alone import passport as passport
from tests.unit.certify.carriers.alone import traced_part as traced_part
from tests.unit.certify.carriers.alone import traced_passport as traced_passport
from tests.unit.certify.carriers.signed import KINDS as KINDS
from tests.unit.certify.carriers.signed import OLD as OLD
from tests.unit.certify.carriers.signed import Files as Files
from tests.unit.certify.carriers.signed import key as key
from tests.unit.certify.carriers.signed import pair as pair
from tests.unit.certify.carriers.signed import resigned as resigned
from tests.unit.certify.carriers.signed import same as same
from tests.unit.certify.carriers.signed import statement_of as statement_of
from tests.unit.certify.carriers.signed import stranger as stranger
from tests.unit.certify.carriers.unended import unended_bgcode


def raw_signed(payload: bytes) -> bytes:
    return sign_bundle(payload, key())


def beside(program: bytes, generation: bytes | None, recheck: bytes | None) -> Files:
    files = {"p.gcode": program}
    if generation is not None:
        files["p.gcode.cert.json"] = generation
    if recheck is not None:
        files["p.gcode.recheck.json"] = recheck
    return files


@functools.cache
def of_bgcode() -> tuple[bytes, list[bytes]]:
    """A container whose own digest is signed, and its two bundles."""
    container = wrapped(pair().program, Form.BGCODE)
    digest = bgcode.blocks_sha256(bgcode.read(container, "p"))
    row = {"name": "p#bgcode-v1", "digest": {"sha256": digest}}
    generation = resigned(pair().generation, lambda s: s["subject"].append(row))
    payload = base64.b64decode(json.loads(generation)["dsseEnvelope"]["payload"])

    def link(statement: Any) -> None:
        statement["subject"].append(row)
        statement["predicate"]["certificate"]["sha256"] = hashlib.sha256(payload).hexdigest()

    return container, [generation, resigned(pair().recheck, link)]


def bgcode_file(bundles: list[bytes] | None = None) -> bytes:
    container, own = of_bgcode()
    return with_certificates(container, "p", Form.BGCODE, bundles or own)


def bambu_file(program: bytes | None = None) -> bytes:
    container = wrapped(program or pair().program, Form.BAMBU)
    return with_certificates(container, "p", Form.BAMBU, [pair().generation, pair().recheck])


def tail_file() -> bytes:
    return tail.append(pair().program, [pair().generation, pair().recheck])


def honest() -> Iterator[tuple[str, Files]]:
    for kind in KINDS:
        yield kind, beside(pair(kind).program, pair(kind).generation, pair(kind).recheck)
    alone = resigned(pair().recheck, lambda s: s["predicate"].update(certificate=None))
    yield "re-check alone", beside(pair().program, None, alone)
    yield "tail", {"p.gcode": tail_file()}
    yield "3mf", {"p.gcode.3mf": bambu_file()}
    yield "bgcode", {"p.bgcode": bgcode_file()}
    yield "bgcode, a last line without its end", {"p.bgcode": unended_bgcode()}
    blocks = bgcode.read(bgcode_file(), "p")
    small = [
        replace(block, data=block.data[:600] if block.kind is bgcode.Kind.THUMBNAIL else block.data)
        for block in blocks
    ]
    yield "bgcode deflated", {"p.bgcode": packers.bgcode(small, 1, 0)}
    # A re-check with another verdict: signed, and no.
    failed = resigned(
        pair().recheck, lambda s: s["predicate"].update(verdict="FAILED", certificate=None)
    )
    yield "failed", beside(pair().program, None, failed)
    yield "failed without program", {"p.gcode.recheck.json": failed}
    yield (
        "taken out of its file",
        {
            "p.gcode": pair().program,
            "p.gcode.cert.json": of_bgcode()[1][0],
            "p.gcode.recheck.json": of_bgcode()[1][1],
        },
    )


def damaged() -> Iterator[tuple[str, Files]]:
    program, generation, recheck = pair().program, pair().generation, pair().recheck
    flipped = bytes([program[0]]) + program[1:].replace(b"G1 X", b"G1 Y", 1)
    stripped = b"\n".join(line for line in program.split(b"\n") if line[:1] != b";")
    assert commands_sha256(stripped) == commands_sha256(program)
    yield "changed byte in program", beside(flipped, generation, recheck)
    yield "byte more", beside(program + b"\n", generation, recheck)
    yield "comments stripped", beside(stripped, generation, recheck)
    yield "generation alone", beside(program, generation, None)
    yield "re-check without its generation", beside(program, None, recheck)
    yield "nothing", beside(program, None, None)
    yield "swapped", beside(program, recheck, generation)
    yield "stranger's key", beside(program, generation, resigned(recheck, same, stranger()))
    yield (
        "stranger under a trusted name",
        beside(program, generation, _named(resigned(recheck, same, stranger()), key().key_id)),
    )
    yield "ed25519 under p256", beside(pair("ed25519").program, *_bundles("ed25519", "p256"))
    yield (
        "two demands",
        beside(
            program,
            generation,
            resigned(
                recheck, lambda s: s["predicate"]["demand"]["integrity"].update(outward_um=3000)
            ),
        ),
    )
    for name, change in SIGNED_BADLY.items():
        yield f"signed: {name}", beside(program, generation, resigned(recheck, change))
    payload = base64.b64decode(json.loads(recheck)["dsseEnvelope"]["payload"])
    for name, bad in {
        "duplicate keys": payload.replace(b'"level":', b'"level":"C9","level":', 1),
        "a float": payload.replace(b'"critical":', b'"x":1.0,"critical":', 1),
        "minus zero": payload.replace(b'"critical":', b'"x":-0,"critical":', 1),
        "lone surrogate": payload.replace(b'"critical":', b'"x":"\\ud800","critical":', 1),
        "deep": payload.replace(b'"critical":', b'"x":' + b"[" * 40 + b"]" * 40 + b',"critical":'),
        "byte-order mark": b"\xef\xbb\xbf" + payload,
        "trailing data": payload + b"{}",
        "no UTF-8": payload.replace(b'"level":"C2"', b'"level":"\xff"'),
        "NaN": payload.replace(b'"critical":', b'"x":NaN,"critical":', 1),
        "control character": payload.replace(b'"level":"C2"', b'"level":"C\x01"'),
    }.items():
        assert bad != payload
        yield f"payload: {name}", beside(program, None, raw_signed(bad))
    for name, edit in BUNDLES_BADLY.items():
        yield f"bundle: {name}", beside(program, generation, edit(recheck))
    yield from _damaged_carriers()


def _bundles(*kinds: str) -> tuple[bytes, bytes]:
    """Signed by the first key, under the name of the second."""
    own = pair(kinds[0])
    name = key(kinds[1]).key_id
    return _named(own.generation, name), _named(own.recheck, name)


def _named(bundle: bytes, key_id: str) -> bytes:
    data = json.loads(bundle)
    data["verificationMaterial"]["publicKey"]["hint"] = key_id
    data["dsseEnvelope"]["signatures"][0]["keyid"] = key_id
    return json.dumps(data).encode()


SIGNED_BADLY: dict[str, Callable[[Any], None]] = {
    "an unknown critical field": lambda s: s["predicate"].update(critical=["x"], x=1),
    "no critical": lambda s: s["predicate"].pop("critical"),
    "another type of statement": lambda s: s.update(_type="https://in-toto.io/Statement/v2"),
    "another predicate": lambda s: s.update(predicateType="https://printstd.example/x/v1"),
    "demand lacks a field": lambda s: s["predicate"]["demand"]["machine"].pop("name"),
    "demand has one more": lambda s: s["predicate"]["demand"].update(x=1),
    "demand with a text for a number": lambda s: s["predicate"]["demand"]["machine"].update(
        nozzle_um="400"
    ),
    "demand with a truth for a number": lambda s: s["predicate"]["demand"].update(
        model_unit_nm=True
    ),
    "verdict nobody knows": lambda s: s["predicate"].update(verdict="FINE"),
    "no subject": lambda s: s.update(subject=[]),
    "digest in capitals": lambda s: s["subject"][0]["digest"].update(sha256="A" * 64),
    "local time": lambda s: s["predicate"].update(issuedAt="2026-09-21T14:13:20+05:00"),
    "expired": lambda s: s["predicate"].update(expiresAt="2020-01-01T00:00:00Z"),
    "rules that are none": lambda s: s["predicate"].update(rules=[{}]),
    "a model and models": lambda s: s["predicate"].update(models=[]),
    "left-out field that is empty": lambda s: s["predicate"]["demand"].update(parts=[]),
}


def _edited(change: Callable[[Any], None]) -> Callable[[bytes], bytes]:
    def edit(bundle: bytes) -> bytes:
        data = json.loads(bundle)
        change(data)
        return json.dumps(data).encode()

    return edit


def _signature(bundle: bytes, change: Callable[[bytes], bytes]) -> bytes:
    data = json.loads(bundle)
    only = data["dsseEnvelope"]["signatures"][0]
    only["sig"] = base64.b64encode(change(base64.b64decode(only["sig"]))).decode()
    return json.dumps(data).encode()


def _long_der(signature: bytes) -> bytes:
    """The first integer with a zero more than it needs: another text for one value."""
    length = signature[3]
    first = signature[4 : 4 + length]
    rest = signature[4 + length :]
    return bytes([0x30, signature[1] + 1, 2, length + 1, 0]) + first + rest


BUNDLES_BADLY: dict[str, Callable[[bytes], bytes]] = {
    "payload changed": lambda b: b.replace(b'"payload": "eyJ', b'"payload": "eyK'),
    "signature changed": lambda b: _signature(b, lambda s: s[:-1] + bytes([s[-1] ^ 1])),
    "signature cut": lambda b: _signature(b, lambda s: s[:-1]),
    "signature empty": lambda b: _signature(b, lambda s: b""),
    "signature in long DER": lambda b: _signature(b, _long_der),
    "signature of zeros": lambda b: _signature(b, lambda s: bytes.fromhex("3006020100020100")),
    "two signatures": _edited(
        lambda d: d["dsseEnvelope"]["signatures"].append(d["dsseEnvelope"]["signatures"][0])
    ),
    "no signature": _edited(lambda d: d["dsseEnvelope"].update(signatures=[])),
    "duplicate keys": lambda b: b.replace(b'"mediaType":', b'"mediaType": "x",\n "mediaType":', 1),
    "another media type": _edited(lambda d: d.update(mediaType="x")),
    "another payload type": _edited(lambda d: d["dsseEnvelope"].update(payloadType="text/plain")),
    "hint and keyid differ": _edited(
        lambda d: d["verificationMaterial"]["publicKey"].update(hint="0" * 64)
    ),
    "mixed alphabets": _edited(
        lambda d: d["dsseEnvelope"].update(payload=d["dsseEnvelope"]["payload"] + "-+//")
    ),
    "unused bits": _edited(lambda d: d["dsseEnvelope"]["signatures"][0].update(sig="AB==")),
    "trailing": lambda b: b + b"x",
    "a list": lambda b: b"[" + b + b"]",
    "empty": lambda b: b"",
    "cut": lambda b: b[: len(b) // 2],
    "url-safe base64": _edited(
        lambda d: d["dsseEnvelope"].update(
            payload=d["dsseEnvelope"]["payload"].replace("+", "-").replace("/", "_")
        )
    ),
}
"""The last one is no damage: DSSE allows it."""


def _damaged_carriers() -> Iterator[tuple[str, Files]]:
    data = tail_file()
    yield "tail: byte of the program", {"p.gcode": data.replace(b"G1 X", b"G1 Y", 1)}
    yield "tail: something behind it", {"p.gcode": data + b"G28\n"}
    yield "tail: two begin markers", {"p.gcode": tail.BEGIN + data}
    yield "tail: cut", {"p.gcode": data[:-40]}
    yield "tail: another version", {"p.gcode": data.replace(b"begin v1", b"begin v2")}
    yield "tail: windows newlines", {"p.gcode": data.replace(b"\n", b"\r\n")}
    yield (
        "tail: two of one kind",
        {"p.gcode": tail.append(pair().program, [pair().recheck, pair().recheck])},
    )
    package = bambu_file()
    entries = {
        name: zips.Archive(package, "p").read(name) for name in zips.Archive(package, "").names
    }
    part = "Metadata/plate_1.gcode"
    other = pair().program.replace(b"G1 X", b"G1 Y", 1)
    md5 = hashlib.md5(other, usedforsecurity=False).hexdigest().upper().encode()
    yield "3mf: byte of the program", {"p.gcode.3mf": package.replace(b"G1 X", b"G1 Y", 1)}
    yield (
        "3mf: MD5 put right",
        {"p.gcode.3mf": zips.write(entries | {part: other, f"{part}.md5": md5})},
    )
    yield "3mf: MD5 of another", {"p.gcode.3mf": zips.write(entries | {f"{part}.md5": md5})}
    yield "3mf: something before", {"p.gcode.3mf": b"PK\x03\x04" + package}
    yield "3mf: something behind", {"p.gcode.3mf": package + b"x"}
    yield "3mf: cut", {"p.gcode.3mf": package[:-3]}
    yield (
        "3mf: no program",
        {"p.gcode.3mf": zips.write({n: d for n, d in entries.items() if not n.startswith(part)})},
    )
    yield (
        "3mf: two plates",
        {"p.gcode.3mf": zips.write(entries | {"Metadata/plate_2.gcode": other})},
    )
    yield "3mf: two of one name", {"p.gcode.3mf": twice(package, part, other)}
    yield "3mf: leaves the archive", {"p.gcode.3mf": zips.write(entries | {"../x": b""})}
    yield (
        "3mf: certificates are no lines",
        {"p.gcode.3mf": zips.write(entries | {"Metadata/printstd.sigstore.json": b"{}"})},
    )
    binary = bgcode_file()
    blocks = bgcode.read(binary, "p")
    yield "bgcode: a byte", {"p.bgcode": binary.replace(b"G1 X", b"G1 Y", 1)}
    yield "bgcode: cut", {"p.bgcode": binary[:-1]}
    yield "bgcode: version", {"p.bgcode": binary[:4] + b"\2" + binary[5:]}
    for kind in (bgcode.Kind.PRINTER, bgcode.Kind.PRINT, bgcode.Kind.SLICER, bgcode.Kind.FILE):
        yield (
            f"bgcode: {kind.name} with its CRC put right",
            {
                "p.bgcode": bgcode.write(
                    [replace(b, data=b"odd=1\n" + b.data) if b.kind is kind else b for b in blocks]
                )
            },
        )
    changed = [
        replace(b, data=b.data.replace(b"G1 X", b"G1 Y", 1)) if b.kind is bgcode.Kind.GCODE else b
        for b in blocks
    ]
    yield "bgcode: program with its CRC put right", {"p.bgcode": bgcode.write(changed)}
    yield "bgcode: order", {"p.bgcode": bgcode.write(blocks[::-1])}
    twice_said = [
        replace(b, data=b.data + b"printstd_certificate=e30K\n")
        if b.kind is bgcode.Kind.SLICER
        else b
        for b in blocks
    ]
    yield "bgcode: two certificates", {"p.bgcode": bgcode.write(twice_said)}
    yield (
        "bgcode: certified as a plain program",
        {"p.bgcode": bgcode_file([pair().generation, pair().recheck])},
    )
    yield "bgcode: nothing inside", {"p.bgcode": of_bgcode()[0]}
    for packing in (1, 2, 3):
        body = struct.pack("<HHII", 0, packing, 100, 3) + b"\0\0abc"
        crc = struct.pack("<I", zlib.crc32(body))
        yield (
            f"bgcode: packing {packing} that is none",
            {"p.bgcode": struct.pack("<4sIH", b"GCDE", 1, 1) + body + crc},
        )


def twice(package: bytes, name: str, other: bytes) -> bytes:
    """The archive with a second entry of one name, as no library would write it."""
    filler = name[:-1] + "X"
    archive = zips.Archive(package, "p")
    entries = {own: archive.read(own) for own in archive.names} | {filler: other}
    return zips.write(entries).replace(filler.encode(), name.encode())


def all_cases() -> dict[str, Files]:
    return dict(honest()) | dict(damaged()) | dict(parts_and_passports())
