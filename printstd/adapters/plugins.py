"""Plugins that are installed: callables behind entry points."""

from __future__ import annotations

import importlib.metadata
import inspect
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
            plugin = point.load()
            # One that is not told the policy's roots cannot vouch for anybody under them.
            inspect.signature(plugin).bind(b"", b"", "", None)
        except (ImportError, AttributeError, TypeError, ValueError) as error:
            raise OutsideError(
                said("a plugin for co-signatures cannot be loaded"),
                where=f"{point.name} = {point.value}",
                got=str(error),
                wanted=said("a callable (payload, blob, now, asked)"),
                hint=said("install a version of it that is for this one, or remove it"),
            ) from error
        found.append(guarded(point.name, plugin))
    return tuple(found)


def guarded(name: str, plugin: Plugin) -> Plugin:
    """The same, but for errors: whatever ends others' code, nothing was checked."""
    from printstd.certify.cosign import Invalid, NotChecked, Question, Vouched

    def asked(
        payload: bytes, blob: bytes, now: str, asked: Question
    ) -> Vouched | NotChecked | Invalid:
        try:
            return plugin(payload, blob, now, asked)
        except Exception as error:
            reason = said(
                "the plugin {name} ended with {error}", name=name, error=repr(error)[:200]
            )
            return NotChecked(reason, "")

    return asked
