"""A certified program to a host, and proof that the host has it byte for byte."""

from __future__ import annotations

import hashlib

from printstd.artifacts.certificate import CertifiedProgram
from printstd.errors import HostRefused
from printstd.farm.host import Host
from printstd.words import said


def send(host: Host, name: str, program: CertifiedProgram, container: bytes) -> str:
    """Store it and ask for it back; what is wrong with what came, empty where it is the same.

    container : the file that the program came in, for hosts that want such a file; the program in
    it is the certified one, since it was verified out of these very bytes. HostRefused where the
    host wants a file of another kind, or can show nothing of what it stored.
    """
    data = program.data if host.abilities.carrier == "gcode" else container
    if host.abilities.carrier != "gcode" and not data.startswith(b"PK\x03\x04"):
        raise HostRefused(
            said("this host takes no plain G-code"),
            got=said("a plain program"),
            wanted=host.abilities.carrier,
            hint=said("certify it with --embed {carrier}", carrier=host.abilities.carrier),
        )
    host.upload(name, data)
    return difference(host, name, data)


def difference(host: Host, name: str, data: bytes) -> str:
    """How what the host has under this name differs from `data`; empty where it does not.

    The bytes themselves where it gives them back; its digest where that is a SHA-256, or all that
    it can tell.
    """
    stored = host.file(name)
    if stored is None:
        return said("the host has no such file")
    kind, _, digest = (stored.digest or "").partition(":")
    if digest and (kind == "sha256" or not host.abilities.downloads):
        own = hashlib.new(kind, data, usedforsecurity=False).hexdigest()
        if digest.lower() != own:
            return said(
                "its {kind} there is {digest}, not {own}", kind=kind, digest=digest, own=own
            )
        return ""
    if not host.abilities.downloads:
        raise HostRefused(
            said("this host can show nothing of what it stored"),
            wanted=said("the bytes again, or a digest of them"),
            hint=said("print from another host: nothing unread is started"),
        )
    back = host.download(name)
    if back != data:
        return said(
            "sha256 {got} came back, not {own}",
            got=hashlib.sha256(back).hexdigest(),
            own=hashlib.sha256(data).hexdigest(),
        )
    return ""
