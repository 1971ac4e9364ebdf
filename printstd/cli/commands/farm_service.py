"""`printstd farm serve|user|key`: the page, and who may use it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from printstd.cli import options
from printstd.cli.farm_place import HERE, FarmAt, at_farm
from printstd.cli.options import Listing
from printstd.cli.speech import Language, in_words, tell
from printstd.words import said

if TYPE_CHECKING:
    from printstd.service.access import Access, Scope

users = typer.Typer(no_args_is_help=True, help="Who may use the page.", rich_markup_mode=None)
keys = typer.Typer(no_args_is_help=True, help="Keys for programs.", rich_markup_mode=None)

_SCOPES: Final = ("read", "submit", "operate", "admin")
_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
Scoped = Annotated[
    str,
    typer.Option(
        "--scope",
        metavar="|".join(_SCOPES),
        help="What it may do; each holds those before it.",
        show_default=True,
    ),
]


def serve(
    farm: FarmAt = HERE,
    host: Annotated[str, typer.Option("--host", metavar="ADDRESS", help="To listen on.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option("--port", metavar="N", min=0, max=65535)] = 8421,
    key: Annotated[
        Path | None,
        typer.Option(
            "--key",
            metavar="KEY",
            help="The key that parts dropped at the page are certified with.",
            show_default=False,
        ),
    ] = None,
    tls_cert: Annotated[
        Path | None,
        typer.Option("--tls-cert", metavar="PEM", help="For https.", show_default=False),
    ] = None,
    tls_key: Annotated[
        Path | None,
        typer.Option("--tls-key", metavar="PEM", help="Its key.", show_default=False),
    ] = None,
    insecure: Annotated[
        bool,
        typer.Option(
            "--insecure-http", help="Listen beyond this machine without TLS: behind a proxy."
        ),
    ] = False,
    page_only: Annotated[
        bool,
        typer.Option("--page-only", help="Another process is the coordinator (`farm run`)."),
    ] = False,
    lang: options.Lang = Language.EN,
) -> int:
    """The farm's page and its API, with a coordinator. Stopped by SIGTERM or Ctrl-C."""
    from printstd.errors import UsageError

    if (tls_cert is None) != (tls_key is None):
        raise UsageError(
            said("TLS wants a certificate and its key"),
            got=said("one of the two"),
            wanted=said("--tls-cert and --tls-key"),
            hint=said("both are PEM files"),
        )
    if host not in _LOOPBACK and tls_cert is None and not insecure:
        raise UsageError(
            said("passwords would cross the network in the clear"),
            where=f"--host {host}",
            got=said("no TLS"),
            wanted=said("--tls-cert and --tls-key"),
            hint=said("behind a proxy that has TLS, say --insecure-http"),
        )
    if key is not None and not key.is_file():
        from printstd.errors import InputError

        raise InputError(
            said("there is no key"),
            where=str(key),
            wanted=said("a private key"),
            hint=said("`printstd keys new NAME` makes one"),
        )
    from printstd.service.running import run_service

    with at_farm(farm) as place:
        return run_service(
            place,
            host=host,
            port=port,
            key=key,
            tls=(tls_cert, tls_key) if tls_cert is not None and tls_key is not None else None,
            is_secure=tls_cert is not None,
            is_coordinator=not page_only,
            ready=lambda url: tell(said("the farm's page is at {url}", url=url)),
        )


def _access(farm: Path) -> Access:
    import time

    from printstd.adapters.farm_folder import open_folder
    from printstd.service.access import Access

    return Access(open_folder(farm).path, time.time)


def _scope(name: str) -> Scope:
    from printstd.errors import UsageError
    from printstd.service.access import Scope

    if name not in _SCOPES:
        raise UsageError(
            said("there is no such scope"),
            where="--scope",
            got=name,
            wanted=", ".join(_SCOPES),
            hint=said("docs/farm-page.md says what each may do"),
        )
    return Scope(name)


@users.command("add", short_help="A user, or a new password for one.")
def add_user(
    name: Annotated[str, typer.Argument(metavar="NAME", show_default=False)],
    scope: Scoped = "operate",
    password_file: Annotated[
        Path | None,
        typer.Option(
            "--password-file",
            metavar="FILE",
            help="Its first line is the password.",
            show_default="asked for at a terminal",
        ),
    ] = None,
    farm: FarmAt = HERE,
    lang: options.Lang = Language.EN,
) -> int:
    """Add a user of the page, or give a known one another password or scope."""
    access, own = _access(farm), _scope(scope)
    access.set_user(name, _password(password_file), own)
    typer.echo(in_words(said("user {name} may {scope}", name=name, scope=scope)))
    return 0


def _password(file: Path | None) -> str:
    import sys

    from printstd.adapters.files import read_file
    from printstd.errors import UsageError

    if file is not None:
        lines = read_file(file, max_bytes=1 << 16).decode("utf-8", "replace").splitlines()
        return lines[0] if lines else ""
    if not sys.stdin.isatty():
        raise UsageError(
            said("nobody can be asked for a password here"),
            got=said("no terminal"),
            wanted=said("--password-file FILE"),
            hint=said("its first line is the password"),
        )
    asked: str = typer.prompt("password", hide_input=True, confirmation_prompt=True)
    return asked


@users.command("list", short_help="All users.")
def list_users(
    form: options.ListingFormat = Listing.TEXT,
    farm: FarmAt = HERE,
    lang: options.Lang = Language.EN,
) -> int:
    """The users of the page, and what each may do."""
    from printstd.cli.farm_tables import show

    rows = [{"user": one.name, "scope": one.scope.value} for one in _access(farm).users()]
    show("users", {"user": said("user"), "scope": said("scope")}, rows, form)
    return 0


@users.command("remove", short_help="A user less; sessions end at once.")
def remove_user(
    name: Annotated[str, typer.Argument(metavar="NAME", show_default=False)],
    farm: FarmAt = HERE,
    lang: options.Lang = Language.EN,
) -> int:
    """Remove a user. Whoever is logged in by that name is out at the next request."""
    _access(farm).remove_user(name)
    typer.echo(in_words(said("user {name} is removed", name=name)))
    return 0


@keys.command("new", short_help="A key for a program.")
def new_key(
    note: Annotated[
        str, typer.Argument(metavar="NOTE", help="What it is for.", show_default=False)
    ] = "",
    scope: Scoped = "read",
    farm: FarmAt = HERE,
    lang: options.Lang = Language.EN,
) -> int:
    """Print a new API key. It is shown once: the farm keeps its digest alone."""
    typer.echo(_access(farm).new_key(_scope(scope), note))
    return 0


@keys.command("list", short_help="All keys.")
def list_keys(
    form: options.ListingFormat = Listing.TEXT,
    farm: FarmAt = HERE,
    lang: options.Lang = Language.EN,
) -> int:
    """The API keys by their first letters, and what each may do."""
    from printstd.cli.farm_tables import show

    known = _access(farm).api_keys()
    rows = [{"key": one.id, "scope": one.scope.value, "note": one.note} for one in known]
    show("keys", {"key": said("key"), "scope": said("scope"), "note": said("for")}, rows, form)
    return 0


@keys.command("revoke", short_help="A key less.")
def revoke_key(
    key: Annotated[str, typer.Argument(metavar="KEY", help="Its first letters.")],
    farm: FarmAt = HERE,
    lang: options.Lang = Language.EN,
) -> int:
    """Revoke an API key, at once."""
    _access(farm).revoke_key(key[:8])
    typer.echo(in_words(said("key {key} is revoked", key=key[:8])))
    return 0
