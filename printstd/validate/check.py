"""What a check is, and how it says what it found."""

from __future__ import annotations

from collections.abc import Callable

from printstd.artifacts.finding import Finding, Status, Where
from printstd.dataclass import dataclass
from printstd.validate.context import CheckContext

Reason = tuple[Status, str]
"""Why a check does not run: NOT_EVALUATED or NOT_APPLICABLE, and the sentence for the report."""

Need = Callable[[CheckContext], Reason | None]
"""A precondition: None where it holds."""


@dataclass(frozen=True, slots=True)
class Check:
    """One entry of the registry.

    `run` gives at least one finding, PASS too, with what was measured. A check that raises is a
    bug of ours and nothing here hides it. The docstring of the check's module is its page in
    the manual: `printstd explain ID` prints it.
    """

    id: str
    title: str
    source: str
    """Clause, paper or profile key that the limit comes from."""
    run: Callable[[CheckContext], tuple[Finding, ...]]
    needs: tuple[Need, ...] = ()

    def says(
        self,
        status: Status,
        message: str,
        *,
        measured: float | None = None,
        limit: float | None = None,
        unit: str = "",
        where: tuple[Where, ...] = (),
        details: tuple[tuple[str, str], ...] = (),
        source: str | None = None,
    ) -> Finding:
        """A finding of this check; figures are rounded to nine decimals, so that the last bits of
        a sum, which differ between CPUs, do not reach the report."""
        return Finding(
            rule_id=self.id,
            status=status,
            message=message,
            source=source or self.source,
            measured=None if measured is None else round(float(measured), 9) + 0.0,
            limit=None if limit is None else round(float(limit), 9) + 0.0,
            unit=unit,
            where=where,
            details=details,
        )

    def findings(self, context: CheckContext) -> tuple[Finding, ...]:
        """What the check says of this model, its preconditions first."""
        for need in self.needs:
            reason = need(context)
            if reason is not None:
                return (self.says(*reason),)
        return self.run(context)
