"""How patient a coordinator is, and how much it does at once."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """poll_s : between two looks at a printer. lease_s : for how long printers stay ours without
    a sign of life. silent_s : how long a host may not answer before a print on it is lost.
    settle_s : how long what a host shows must stay so, where it is the absence of something; at
    least the host's own `history_lag_s`. most_printers : that one coordinator looks after.
    at_once : hosts that are spoken to at a time. most_attempts : that may come to nothing before an
    instance is held for a person to look. is_tidy : programs are taken off the host once their
    print is on record."""

    poll_s: float = 2.0
    lease_s: float = 60.0
    silent_s: float = 60.0
    settle_s: float = 5.0
    most_printers: int = 2000
    at_once: int = 16
    most_attempts: int = 3
    is_tidy: bool = True
