"""Binary STL: 80 bytes of header, a count, and 50 bytes for each facet.

The size of the file is compared with the count before a record is looked at. Coordinates are
taken as they stand: one that is no number refuses the file, with the facet and the byte.
"""

from __future__ import annotations

import re
from typing import Final

import numpy as np
from numpy.typing import NDArray

from printstd.artifacts.finding import Finding, Status, Where
from printstd.errors import InputError
from printstd.intake.limits import Limits
from printstd.intake.notices import Geometry, check_facet_count, listed, remark
from printstd.intake.sniff import STL_HEADER_BYTES, STL_RECORD_BYTES, looks_like_facets
from printstd.words import counted, said

SOURCE: Final = "STL binary: 80-byte header, uint32 count, 50-byte records"
_RECORD: Final = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
_UNIT_HINT: Final = re.compile(rb"units?\s*[=:]\s*([a-z]{1,12})", re.I)


def read_stl_binary(data: bytes, limits: Limits) -> Geometry:
    """Corners of every facet, in float32; InputError STL-002, -003, -004, -010, -014."""
    declared = int.from_bytes(data[80:84], "little")
    findings = _check_size(data, declared)
    if declared == 0:
        raise InputError(
            said("the file has no facets"),
            code="STL-002",
            where=said("byte 80"),
            got=said("count 0"),
        )
    check_facet_count(declared, limits.facets, "STL-009")
    records = np.frombuffer(data, _RECORD, declared, STL_HEADER_BYTES)
    corners = np.ascontiguousarray(records["corners"]).reshape(-1, 3)
    _check_finite(corners)
    hint = _UNIT_HINT.search(data[:80])
    if hint:
        findings.append(unit_hint_remark(hint.group(1).decode(), SOURCE))
    return Geometry(corners, None, tuple(findings))


def unit_hint_remark(unit: str, source: str) -> Finding:
    """STL has no unit; a header that names one is worth telling, and not worth trusting."""
    return remark(
        "STL-025",
        said(
            "the header says the unit is {unit!r}; STL has no unit field, so this is not "
            "relied on: say --units if it is right",
            unit=unit,
        ),
        source=source,
        details=(("unit in header", unit),),
    )


def _check_size(data: bytes, declared: int) -> list[Finding]:
    surplus = len(data) - STL_HEADER_BYTES - STL_RECORD_BYTES * declared
    if surplus == 0:
        return []
    present, rest = divmod(len(data) - STL_HEADER_BYTES, STL_RECORD_BYTES)
    if surplus < 0 and rest:
        raise InputError(
            said(
                "the file ends inside facet {present}: {surplus} bytes are missing",
                present=present,
                surplus=-surplus,
            ),
            where=said("byte {count}", count=len(data)),
            got=said("{present} whole facets and {rest} bytes", present=present, rest=rest),
            wanted=said(
                "{declared} facets, {count} bytes", declared=declared, count=len(data) - surplus
            ),
            hint=said("copy or download the file again"),
            code="STL-003",
        )
    if surplus < 0 or rest == 0 or _has_facets_beyond(data, declared):
        raise InputError(
            said("the facet count in the header is not that of the facets in the file"),
            where=said("byte 80"),
            got=said("{present} facets present and {rest} bytes", present=present, rest=rest)
            if rest
            else said("{present} facets present", present=present),
            wanted=said("{declared} facets, as the header says", declared=declared),
            hint=said(
                "export the file again; a reader that trusts either number prints another part"
            ),
            code="STL-004",
        )
    end = len(data) - surplus
    return [
        remark(
            "STL-005",
            said("{surplus} bytes follow the last facet and were not read", surplus=surplus),
            status=Status.WARN,
            source=SOURCE,
            where=(Where(byte=end),),
            details=(("bytes", str(surplus)),),
        )
    ]


def _has_facets_beyond(data: bytes, declared: int) -> bool:
    """More than garbage after the last declared facet: a whole record of ordinary numbers."""
    end = STL_HEADER_BYTES + STL_RECORD_BYTES * declared
    return len(data) - end >= STL_RECORD_BYTES and looks_like_facets(data, end, 1)


def _check_finite(corners: NDArray[np.float32]) -> None:
    finite = np.isfinite(corners)
    if finite.all():
        return
    facets = np.flatnonzero(~finite.reshape(-1, 9).all(axis=1))
    first, component = int(facets[0]), int(np.flatnonzero(~finite[facets[0] * 3 :][:3].ravel())[0])
    byte = STL_HEADER_BYTES + STL_RECORD_BYTES * first + 12 + 4 * component
    raise InputError(
        counted(
            "{count} facet with a coordinate that is no number",
            "{count} facets with a coordinate that is no number",
            count=len(facets),
        ),
        where=said(
            "facet {listed}; first at byte {byte}", listed=listed(facets.tolist()), byte=byte
        ),
        got=str(corners[first * 3 + component // 3, component % 3]),
        wanted=said("finite coordinates"),
        hint=said("export the part again; leaving the facets out would leave holes"),
        code="STL-010",
    )
