"""Plain HTTP of the standard library, so that tests do not see a host through our own driver."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any


def ask(
    url: str,
    *,
    method: str = "GET",
    json_body: Any = None,
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
    timeout_s: float = 20.0,
) -> tuple[int, Any]:
    """Status and body: parsed where it is JSON, else bytes."""
    sent = dict(headers or {})
    if json_body is not None:
        body, sent["Content-Type"] = json.dumps(json_body).encode(), "application/json"
    request = urllib.request.Request(url, data=body, headers=sent, method=method)
    try:
        with urllib.request.urlopen(request, timeout=timeout_s) as answer:
            status, told = answer.status, answer.read()
    except urllib.error.HTTPError as error:
        status, told = error.code, error.read()
    try:
        return status, json.loads(told)
    except ValueError:
        return status, told
