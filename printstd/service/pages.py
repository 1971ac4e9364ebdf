"""The page itself, logging in and out, the figures for Prometheus."""

from __future__ import annotations

import json
from functools import cache
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.responses import HTMLResponse, RedirectResponse, Response

from printstd.service.access import SESSION_S
from printstd.service.app import HERE, LANGUAGE_COOKIE, desk_of, language_of, translate_of
from printstd.service.guard import COOKIE, Refused, is_own_origin, recognised
from printstd.service.words import LANGUAGES, page_words

router = APIRouter(include_in_schema=False)


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
    )


def _page(request: Request, name: str, status: int = 200, **values: Any) -> HTMLResponse:
    words = page_words(translate_of(request))
    text = (
        _templates()
        .get_template(name)
        .render(words=words, language=language_of(request), languages=LANGUAGES, **values)
    )
    return HTMLResponse(text, status)


@router.get("/")
def home(request: Request) -> Response:
    desk = desk_of(request)
    who = recognised(desk.access, request.headers, request.cookies)
    if who is None or not who.session:
        return RedirectResponse("/login", 303)
    boot = {
        "token": desk.access.csrf_token(who),
        "scope": who.scope.value,
        "user": who.name,
        "words": page_words(translate_of(request)),
    }
    return _page(request, "page.html", user=who.name, boot=json.dumps(boot, ensure_ascii=False))


@router.get("/login")
def ask_login(request: Request) -> Response:
    return _page(request, "login.html", problem="")


@router.post("/login")
def log_in(
    request: Request,
    user: Annotated[str, Form(max_length=64)],
    password: Annotated[str, Form(max_length=1024)],
) -> Response:
    """A page elsewhere must not log a browser in as somebody else either."""
    desk = desk_of(request)
    if not is_own_origin(request.headers):
        raise Refused(403, "origin")
    address = request.client.host if request.client is not None else ""
    whose = (f"user {user}", f"address {address}")
    words = page_words(translate_of(request))
    wait = desk.throttle.wait_s(*whose)
    if wait > 0:
        page = _page(request, "login.html", 429, problem=words["wait_login"])
        page.headers["Retry-After"] = str(int(wait) + 1)
        return page
    who = desk.access.by_password(user, password)
    if who is None:
        desk.throttle.failed(*whose)
        return _page(request, "login.html", 401, problem=words["wrong_login"])
    desk.throttle.passed(*whose)
    answer = RedirectResponse("/", 303)
    answer.set_cookie(
        COOKIE,
        desk.access.begin_session(who),
        max_age=SESSION_S,
        httponly=True,
        samesite="strict",
        secure=desk.is_secure,
    )
    return answer


@router.post("/logout")
def log_out(request: Request) -> Response:
    if not is_own_origin(request.headers):
        raise Refused(403, "origin")
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(COOKIE)
    return answer


@router.post("/language")
def choose_language(request: Request, language: Annotated[str, Form(max_length=8)]) -> Response:
    answer = RedirectResponse("/", 303)
    if language in LANGUAGES:
        answer.set_cookie(LANGUAGE_COOKIE, language, max_age=31_536_000, samesite="lax")
    return answer
