"""The service: the page, its API, the live connection and the figures for monitoring."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from printstd.adapters.languages import words_of
from printstd.cli.farm_place import Farm
from printstd.errors import InputError, OutsideError, PrintstdError, UsageError, VerificationError
from printstd.service.access import Access
from printstd.service.guard import Refused
from printstd.service.making import Workshop
from printstd.service.throttle import Throttle
from printstd.service.words import chosen
from printstd.words import Translate, said, text_of

HERE: Final = Path(__file__).parent
LANGUAGE_COOKIE: Final = "printstd_language"
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'self'"
)
_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_MOST_BODY_BYTES: Final = 1 << 20
_TAKE_FILES: Final = ("/api/v1/models", "/api/v1/jobs")


@dataclass(frozen=True, slots=True, eq=False)
class Desk:
    """What the routes work with. is_secure : the service is reached over TLS, so cookies are sent
    over it alone."""

    farm: Farm
    access: Access
    workshop: Workshop
    is_secure: bool
    throttle: Throttle = field(default_factory=lambda: Throttle(time.monotonic))


def desk_of(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


def language_of(request: HTTPConnection) -> str:
    """request : or a websocket."""
    return chosen(request.cookies.get(LANGUAGE_COOKIE), request.headers.get("accept-language"))


def translate_of(request: HTTPConnection) -> Translate:
    return words_of(language_of(request))


class _BoundedBodies:
    """Refuses a body that is larger than any form or JSON of ours: those are read whole before
    anybody is asked who sends them. Files have limits of their own, where they are taken."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in _TAKE_FILES:
            await self._app(scope, receive, send)
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if len(body) > _MOST_BODY_BYTES:
                what = text_of(said("these files are too large"), translate_of(Request(scope)))
                answer = JSONResponse({"what": what}, 413)
                await answer(scope, receive, send)
                return
            if message["type"] != "http.request" or not message.get("more_body", False):
                break
        told = False

        async def again() -> Message:
            nonlocal told
            if told:
                return await receive()
            told = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, again, send)


def make_app(desk: Desk) -> FastAPI:
    """Routes over a farm's desk."""
    from contextlib import asynccontextmanager

    from printstd.service import api, live, models, pages

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> Any:
        yield
        desk.workshop.close()

    app = FastAPI(
        title="printstd farm",
        description="Certified programs on the farm's printers. docs/farm-page.md",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
    )
    app.state.desk = desk
    app.add_middleware(_BoundedBodies)
    app.add_middleware(BaseHTTPMiddleware, dispatch=_with_headers)
    app.add_exception_handler(PrintstdError, _told)
    app.add_exception_handler(Refused, _refused)
    app.include_router(api.router)
    app.include_router(api.monitoring)
    app.include_router(models.router)
    app.include_router(live.router)
    app.include_router(pages.router)
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    return app


async def _with_headers(request: Request, call_next: Callable[[Request], Any]) -> Response:
    response: Response = await call_next(request)
    response.headers.setdefault("Content-Security-Policy", _POLICY)
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if not request.url.path.startswith("/static/"):
        response.headers.setdefault("Cache-Control", "no-store")
    return response


_STATUS: Final = (
    (VerificationError, 422),
    (InputError, 404),
    (UsageError, 409),
    (OutsideError, 503),
)


def _told(request: Request, error: Exception) -> JSONResponse:
    """An error as the command line words it, in the reader's language."""
    assert isinstance(error, PrintstdError)
    translate = translate_of(request)
    status = next((code for kind, code in _STATUS if isinstance(error, kind)), 400)
    if error.exit_code == 70:
        status = 500

    def put(text: str | None) -> str | None:
        return None if text is None else text_of(text, translate)

    return JSONResponse(
        {
            "what": put(error.what),
            "where": put(error.where),
            "got": put(error.got),
            "wanted": put(error.wanted),
            "what_to_do": put(error.hint),
            "code": error.code,
            "exit_code": error.exit_code,
        },
        status,
    )


_REFUSALS: Final = {
    "who": (said("nobody is logged in"), said("log in, or send an API key as Bearer token")),
    "scope": (said("this user or key may not do this"), said("ask whoever runs the farm")),
    "origin": (
        said("this request does not come from the farm's own page"),
        said("load the page again; programs send an API key instead of a cookie"),
    ),
}


def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refused)
    what, hint = _REFUSALS[error.code]
    translate = translate_of(request)
    headers = {"WWW-Authenticate": "Bearer"} if error.status == 401 else None
    return JSONResponse(
        {"what": text_of(what, translate), "what_to_do": text_of(hint, translate)},
        error.status,
        headers,
    )
