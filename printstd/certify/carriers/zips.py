"""ZIP archives by strict rules, read and written: none that two readers could read differently.

Refused: two entries of one name, names that leave the archive, entries that overlap, a local header
that calls an entry otherwise than the directory does, encryption, several volumes, other methods
than stored and deflate, anything before the first entry or behind the directory's end, sizes and
checksums that are not so, and more bytes than `MAX_BYTES`. Written archives hold stored entries
with a fixed date, so they are the same bytes everywhere: no build of zlib has a say.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from printstd.certify.carriers.refusal import refused
from printstd.words import said

MAX_ENTRIES: Final = 1024
MAX_BYTES: Final = 1 << 30
"""Of one entry, unpacked."""
_LOCAL: Final = struct.Struct("<IHHHHHIIIHH")
_CENTRAL: Final = struct.Struct("<IHHHHHHIIIHHHHHII")
_END: Final = struct.Struct("<IHHHHIIH")
_LOCAL_SIGN, _CENTRAL_SIGN, _END_SIGN = 0x04034B50, 0x02014B50, 0x06054B50
_STORED, _DEFLATED = 0, 8
_ENCRYPTED, _SIZES_BEHIND, _UTF8 = 0x0001, 0x0008, 0x0800
_ALLOWED_FLAGS: Final = 0x0006 | _SIZES_BEHIND | _UTF8
"""Bits 1 and 2 only say how hard the packer tried."""
_DATE, _TIME = (1980 - 1980) << 9 | 1 << 5 | 1, 0


@dataclass(frozen=True, slots=True)
class _Entry:
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    start: int
    """Of its local header."""


class Archive:
    """An archive whose directory was read and held against its local headers."""

    def __init__(self, data: bytes, name: str) -> None:
        self._data, self._name = data, name
        self._entries = self._directory()

    @property
    def names(self) -> tuple[str, ...]:
        """In the order of the directory."""
        return tuple(self._entries)

    def read(self, name: str, *, max_bytes: int = MAX_BYTES) -> bytes:
        """The bytes of one entry, unpacked; InputError unless they are what the directory says."""
        entry = self._entries[name]
        if entry.size > max_bytes:
            raise self._refused(
                said("an entry of the archive is too large"),
                said("{name}: {size} bytes", name=name, size=entry.size),
                said("at most {most} bytes", most=max_bytes),
            )
        at = self._body(entry)
        packed = self._data[at : at + entry.packed]
        data: bytes | None = packed
        if entry.method == _DEFLATED:
            data = inflated(packed, entry.size, wbits=-15)
        if data is None or len(data) != entry.size or zlib.crc32(data) != entry.crc:
            raise self._refused(
                said("an entry of the archive is damaged"),
                said("{name}: another length or checksum", name=name),
                said("{size} bytes with CRC {crc:08x}", size=entry.size, crc=entry.crc),
            )
        return data

    def _body(self, entry: _Entry) -> int:
        head = _LOCAL.unpack_from(self._data, entry.start)
        return int(entry.start + _LOCAL.size + head[9] + head[10])

    def _refused(self, what: str, got: str, wanted: str) -> Exception:
        return refused(what, self._name, got, wanted)

    def _broken(self, got: str) -> Exception:
        return self._refused(
            said("the archive is not one that every reader reads alike"),
            got,
            said("a ZIP archive of plain entries, each once, one after the other"),
        )

    def _directory(self) -> dict[str, _Entry]:
        data = self._data
        end_at = len(data) - _END.size
        if end_at < 0:
            raise self._broken(said("no directory at its end"))
        sign, disk, first, here, count, size, start, note = _END.unpack_from(data, end_at)
        if sign != _END_SIGN or note or disk or first or here != count:
            raise self._broken(said("no directory at its end"))
        if count > MAX_ENTRIES or start + size != end_at:
            raise self._broken(
                said("{count} entries, their directory of {size} bytes", count=count, size=size)
            )
        found: dict[str, _Entry] = {}
        at = start
        for _ in range(count):
            at, name, entry = self._central(at, end_at)
            # Parts of a package are called alike whatever the case of their letters.
            if name.casefold() in {known.casefold() for known in found}:
                raise self._broken(said("two entries called {name}", name=name))
            found[name] = entry
        if at != end_at:
            raise self._broken(said("a directory with something behind its entries"))
        self._check_places(found, start)
        return found

    def _central(self, at: int, end: int) -> tuple[int, str, _Entry]:
        if at + _CENTRAL.size > end:
            raise self._broken(said("a directory that is cut"))
        row = _CENTRAL.unpack_from(self._data, at)
        sign, flags, method, crc, packed, size = row[0], row[3], row[4], row[7], row[8], row[9]
        n_name, n_extra, n_note, disk, start = row[10], row[11], row[12], row[13], row[16]
        after = at + _CENTRAL.size + n_name + n_extra + n_note
        if sign != _CENTRAL_SIGN or after > end or disk:
            raise self._broken(said("a directory that is cut"))
        raw = self._data[at + _CENTRAL.size : at + _CENTRAL.size + n_name]
        name = self._checked_name(raw)
        if flags & ~_ALLOWED_FLAGS or method not in (_STORED, _DEFLATED):
            raise self._broken(
                said(
                    "{name}: method {method}, flags {flags:04x}",
                    name=name,
                    method=method,
                    flags=flags,
                )
            )
        if 0xFFFFFFFF in (packed, size, start):
            raise self._broken(said("{name}: sizes of ZIP64", name=name))
        return after, name, _Entry(flags, method, crc, packed, size, start)

    def _checked_name(self, raw: bytes) -> str:
        try:
            name = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            raise self._broken(said("an entry whose name is no UTF-8")) from error
        steps = name.removesuffix("/").split("/")
        if (
            any(step in ("", ".", "..") for step in steps)
            or any(c in "\\:" or c < " " or c == "\x7f" for c in name)
            or len(name) > 512
        ):
            raise self._broken(said("an entry called {name}", name=ascii(name[:80])))
        return name

    def _check_places(self, entries: dict[str, _Entry], directory: int) -> None:
        """Entries follow one another, each under the name that the directory has for it."""
        at = 0
        for name, entry in sorted(entries.items(), key=lambda item: item[1].start):
            gap = entry.start - at
            # Sizes that stand behind an entry's bytes take up to 24 bytes.
            if gap < 0 or gap > 24 or (at == 0 and gap):
                raise self._broken(said("{name}: it overlaps another, or stands apart", name=name))
            if entry.start + _LOCAL.size > directory:
                raise self._broken(said("{name}: outside of the archive", name=name))
            head = _LOCAL.unpack_from(self._data, entry.start)
            sign, flags, method, crc, packed, size, n_name = (*head[0:1], *head[2:4], *head[6:10])
            own = self._data[entry.start + _LOCAL.size : entry.start + _LOCAL.size + n_name]
            is_same = (crc, packed, size) == (entry.crc, entry.packed, entry.size)
            if (
                sign != _LOCAL_SIGN
                or own != name.encode("utf-8")
                or (flags, method) != (entry.flags, entry.method)
                or not (is_same or flags & _SIZES_BEHIND)
            ):
                raise self._broken(
                    said("{name}: its own header does not say what the directory says", name=name)
                )
            at = self._body(entry) + entry.packed
            if at > directory:
                raise self._broken(said("{name}: outside of the archive", name=name))
        if directory - at > 24:
            raise self._broken(said("bytes between the entries and their directory"))


def inflated(packed: bytes, size: int, *, wbits: int) -> bytes | None:
    """At most `size` bytes and one more, so that a bomb is seen and not unpacked; None where the
    stream is damaged, not at its end, or followed by something."""
    stream = zlib.decompressobj(wbits)
    try:
        data = stream.decompress(packed, size + 1)
    except zlib.error:
        return None
    if len(data) > size or (stream.eof and not stream.unused_data):
        return data
    return None


def write(entries: Mapping[str, bytes]) -> bytes:
    """An archive of the entries as they stand, stored."""
    parts, directory, at = [], [], 0
    for name, data in entries.items():
        raw = name.encode("utf-8")
        crc = zlib.crc32(data)
        flags = 0 if raw.isascii() else _UTF8
        head = (20, flags, _STORED, _TIME, _DATE, crc, len(data), len(data), len(raw), 0)
        local = _LOCAL.pack(_LOCAL_SIGN, *head) + raw
        directory.append(_CENTRAL.pack(_CENTRAL_SIGN, 20, *head, 0, 0, 0, 0, at) + raw)
        parts += [local, data]
        at += len(local) + len(data)
    rows = b"".join(directory)
    end = _END.pack(_END_SIGN, 0, 0, len(entries), len(entries), len(rows), at, 0)
    return b"".join([*parts, rows, end])
