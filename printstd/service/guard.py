"""Whoever asks is recognised, has the scope, and came from this very page.

A request that a cookie speaks for must also carry the session's token, and no foreign Origin: a
page elsewhere can make a browser send the cookie, but neither of these. API keys are sent on
purpose, so they need no token.
"""

from __future__ import annotations

import hmac
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from printstd.service.access import Access, Scope, Who

COOKIE: Final = "printstd_session"
TOKEN_HEADER: Final = "x-csrf-token"
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class Refused(Exception):
    """status : 401 nobody was recognised, 403 it is not theirs to do. code : which of them."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code


def recognised(access: Access, headers: Headers, cookies: dict[str, str]) -> Who | None:
    """By an API key where one is sent, else by a session."""
    scheme, _, secret = headers.get("authorization", "").partition(" ")
    if scheme:
        return access.by_key(secret.strip()) if scheme.lower() == "bearer" else None
    cookie = cookies.get(COOKIE, "")
    return access.by_session(cookie) if cookie else None


def is_own_origin(headers: Headers) -> bool:
    """No Origin is none of a browser's page; ``null`` is a page that hides where it is from."""
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host")


def allowed(
    access: Access, method: str, headers: Headers, cookies: dict[str, str], scope: Scope
) -> Who:
    """Raises Refused."""
    who = recognised(access, headers, cookies)
    if who is None:
        raise Refused(401, "who")
    if who.session and method not in SAFE:
        token = headers.get(TOKEN_HEADER, "")
        if not is_own_origin(headers) or not hmac.compare_digest(token, access.csrf_token(who)):
            raise Refused(403, "origin")
    if not who.scope.holds(scope):
        raise Refused(403, "scope")
    return who
