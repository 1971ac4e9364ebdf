"""Files on a Bambu Lab printer: FTP inside TLS from the first byte on (implicit FTPS)."""

from __future__ import annotations

import ftplib
import io
import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any, Final

from printstd.adapters.hosts.calling import (
    ANSWER_S,
    CONNECT_S,
    MAX_FILE_BYTES,
    refused,
    shortened,
    unsure,
)
from printstd.errors import HostRefused, HostSilent
from printstd.words import said

USER: Final = "bblp"


class PinnedContext(ssl.SSLContext):
    """TLS that trusts one certificate and no other, and wants the printer's serial number as its
    name, whatever address it is reached by."""

    serial: str

    def wrap_socket(self, *args: Any, **options: Any) -> ssl.SSLSocket:
        options["server_hostname"] = self.serial
        # At once, so that a connection to something else is closed here.
        options["do_handshake_on_connect"] = True
        return super().wrap_socket(*args, **options)


def pinned(certificate: str, serial: str) -> PinnedContext:
    """certificate : PEM of the printer's own certificate, or of the authority that signed it.
    ssl.SSLError where it is none."""
    context = PinnedContext(ssl.PROTOCOL_TLS_CLIENT)
    context.serial = serial
    context.check_hostname = True
    context.verify_mode = ssl.CERT_REQUIRED
    # The printer's own certificate is trusted as it is, without the one that signed it.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    # Names are in the common name alone.
    context.hostname_checks_common_name = True
    context.load_verify_locations(cadata=certificate)
    return context


class ImplicitFtps(ftplib.FTP_TLS):
    """Data channels go on with the TLS session of the control channel, as these printers want."""

    def connect(
        self, host: str = "", port: int = 0, timeout: float = -999, source_address: Any = None
    ) -> str:
        self.host, self.port, self.timeout = host, port, ANSWER_S
        plain = socket.create_connection((host, port), CONNECT_S)
        with ExitStack() as undo:
            undo.callback(plain.close)
            plain.settimeout(ANSWER_S)
            self.af = plain.family
            self.sock = self.context.wrap_socket(plain, server_hostname=host)
            undo.pop_all()
        self.file = self.sock.makefile("r", encoding=self.encoding)
        self.welcome = self.getresp()
        return self.welcome

    def makepasv(self) -> tuple[str, int]:
        # The address that the server names itself may be one behind a router.
        _, port = super().makepasv()
        return self.host, port

    def ntransfercmd(self, cmd: str, rest: Any = None) -> tuple[socket.socket, int | None]:
        connection, size = ftplib.FTP.ntransfercmd(self, cmd, rest)
        session = self.sock.session if isinstance(self.sock, ssl.SSLSocket) else None
        with ExitStack() as undo:
            undo.callback(connection.close)
            secured = self.context.wrap_socket(connection, session=session)
            undo.pop_all()
        return secured, size


class Store:
    """The printer's storage: one connection a call."""

    def __init__(self, host: str, port: int, code: str, context: ssl.SSLContext) -> None:
        self._host, self._port, self._code, self._context = host, port, code, context
        self._where = f"{host}:{port}"

    @contextmanager
    def _session(self) -> Iterator[ImplicitFtps]:
        ftp = ImplicitFtps(context=self._context, encoding="utf-8")
        try:
            ftp.connect(self._host, self._port)
            ftp.login(USER, self._code)
            ftp.prot_p()
        except ssl.SSLCertVerificationError as error:
            ftp.close()
            raise not_the_printer(self._where, error) from error
        except ftplib.error_perm as error:
            ftp.close()
            raise refused(
                self._where,
                shortened(error),
                hint=said("see that the access code is the one on the printer's screen"),
            ) from error
        except (OSError, EOFError, ftplib.Error) as error:
            ftp.close()
            raise silent(self._where, error) from error
        try:
            yield ftp
        finally:
            with suppress(OSError, EOFError, ftplib.Error):
                ftp.voidcmd("QUIT")
            ftp.close()

    def store(self, name: str, data: bytes) -> None:
        with self._session() as ftp:
            try:
                ftp.storbinary(f"STOR {name}", io.BytesIO(data))
            except ftplib.error_perm as error:
                raise refused(self._where, shortened(error)) from error
            except (OSError, EOFError, ftplib.Error) as error:
                raise unsure(self._where, shortened(error) or type(error).__name__) from error

    def size(self, name: str) -> int | None:
        with self._session() as ftp:
            try:
                ftp.voidcmd("TYPE I")
                return ftp.size(name)
            except ftplib.error_perm:
                return None
            except (OSError, EOFError, ftplib.Error) as error:
                raise silent(self._where, error) from error

    def fetch(self, name: str) -> bytes:
        pieces = bytearray()

        def take(piece: bytes) -> None:
            pieces.extend(piece)
            if len(pieces) > MAX_FILE_BYTES:
                raise OSError(said("its answer is longer than expected"))

        with self._session() as ftp:
            try:
                ftp.retrbinary(f"RETR {name}", take)
            except ftplib.error_perm as error:
                raise refused(self._where, shortened(error)) from error
            except (OSError, EOFError, ftplib.Error) as error:
                raise silent(self._where, error) from error
        return bytes(pieces)

    def remove(self, name: str) -> None:
        with self._session() as ftp:
            try:
                ftp.delete(name)
            except ftplib.error_perm as error:
                raise refused(self._where, shortened(error)) from error
            except (OSError, EOFError, ftplib.Error) as error:
                raise unsure(self._where, shortened(error) or type(error).__name__) from error


def not_the_printer(where: str, error: Exception) -> HostRefused:
    return HostRefused(
        said("what answers here is not the printer whose certificate was pinned"),
        where=where,
        got=shortened(error),
        hint=said("see address and serial number; after a reset of the printer pin it anew"),
    )


def silent(where: str, error: Exception) -> HostSilent:
    return HostSilent(
        said("the printer's host could not be reached; it was told nothing"),
        where=where,
        got=shortened(error) or type(error).__name__,
        hint=said("see that it is switched on and in this network, then try again"),
    )
