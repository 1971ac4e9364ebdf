"""Looking and dispatching read what is on printers and the heads of the queue, never all of it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from printstd.artifacts.job import JobState
from printstd.coordinator.facts import requirements
from tests.small_farm import SmallFarm, facts, printer, small_farm

LONG = r"(farm_instance|farm_job|farm_program|farm_event)\b"


def _reads_of_a_tick(farm: SmallFarm) -> list[tuple[str, Any]]:
    """Every query that a coordinator makes while it looks, dispatches and starts."""
    said: list[tuple[str, Any]] = []

    def note(_: Any, __: Any, statement: str, asked: Any, ___: Any, is_many: bool) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA", "INSERT")):
            said.append((statement, asked[0] if is_many else asked))

    one = farm.coordinator()
    sa.event.listen(farm.store.engine, "before_cursor_execute", note)
    one.tick()
    farm.later(100)
    one.tick()
    sa.event.remove(farm.store.engine, "before_cursor_execute", note)
    one.close()
    return said


def test_no_query_of_a_tick_goes_through_a_whole_table(tmp_path: Path) -> None:
    farm = small_farm(tmp_path, [printer("a", auto_clear=True), printer("b", auto_clear=True)])
    farm.submit(copies=6)
    said = _reads_of_a_tick(farm)
    assert farm.states().count(JobState.DONE) == 2
    assert farm.states().count(JobState.PRINTING) == 2
    scans = []
    with farm.store.engine.connect() as connection:
        for statement, asked in said:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", asked)
            for step in (str(row[-1]) for row in plan):
                # Through the index of what is on printers is as long as there are printers.
                is_short = "INDEX farm_instance_one_at_a_time" in step
                is_scan = re.match(rf"SCAN {LONG}", step) is not None
                is_sorted = "TEMP B-TREE" in step and re.search(LONG, statement) is not None
                if (is_scan and not is_short) or is_sorted:
                    scans.append((statement, step))
    farm.store.close()
    assert len(said) > 50
    assert scans == []


def test_a_print_too_large_for_the_spool_hides_nothing_behind_it(tmp_path: Path) -> None:
    farm = small_farm(tmp_path, [printer("a")])
    with farm.store.writing("test") as rows:
        rows.set_spool(replace(rows.spool("s-a"), left_mg=15_000))
        for own in (facts("cd" * 32, mg=20_000), facts("ef" * 32, mg=10_000)):
            rows.add_program(own, [("part.gcode", b"G1\n")])
            rows.submit(
                name=own.name,
                program_sha256=own.sha256,
                needs=requirements(own),
                at_utc_ms=farm.now_ms,
                mg=own.mg,
            )
    one = farm.coordinator()
    one.tick()
    assert farm.states() == [JobState.QUEUED, JobState.PRINTING]
    one.close()
    farm.store.close()
