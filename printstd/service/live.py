"""What changes, pushed: a page says what it shows, and gets those rows whenever they change."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import Any, Final

from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from starlette.concurrency import run_in_threadpool

from printstd.adapters.farm_store.pages import counts_now, printers_named, prints_numbered
from printstd.errors import OutsideError
from printstd.service.access import Scope
from printstd.service.app import Desk, translate_of
from printstd.service.guard import is_own_origin, recognised
from printstd.service.views import print_view, printer_view
from printstd.words import Translate

router = APIRouter()

EVERY_S: Final = 1.0
_MOST_ROWS: Final = 500
_NOT_ALLOWED: Final = 4401


@router.websocket("/api/v1/live")
async def live(socket: WebSocket) -> None:
    """The page sends ``{"printers": [names], "prints": [numbers]}`` and gets ``{"printers": [rows],
    "prints": [rows], "counts": {...}}`` with those that changed since it was last told."""
    desk: Desk = socket.app.state.desk
    who = recognised(desk.access, socket.headers, socket.cookies)
    is_foreign = who is not None and bool(who.session) and not is_own_origin(socket.headers)
    if who is None or is_foreign or not who.scope.holds(Scope.READ):
        await socket.close(_NOT_ALLOWED)
        return
    await socket.accept()
    translate = translate_of(socket)
    shown: dict[str, list[Any]] = {"printers": [], "prints": []}
    told: dict[str, str] = {}
    with contextlib.suppress(WebSocketDisconnect):
        while True:
            try:
                shown = _asked(await asyncio.wait_for(socket.receive_text(), EVERY_S))
            except TimeoutError:
                pass
            except ValueError:
                await socket.close(1003)
                return
            if recognised(desk.access, socket.headers, socket.cookies) is None:
                await socket.close(_NOT_ALLOWED)
                return
            with contextlib.suppress(OutsideError):
                news = await run_in_threadpool(_news, desk, shown, told, translate)
                if news:
                    await socket.send_text(json.dumps(news, ensure_ascii=False))


def _asked(text: str) -> dict[str, list[Any]]:
    """Raises ValueError."""
    value = json.loads(text)
    if not isinstance(value, dict) or set(value) - {"printers", "prints"}:
        raise ValueError("printers and prints")
    printers, prints = value.get("printers", []), value.get("prints", [])
    if not isinstance(printers, list) or not all(isinstance(one, str) for one in printers):
        raise ValueError("printers are named")
    if not isinstance(prints, list) or not all(type(one) is int for one in prints):
        raise ValueError("prints are numbered")
    return {"printers": printers[:_MOST_ROWS], "prints": prints[:_MOST_ROWS]}


def _news(
    desk: Desk, shown: dict[str, list[Any]], told: dict[str, str], translate: Translate
) -> dict[str, Any]:
    """Rows that differ from what was told; `told` then knows them."""
    with desk.farm.store.reading() as rows:
        found = {
            "printers": [printer_view(one) for one in printers_named(rows, shown["printers"])],
            "prints": [
                print_view(one, translate) for one in prints_numbered(rows, shown["prints"])
            ],
        }
        counts = {state.value: count for state, count in counts_now(rows).items()}
    news: dict[str, Any] = {}
    for kind, views in found.items():
        for view in views:
            key, text = f"{kind} {view.get('number') or view['name']}", json.dumps(view)
            if told.get(key) != text:
                told[key] = text
                news.setdefault(kind, []).append(view)
    if told.get("counts") != json.dumps(counts):
        told["counts"] = json.dumps(counts)
        news["counts"] = counts
    return news
