"""`open_host`: from a printer's address to its driver."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, parse_qsl, urlsplit

from httpx import InvalidURL

from printstd.adapters.hosts.guarding import Guarded
from printstd.errors import UsageError
from printstd.farm.host import Host
from printstd.words import said

KINDS: Final = ("bambu", "duet", "moonraker", "octoprint", "prusalink", "serial")
_WEB: Final = ("duet", "moonraker", "octoprint", "prusalink")


def open_host(address: str, secrets: Mapping[str, str], *, folder: Path) -> Host:
    """The driver of what stands at `address`; nothing is sent yet, a serial line is not opened yet.

    address : ``KIND+http://HOST[:PORT][/PATH]`` (or ``https``) for octoprint, moonraker,
    prusalink, duet; ``serial:///dev/ttyUSB0?baud=115200``; ``bambu://HOST?serial=NUMBER``. What is
    secret is in `secrets` instead, by the names that each driver's class lists. folder : of this
    printer's own, where a driver without a server keeps its files and its journal. `UsageError`
    where the address is not one.
    """
    try:
        return Guarded(_open(address, _clean(secrets, address), folder), address)
    except (ValueError, InvalidURL) as error:
        raise _not_an_address(address) from error


def _open(address: str, secrets: Mapping[str, str], folder: Path) -> Host:
    parts = _parts(address)
    kind, _, transport = parts.scheme.partition("+")
    if kind in _WEB and transport in ("http", "https") and parts.hostname:
        url = f"{transport}://{parts.netloc}{parts.path.rstrip('/')}"
        if kind == "octoprint":
            from printstd.adapters.hosts.octoprint import OctoPrint

            return OctoPrint(url, secrets)
        if kind == "moonraker":
            from printstd.adapters.hosts.moonraker import Moonraker

            return Moonraker(url, secrets)
        if kind == "prusalink":
            from printstd.adapters.hosts.prusalink import PrusaLink

            return PrusaLink(url, secrets)
        from printstd.adapters.hosts.duet import Duet

        return Duet(url, secrets)
    if kind == "serial" and not transport and parts.path and not parts.netloc:
        return _serial(address, parts, secrets, folder)
    if kind == "bambu" and not transport and parts.hostname and not parts.path.strip("/"):
        return _bambu(address, parts, secrets)
    raise _not_an_address(address)


def _bambu(address: str, parts: SplitResult, secrets: Mapping[str, str]) -> Host:
    from printstd.adapters.hosts.bambu import Bambu

    options = dict(parse_qsl(parts.query))
    serial, trays = options.pop("serial", ""), options.pop("ams", "")
    numbers = [options.pop("mqtt", "8883"), options.pop("ftps", "990")]
    trays_given = [tray for tray in trays.split(",") if tray]
    if options or not serial or parts.port is not None:
        raise _not_an_address(address)
    if not all(text.isascii() and text.isdigit() for text in (*numbers, *trays_given)):
        raise _not_an_address(address)
    return Bambu(
        str(parts.hostname),
        serial,
        secrets,
        mqtt_port=int(numbers[0]),
        ftps_port=int(numbers[1]),
        trays=tuple(int(tray) for tray in trays_given),
    )


def _serial(address: str, parts: SplitResult, secrets: Mapping[str, str], folder: Path) -> Host:
    from printstd.adapters.hosts.serial_marlin import RESETS, SerialMarlin

    options = dict(parse_qsl(parts.query))
    baud, reset = options.pop("baud", "115200"), options.pop("reset", "as-is")
    if options or not baud.isascii() or not baud.isdigit() or reset not in RESETS:
        raise _not_an_address(address)
    return SerialMarlin(parts.path, secrets, folder=folder, baud=int(baud), reset=reset)


def _clean(secrets: Mapping[str, str], address: str) -> dict[str, str]:
    """Without what files have at their ends. What is left goes into headers, and what those do not
    hold would be shown by whoever complains of it."""
    clean = {}
    for name, secret in secrets.items():
        clean[name] = secret.strip()
        if name == "certificate":
            _check_certificate(secret, address)
        elif not clean[name].isascii() or not clean[name].isprintable():
            raise UsageError(
                said("the secret {name} holds what no key or password does", name=name),
                where=address,
                wanted=said("printable ASCII characters on one line"),
            )
    return clean


def _check_certificate(pem: str, address: str) -> None:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=pem)
    except (ssl.SSLError, ValueError) as error:
        raise UsageError(
            said("the certificate of this printer cannot be read"),
            where=address,
            wanted=said("a certificate in PEM"),
        ) from error


def _parts(address: str) -> SplitResult:
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError as error:
        raise _not_an_address(address) from error
    if parts.username is not None or parts.password is not None:
        raise UsageError(
            said("a printer's address holds no user and no password"),
            where=f"{parts.scheme}://…@{parts.hostname}",
            hint=said("give them as the printer's secrets: addresses are shown and logged"),
        )
    return parts


def _not_an_address(address: str) -> UsageError:
    return UsageError(
        said("this is not the address of a printer's host"),
        got=repr(address),
        wanted=said(
            "octoprint+http://HOST, moonraker+http://HOST, prusalink+http://HOST, "
            "duet+http://HOST, "
            "serial:///dev/NAME?baud=115200 or bambu://HOST?serial=NUMBER"
        ),
        hint=said("docs/hosts.md has an example of each"),
    )
