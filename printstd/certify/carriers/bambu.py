"""Bambu's ``.gcode.3mf``: an OPC package with one program for each plate, and its MD5 beside it.

The certificates are one more part, `PART`, with its content type and its relationship. What is
signed is the plate's program alone: thumbnails and what the package says about the print are its
maker's claims, and the MD5 is no protection. The names of parts and of the vendor's keys are facts
of certification 4.1 and of files that such slicers write. Whether every printer bears one part more
is untested.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Final
from xml.sax.saxutils import quoteattr

from printstd.certify.carriers import jsonl, zips
from printstd.certify.carriers.refusal import refused
from printstd.certify.carriers.told import Told
from printstd.words import said

PART: Final = "Metadata/printstd.sigstore.json"
CONTENT_TYPE: Final = "application/jsonl"
RELATIONSHIP: Final = "https://printstd.example/relationships/certificates"
_TYPES, _RELS = "[Content_Types].xml", "_rels/.rels"
_PROGRAM: Final = re.compile(r"Metadata/plate_([1-9][0-9]{0,2})\.gcode\Z")
_SIGN: Final = b"PK\x03\x04"
_XML: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"


def is_archive(data: bytes) -> bool:
    return data[:4] == _SIGN


def holds_program(data: bytes) -> bool:
    """Names stand in archives as they are: is one of them a plate's program?"""
    return is_archive(data) and re.search(rb"Metadata/plate_[0-9]+\.gcode", data) is not None


def read(data: bytes, name: str, plate: int | None) -> tuple[str, bytes, bytes | None]:
    """(name of the plate's part, its program, certificates as lines of JSON where there are any).

    plate : which; None where there is one. Raises InputError for packages that are hostile or
    damaged, hold no such plate, or whose MD5 is another.
    """
    archive = zips.Archive(data, name)
    plates = {
        int(found[1]): part for part in archive.names if (found := _PROGRAM.match(part)) is not None
    }
    if _TYPES not in archive.names or not plates or (plate is not None and plate not in plates):
        raise refused(
            said("the package has no such program"),
            name,
            said("plates {plates}", plates=", ".join(map(str, sorted(plates))) or "-"),
            said("Metadata/plate_N.gcode of a sliced package"),
        )
    if plate is None and len(plates) > 1:
        raise refused(
            said("the package holds several programs"),
            name,
            said("plates {plates}", plates=", ".join(map(str, sorted(plates)))),
            said("--plate N"),
        )
    part = plates[plate if plate is not None else next(iter(plates))]
    program = archive.read(part)
    if f"{part}.md5" in archive.names:
        told = archive.read(f"{part}.md5", max_bytes=4096).strip()
        actual = hashlib.md5(program, usedforsecurity=False).hexdigest()
        if told.lower() != actual.encode("ascii"):
            raise refused(
                said("the program is not the one that the package's MD5 is of"),
                name,
                said("{part}: MD5 {actual}", part=part, actual=actual),
                said("MD5 {told}", told=told[:40].decode("ascii", "replace")),
            )
    inside = archive.read(PART, max_bytes=jsonl.MAX_BYTES) if PART in archive.names else None
    return part, program, inside


def with_certificates(data: bytes, name: str, bundles: Sequence[bytes]) -> bytes:
    """The package with the certificates as one more part, in the place of any there."""
    archive = zips.Archive(data, name)
    entries = {part: archive.read(part) for part in archive.names}
    entries[PART] = jsonl.joined(bundles)
    override = f'<Override PartName="/{PART}" ContentType="{CONTENT_TYPE}"/>'
    entries[_TYPES] = _said_once(entries.get(_TYPES), f"/{PART}", override, "Types", name)
    relation = f'<Relationship Target="/{PART}" Id="printstd" Type="{RELATIONSHIP}"/>'
    entries[_RELS] = _said_once(entries.get(_RELS), f"/{PART}", relation, "Relationships", name)
    return zips.write(entries)


def _said_once(text: bytes | None, sign: str, line: str, root: str, name: str) -> bytes:
    """An XML text of the package with one more element at the end of its root, if it has none."""
    end = f"</{root}>".encode("ascii")
    if text is None or text.count(end) != 1:
        raise refused(
            said("the package's own lists cannot be added to"),
            name,
            said("{count} ends of {root}", count=text.count(end) if text else 0, root=root),
            said("an OPC package with its content types and relationships"),
        )
    if sign.encode("ascii") in text:
        return text
    return text.replace(end, f" {line}\n".encode("ascii") + end)


def package(program: bytes, told: Told) -> bytes:
    """A package of one plate, as printers of this kind read it: program, MD5, what is told."""
    md5 = hashlib.md5(program, usedforsecurity=False).hexdigest().upper()
    pictures = sorted(told.thumbnails, key=lambda picture: picture[0])
    entries: dict[str, bytes] = {
        _TYPES: _types().encode(),
        _RELS: _relationships(
            [("/3D/3dmodel.model", _MODEL)]
            + (
                [("/Metadata/plate_1.png", f"{_PACKAGE}/relationships/metadata/thumbnail")]
                if pictures
                else []
            )
        ).encode(),
        "3D/3dmodel.model": _EMPTY_MODEL.encode(),
        "Metadata/plate_1.gcode": program,
        "Metadata/plate_1.gcode.md5": md5.encode("ascii"),
        "Metadata/model_settings.config": _settings(bool(pictures)).encode(),
        "Metadata/_rels/model_settings.config.rels": _relationships(
            [("/Metadata/plate_1.gcode", "http://schemas.bambulab.com/package/2021/gcode")]
        ).encode(),
        "Metadata/slice_info.config": _slice_info(told).encode(),
    }
    if pictures:
        entries["Metadata/plate_1.png"] = pictures[-1][2]
        entries["Metadata/plate_1_small.png"] = pictures[0][2]
    return zips.write(entries)


_MODEL: Final = "http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"
_EMPTY_MODEL: Final = (
    f'{_XML}<model unit="millimeter" xml:lang="en-US" '
    'xmlns="http://schemas.microsoft.com/3dmanufacturing/core/2015/02">\n'
    ' <metadata name="Application">printstd</metadata>\n <resources/>\n <build/>\n</model>\n'
)


def _types() -> str:
    kinds = {
        "rels": "application/vnd.openxmlformats-package.relationships+xml",
        "model": "application/vnd.ms-package.3dmanufacturing-3dmodel+xml",
        "png": "image/png",
        "gcode": "text/x.gcode",
    }
    rows = "".join(
        f' <Default Extension="{ending}" ContentType="{kind}"/>\n' for ending, kind in kinds.items()
    )
    return f'{_XML}<Types xmlns="{_PACKAGE}/content-types">\n{rows}</Types>\n'


def _relationships(targets: Sequence[tuple[str, str]]) -> str:
    rows = "".join(
        f' <Relationship Target="{target}" Id="rel-{number}" Type="{kind}"/>\n'
        for number, (target, kind) in enumerate(targets, start=1)
    )
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">\n{rows}</Relationships>\n'


def _rows(pairs: Mapping[str, str], indent: str) -> str:
    return "".join(
        f"{indent}<metadata key={quoteattr(key)} value={quoteattr(value)}/>\n"
        for key, value in pairs.items()
    )


def _settings(has_picture: bool) -> str:
    pairs = {
        "plater_id": "1",
        "plater_name": "",
        "locked": "false",
        "gcode_file": "Metadata/plate_1.gcode",
        **({"thumbnail_file": "Metadata/plate_1.png"} if has_picture else {}),
    }
    return f"{_XML}<config>\n  <plate>\n{_rows(pairs, '    ')}  </plate>\n</config>\n"


def _slice_info(told: Told) -> str:
    claims = {**dict(told.config), **dict(told.prints), **dict(told.printer)}
    pairs = {
        "index": "1",
        "nozzle_diameters": claims.get("nozzle_diameter", ""),
        "prediction": str(_seconds(claims.get("estimated printing time (normal mode)", ""))),
        "weight": claims.get("total filament used [g]", claims.get("filament used [g]", "")),
    }
    length_mm = claims.get("filament used [mm]", "")
    used_m = f"{float(length_mm) / 1000:.2f}" if re.fullmatch(r"\d{1,9}(\.\d+)?", length_mm) else ""
    spool = (
        f'    <filament id="1" type={quoteattr(claims.get("filament_type", ""))} '
        f'used_m="{used_m}" used_g={quoteattr(claims.get("filament used [g]", ""))}/>\n'
    )
    head = '  <header>\n    <header_item key="X-BBL-Client-Type" value="slicer"/>\n  </header>\n'
    return f"{_XML}<config>\n{head}  <plate>\n{_rows(pairs, '    ')}{spool}  </plate>\n</config>\n"


def _seconds(text: str) -> int:
    """``1h 37m 2s`` -> 5822."""
    units = {"d": 86400, "h": 3600, "m": 60, "s": 1}
    return sum(int(n) * units[unit] for n, unit in re.findall(r"(\d{1,6})([dhms])", text))
