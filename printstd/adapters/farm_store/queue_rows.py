"""Programs, jobs, and the steps of their instances: each step, what goes with it and its line in
the history are one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from printstd.adapters.farm_store.owed_rows import OwedRows
from printstd.adapters.farm_store.records import (
    class_key,
    instance_of,
    job_of,
    record_of,
    text_of,
)
from printstd.adapters.farm_store.tables import (
    CLASS,
    INSTANCE,
    IS_ON_PRINTER,
    IS_QUEUED,
    JOB,
    NEVER_DUE,
    PROGRAM,
    PROGRAM_FILE,
    RESERVATION,
)
from printstd.artifacts.farm import FarmPrinter
from printstd.artifacts.job import Instance, Job, JobState, ProgramFacts, Requirements, Wish
from printstd.errors import InputError, PrintstdError
from printstd.farm.evidence import attempt_file
from printstd.farm.spools import consumed, reservations
from printstd.farm.states import AT_WORK, ENDED, Effect, Event, step
from printstd.words import kept, said

# Said once: building a statement takes longer than SQLite takes to answer it.
_OWN: Final[sa.BindParameter[Any]] = sa.bindparam("own")
_FACTS: Final = sa.select(PROGRAM.c.facts).where(PROGRAM.c.sha256 == _OWN)
_CLASS: Final = sa.select(CLASS.c.key).where(CLASS.c.key == _OWN)
_WAITING: Final = (
    sa.update(CLASS)
    .where(CLASS.c.key == _OWN)
    .values(waiting=CLASS.c.waiting + sa.bindparam("change"))
)
_ADD_JOB: Final = sa.insert(JOB).returning(JOB.c.number)
_PROGRAM_OF: Final = sa.select(JOB.c.program).where(JOB.c.number == _OWN)
_ADD_INSTANCE: Final = sa.insert(INSTANCE)
_INSTANCE: Final = sa.select(INSTANCE).where(INSTANCE.c.number == _OWN)
_SET_INSTANCE: Final = sa.update(INSTANCE).where(INSTANCE.c.number == _OWN)
_RESERVE: Final = sa.insert(RESERVATION)
_UNRESERVE: Final = sa.delete(RESERVATION).where(RESERVATION.c.instance == _OWN)


class Note(NamedTuple):
    """How far a print is."""

    instance: int
    progress_permille: int
    layer: int | None
    run_id: str


class Moved(PrintstdError):
    """Somebody else was there first: the instance is not where it was thought, or the printer is
    another coordinator's now. Nothing was done."""

    exit_code = 7


class QueueRows(OwedRows):
    # Programs

    def add_program(self, facts: ProgramFacts, files: Sequence[tuple[str, bytes]]) -> None:
        """files : (name, bytes), the program as it came first. Known already, it gets the
        certificates that came now."""
        own = PROGRAM.c.sha256 == facts.sha256
        if self.do.execute(sa.select(PROGRAM.c.sha256).where(own)).one_or_none() is None:
            self.do.execute(sa.insert(PROGRAM), {"sha256": facts.sha256, "facts": text_of(facts)})
        else:
            self.do.execute(sa.update(PROGRAM).where(own).values(facts=text_of(facts)))
            of_it = PROGRAM_FILE.c.sha256 == facts.sha256
            self.do.execute(sa.delete(PROGRAM_FILE).where(of_it))
        self.do.execute(
            sa.insert(PROGRAM_FILE),
            [
                {"sha256": facts.sha256, "name": name, "place": place, "data": data}
                for place, (name, data) in enumerate(files)
            ],
        )

    def facts(self, sha256: str) -> ProgramFacts:
        text = self.do.execute(_FACTS, {"own": sha256}).scalar_one()
        return record_of(ProgramFacts, text)

    def all_facts(self, digests: Sequence[str] | None = None) -> dict[str, ProgramFacts]:
        query = sa.select(PROGRAM.c.sha256, PROGRAM.c.facts)
        if digests is not None:
            query = query.where(PROGRAM.c.sha256.in_(sorted(set(digests))))
        return {row.sha256: record_of(ProgramFacts, row.facts) for row in self.do.execute(query)}

    def program_files(self, sha256: str) -> list[tuple[str, bytes]]:
        query = (
            sa.select(PROGRAM_FILE.c.name, PROGRAM_FILE.c.data)
            .where(PROGRAM_FILE.c.sha256 == sha256)
            .order_by(PROGRAM_FILE.c.place)
        )
        return [(row.name, bytes(row.data)) for row in self.do.execute(query)]

    # Jobs

    def submit(
        self,
        *,
        name: str,
        program_sha256: str,
        needs: Requirements,
        at_utc_ms: int,
        copies: int = 1,
        priority: int = 0,
        due_utc_s: int | None = None,
        mg: int | None = None,
    ) -> Job:
        """A job and all its instances, queued."""
        key = self._class(needs)
        job = {
            "name": name,
            "program": program_sha256,
            "copies": copies,
            "priority": priority,
            "due_s": due_utc_s,
            "class": key,
            "submitted_ms": at_utc_ms,
            "by": self.by,
        }
        number = self.do.execute(_ADD_JOB, job).scalar_one()
        row = {
            "job": number,
            "state": JobState.QUEUED.value,
            "since_ms": at_utc_ms,
            "class": key,
            "priority": priority,
            "due_s": NEVER_DUE if due_utc_s is None else due_utc_s,
            "mg": mg or 0,
        }
        self.do.execute(_ADD_INSTANCE, [{**row, "copy": n + 1} for n in range(copies)])
        self._waiting(key, copies)
        self.tell(
            "job submitted",
            at_utc_ms,
            job=number,
            name=name,
            program=program_sha256,
            copies=copies,
            priority=priority,
            due=due_utc_s,
        )
        return Job(
            number=number,
            name=name,
            program_sha256=program_sha256,
            copies=copies,
            priority=priority,
            due_utc_s=due_utc_s,
            requirements=needs,
            submitted_utc_ms=at_utc_ms,
            by=self.by,
        )

    def _class(self, needs: Requirements) -> str:
        """The class of the queue for those who ask for this; begun where there is none."""
        key = class_key(needs)
        if self.do.execute(_CLASS, {"own": key}).one_or_none() is None:
            self.do.execute(sa.insert(CLASS), {"key": key, "needs": text_of(needs), "waiting": 0})
        return key

    def again(self, number: int, at_utc_ms: int) -> Instance:
        """Another instance for the copy that a failed, cancelled or lost one should have been."""
        old = self.instance(number)
        if old.state not in ENDED or old.state is JobState.DONE:
            raise InputError(
                said("this copy may still come"),
                where=said("instance {number}", number=number),
                got=old.state.value,
                wanted=said("failed or cancelled"),
                hint=said("`printstd farm history` tells what became of it"),
            )
        source = self._instance_row(number)
        row = {
            "job": old.job,
            "copy": old.copy,
            "state": JobState.QUEUED.value,
            "since_ms": at_utc_ms,
            "class": source._mapping["class"],
            "priority": source.priority,
            "due_s": source.due_s,
            "mg": source.mg,
        }
        new = self.do.execute(_ADD_INSTANCE.returning(INSTANCE.c.number), row).scalar_one()
        self._waiting(source._mapping["class"], 1)
        self.tell("copy asked for again", at_utc_ms, job=old.job, instance=new, instead=number)
        return self.instance(new)

    def job(self, number: int) -> Job:
        """InputError where there is none of that number."""
        query = (
            sa.select(JOB, CLASS.c.needs)
            .join(CLASS, CLASS.c.key == JOB.c["class"])
            .where(JOB.c.number == number)
        )
        row = self.do.execute(query).one_or_none()
        if row is None:
            raise InputError(
                said("there is no job of this number"),
                got=str(number),
                wanted=said("a number that `printstd farm submit` printed"),
                hint=said("`printstd farm queue --all` names every job"),
            )
        return job_of(row, row.needs)

    def jobs(self, *, unfinished: bool = False, limit: int | None = None) -> list[Job]:
        """Newest first."""
        query = sa.select(JOB, CLASS.c.needs).join(CLASS, CLASS.c.key == JOB.c["class"])
        if unfinished:
            alive = sa.select(INSTANCE.c.job).where(
                INSTANCE.c.state.not_in(sorted(state.value for state in ENDED))
            )
            query = query.where(JOB.c.number.in_(alive))
        query = query.order_by(JOB.c.number.desc()).limit(limit)
        return [job_of(row, row.needs) for row in self.do.execute(query)]

    # Instances

    def instance(self, number: int) -> Instance:
        return instance_of(self._instance_row(number))

    def _instance_row(self, number: int) -> Any:
        row = self.do.execute(_INSTANCE, {"own": number}).one_or_none()
        if row is None:
            raise _no_instance(number)
        return row

    def _program_of(self, job: int) -> str:
        sha256: str = self.do.execute(_PROGRAM_OF, {"own": job}).scalar_one()
        return sha256

    def instances(
        self,
        *,
        job: int | None = None,
        states: Sequence[JobState] | None = None,
        limit: int | None = None,
    ) -> list[Instance]:
        """In the order of the queue."""
        query = sa.select(INSTANCE)
        if job is not None:
            query = query.where(INSTANCE.c.job == job)
        if states is not None:
            query = query.where(INSTANCE.c.state.in_([state.value for state in states]))
        query = query.order_by(
            INSTANCE.c.priority.desc(), INSTANCE.c.due_s, INSTANCE.c.number
        ).limit(limit)
        return [instance_of(row) for row in self.do.execute(query)]

    def counts(self) -> dict[JobState, int]:
        """The length of the queue is kept with its classes: nobody counts it row by row."""
        waiting = self.do.execute(sa.select(sa.func.sum(CLASS.c.waiting))).scalar_one()
        query = (
            sa.select(INSTANCE.c.state, sa.func.count())
            .where(~IS_QUEUED)
            .group_by(INSTANCE.c.state)
        )
        counts = {JobState(state): count for state, count in self.do.execute(query)}
        return {**counts, JobState.QUEUED: int(waiting)} if waiting else counts

    def on_printers(self, names: Sequence[str]) -> dict[str, Instance]:
        """Printer -> the instance on it."""
        query = sa.select(INSTANCE).where(IS_ON_PRINTER, INSTANCE.c.printer.in_(list(names)))
        return {row.printer: instance_of(row) for row in self.do.execute(query)}

    def wish(self, number: int, wish: Wish, at_utc_ms: int) -> None:
        """For whoever looks after the printer."""
        one = self.instance(number)
        if one.state not in AT_WORK:
            raise InputError(
                said("nothing is printing there that this could be said to"),
                where=said("instance {number}", number=number),
                got=one.state.value,
                wanted=", ".join(sorted(AT_WORK)),
                hint=said("`printstd farm queue` tells where everything stands"),
            )
        self._set(number, {"wish": wish.value})
        self.tell("wish", at_utc_ms, instance=number, job=one.job, wish=wish.value)

    def forget_wish(self, number: int) -> None:
        self._set(number, {"wish": ""})

    def note(self, notes: Sequence[Note]) -> None:
        """How far prints are: no step, no line in the history."""
        if notes:
            self.do.execute(
                _SET_INSTANCE,
                [
                    {
                        "own": one.instance,
                        "progress": one.progress_permille,
                        "layer": one.layer,
                        "run_id": one.run_id,
                    }
                    for one in notes
                ],
            )

    def set_order(self, job: int, at_utc_ms: int, *, priority: int, due_utc_s: int | None) -> None:
        """Another place in the queue, for what has not begun."""
        self.do.execute(
            sa.update(JOB).where(JOB.c.number == job).values(priority=priority, due_s=due_utc_s)
        )
        due = NEVER_DUE if due_utc_s is None else due_utc_s
        self.do.execute(
            sa.update(INSTANCE).where(INSTANCE.c.job == job).values(priority=priority, due_s=due)
        )
        self.tell("job reordered", at_utc_ms, job=job, priority=priority, due=due_utc_s)

    def move(
        self,
        number: int,
        event: Event,
        at_utc_ms: int,
        *,
        seen_in: JobState | None = None,
        owner: str = "",
        printer: str = "",
        reason: str = "",
        run_id: str = "",
        used_ratio: float | None = None,
    ) -> Instance:
        """One step of the table with all its effects.

        seen_in : where the caller believes it to be. owner : a coordinator, which must hold the
        printer's lease. printer : with MATCH. reason : why it ended so. used_ratio : with ADJUST,
        the share of the filament that was used; by progress where it is None. Raises `Moved` where
        the belief or the lease no longer holds, `StepRefused` where the table has no such step.
        """
        row = self._instance_row(number)
        one = instance_of(row)
        if seen_in is not None and one.state is not seen_in:
            raise _moved(number, one.state.value, seen_in.value)
        where = printer or one.printer
        if owner and not self.holds(owner, where, at_utc_ms):
            raise _moved(number, said("another coordinator's printer"), said("a printer of ours"))
        found = step(one.state, event)
        values: dict[str, Any] = {
            "state": found.state.value,
            "since_ms": at_utc_ms,
            "reason": str(reason),
            "reason_said": kept(reason),
            "wish": "" if found.state in ENDED else one.wish,
        }
        if run_id:
            values["run_id"] = run_id
        for effect in found.effects:
            values |= self._do(effect, one, where, at_utc_ms, used_ratio)
        if event is Event.INTEND:
            own = self.printer(where)
            self.set_printer(replace(own, last_start_utc_ms=at_utc_ms))
        if found.state in ENDED:
            values["ended_ms"] = at_utc_ms
        self._set(number, values)
        key = row._mapping["class"]
        if found.state is JobState.QUEUED:
            self._waiting(key, 1)
        elif one.state is JobState.QUEUED:
            self._waiting(key, -1)
        self.tell(
            event.value,
            at_utc_ms,
            instance=number,
            job=one.job,
            printer=where,
            state=found.state.value,
            was=one.state.value,
            file=values.get("file", one.file),
            run=run_id or one.run_id,
            reason=reason,
        )
        return instance_of(SimpleNamespace(**{**row._mapping, **values}))

    def _do(
        self, effect: Effect, one: Instance, where: str, at_utc_ms: int, ratio: float | None
    ) -> Mapping[str, Any]:
        if effect is Effect.RESERVE:
            return self._reserve(one, self.printer(where))
        if effect is Effect.FREE:
            self._unreserve(one.number)
            return {"printer": "", "file": "", "run_id": "", "progress": 0, "wish": ""}
        if effect is Effect.NAME_FILE:
            program = self._program_of(one.job)
            attempt = one.attempt + 1
            name = attempt_file(program, self.tag, one.number, attempt)
            return {"attempt": attempt, "file": name}
        if effect is Effect.BEGIN:
            began = one.began_utc_ms if one.began_utc_ms is not None else at_utc_ms
            return {"did_begin": True, "began_ms": began}
        if effect in (Effect.SOIL, Effect.CLEAN):
            own = self.printer(where)
            self.set_printer(replace(own, needs_clear=effect is Effect.SOIL))
            return {}
        if effect is Effect.OWE:
            self.owe(one.number, where)
            return {}
        used = 1.0 if effect is Effect.CONSUME else ratio
        used = one.progress_permille / 1e3 if used is None else used
        self._consume(one, where, used, at_utc_ms)
        return {"progress": 1000} if effect is Effect.CONSUME else {}

    def _reserve(self, one: Instance, printer: FarmPrinter) -> Mapping[str, Any]:
        feeds = self.facts(self._program_of(one.job)).feeds
        rows = [
            {"instance": r.instance, "tool": r.tool, "spool": r.spool, "mg": r.mg}
            for r in reservations(one.number, printer, feeds)
        ]
        if rows:
            self.do.execute(_RESERVE, rows)
        return {"printer": printer.name}

    def _unreserve(self, number: int) -> None:
        self.do.execute(_UNRESERVE, {"own": number})

    def _consume(self, one: Instance, where: str, ratio: float, at_utc_ms: int) -> None:
        reserved = self.reservations(one.number)
        spools = self.spools({row.spool for row in reserved})
        for name, left in consumed(reserved, spools, ratio).items():
            self.tell(
                "filament used",
                at_utc_ms,
                spool=name,
                instance=one.number,
                mg=spools[name].left_mg - left,
                left_mg=left,
            )
            self.set_spool(replace(spools[name], left_mg=left))
        self._unreserve(one.number)
        if one.began_utc_ms is not None:
            own = self.printer(where)
            hours = own.nozzle.printed_s + max(0, at_utc_ms - one.began_utc_ms) // 1000
            self.set_printer(replace(own, nozzle=replace(own.nozzle, printed_s=hours)))

    def _set(self, number: int, values: Mapping[str, Any]) -> None:
        self.do.execute(_SET_INSTANCE, {**values, "own": number})

    def _waiting(self, key: str, change: int) -> None:
        self.do.execute(_WAITING, {"own": key, "change": change})


def _moved(number: int, got: str, wanted: str) -> Moved:
    return Moved(
        said("somebody else was there first"),
        where=said("instance {number}", number=number),
        got=got,
        wanted=wanted,
        hint=said("nothing was done; look again"),
    )


def _no_instance(number: int) -> InputError:
    return InputError(
        said("there is no instance of this number"),
        got=str(number),
        wanted=said("a number that `printstd farm queue` shows"),
        hint=said("a job's instances are its single printings"),
    )
