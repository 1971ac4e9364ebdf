"""One HTTP call to a host: bounded in time, never repeated, and its failure told apart.

What counts is whether the host can have acted. The connection could not be made: `HostSilent`. It
answered no: `HostRefused`. It was sent a request that changes something and no answer came, or one
that says that something behind it broke: `HostUnsure`. A question that changes nothing is
`HostSilent` in that case, since nothing can have been done.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

import httpx

from printstd.errors import HostRefused, HostSilent, HostUnsure, OutsideError
from printstd.words import Said, said

CONNECT_S: Final = 5.0
ANSWER_S: Final = 15.0
TRANSFER_S: Final = 300.0
"""A whole upload or download, whatever its size; single reads and writes are held to `ANSWER_S`."""
MAX_ANSWER_BYTES: Final = 32 << 20
MAX_FILE_BYTES: Final = 2 << 30
_MAX_WORDS: Final = 300

WordsOf = Callable[[httpx.Response], str]


def shortened(words: object) -> str:
    """A host's own words on one line, without what would move a terminal's cursor; our own as they
    are, in an exception too."""
    ours = words.args[0] if isinstance(words, Exception) and words.args else words
    if isinstance(ours, Said):
        return ours
    text = "".join(c if c.isprintable() else " " for c in str(words))
    text = " ".join(text.split())
    return text if len(text) <= _MAX_WORDS else text[: _MAX_WORDS - 1] + "…"


class Caller:
    """base_url : without a slash at its end. words_of : the host's own words in a refusal.

    was_passed_on : whether an answer of 5xx may mean that the request went on to what is behind the
    server; unless told otherwise 503 does not mean that, and the others do. about_keys : status
    codes with which this host says that a key is wrong. certificate : PEM, the only one that is
    trusted at an address of https; without it, what this system trusts. Proxies of the environment
    are not asked: printers are near.
    """

    def __init__(
        self,
        base_url: str,
        *,
        words_of: WordsOf,
        headers: Mapping[str, str] | None = None,
        auth: httpx.Auth | None = None,
        was_passed_on: Callable[[httpx.Response], bool] | None = None,
        about_keys: tuple[int, ...] = (401, 403),
        certificate: str | None = None,
        answer_s: float = ANSWER_S,
    ) -> None:
        self.base_url, self._words_of, self._about_keys = base_url, words_of, about_keys
        self._was_passed_on = was_passed_on or (lambda answer: answer.status_code != 503)
        # Trust in certificates is read from disk only where the address wants it.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if certificate:
            context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
            context.load_verify_locations(cadata=certificate)
        elif base_url.startswith("https:"):
            context = ssl.create_default_context()
        self._client = httpx.Client(
            base_url=base_url,
            # Files come back as the bytes that are stored.
            headers={"Accept-Encoding": "identity", **(headers or {})},
            auth=auth,
            verify=context,
            timeout=httpx.Timeout(answer_s, connect=CONNECT_S),
            # A kept connection may have been closed by the other side: what is sent on it is lost
            # in a way that looks like a request without an answer.
            limits=httpx.Limits(max_keepalive_connections=0),
            follow_redirects=False,
            trust_env=False,
        )

    def close(self) -> None:
        self._client.close()

    def read(self, path: str, **options: Any) -> httpx.Response:
        """GET (or `method`) of something that changes nothing."""
        return self._call(options.pop("method", "GET"), path, changes=False, **options)

    def change(self, method: str, path: str, **options: Any) -> httpx.Response:
        """A request that changes something; sent at most once."""
        return self._call(method, path, changes=True, **options)

    def _call(
        self,
        method: str,
        path: str,
        *,
        changes: bool,
        accepted: tuple[int, ...] = (),
        limit_s: float = TRANSFER_S,
        max_bytes: int = MAX_ANSWER_BYTES,
        answer_s: float | None = None,
        **options: Any,
    ) -> httpx.Response:
        """accepted : status codes beside 2xx that are answers. answer_s : patience with what takes
        a printer long. Returns the answer read whole."""
        if answer_s is not None:
            options["timeout"] = httpx.Timeout(answer_s, connect=CONNECT_S)
        try:
            request = self._client.build_request(method, path, **options)
            until = time.monotonic() + limit_s
            answer = self._client.send(request, stream=True)
            try:
                body = bytearray()
                for piece in answer.iter_bytes():
                    body += piece
                    if len(body) > max_bytes:
                        raise httpx.ReadError(said("its answer is longer than expected"))
                    if time.monotonic() > until:
                        raise httpx.ReadTimeout(said("its answer came too slowly"))
            finally:
                answer.close()
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise self._silent(error) from error
        except (httpx.TransportError, httpx.StreamError, httpx.DecodingError) as error:
            raise (self._unsure(error) if changes else self._silent(error)) from error
        whole = httpx.Response(
            answer.status_code, headers=_plain(answer.headers), content=bytes(body), request=request
        )
        if whole.is_success or whole.status_code in accepted:
            return whole
        raise self._no(whole, changes=changes)

    def _silent(self, error: Exception) -> HostSilent:
        return HostSilent(
            said("the printer's host could not be reached; it was told nothing"),
            where=self.base_url,
            got=shortened(error) or type(error).__name__,
            hint=said("see that it is switched on and in this network, then try again"),
        )

    def _unsure(self, error: Exception) -> HostUnsure:
        return unsure(self.base_url, shortened(error) or type(error).__name__)

    def _no(self, answer: httpx.Response, *, changes: bool) -> OutsideError:
        status = answer.status_code
        try:
            words = shortened(self._words_of(answer))
        except (ValueError, KeyError, TypeError, AttributeError):
            words = ""
        got = f"HTTP {status}: {words}" if words else f"HTTP {status}"
        if status >= 500 and self._was_passed_on(answer):
            if changes:
                return unsure(self.base_url, got)
            return self._silent(httpx.TransportError(got))
        hint = None
        if status in self._about_keys:
            hint = said("see that the key or password of this printer is the one its host knows")
        return refused(self.base_url, got, hint=hint)


def shown(where: str, is_so: Callable[[], bool], *, seconds: float, every_s: float = 0.1) -> None:
    """Wait until a host shows what it was told. `HostUnsure` where it does not: also where it
    cannot be asked any more, since by now it has been told."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with suppress(OutsideError):
            if is_so():
                return
        time.sleep(every_s)
    raise unsure(where, said("it took the order and does not show that it did it"))


def refused(where: str, got: str, *, hint: str | None = None) -> HostRefused:
    return HostRefused(
        said("the printer's host said no; nothing was done"), where=where, got=got, hint=hint
    )


def unsure(where: str, got: str) -> HostUnsure:
    return HostUnsure(
        said("the printer's host was told and did not answer: it may or may not have done it"),
        where=where,
        got=got,
        hint=said("look at what it does now and at its history; do not repeat it blindly"),
    )


def _plain(headers: httpx.Headers) -> dict[str, str]:
    """Headers of the body as it was decoded."""
    dropped = ("content-encoding", "transfer-encoding")
    return {name: value for name, value in headers.items() if name not in dropped}
