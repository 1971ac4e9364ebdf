"""What a batch asks of each of its files: the same of all, or each by its own order and drawing.

A record's place may have ``{folder}``, ``{stem}`` and ``{name}`` in it, as in a repository's
printstd.toml: then each file has its own. Every order is looked at before any work, so that one
that contradicts the call ends it at once; what it says is read again when the file's turn comes, so
that however many there are, one at a time is held.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from printstd.cli.groups import Machine, Stance, Standard

if TYPE_CHECKING:
    from printstd.batch.inputs import InputFile
    from printstd.batch.run import Own
    from printstd.cli.batch_options import Records
    from printstd.cli.batching import ModelJob, OwnJob
    from printstd.cli.records import Asked
    from printstd.pipeline import Order
    from printstd.ports import Clock
    from printstd.profiles.records import Records as Held
    from printstd.profiles.resolved import Resolved

Judged = tuple[str | None, str | None]
"""Pack and class, as far as they were named."""


class Asks(NamedTuple):
    """The options of a call. with_fits : sizes of a drawing or an order may be judged. clock : of
    the day on which a capability must be valid."""

    standard: Standard
    machine: Machine
    stance: Stance
    records: Records
    allow_undecided: list[str] | None = None
    epoch: int | None = None
    with_fits: bool = True
    clock: Clock | None = None


class Asking:
    """The request of every file. Raises UsageError where options mean nothing, or one of the orders
    contradicts them; ProfileError where profiles do."""

    def __init__(self, asks: Asks, files: Sequence[InputFile]) -> None:
        from printstd.batch.inputs import is_template
        from printstd.cli.capability import capability_of

        self._asks = asks
        records = asks.records
        self._capability = capability_of(records.capability, records.trust, asks.clock)
        self._resolved: dict[Judged, Resolved] = {}
        own = (records.order_record, records.feedstock, records.characteristics)
        self.is_of_each = any(place is not None and is_template(str(place)) for place in own)
        if self.is_of_each:
            self._look_at_all(files)
        else:
            asked, order = self._asked(files[0])
            self._resolve(asked)
            self.order, self.resolved = order, self._with_records(asked)

    def _look_at_all(self, files: Sequence[InputFile]) -> None:
        """The order and the profiles of a file without records of its own stand for all."""
        from printstd.cli.batch_options import Records
        from printstd.errors import PrintstdError, UsageError

        plain = Asking(self._asks._replace(records=Records()), files[:1])
        self.order, self.resolved = plain.order, plain.resolved
        for file in files:
            try:
                asked, _ = self._asked(file, with_drawing=False)
            except UsageError:
                raise
            except PrintstdError:
                continue  # the file's own problem, told when its turn comes
            self._resolve(asked)

    # ---------------------------------------------------------------------------------- of one file

    def places(self, file: InputFile) -> list[Path]:
        """The files that are read for it, the model apart."""
        from printstd.cli.running import drawing_files

        records = self._asks.records
        given = [self._place(records.order_record, file), self._place(records.feedstock, file)]
        drawing = self._place(records.characteristics, file)
        found = [*given, records.capability, *drawing_files(drawing)]
        return [place for place in found if place is not None]

    def own_job(self, file: InputFile) -> tuple[OwnJob, Resolved]:
        """What is asked of this file, and by which profiles. Raises as a single command does."""
        from printstd.cli.batching import OwnJob

        asked, order = self._asked(file)
        judged = self._resolve(asked)
        resolved = self._with_records(asked)
        indication = resolved.indication if len(self._resolved) > 1 else None
        return OwnJob(order, judged, resolved.records, indication), resolved

    @property
    def variants(self) -> dict[Judged, Resolved]:
        """The profiles under every pack and class that an order names."""
        return dict(self._resolved)

    def _asked(self, file: InputFile, *, with_drawing: bool = True) -> tuple[Asked, Order]:
        from printstd.cli.records import asked_with
        from printstd.cli.running import drawing_of, order_of, orders_of

        standard, machine, stance = self._asks.standard, self._asks.machine, self._asks.stance
        records, path = self._asks.records, Path(file.path)
        asked = asked_with(
            self._place(records.order_record, file),
            self._place(records.feedstock, file),
            models=[path],
            pack=standard.pack,
            tolerance_class=standard.tolerance_class,
            material=machine.material,
            units=stance.units,
            rotate=stance.rotate,
            orient=stance.orient,
        )
        drawing = self._place(records.characteristics, file) if with_drawing else None
        order = order_of(
            units=asked.units,
            scale=stance.scale,
            rotate=asked.rotate,
            notation=asked.notation,
            orient=stance.orient,
            plate=stance.plate,
            is_healed=stance.heal,
            allow_undecided=self._asks.allow_undecided,
            drawing=drawing_of(drawing, [path]),
        )
        (one,) = orders_of(order, [path], stance.extruder)
        return asked, one

    def _place(self, named: Path | None, file: InputFile) -> Path | None:
        from printstd.batch.inputs import place_beside

        return None if named is None else Path(place_beside(str(named), file))

    def _resolve(self, asked: Asked) -> Judged:
        judged = (asked.pack, asked.tolerance_class)
        if judged not in self._resolved:
            from printstd.cli.running import request_of, resolved_for

            machine = self._asks.machine
            request = request_of(
                pack=asked.pack,
                tolerance_class=asked.tolerance_class,
                material=machine.material,
                process=machine.process,
                printer=machine.printer,
                settings=machine.settings,
                epoch=self._asks.epoch,
            )
            self._resolved[judged] = resolved_for(request, with_fits=self._asks.with_fits)
        return judged

    def _with_records(self, asked: Asked) -> Resolved:
        from dataclasses import replace

        records: Held = asked.records
        if self._capability is not None:
            records = replace(records, capability=self._capability)
        return replace(self._resolved[self._resolve(asked)], records=records)


def own_of(kind: str, job: ModelJob, asking: Asking, file: InputFile) -> Own:
    """A file's own request, for the coordinator and for its worker."""
    from printstd.batch.run import Own

    own, resolved = asking.own_job(file)
    return Own(own, request_sha256(kind, job._replace(order=own.order), resolved), resolved)


def request_sha256(kind: str, job: ModelJob, resolved: Resolved) -> str:
    """Of all values that a file is judged by, not of what they are called."""
    from printstd.reuse.fingerprint import fingerprint

    content = {name: getattr(resolved, name) for name in resolved.__dataclass_fields__}
    # Where a value comes from is for messages; that is worked out when somebody asks.
    content.pop("origins")
    rest = (job.order, job.copies, job.with_failure, job.key_id, job.form, job.with_svr)
    return fingerprint(kind, content, *rest)
