"""Plain requests to a host, with the standard library alone."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from http.client import HTTPException
from typing import Any, Final

from printstd.errors import HostRefused, HostSilent
from printstd.words import said

_MAX_ANSWER_BYTES: Final = 64 << 20


def ask(url: str, *, key: str | None = None, timeout_s: float = 5.0) -> Any:
    """The JSON that a GET is answered with. HostSilent where nobody answers, HostRefused where the
    answer is an error or no JSON."""
    if not url.startswith(("http://", "https://")):
        raise HostRefused(
            said("this is no address of a host"),
            where=url,
            wanted="http://... or https://...",
            hint=said("give the address that a browser would be given"),
        )
    request = urllib.request.Request(url, headers={"X-Api-Key": key} if key else {})
    try:
        with urllib.request.urlopen(request, timeout=timeout_s) as answer:
            return json.loads(answer.read(_MAX_ANSWER_BYTES))
    except urllib.error.HTTPError as error:
        with error:
            raise HostRefused(
                said("the host answered with an error"),
                where=url,
                got=f"HTTP {error.code}",
                wanted=said("an answer"),
                hint=said("check the address and the key"),
            ) from error
    except (OSError, HTTPException) as error:
        raise HostSilent(
            said("the host does not answer"),
            where=url,
            got=str(error),
            wanted=said("an answer within {seconds:g} s", seconds=timeout_s),
            hint=said("check the address, and that the host runs"),
        ) from error
    except ValueError as error:
        raise HostRefused(
            said("the host's answer cannot be read"),
            where=url,
            got=str(error),
            wanted="JSON",
            hint=said("check the address"),
        ) from error
