"""Our logs read by an implementation of the same formats that is not ours (aics-tlog, Apache-2.0).

It is fetched for the test alone, as a wheel that is put on the path: it asks for a newer Python
than it needs.
"""

from __future__ import annotations

import importlib
import subprocess
import sys
import zipfile

import pytest

from printstd.adapters.log_files import publish
from printstd.certify.log import store as kept
from printstd.certify.log.checkpoint import cosign, read_checkpoint
from printstd.certify.log.entry import entry_of
from printstd.certify.log.notes import read_note, with_lines
from tests.unit.certify.log.logs import bundle, new, witness_key

VERSION = "0.2.1"
COUNT = 300
"""More than one tile."""


@pytest.fixture(scope="module")
def theirs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("aics")
    fetch = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(folder)]
    fetch += ["--ignore-requires-python", f"aics-tlog=={VERSION}"]
    done = subprocess.run(fetch, capture_output=True, text=True, timeout=120, check=False)
    wheels = list(folder.glob("*.whl"))
    if not wheels:
        pytest.skip(f"aics-tlog could not be fetched: {done.stderr.strip()[-200:]}")
    with zipfile.ZipFile(wheels[0]) as wheel:
        wheel.extractall(folder / "site")
    sys.path.insert(0, str(folder / "site"))
    yield importlib.import_module("aics_tlog")
    sys.path.remove(str(folder / "site"))


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    """(folder of the published log, its key, the witness, entries, proof of each tenth)."""
    folder = tmp_path_factory.mktemp("log")
    store, public, own = new(folder / "l.sqlite")
    witness, its = witness_key("w.example")
    entries = [entry_of(bundle(f"{n}"), "x") for n in range(COUNT)]
    with store.writing() as rows:
        kept.append(rows, entries[:17], own)
    with store.reading() as rows:
        publish(rows, folder / "pub")
        older = read_note(rows.checkpoint()[1])
    with store.writing() as rows:
        kept.append(rows, entries[17:], own)
        note = read_note(rows.checkpoint()[1])
        line = cosign(note, witness, its, 1_750_000_000)
        kept.add_cosignatures(rows, with_lines(note, [line]), [witness])
    with store.reading() as rows:
        publish(rows, folder / "pub")
        proofs = {n: kept.prove(rows, entries[n]) for n in range(0, COUNT, 10)}
        growth, _ = kept.prove_growth(rows, 17)
    return folder / "pub", public, witness, entries, proofs, older, growth


def test_they_verify_our_checkpoint_and_its_cosignature(theirs, log):
    folder, public, witness, *_ = log
    note = theirs.parse_note((folder / "checkpoint").read_text())
    keys = theirs.parse_vkey(public.vkey), theirs.parse_vkey(witness.vkey)
    found = theirs.verify_checkpoint(note, keys[0], [keys[1]], 1, expected_origin=public.name)
    assert found.ok, found
    broken = theirs.parse_note((folder / "checkpoint").read_text().replace("\n300\n", "\n301\n"))
    assert not theirs.verify_checkpoint(broken, keys[0], [keys[1]], 1).ok


def test_they_rebuild_our_tree_from_the_tiles(theirs, log):
    folder, _, _, entries, proofs, older, growth = log
    reader = theirs.FileSystemTileReader(folder)
    own = theirs.MerkleTree([entry.data for entry in entries])
    root = theirs.tree_root_from_tiles(reader, COUNT)
    told, _ = theirs.checkpoint.checkpoint_from_note((folder / "checkpoint").read_text())
    assert (told.size, told.root) == (COUNT, root)
    for n, proof in proofs.items():
        assert theirs.read_entry(reader, n, COUNT) == entries[n].data
        leaf = theirs.leaf_hash(entries[n].data)
        assert theirs.verify_inclusion(leaf, n, COUNT, list(proof.path), root)
        assert list(proof.path) == own.inclusion_proof(n)
    begun = read_checkpoint(older.text)
    assert theirs.verify_consistency(17, COUNT, begun.root, root, list(growth))
    assert not theirs.verify_consistency(17, COUNT, begun.root, root, list(growth)[::-1])
