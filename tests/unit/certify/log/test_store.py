"""A log's life in its database: what is added stays, and what was tampered with is found.

The same contract on SQLite here and on a real PostgreSQL in tests/e2e/test_log_on_postgresql.py.
"""

from __future__ import annotations

import sqlite3

import pytest
import sqlalchemy as sa

from printstd.adapters.log_files import publish, tile_reader
from printstd.adapters.log_store import new_log, open_log
from printstd.certify.log import store as kept
from printstd.certify.log.auditing import audit_rows, audit_tiles
from printstd.certify.log.entry import entry_of
from printstd.certify.log.merkle import consistency_proof, is_consistent, root_of
from printstd.certify.log.notes import NoteError, read_note
from printstd.certify.log.tiles import Tile, TileTree, tiles_of
from printstd.certify.log.witness import Witnessed, read_state, witnessed
from printstd.errors import OutsideError, UsageError, VerificationError
from tests.contract import log_contract, log_forms
from tests.unit.certify.log.logs import bundle, key, new, witness_key


@pytest.fixture
def place(tmp_path):
    return str(tmp_path / "l.sqlite")


@pytest.mark.parametrize("rule", log_contract.RULES, ids=lambda rule: rule.__name__)
def test_sqlite_keeps_the_contract(place, rule):
    rule(place)


@pytest.mark.parametrize("rule", log_forms.RULES, ids=lambda rule: rule.__name__)
def test_sqlite_keeps_the_contract_of_forms(place, rule):
    rule(place)


def test_the_migrations_make_what_the_code_says(place):
    """Columns and keys, each of them, in a log that was begun and in one that was brought up."""
    from printstd.adapters.log_store import META

    said = sa.create_engine("sqlite://")
    META.create_all(said)
    begun = place + ".new"
    new_log(begun, *key())
    log_forms.write_first_form(place)

    def form(engine):
        looked = sa.inspect(engine)
        return {
            table: (
                [(c["name"], str(c["type"]), c["nullable"]) for c in looked.get_columns(table)],
                looked.get_pk_constraint(table)["constrained_columns"],
                looked.get_unique_constraints(table),
            )
            for table in looked.get_table_names()
            if table != log_forms.VERSION_TABLE
        }

    assert form(open_log(place).engine) == form(open_log(begun).engine) == form(said)
    triggers = []
    for file in (place, begun):
        raw = sqlite3.connect(file)
        rows = raw.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        triggers.append(sorted(rows))
        raw.close()
    assert triggers[0] == triggers[1]
    assert len(triggers[0]) == 11
    said.dispose()


def grown(store, own, count, start=0):
    entries = [entry_of(bundle(f"{n}"), "x") for n in range(start, start + count)]
    with store.writing() as rows:
        return kept.append(rows, entries, own)


TAMPERING = {
    "an entry changed": "UPDATE printstd_log_leaf SET entry = CAST(replace(CAST(entry AS TEXT), "
    "'v1', 'v2') AS BLOB) WHERE place = 3",
    "an entry of another type": "UPDATE printstd_log_leaf SET entry = 'text' WHERE place = 3",
    "an entry lost": "DELETE FROM printstd_log_leaf WHERE place = 3",
    "the last entry lost": "DELETE FROM printstd_log_leaf WHERE place = 6",
    "two entries swapped": "UPDATE printstd_log_leaf SET place = CASE place WHEN 3 THEN -4 ELSE -3 "
    "END WHERE place IN (3, 4)",
    "a node changed": "UPDATE printstd_log_node SET hash = zeroblob(32) WHERE level = 1",
    "a checkpoint of another tree": "UPDATE printstd_log_checkpoint SET note = (SELECT note FROM "
    "printstd_log_checkpoint WHERE size = 4) WHERE size = 7",
    "the log set back": "UPDATE printstd_log SET size = 6",
    "the newest checkpoint lost": "DELETE FROM printstd_log_checkpoint WHERE size = 7",
}


@pytest.mark.parametrize("what", TAMPERING)
def test_an_audit_finds_what_was_done_to_the_database(place, tmp_path, what):
    store, _, own = new(tmp_path / "l.sqlite")
    grown(store, own, 4)
    grown(store, own, 3, start=4)
    with store.reading() as rows:
        assert audit_rows(rows)[1] == []
    store.engine.dispose()
    raw = sqlite3.connect(place)
    for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        raw.execute(f"DROP TRIGGER {name}")
    raw.execute(TAMPERING[what])
    if what == "two entries swapped":
        raw.execute("UPDATE printstd_log_leaf SET place = -place WHERE place < 0")
    raw.commit()
    raw.close()
    try:
        with open_log(place).reading() as rows:
            assert audit_rows(rows)[1] != []
    except NoteError:
        pass  # It could not even be read: found, too.


def test_a_log_is_never_begun_anew(tmp_path, place):
    _, public, own = new(tmp_path / "l.sqlite")
    with pytest.raises(UsageError):
        new_log(place, public, own)


def test_what_is_no_database_is_refused(tmp_path):
    (tmp_path / "x").write_bytes(b"not a database, but long enough to be looked at " * 50)
    with pytest.raises(OutsideError, match="database refused"):
        open_log(str(tmp_path / "x"))


def test_published_tiles_make_the_same_tree(tmp_path):
    """Over two levels of tiles, grown in steps: every node, entry, root and proof is the same."""
    store, public, own = new(tmp_path / "l.sqlite")
    folder = tmp_path / "pub"
    sizes = []
    for count in (1, 254, 1, 1, 30):
        sizes.append(grown(store, own, count, start=sum((1, 254, 1, 1, 30)[: len(sizes)])).size)
        with store.reading() as rows:
            assert publish(rows, folder)[0] == sizes[-1]
            assert publish(rows, folder)[1] == 0
    tree = TileTree(tile_reader(folder), sizes[-1])
    with store.reading() as rows:
        assert list(tree.entries()) == list(rows.entries())
        assert root_of(tree.node_at, sizes[-1]) == rows.frontier().root()
        for old in sizes:
            path = consistency_proof(tree.node_at, old, sizes[-1])
            assert path == consistency_proof(rows.node_at, old, sizes[-1])
            older = root_of(rows.node_at, old)
            assert is_consistent(old, older, sizes[-1], rows.frontier().root(), path)
    note = (folder / "checkpoint").read_bytes()
    counted, problems = audit_tiles(tree, note, public)
    assert (counted.entries, problems) == (287, [])
    target = folder / "tile" / "entries" / "000"
    data = bytearray(target.read_bytes())
    data[100] ^= 1
    target.write_bytes(data)
    assert audit_tiles(TileTree(tile_reader(folder), 287), note, public)[1] != []


def test_tiles_are_called_as_the_format_says():
    assert Tile(0, 1_234_067, 256).path == "tile/0/x001/x234/067"
    assert Tile(-1, 5, 12).path == "tile/entries/005.p/12"
    paths = [tile.path for tile in tiles_of(256 * 256 + 1)]
    assert len(paths) == len(set(paths)) == 257 + 257 + 1 + 1
    assert paths[-2:] == ["tile/1/000", "tile/2/000.p/1"]


def test_a_database_set_back_is_not_published(tmp_path, place):
    """Restored from an older copy, it would tell a second story of the same places."""
    store, _, own = new(tmp_path / "l.sqlite")
    grown(store, own, 3)
    store.engine.dispose()
    raw = sqlite3.connect(place)
    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    raw.close()
    older = (tmp_path / "l.sqlite").read_bytes()
    grown(open_log(place), own, 2, start=3)
    with open_log(place).reading() as rows:
        publish(rows, tmp_path / "pub")
    (tmp_path / "older.sqlite").write_bytes(older)
    again = open_log(str(tmp_path / "older.sqlite"))
    for more in (0, 1, 5):
        grown(again, own, more, start=50 + more)
        with again.reading() as rows, pytest.raises(VerificationError, match="beginning"):
            publish(rows, tmp_path / "pub")


def test_a_witness_signs_growth_and_no_fork(tmp_path):
    store, public, own = new(tmp_path / "l.sqlite")
    witness, its = witness_key("w.example")
    grown(store, own, 3)
    with store.reading() as rows:
        note = read_note(rows.checkpoint()[1])
    state, _ = witnessed(Witnessed({}), note, [], public, witness, its, 1)
    assert read_state(state.data) == state
    grown(store, own, 4, start=3)
    with store.reading() as rows:
        path, newer = kept.prove_growth(rows, 3)
    after, _ = witnessed(state, newer, path, public, witness, its, 2)
    assert after.logs[public.name][0] == 7
    for proof in ([], path[:-1], [*path, bytes(32)]):
        with pytest.raises(NoteError, match="fork"):
            witnessed(state, newer, proof, public, witness, its, 2)
    with pytest.raises(NoteError, match="after one of"):
        witnessed(after, note, [], public, witness, its, 3)
    other = new_log(str(tmp_path / "fork.sqlite"), public, own)
    grown(other, own, 7, start=90)
    with other.reading() as rows:
        forked_path, forked = kept.prove_growth(rows, 3)
    with pytest.raises(NoteError, match="fork"):
        witnessed(state, forked, forked_path, public, witness, its, 3)


def test_another_key_cannot_write(tmp_path):
    store, *_ = new(tmp_path / "l.sqlite")
    _, stranger = key()
    with pytest.raises(NoteError, match="does not verify"):
        grown(store, stranger, 1)
    with store.reading() as rows:
        assert rows.frontier().size == 0
        assert audit_rows(rows)[1] == []
