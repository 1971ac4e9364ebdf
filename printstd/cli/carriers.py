"""Programs in their carriers, for every command that takes one; and the carrier that is asked for.

Only what `verify` may import: the standard library and cryptography.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from printstd.errors import UsageError
from printstd.named_tuple import NamedTuple
from printstd.words import said

if TYPE_CHECKING:
    from collections.abc import Sequence

    from printstd.certify.carriers.carried import Carried
    from printstd.certify.carriers.forms import Form


_MAGIC: Final = (b"PK\x03\x04", b"GCDE")
_TAIL: Final = b"printstd-certificate-begin"
_CONTAINERS: Final = (".bgcode", ".gcode.3mf")


class Embed(StrEnum):
    """What a certificate may travel in, apart from the files beside the program."""

    TAIL = "tail"
    BGCODE = "bgcode"
    BAMBU = "gcode.3mf"


class Package(NamedTuple):
    """The product of `certify` that carries its certificates. container : without them, and its
    signed digest."""

    form: Form
    container: bytes
    sha256: str | None
    member: str


class Packing:
    """Of one product on its way: the carrier is made when the program is there, and stated with
    it. form : None for a program alone."""

    def __init__(self, form: Form | None, output: Path) -> None:
        from printstd.adapters.names import shown
        from printstd.certify.carriers.forms import Form

        member = {Form.BAMBU: "#Metadata/plate_1.gcode", Form.BGCODE: "#gcode"}
        self._form = form
        self.package: Package | None = None
        self.program_name = shown(output.name) + (member.get(form, "") if form else "")
        """What a statement calls the program."""

    def container_of(self, program: bytes) -> str | None:
        """The signed digest of what the program travels in; see `pipeline.state_plate`."""
        self.package = packaged(program, self._form) if self._form is not None else None
        return self.package.sha256 if self.package is not None else None


def read_carried(path: Path, *, plate: int | None = None) -> Carried:
    """The program in a file, and the certificates that came with it."""
    from printstd.adapters.files import read_file
    from printstd.certify.carriers.carried import open_carrier
    from printstd.cli.running import shown

    return open_carrier(read_file(path), shown(path.name), plate=plate)


def program_in(path: Path, *, plate: int | None = None) -> bytes:
    """The program in a file. What is no container is not opened as one: nothing of certificates is
    imported for a plain program."""
    from printstd.adapters.files import read_file
    from printstd.cli.running import shown

    data = read_file(path)
    if data[:4] not in _MAGIC and _TAIL not in data:
        return data
    from printstd.certify.carriers.carried import open_carrier

    return open_carrier(data, shown(path.name), plate=plate).program


def form_asked(embed: Embed | None, output: Path | None) -> Form | None:
    """The carrier that the product is to be, by ``--embed`` or by the product's name; None for a
    program alone. UsageError where both say something, and not the same."""
    from printstd.certify.carriers.forms import Form, form_of_name

    named = form_of_name(output.name) if output is not None else Form.GCODE
    if embed is None:
        return None if named is Form.GCODE else named
    form = Form(embed.value)
    if output is None:
        raise UsageError(
            said("say where the file with its certificates goes"),
            got=said("--embed {form}, and no -o", form=form.value),
            wanted=said("-o FILE"),
            hint=said("the program itself is never written over"),
        )
    if named not in (Form.GCODE, form):
        raise UsageError(
            said("the product's name and --embed say different things"),
            got=said("--embed {form}, and {name}", form=form.value, name=output.name),
            wanted=said("a name that fits"),
            hint=said("leave --embed out: the name says it"),
        )
    return form


def packaged(program: bytes, form: Form) -> Package:
    """A new file of this form around the program, without certificates."""
    from printstd.certify.carriers.carried import open_carrier, wrapped
    from printstd.certify.carriers.forms import Form

    container = wrapped(program, form)
    if form is Form.TAIL:
        return Package(form, container, None, "")
    held = open_carrier(container, "")
    return Package(form, container, held.container_sha256, held.member)


def product_bytes(program: bytes, output: Path) -> bytes:
    """What is written at `output`: the program, in a container where its name says so."""
    if not output.name.lower().endswith(_CONTAINERS):
        return program
    from printstd.certify.carriers.forms import form_of_name

    return packaged(program, form_of_name(output.name)).container


def repackaged(data: bytes, held: Carried, form: Form) -> Package:
    """The file that a finished program came in, where it is of this form already; a new one
    otherwise."""
    if held.form is form and form.value != Embed.TAIL:
        return Package(form, data, held.container_sha256, held.member)
    return packaged(held.program, form)


def filled(package: Package, name: str, bundles: Sequence[bytes]) -> bytes:
    """The file with its certificates in it."""
    from printstd.certify.carriers.carried import with_certificates

    return with_certificates(package.container, name, package.form, bundles)
