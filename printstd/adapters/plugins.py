"""Plugins that are installed: callables behind entry points."""

from __future__ import annotations

import importlib.metadata
from typing import TYPE_CHECKING

from printstd.errors import OutsideError
from printstd.words import said

if TYPE_CHECKING:
    from printstd.certify.cosign import Plugin

CO_SIGNATURES = "printstd.co_signatures"


def co_signature_plugins() -> tuple[Plugin, ...]:
    """Those for national families of signatures, in the order of their names; OutsideError where
    one cannot be loaded: a signature must not stay unchecked for a silent reason."""
    found = []
    for point in sorted(importlib.metadata.entry_points(group=CO_SIGNATURES), key=lambda p: p.name):
        try:
            found.append(point.load())
        except (ImportError, AttributeError) as error:
            raise OutsideError(
                said("a plugin for co-signatures cannot be loaded"),
                where=f"{point.name} = {point.value}",
                got=str(error),
                wanted=said("a callable (payload, blob, now)"),
                hint=said("install it again, or remove it"),
            ) from error
    return tuple(found)
