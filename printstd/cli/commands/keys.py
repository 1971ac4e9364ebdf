"""`printstd keys`: signing keys in files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from printstd.cli import options
from printstd.cli.options import Algorithm
from printstd.cli.speech import Language, in_words
from printstd.words import said

app = typer.Typer(no_args_is_help=True, help="Make and show signing keys.", rich_markup_mode=None)


@app.command("new", short_help="Make a key pair.")
def new(
    name: Annotated[
        Path,
        typer.Argument(
            metavar="NAME", help="NAME.key and NAME.pub are written.", show_default=False
        ),
    ],
    algorithm: Annotated[
        Algorithm,
        typer.Option(
            "--algorithm",
            metavar="p256|ed25519",
            help="P-256 suits every verifier, card and authority.",
        ),
    ] = Algorithm.P256,
    passphrase: Annotated[
        bool,
        typer.Option("--passphrase", help="Ask for a passphrase to lock the key with."),
    ] = False,
    lang: options.Lang = Language.EN,
) -> int:
    """Make a key pair: NAME.key (mode 0600, keep it) and NAME.pub (give it away).

    A passphrase is taken from PRINTSTD_KEY_PASSPHRASE or from the file that
    PRINTSTD_KEY_PASSPHRASE_FILE names, where one of them is set.
    """
    from printstd.adapters.keys import new_key, passphrase_for
    from printstd.cli.places import check_folder

    check_folder(name.parent)
    given = passphrase_for(str(name), may_ask=False)
    if passphrase and given is None:
        given = _asked_twice()
    public = new_key(name, algorithm=algorithm.value, passphrase=given)
    kept = said("{algorithm}, keep it secret", algorithm=public.algorithm)
    typer.echo(f"{name}.key  {in_words(kept)}")
    typer.echo(f"{name}.pub  {in_words(said('key id {key_id}', key_id=public.key_id))}")
    return 0


def _asked_twice() -> bytes:
    """A new passphrase from the terminal; UsageError where there is none, or the two differ."""
    import sys
    from getpass import getpass

    from printstd.errors import UsageError

    first = second = ""
    if sys.stdin is not None and sys.stdin.isatty():
        first = getpass(f"{in_words(said('passphrase'))}: ")
        second = getpass(f"{in_words(said('the same again'))}: ")
    if not first or first != second:
        raise UsageError(
            said("no passphrase was given"),
            got=said("two that differ, or none")
            if sys.stdin is not None and sys.stdin.isatty()
            else said("no terminal to ask on"),
            wanted=said("the same passphrase twice"),
            hint=said(
                "without a terminal set PRINTSTD_KEY_PASSPHRASE_FILE to a file that holds it"
            ),
        )
    return first.encode("utf-8")


@app.command("show", short_help="A key's algorithm, id and public half.")
def show(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="A private or public key, or pkcs11:token=NAME;object=KEY.",
            show_default=False,
        ),
    ],
    lang: options.Lang = Language.EN,
) -> int:
    """Print a key's algorithm, id and public half."""
    from printstd.adapters.files import read_file
    from printstd.adapters.keys import MAX_KEY_BYTES, load_signer
    from printstd.adapters.signing import KeptSigner, is_token
    from printstd.certify.keys import load_public_key, public_pem
    from printstd.report.cells import cells, padded

    if is_token(file.as_posix()):
        with KeptSigner(file.as_posix()) as signer:
            public = signer.public
    else:
        pem = read_file(file, max_bytes=MAX_KEY_BYTES)
        is_private = b"PRIVATE KEY" in pem
        public = load_signer(file).public if is_private else load_public_key(pem, str(file))
    rows = ((said("algorithm"), public.algorithm), (said("key id"), public.key_id))
    names = [in_words(name) for name, _ in rows]
    width = max(map(cells, names))
    for name, (_, value) in zip(names, rows, strict=True):
        typer.echo(f"{padded(name, width)}  {value}")
    typer.echo(public_pem(public).decode("ascii"), nl=False)
    return 0
