"""Records for tests: the good samples, with lines changed or left out."""

from __future__ import annotations

import re
from dataclasses import replace

from printstd.adapters.profile_files import default_source
from printstd.profiles.indications import indicated
from printstd.profiles.read_records import read_feedstock, read_order
from printstd.profiles.records import Records
from printstd.profiles.resolved import Resolved
from samples.make_samples import records

GOOD = {name: data.decode("utf-8") for name, data in records().items()}


def edited(text: str, **changes: str | None) -> str:
    """key : the TOML of its new value, or None to leave the line out. It stands there once."""
    for key, value in changes.items():
        line = "" if value is None else f"{key} = {value}\n"
        text, count = re.subn(rf"(?m)^{key} = .*\n", line, text)
        assert count == 1, f"{key}: {count} times"
    return text


def spool(text: str | None = None, **changes: str | None) -> Records:
    made = edited(GOOD["feedstock_pla.toml"] if text is None else text, **changes)
    return Records(feedstock=read_feedstock(made.encode(), "spool.toml"))


def order(text: str | None = None, **changes: str | None) -> Records:
    made = edited(GOOD["order_bracket.toml"] if text is None else text, **changes)
    held = read_order(made.encode(), "order.toml")
    general = held.says.part.tolerances.general
    found = indicated(default_source(), general) if general is not None else None
    return Records(order=held, ordered_class=found)


def given(resolved: Resolved, records: Records) -> Resolved:
    return replace(resolved, records=records)
