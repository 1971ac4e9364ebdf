"""`printstd log`: the transparency log of what was certified."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from printstd.adapters.certificate_files import proof_place, write_proofs
from printstd.cli import options
from printstd.cli.logged import told
from printstd.cli.speech import Language, in_words
from printstd.words import Said, said

if TYPE_CHECKING:
    from printstd.adapters.keys import FileSigner
    from printstd.certify.log.auditing import Counted
    from printstd.certify.log.entry import Entry
    from printstd.certify.log.notes import Verifier

app = typer.Typer(
    no_args_is_help=True,
    help="The transparency log of what was certified.",
    rich_markup_mode=None,
)

Store = Annotated[
    str,
    typer.Argument(
        metavar="STORE",
        help="The log's file (SQLite), or postgresql://USER@HOST/DATABASE.",
        show_default=False,
    ),
]
LogKey = Annotated[
    Path,
    typer.Option(
        "--key",
        metavar="KEY",
        help="The log's own private key, Ed25519 (`printstd keys new --algorithm ed25519`).",
        show_default=False,
    ),
]
Bundles = Annotated[
    list[Path],
    typer.Argument(
        metavar="CERT...", help="Certificates: OUT.gcode.cert.json and others.", show_default=False
    ),
]
Folder = Annotated[
    Path, typer.Argument(metavar="FOLDER", help="Of the published log.", show_default=False)
]
Vkey = Annotated[
    str,
    typer.Option(
        "--log", metavar="VKEY", help="The log's key as `log show` tells it.", show_default=False
    ),
]


@app.command("new", short_help="Begin a log.")
def new(
    store: Store,
    key: LogKey,
    origin: Annotated[
        str,
        typer.Option(
            "--origin",
            metavar="NAME",
            help="The log's name for ever, as a host and path: bureau.example/log.",
            show_default=False,
        ),
    ],
    lang: options.Lang = Language.EN,
) -> int:
    """Begin an empty log. Its key signs checkpoints and nothing else; it is not the key that
    certificates are signed with."""
    from printstd.adapters.log_store import new_log

    with told(store):
        signer = _signer(key)
        public = _named(signer, origin, is_witness=False)
        made = new_log(store, public, signer)
    _say(said("began {where}", where=made.where))
    _say(said("log {vkey}", vkey=public.vkey))
    return 0


@app.command("append", short_help="Log certificates, and write their proofs.")
def append(
    store: Store,
    bundles: Bundles,
    key: LogKey,
    lang: options.Lang = Language.EN,
) -> int:
    """Log certificates: all of them or none. Beside each, CERT.tlog-proof is written, with which
    `verify` shows offline that it is in the log. What is logged already is not logged again."""
    from printstd.adapters.log_store import open_log
    from printstd.certify.log import store as kept

    with told(store):
        entries = [_entry(path) for path in bundles]
        log = open_log(store)
        with log.writing() as rows:
            logged = kept.append(rows, entries, _signer(key))
        write_proofs(log, dict(zip(bundles, entries, strict=True)))
    for path, index in zip(bundles, logged.indices, strict=True):
        _say(said("{index} {path}", index=index, path=str(path)))
    _say(said("{added} new entries, {size} in all", added=logged.added, size=logged.size))
    return 0


@app.command("prove", short_help="Write the proofs of logged certificates anew.")
def prove(store: Store, bundles: Bundles, lang: options.Lang = Language.EN) -> int:
    """Write CERT.tlog-proof for the newest checkpoint, with the cosignatures under it."""
    from printstd.adapters.log_store import open_log

    with told(store):
        entries = [_entry(path) for path in bundles]
        write_proofs(open_log(store), dict(zip(bundles, entries, strict=True)))
    for path in bundles:
        _say(said("wrote {path}", path=str(proof_place(path))))
    return 0


@app.command("show", short_help="A log's key, size and newest checkpoint.")
def show(store: Store, lang: options.Lang = Language.EN) -> int:
    """Print the log's key, as policies name it, and its newest checkpoint."""
    from printstd.adapters.log_store import open_log

    with told(store), open_log(store).reading() as rows:
        key = rows.identity()
        _, note = rows.checkpoint()
    _say(said("log {vkey}", vkey=key.vkey))
    typer.echo(note, nl=False)
    return 0


@app.command("publish", short_help="Write the log as static tiles.")
def publish(store: Store, folder: Folder, lang: options.Lang = Language.EN) -> int:
    """Write what is new of the log as plain files: for a web host, a stick, a repository. Refused
    where what is published there is not the beginning of this log."""
    from printstd.adapters.log_files import publish as publish_tiles
    from printstd.adapters.log_store import open_log

    with told(store), open_log(store).reading() as rows:
        size, written = publish_tiles(rows, folder)
    _say(
        said(
            "{size} entries published in {folder}, {written} files written",
            size=size,
            folder=str(folder),
            written=written,
        )
    )
    return 0


@app.command("witness", short_help="Cosign a published log, if it only grew.")
def witness(
    folder: Folder,
    log: Vkey,
    key: Annotated[
        Path,
        typer.Option(
            "--key",
            metavar="KEY",
            help="The witness's own private key, Ed25519.",
            show_default=False,
        ),
    ],
    name: Annotated[
        str,
        typer.Option(
            "--name", metavar="NAME", help="The witness's name for ever.", show_default=False
        ),
    ],
    state: Annotated[
        Path,
        typer.Option(
            "--state",
            metavar="FILE",
            help="What it signed before. Lost, the witness must be given up.",
            show_default=False,
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="The cosigned checkpoint, for `log cosign`.",
            show_default=False,
        ),
    ],
    begin: Annotated[
        bool,
        typer.Option("--begin", help="The witness's first call: there is no state yet."),
    ] = False,
    time: options.Time = None,
    lang: options.Lang = Language.EN,
) -> int:
    """Read a log's published files; cosign its checkpoint, if the log continues what this witness
    cosigned before. The state is written before the signature is given away."""
    from printstd.adapters.clock import FixedClock, SystemClock
    from printstd.adapters.files import read_file, write_all
    from printstd.adapters.log_files import tile_reader
    from printstd.certify.log.checkpoint import verified_checkpoint
    from printstd.certify.log.merkle import consistency_proof
    from printstd.certify.log.notes import MAX_NOTE_BYTES, read_note, read_vkey, with_lines
    from printstd.certify.log.tiles import CHECKPOINT, TileTree
    from printstd.certify.log.witness import MAX_STATE_BYTES, Witnessed, read_state, witnessed
    from printstd.errors import UsageError

    if begin == state.exists():
        raise UsageError(
            said("a witness begins once"),
            where=str(state),
            got=said("a state is there already") if begin else said("there is no state"),
            wanted=said("--begin at the first call, and at no other"),
            hint=said("a witness whose state is lost may sign a fork: begin one of another name"),
        )
    with told(str(folder)):
        log_key, signer = read_vkey(log), _signer(key)
        own = _named(signer, name, is_witness=True)
        note = read_note(read_file(folder / CHECKPOINT, max_bytes=MAX_NOTE_BYTES))
        checkpoint = verified_checkpoint(note, log_key)
        before = Witnessed({}) if begin else read_state(read_file(state, max_bytes=MAX_STATE_BYTES))
        size, _ = before.logs.get(checkpoint.origin, (0, b""))
        path = []
        if 0 < size <= checkpoint.size:
            tree = TileTree(tile_reader(folder), checkpoint.size)
            path = consistency_proof(tree.node_at, size, checkpoint.size)
        clock = FixedClock(time) if time is not None else SystemClock()
        after, line = witnessed(before, note, path, log_key, own, signer, _seconds(clock.now_utc()))
        write_all({state: after.data})
        write_all({output: str(with_lines(note, [line])).encode("utf-8")})
    _say(said("cosigned {size} entries of {origin}", size=checkpoint.size, origin=log_key.name))
    _say(said("witness {vkey}", vkey=own.vkey))
    return 0


@app.command("cosign", short_help="Take a witness's cosignature into the log.")
def cosign(
    store: Store,
    checkpoint: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="A checkpoint as a witness gave it back.", show_default=False
        ),
    ],
    witness_key: Annotated[
        str,
        typer.Option("--witness", metavar="VKEY", help="The witness's key.", show_default=False),
    ],
    lang: options.Lang = Language.EN,
) -> int:
    """Keep a witness's cosignature under the newest checkpoint: proofs written from now on carry
    it."""
    from printstd.adapters.files import read_file
    from printstd.adapters.log_store import open_log
    from printstd.certify.log.notes import MAX_NOTE_BYTES, read_note, read_vkey
    from printstd.certify.log.store import add_cosignatures

    with told(store):
        note = read_note(read_file(checkpoint, max_bytes=MAX_NOTE_BYTES))
        with open_log(store).writing() as rows:
            added = add_cosignatures(rows, note, [read_vkey(witness_key)])
    _say(said("{added} new cosignatures", added=added))
    return 0


@app.command("audit", short_help="Make a whole log again, and hold it against what it signed.")
def audit(
    place: Annotated[
        str,
        typer.Argument(
            metavar="STORE|FOLDER",
            help="A log's database, or the folder of a published one.",
            show_default=False,
        ),
    ],
    log: Annotated[
        str | None,
        typer.Option(
            "--log",
            metavar="VKEY",
            help="The log's key: needed for a folder, and compared with a database's.",
            show_default=False,
        ),
    ] = None,
    lang: options.Lang = Language.EN,
) -> int:
    """Hash every entry again; hold every node, every checkpoint that was ever signed and every
    serial number against them. Exit 1 where anything differs."""
    with told(place):
        counted, problems = (
            _audited_folder(Path(place), log) if Path(place).is_dir() else _audited(place, log)
        )
    for problem in problems:
        typer.echo(in_words(problem) if isinstance(problem, Said) else problem)
    _say(
        said(
            "{entries} entries, {checkpoints} checkpoints, {revocations} revocations: "
            "{problems} problems",
            entries=counted.entries,
            checkpoints=counted.checkpoints,
            revocations=counted.revocations,
            problems=len(problems),
        )
    )
    return 1 if problems else 0


def _audited(place: str, vkey: str | None) -> tuple[Counted, list[str]]:
    from printstd.adapters.log_store import open_log
    from printstd.certify.log.auditing import audit_rows

    with open_log(place).reading() as rows:
        counted, problems = audit_rows(rows)
        own = rows.identity().vkey
    if vkey is not None and own != vkey.strip():
        problems.insert(0, said("the log's key is {own}", own=own))
    return counted, problems


def _audited_folder(folder: Path, vkey: str | None) -> tuple[Counted, list[str]]:
    from printstd.adapters.files import read_file
    from printstd.adapters.log_files import tile_reader
    from printstd.certify.log.auditing import audit_tiles
    from printstd.certify.log.checkpoint import verified_checkpoint
    from printstd.certify.log.notes import MAX_NOTE_BYTES, read_vkey
    from printstd.certify.log.tiles import CHECKPOINT, TileTree
    from printstd.errors import UsageError

    if vkey is None:
        raise UsageError(
            said("a published log is audited under its key"),
            where=str(folder),
            wanted=said("--log VKEY"),
            hint=said("`printstd log show` prints it; get it from the log's owner"),
        )
    key = read_vkey(vkey)
    note = read_file(folder / CHECKPOINT, max_bytes=MAX_NOTE_BYTES)
    size = verified_checkpoint(note, key).size
    return audit_tiles(TileTree(tile_reader(folder), size), note, key)


def _entry(path: Path) -> Entry:
    from printstd.adapters.files import read_file
    from printstd.certify.dsse import MAX_BUNDLE_BYTES
    from printstd.certify.log.entry import entry_of

    return entry_of(read_file(path, max_bytes=MAX_BUNDLE_BYTES), str(path))


def _signer(path: Path) -> FileSigner:
    from printstd.adapters.keys import load_signer
    from printstd.errors import InputError

    signer = load_signer(path)
    if signer.algorithm != "ed25519":
        raise InputError(
            said("this kind of key signs no checkpoints"),
            where=str(path),
            got=signer.algorithm,
            wanted="ed25519",
            hint=said("`printstd keys new NAME --algorithm ed25519` makes one"),
        )
    return signer


def _named(signer: FileSigner, name: str, *, is_witness: bool) -> Verifier:
    """The signer's public half under a name, as notes know it."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    from printstd.certify.log.notes import COSIGNATURE, ED25519, Verifier, read_vkey

    public = signer.public.key
    assert isinstance(public, Ed25519PublicKey)
    kind = COSIGNATURE if is_witness else ED25519
    return read_vkey(Verifier(name, kind, public.public_bytes_raw()).vkey)


def _seconds(now: str) -> int:
    """Unix seconds of ``YYYY-MM-DDTHH:MM:SSZ``."""
    from datetime import datetime

    return int(datetime.fromisoformat(now.replace("Z", "+00:00")).timestamp())


def _say(text: Any) -> None:
    typer.echo(in_words(text))
