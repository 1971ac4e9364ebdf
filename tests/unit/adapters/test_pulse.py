"""Who is silent for long is given up; who is looked at too late is not."""

from __future__ import annotations

from printstd.adapters.cluster import Pulse


def test_who_stops_speaking_is_silent_and_nobody_else() -> None:
    pulse = Pulse(6.0)
    found = [pulse.silent({"a": float(look), "b": min(look, 3)}, 2.0) for look in range(10)]
    assert found[:7] == [[]] * 7
    assert found[7] == ["b"]
    # Whoever is given up and comes again begins anew.
    assert pulse.silent({"a": 11.0}, 2.0) == []
    assert pulse.silent({"a": 12.0, "b": 3.0}, 2.0) == []


def test_who_speaks_again_in_time_stays() -> None:
    pulse = Pulse(6.0)
    for look in range(20):
        assert pulse.silent({"a": float(look // 3)}, 2.0) == []


def test_a_long_pause_of_the_one_who_looks_makes_nobody_silent() -> None:
    pulse = Pulse(6.0)
    assert pulse.silent({"a": 1.0}, 2.0) == []
    assert pulse.silent({"a": 1.0}, 3600.0) == []
    assert pulse.silent({"a": 2.0}, 2.0) == []
