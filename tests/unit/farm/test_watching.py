"""Folds of made-up prints: each departure is told with its aspect, time and layer, and nothing else
is; what was not seen is not said to conform."""

from __future__ import annotations

from dataclasses import replace

import pytest

from printstd.artifacts.as_run import Aspect, Conformance, Source
from printstd.artifacts.host import Heater, HostState, HostStatus, RunOutcome
from printstd.farm.looks import Event, Happening, Look, Seen, Sent
from tests import small_part
from tests.unit.farm import runs


def test_an_honest_print_conforms() -> None:
    watch = runs.watch()
    record = runs.record_of(watch, [*runs.looks(watch)])
    assert record.verdict is Conformance.CONFORMS
    assert not record.departures
    assert [one.aspect for one in record.not_evaluated] == [Aspect.COMMANDS]
    assert (record.looks, record.interval_ms, record.duration_ms) == (60, 250, 29_700)
    assert record.of(Aspect.SPEED).apart_ms == 500


CHANGES = [
    ({"speed_ratio": 1.5}, Aspect.SPEED, "150 %", "100 %"),
    ({"flow_ratio": 0.97}, Aspect.FLOW, "97 %", "100 %"),
    ({"fan_ratio": 0.5}, Aspect.FAN, "50 %", "100 %"),
    ({"z_offset_mm": -0.04}, Aspect.Z_OFFSET, "-0.040 mm", "+0.000 mm"),
    (
        {"heaters": (Heater("extruder", 210.0, 225.0), runs.HOT[1])},
        Aspect.NOZZLE,
        "extruder target 225.0 °C",
        "210.0 °C",
    ),
    (
        {"heaters": (runs.HOT[0], Heater("heater_bed", 20.0, 60.0))},
        Aspect.BED,
        "heater_bed 20.0 °C",
        None,
    ),
]


@pytest.mark.parametrize(("changes", "aspect", "got", "wanted"), CHANGES)
def test_one_thing_that_is_off_for_a_while(
    changes: dict[str, object], aspect: Aspect, got: str, wanted: str | None
) -> None:
    watch = runs.watch()
    seen = runs.looks(watch)
    for number in range(30, 40):
        seen[number] = replace(seen[number], status=replace(seen[number].status, **changes))
    record = runs.record_of(watch, [*seen])
    assert record.verdict is Conformance.DEVIATES
    (one,) = record.departures
    assert (one.aspect, one.got) == (aspect, got)
    if wanted is not None:
        assert one.wanted == wanted
    assert (one.at_ms, one.until_ms) == (15_000, 20_000)
    position = seen[30].position
    assert position is not None
    assert one.layer == small_part.program().count(b";LAYER:", 0, position)
    others = {o.aspect for o in record.observations if o.result is Conformance.DEVIATES}
    assert others == {aspect}


def test_a_departure_that_lasts_has_no_end() -> None:
    watch = runs.watch()
    seen = runs.looks(watch)
    seen[20:] = [replace(s, status=replace(s.status, flow_ratio=1.2)) for s in seen[20:]]
    (one,) = runs.record_of(watch, [*seen]).departures
    assert one.until_ms is None


def test_before_the_part_and_behind_it_nothing_is_held() -> None:
    watch = runs.watch()
    first, last = watch.commanded.first_bead, watch.commanded.last_bead
    assert first is not None
    assert last is not None
    seen = [
        replace(one, status=replace(one.status, fan_ratio=0.77, heaters=()))
        if one.position is not None and not first <= one.position <= last
        else one
        for one in runs.looks(watch, 200, 0.1)
    ]
    assert not runs.record_of(watch, [*seen]).departures


def test_this_printers_own_z_offset_is_no_departure() -> None:
    watch = runs.watch(base_z_offset_mm=-0.12)
    seen = [replace(s, status=replace(s.status, z_offset_mm=-0.12)) for s in runs.looks(watch)]
    assert not runs.record_of(watch, [*seen]).departures


def test_the_furthest_temperature_is_kept() -> None:
    watch = runs.watch()
    seen = runs.looks(watch)
    for number, celsius in enumerate((175.0, 150.0, 160.0), 30):
        heaters = (Heater("extruder", celsius, 210.0), runs.HOT[1])
        seen[number] = replace(seen[number], status=replace(seen[number].status, heaters=heaters))
    (one,) = runs.record_of(watch, [*seen]).departures
    assert one.got == "extruder 150.0 °C"


def test_a_pause_and_an_object_that_was_left_out() -> None:
    watch = runs.watch()
    seen = runs.looks(watch)
    for number in range(20, 24):
        status = replace(seen[number].status, state=HostState.PAUSED)
        seen[number] = replace(seen[number], status=status)
    for number in range(40, len(seen)):
        status = replace(seen[number].status, excluded=("PART_2",))
        seen[number] = replace(seen[number], status=status)
    record = runs.record_of(watch, [*seen])
    pause, left_out = record.departures
    assert (pause.aspect, pause.at_ms, pause.until_ms) == (Aspect.PAUSES, 10_000, 12_000)
    assert (left_out.aspect, left_out.at_ms) == (Aspect.OBJECTS, 20_000)
    assert (left_out.got, left_out.wanted) == ("PART_2 excluded", "PART_2 printed")
    assert [one.is_programmed for one in record.pauses] == [False]


def test_a_silence_leaves_open_what_it_hid() -> None:
    watch = runs.watch()
    seen = [one for one in runs.looks(watch) if not 110.0 < one.at_s < 120.0]
    record = runs.record_of(watch, [*seen])
    (silence,) = record.silences
    assert (silence.at_ms, silence.until_ms) == (10_000, 20_000)
    open_ = {one.aspect for one in record.not_evaluated}
    assert {Aspect.SPEED, Aspect.FAN, Aspect.NOZZLE, Aspect.PAUSES, Aspect.OBJECTS} <= open_
    assert record.of(Aspect.SPEED).reason == "the host told nothing from 10.0 s to 20.0 s"
    assert record.of(Aspect.PROGRAM).result is Conformance.CONFORMS


def test_a_host_that_tells_less_leaves_more_open() -> None:
    watch = runs.watch(runs.POLLED)
    bare = [
        Look(one.at_s, HostStatus(HostState.PRINTING, progress_ratio=one.status.progress_ratio))
        for one in runs.looks(watch, 60, 1.0)
    ]
    record = runs.record_of(watch, [*bare], reread=None)
    assert record.watched == "polled"
    evaluated = {one.aspect for one in record.observations} - {
        one.aspect for one in record.not_evaluated
    }
    assert evaluated == {Aspect.COMPLETION, Aspect.PAUSES}
    assert all(one.reason for one in record.not_evaluated)


def test_without_a_byte_the_hosts_own_layer_is_told() -> None:
    watch = runs.watch(runs.POLLED)
    seen = [replace(one, position=None) for one in runs.looks(watch, 60, 1.0)]
    off = replace(seen[30].status, speed_ratio=0.5, layer=None)
    seen[30] = replace(seen[30], status=off)
    seen[40] = replace(seen[40], status=replace(off, layer=11))
    record = runs.record_of(watch, [*seen])
    assert [one.layer for one in record.departures] == [None, 11]


def test_nothing_was_seen_at_all() -> None:
    record = runs.record_of(runs.watch(), [], outcome=RunOutcome.UNKNOWN, reread=None)
    assert all(one.result is Conformance.NOT_EVALUATED for one in record.observations)


def test_who_comes_late_says_so() -> None:
    watch = runs.watch(is_late=True)
    record = runs.record_of(watch, [*runs.looks(watch)[30:]])
    assert record.of(Aspect.FLOW).result is Conformance.NOT_EVALUATED
    assert record.of(Aspect.FLOW).reason == "it was watched only after it had begun"


def test_events_and_other_endings() -> None:
    watch = runs.watch()
    seen: list[Seen] = [
        *runs.looks(watch),
        Event(105.0, Happening.FILE_WRITTEN, "modify_file small.gcode"),
        Event(106.0, Happening.FILAMENT_OUT, "no filament"),
        Event(107.0, Happening.COMMAND, "M117 hello\nM600"),
        Event(108.0, Happening.COMMAND, "M220 S100"),
        Event(109.0, Happening.PRINTER_LOST, "klippy_shutdown"),
    ]
    seen.sort(key=lambda one: one.at_s)
    changed = small_part.program()[:-1]
    record = runs.record_of(
        watch, seen, reread=changed, outcome=RunOutcome.FAILED, message="thermal runaway"
    )
    told = {(one.aspect, one.got.split(" ", 1)[0]) for one in record.departures}
    assert told == {
        (Aspect.PROGRAM, "modify_file"),
        (Aspect.PROGRAM, "sha256"),
        (Aspect.FILAMENT, "no"),
        (Aspect.FILAMENT, "M600"),
        (Aspect.COMPLETION, "klippy_shutdown"),
        (Aspect.COMPLETION, "failed:"),
    }


def sent(watch_lines: list[str], every_s: float = 0.01) -> list[Seen]:
    lines = [Sent(100.0 + n * every_s, line) for n, line in enumerate(watch_lines)]
    return [Event(100.0, Happening.STARTED), *lines]


def test_lines_of_the_program_alone_conform() -> None:
    watch = runs.watch(runs.LINES)
    record = runs.record_of(watch, sent(runs.program_lines()))
    assert not record.departures
    for aspect in (Aspect.COMMANDS, Aspect.SPEED, Aspect.FAN, Aspect.OBJECTS, Aspect.FILAMENT):
        assert record.of(aspect).result is Conformance.CONFORMS
        assert record.of(aspect).source is Source.SENT
    # A board behind a serial line has a panel of its own.
    assert record.of(Aspect.PANEL).result is Conformance.NOT_EVALUATED


def test_what_was_sent_before_the_start_is_not_of_this_print() -> None:
    """Somebody heats the printer with the very lines that the program begins with."""
    lines = runs.program_lines()
    before: list[Seen] = [Sent(90.0, "M220 S150"), *(Sent(91.0, line) for line in lines[:3])]
    record = runs.record_of(runs.watch(runs.LINES), [*before, *sent(lines)])
    assert not record.departures
    assert record.of(Aspect.COMMANDS).looks == len(lines)


def test_lines_that_never_came() -> None:
    record = runs.record_of(runs.watch(runs.LINES), sent(runs.program_lines()[:-20]))
    assert record.of(Aspect.COMMANDS).reason == "not every line of the program was told"


def test_the_start_counts_though_nobody_saw_it() -> None:
    late = runs.watch()
    late.started(95.0)
    seen = [one for one in runs.looks(late) if one.at_s > 110.0]
    record = runs.record_of(late, [*seen])
    assert (record.silences[0].at_ms, record.silences[0].until_ms) == (0, 15_500)
    assert record.of(Aspect.FAN).result is Conformance.NOT_EVALUATED
    # The host's own clock says it as well.
    told = runs.watch()
    seen = [replace(one, status=replace(one.status, elapsed_s=one.at_s - 90.0)) for one in seen]
    assert runs.record_of(told, [*seen]).silences[0].until_ms == 20_500


def test_another_print_is_not_this_one() -> None:
    watch = runs.watch(file="small.gcode")
    seen = runs.looks(watch)
    other = HostStatus(HostState.PRINTING, file="other.gcode", speed_ratio=3.0, progress_ratio=0.5)
    before, after = Look(50.0, other, 9000), Look(seen[-1].at_s + 0.1, other, 9000)
    record = runs.record_of(watch, [before, *seen, after])
    assert not record.departures
    assert record.looks == len(seen)


def test_what_was_sent_from_outside_lasts_until_it_is_taken_back() -> None:
    lines = runs.program_lines()
    layer_8 = lines.index("G1 Z1.600 F600")
    lines[layer_8 + 200 : layer_8 + 200] = ["M220 S100"]
    lines[layer_8 + 20 : layer_8 + 20] = ["M220 S150", "M105"]
    watch = runs.watch(runs.LINES)
    (one,) = runs.record_of(watch, sent(lines)).departures
    assert (one.aspect, one.got, one.layer) == (Aspect.SPEED, "M220 S150", 8)
    assert one.at_ms == round((layer_8 + 20) * 10)
    assert one.until_ms == round((layer_8 + 202) * 10)


def test_the_programs_own_command_ends_an_override() -> None:
    lines = runs.program_lines()
    fan = lines.index("M106 S255")
    lines.insert(fan - 5, "M106 S80")
    watch = runs.watch(runs.LINES)
    (one,) = runs.record_of(watch, sent(lines)).departures
    assert (one.aspect, one.layer) == (Aspect.FAN, 1)
    assert one.until_ms == round((fan + 1) * 10)


def test_lost_lines_leave_open_what_they_may_have_been() -> None:
    lines = sent(runs.program_lines())
    gap: list[Seen] = [*lines[:200], Event(102.5, Happening.LINES_LOST), *lines[300:]]
    record = runs.record_of(runs.watch(runs.LINES), gap)
    assert not record.departures
    assert record.of(Aspect.SPEED).result is Conformance.NOT_EVALUATED
