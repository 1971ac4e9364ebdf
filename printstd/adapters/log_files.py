"""A log as a folder of static tiles."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from printstd.adapters.files import read_file, read_if_present, write_all
from printstd.certify.log.checkpoint import verified_checkpoint
from printstd.certify.log.merkle import is_consistent
from printstd.certify.log.notes import MAX_NOTE_BYTES, NoteError
from printstd.certify.log.store import LogRows, prove_growth, tile_bytes
from printstd.certify.log.tiles import CHECKPOINT, Tile, tiles_of
from printstd.errors import InputError, OutsideError, VerificationError
from printstd.words import said

MAX_TILE_BYTES: Final = 17 << 20


def publish(rows: LogRows, folder: Path) -> tuple[int, int]:
    """Write what is new of the log below `folder`; (entries published, files written).

    Every tile is whole and synced before the checkpoint that speaks of it, which comes last.
    VerificationError where what is published there is not the beginning of this log.
    """
    key = rows.identity()
    size, note = rows.checkpoint()
    before = read_if_present(folder / CHECKPOINT, max_bytes=MAX_NOTE_BYTES)
    if before is not None:
        try:
            old = verified_checkpoint(before, key)
            path, _ = prove_growth(rows, old.size) if old.size <= size else ([], None)
            new = verified_checkpoint(note, key)
            is_grown = is_consistent(old.size, old.root, size, new.root, path)
            got: str = said("a checkpoint of {size} entries", size=old.size)
        except NoteError as error:
            is_grown, got = False, str(error)
        if not is_grown:
            raise VerificationError(
                said("what is published here is not the beginning of this log"),
                where=str(folder / CHECKPOINT),
                got=got,
                wanted=said("one that this log of {size} entries continues", size=size),
                hint=said(
                    "was the database restored from an older copy? A log that forgets is a fork: "
                    "find the newer database, or begin a log of another name"
                ),
            )
    written = 0
    for tile in tiles_of(size):
        written += _put(rows, folder, tile)
    if before is None or before.decode("utf-8") != note:
        _make_folder(folder)
        write_all({folder / CHECKPOINT: note.encode("utf-8")})
        written += 1
    return size, written


def _put(rows: LogRows, folder: Path, tile: Tile) -> bool:
    """Was there something to write? Tiles never change, so one that is there is left alone."""
    path = folder / tile.path
    if path.is_file():
        return False
    _make_folder(path.parent)
    write_all({path: tile_bytes(rows, tile)})
    return True


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutsideError(
            said("the folder cannot be made"),
            where=str(folder),
            got=error.strerror or str(error),
            wanted=said("a folder that can be written to, with enough space"),
            hint=said("check the folder, its rights and the disk"),
        ) from error


def tile_reader(folder: Path) -> Callable[[str], bytes]:
    """Of `printstd.certify.log.tiles.TileTree`."""

    def read(path: str) -> bytes:
        try:
            return read_file(folder.joinpath(*path.split("/")), max_bytes=MAX_TILE_BYTES)
        except InputError as error:
            raise NoteError(f"{path} is missing") from error

    return read
