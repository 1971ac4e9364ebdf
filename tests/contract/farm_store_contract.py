"""What a farm's database promises, whichever it is: run on SQLite and on a real PostgreSQL."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from printstd.adapters.farm_store.archive import archived, restore
from printstd.adapters.farm_store.queue_heads import heads, queue_classes
from printstd.adapters.farm_store.queue_rows import Moved
from printstd.adapters.farm_store.store import FarmStore, Rows, new_store, open_store
from printstd.adapters.farm_store.tables import EVENT, INSTANCE
from printstd.artifacts.farm import Calibration
from printstd.artifacts.job import JobState
from printstd.coordinator.facts import requirements
from printstd.errors import InputError, OutsideError, UsageError
from printstd.farm.chain import broken
from printstd.farm.dispatch import Waiting
from printstd.farm.states import Event, StepRefused
from tests.small_farm import T0_MS, SmallFarm, facts, printer, small_farm


def first(rows: Rows, count: int) -> list[Waiting]:
    """Of every class, for so many printers with more filament than anything wants."""
    return [one for of in queue_classes(rows) for one in heads(rows, of, [1 << 40] * count)]


class StoreContract:
    """`place` : where the database under test is; a new one each time."""

    @pytest.fixture
    def place(self) -> str:
        raise NotImplementedError

    @pytest.fixture
    def farm(self, tmp_path: Path, place: str) -> Iterator[SmallFarm]:
        made = small_farm(tmp_path, [printer("a"), printer("b")], place)
        yield made
        made.store.close()

    @pytest.fixture
    def store(self, farm: SmallFarm) -> FarmStore:
        return farm.store

    def move(self, store: FarmStore, number: int, *events: Event, **more: str) -> None:
        with store.writing("t") as rows:
            for event in events:
                rows.move(number, event, T0_MS, **more)  # type: ignore[arg-type]

    def test_a_farm_is_begun_once_and_opened_again(self, store: FarmStore, place: str) -> None:
        with pytest.raises(InputError, match="never begun anew"):
            new_store(place)
        again = open_store(place)
        with again.reading() as rows, store.reading() as others:
            assert rows.printers() == others.printers()
            assert len(rows.tag) == 4
        again.close()

    def test_calibrations_and_owed_records(self, farm: SmallFarm, store: FarmStore) -> None:
        first = Calibration(
            "a", "SN1", "n1", "flow", "s-a", "pla", 990_000, 4000, "2026-11-20",
            1_800_000_000, False, "A", "0" * 64,
        )  # fmt: skip
        other = replace(first, nozzle="n2", value_e6=1 << 40, is_applied=True)
        with store.writing("t") as rows:
            rows.set_calibration(first, T0_MS)
            rows.set_calibration(other, T0_MS)
            rows.set_calibration(replace(first, value_e6=1_000_000), T0_MS)
        with pytest.raises(InputError, match="later calibration"), store.writing("t") as rows:
            rows.set_calibration(replace(first, on="2026-11-19"), T0_MS)
        with store.reading() as rows:
            kept = {"a": (replace(first, value_e6=1_000_000), other)}
            assert rows.calibrations() == rows.calibrations(["a", "b"]) == kept
            assert rows.calibrations(["b"]) == {}
            one, two = rows.offers(rows.printers(), {}, asked=("flow",))
            assert (one.calibrations, two.calibrations, one.asked) == (kept["a"], (), ("flow",))
        farm.submit()
        begun = (Event.VERIFY, Event.VERIFIED, Event.INTEND, Event.ACCEPTED)
        self.move(store, 1, Event.MATCH, printer="a")
        self.move(store, 1, *begun)
        with store.reading() as rows:
            assert rows.owed(["a", "b"]) == {}
        self.move(store, 1, Event.SEEN_FAILED, reason="jam")
        with store.reading() as rows:
            assert rows.owed(["a", "b"]) == {"a": [rows.instance(1)]}
            assert rows.owed(["b"]) == {}
            exported = json.loads(archived(rows))["tables"]
        assert exported["farm_record_owed"] == [{"instance": 1, "printer": "a"}]
        assert len(exported["farm_calibration"]) == 2
        with store.leasing() as rows:
            rows.settle(1)
            assert rows.owed(["a"]) == {}

    def test_a_whole_print(self, farm: SmallFarm, store: FarmStore) -> None:
        job = farm.submit(copies=2)
        with store.reading() as rows:
            assert [w.instance for w in first(rows, 10)] == [1, 2]
        self.move(store, 1, Event.MATCH, printer="a")
        with store.reading() as rows:
            assert [w.instance for w in first(rows, 10)] == [2]
            assert rows.busy() == {"a": 1}
            (reserved,) = rows.reservations()
            assert (reserved.spool, reserved.mg) == ("s-a", 10_000)
            assert rows.offers(rows.printers(), {"a": "idle"})[0].spools[0][1] == 990_000
        self.move(store, 1, Event.VERIFY, Event.VERIFIED)
        with store.reading() as rows:
            one = rows.instance(1)
            assert one.file == f"abababab-{rows.tag}1-1.gcode"
        self.move(store, 1, Event.INTEND, Event.ACCEPTED, Event.SEEN_COMPLETED, Event.RECORDED)
        with store.reading() as rows:
            assert rows.reservations() == []
            assert rows.spool("s-a").left_mg == 990_000
            assert rows.printer("a").needs_clear
            assert rows.printer("a").last_start_utc_ms == T0_MS
        self.move(store, 1, Event.CLEARED)
        with store.reading() as rows:
            assert rows.instance(1).state is JobState.DONE
            assert not rows.printer("a").needs_clear
            assert rows.counts() == {JobState.DONE: 1, JobState.QUEUED: 1}
            assert [one.number for one in rows.jobs(unfinished=True)] == [job.number]
            events = list(rows.events())
            assert broken(events) == ""
            of_it = [e.kind for e in rows.events(about="instance 1")]
            assert of_it[-1] == "cleared"
            assert [e.kind for e in rows.events(about="instance 1", last=2)] == of_it[-2:]

    def test_a_step_that_fails_leaves_nothing(self, farm: SmallFarm, store: FarmStore) -> None:
        farm.submit()
        with store.reading() as rows:
            before = rows.end_of_history()
        with pytest.raises(StepRefused):
            self.move(store, 1, Event.MATCH, Event.INTEND, printer="a")
        with store.reading() as rows:
            assert rows.instance(1).state is JobState.QUEUED
            assert rows.reservations() == []
            assert rows.end_of_history() == before
            assert len(first(rows, 1)) == 1

    def test_a_belief_that_no_longer_holds_is_told(self, farm: SmallFarm, store: FarmStore) -> None:
        farm.submit()
        with pytest.raises(Moved), store.writing("t") as rows:
            rows.move(1, Event.HOLD, T0_MS, seen_in=JobState.PRINTING)
        with pytest.raises(Moved), store.writing("t") as rows:
            rows.move(1, Event.MATCH, T0_MS, owner="me", printer="a")

    def test_the_database_refuses_two_on_one_printer(
        self, farm: SmallFarm, store: FarmStore
    ) -> None:
        farm.submit(copies=2)
        self.move(store, 1, Event.MATCH, printer="a")
        with pytest.raises(OutsideError):
            self.move(store, 2, Event.MATCH, printer="a")
        with store.reading() as rows:
            assert rows.instance(2).state is JobState.QUEUED

    def test_the_history_is_only_ever_added_to(self, farm: SmallFarm, store: FarmStore) -> None:
        farm.submit()
        for change in (sa.delete(EVENT), sa.update(EVENT).values(by="nobody")):
            with (
                pytest.raises(OutsideError, match="refused"),
                store.writing("t") as rows,
            ):
                rows.do.execute(change)
        with store.reading() as rows:
            assert broken(rows.events()) == ""

    def test_names_are_taken_once(self, farm: SmallFarm, store: FarmStore) -> None:
        with pytest.raises(UsageError), store.writing("t") as rows:
            rows.add_printer(printer("a"), T0_MS)
        with pytest.raises(InputError, match="no printer"), store.reading() as rows:
            rows.printer("zz")
        with pytest.raises(InputError, match="no job"), store.reading() as rows:
            rows.job(99)

    def test_leases_part_the_printers_and_run_out(self, store: FarmStore) -> None:
        def claim(owner: str, now: int, most: int = 10) -> list[str]:
            with store.leasing() as rows:
                return rows.claim(owner, now, now + 1000, most)

        assert claim("x", T0_MS, 1) == ["a"]
        assert claim("y", T0_MS) == ["b"]
        assert claim("x", T0_MS + 500) == ["a"]
        with store.reading() as rows:
            assert rows.holds("x", "a", T0_MS + 1400)
            assert not rows.holds("x", "a", T0_MS + 1500)
            assert rows.held("y", T0_MS) == {"b": T0_MS + 1000}
            assert not rows.has_free(T0_MS + 900)
        assert claim("x", T0_MS + 1200) == ["a", "b"]
        with store.leasing() as rows:
            rows.let_go("x")
        with store.reading() as rows:
            assert rows.has_free(T0_MS)

    def test_two_coordinators_at_once_take_different_printers_and_prints(
        self, farm: SmallFarm, store: FarmStore
    ) -> None:
        """Eight coordinators in threads, two printers, sixty-four prints: whoever gets a printer
        has it alone, and no print is on two."""
        farm.submit(copies=64)
        begun = threading.Barrier(8)
        failed: list[BaseException] = []

        def work(number: int) -> None:
            try:
                one = farm.coordinator(f"c{number}")
                begun.wait()
                for _ in range(4):
                    one.tick()
            except BaseException as error:
                failed.append(error)

        threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failed == []
        starts = [name for host in farm.hosts.values() for name in host.starts]
        assert len(starts) == 2
        assert sorted(farm.states()).count(JobState.PRINTING) == 2

    def test_another_try_is_another_print(self, farm: SmallFarm, store: FarmStore) -> None:
        farm.submit()
        with pytest.raises(InputError, match="may still come"), store.writing("t") as rows:
            rows.again(1, T0_MS)
        self.move(store, 1, Event.CANCEL)
        with store.writing("t") as rows:
            new = rows.again(1, T0_MS)
        assert (new.number, new.copy, new.state) == (2, 1, JobState.QUEUED)
        with store.reading() as rows:
            assert [w.instance for w in first(rows, 5)] == [2]

    def test_what_wants_more_than_is_there_hides_nothing_behind_it(
        self, farm: SmallFarm, store: FarmStore
    ) -> None:
        own = facts()
        with store.writing("t") as rows:
            rows.add_program(own, [("part.gcode", b"G1\n")])
            for mg in (900, 900, 500, 900, 20, 500, 30):
                rows.submit(
                    name="x",
                    program_sha256=own.sha256,
                    needs=requirements(own),
                    at_utc_ms=T0_MS,
                    mg=mg,
                )
        with store.reading() as rows:
            (of,) = queue_classes(rows)

            def offered(*free_mg: int) -> list[int]:
                return sorted(one.instance for one in heads(rows, of, free_mg))

            assert offered(1000) == [1]
            assert offered(600) == [3]
            assert offered(1000, 600) == [1, 2, 3, 5]
            assert offered(600, 100, 25) == [3, 5, 6, 7]
            assert offered(10) == []

    def test_priorities_can_change(self, farm: SmallFarm, store: FarmStore) -> None:
        early, late = farm.submit(), farm.submit()
        with store.writing("t") as rows:
            rows.set_order(late.number, T0_MS, priority=5, due_utc_s=1)
            assert rows.job(late.number).priority == 5
            assert [w.job for w in first(rows, 5)] == [late.number, early.number]

    def test_a_farm_is_exported_and_restored_whole(
        self, farm: SmallFarm, store: FarmStore, tmp_path: Path
    ) -> None:
        farm.submit(copies=2)
        self.move(store, 1, Event.MATCH, printer="a")
        with store.reading() as rows:
            data = archived(rows)
        new = new_store(str(tmp_path / "other.sqlite"))
        with new.writing("t") as rows:
            restore(rows, data, "x", T0_MS)
        with new.reading() as rows, store.reading() as old:
            assert rows.printers() == old.printers()
            assert rows.spools() == old.spools()
            assert rows.instances() == old.instances()
            assert rows.tag == old.tag
            assert rows.reservations() == old.reservations()
            assert first(rows, 9) == first(old, 9)
            assert rows.program_files(facts().sha256) == old.program_files(facts().sha256)
            events = list(rows.events())
            assert events[:-1] == list(old.events())
            assert broken(events) == ""
        with new.writing("t") as rows:
            assert rows.submit(
                name="n", program_sha256=facts().sha256, needs=rows.job(1).requirements,
                at_utc_ms=T0_MS,
            ).number == 2  # fmt: skip
        with pytest.raises(InputError, match="new one"), new.writing("t") as rows:
            restore(rows, data, "x", T0_MS)
        new.close()

    def test_a_changed_record_of_a_printer_is_kept(self, store: FarmStore) -> None:
        with store.writing("t") as rows:
            rows.set_printer(replace(rows.printer("a"), is_paused=True))
        with store.reading() as rows:
            assert rows.printer("a").is_paused
            assert rows.do.execute(sa.select(sa.func.count()).select_from(INSTANCE)).scalar() == 0
