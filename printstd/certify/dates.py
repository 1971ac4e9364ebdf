"""Days between two UTC times, by arithmetic: nothing here asks a clock."""

from __future__ import annotations


def days_between(earlier: str, later: str) -> int | None:
    """Whole calendar days from one ``YYYY-MM-DDTHH:MM:SSZ`` to another; None where either is
    none of ours."""
    first, second = _day_number(earlier), _day_number(later)
    return None if first is None or second is None else second - first


def utc_text(seconds: int) -> str:
    """Unix seconds as ``YYYY-MM-DDTHH:MM:SSZ`` (proleptic Gregorian, by eras of 400 years)."""
    days, rest = divmod(seconds, 86_400)
    era, day = divmod(days + 719_468, 146_097)  # From 1 March of year 0 on.
    year = (day - day // 1_460 + day // 36_524 - day // 146_096) // 365
    of_year = day - (365 * year + year // 4 - year // 100)
    month = (5 * of_year + 2) // 153
    date = (
        era * 400 + year + (month >= 10),
        month + (3 if month < 10 else -9),
        of_year - (153 * month + 2) // 5 + 1,
    )
    clock = rest // 3600, rest // 60 % 60, rest % 60
    return "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z".format(*date, *clock)


def _day_number(text: str) -> int | None:
    """Days since a fixed day, by the proleptic Gregorian rule."""
    parts = text[:10].split("-")
    if len(text) != 20 or text[10] != "T" or text[-1] != "Z" or len(parts) != 3:
        return None
    if not all(part.isascii() and part.isdigit() for part in parts):
        return None
    year, month, day = (int(part) for part in parts)
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    shifted = year - (month <= 2)
    month_from_march = (month + 9) % 12
    return (
        365 * shifted
        + shifted // 4
        - shifted // 100
        + shifted // 400
        + (153 * month_from_march + 2) // 5
        + day
    )
