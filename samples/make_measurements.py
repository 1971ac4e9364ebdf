"""Makes samples/capability: `python samples/make_measurements.py [FOLDER]`.

Simulated measurements of the test parts of `printstd artefact`: nobody measured them, they show
what a table and its header look like, and what is made of them. The numbers come from a generator
written out here, so that they are the same everywhere.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from printstd.capability.artefact import PARTS
from printstd.capability.artefact.parts import Sized

N_PARTS = 30
SPREAD_MM = 0.012
BIAS_MM = {"outside": 0.01, "inside": -0.03, "step": 0.004}

HEADER = """\
# Header of {table}: simulated, nobody measured these parts.
[machine]
printer = "mk4s"
serial = "SN-0001"
nozzle_mm = 0.4

[material]
name = "pla"
lot = "2026-10-A"

[process]
name = "standard-0.20"

[measuring]
measured_on = 2026-11-20
temperature_c = 20.4
humidity_percent = 48

[[instrument]]
id = "calliper 7"
calibrated_on = 2026-03-02
calibration_due = {due}
u_mm = {u}
"""


class Table(NamedTuple):
    """One sample: u_mm of the instrument, parts of each characteristic, which part of the set (all
    where empty), and what is wrong with the values of the first characteristic."""

    u_mm: float = 0.012
    due: str = "2027-03-02"
    n_parts: int = N_PARTS
    only: str = "LA-X"
    fault: str = ""
    comma: bool = False


TABLES = {
    "measured": Table(only=""),
    "measured_ru": Table(comma=True),
    "too_few": Table(n_parts=24),
    "blunt_calliper": Table(u_mm=0.1),
    "overdue": Table(due="2026-09-01"),
    "one_outlier": Table(fault="outlier"),
    "measured_twice": Table(fault="twice"),
    "inches": Table(fault="inches"),
}


def gaussian(seed: int) -> Iterator[float]:
    """Standard normal numbers: sums of twelve uniform ones from Lehmer's generator."""
    # Every characteristic has a stretch of its own of the generator's one long sequence.
    state = pow(48_271, 1_000_003 * (seed + 1), 2_147_483_647)
    while True:
        total = 0.0
        for _ in range(12):
            state = state * 48_271 % 2_147_483_647
            total += state / 2_147_483_647
        yield total - 6.0


def rows(table: Table) -> Iterator[str]:
    sizes: list[Sized] = [
        size
        for part in PARTS
        if part.is_printable and table.only in ("", part.id)
        for size in part.sizes
    ]
    columns = ["characteristic", "sense", "along", "nominal_mm", "part", "measured_mm"]
    yield ";".join([*columns, "instrument"])
    for number, size in enumerate(sizes):
        numbers = gaussian(number)
        for part in range(1, table.n_parts + 1):
            measured = size.nominal_mm + BIAS_MM[size.sense] + SPREAD_MM * next(numbers)
            if size.id == "LA-X-1" and part == 9:
                measured += {"outlier": 0.25, "inches": 100 / 25.4 - measured}.get(table.fault, 0.0)
            name = 8 if (table.fault, size.id, part) == ("twice", "LA-X-1", 9) else part
            cells = [size.id, size.sense, size.along, f"{size.nominal_mm:g}", str(name)]
            line = ";".join([*cells, f"{measured:.3f}", "calliper 7"])
            yield line.replace(".", ",") if table.comma else line


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent / "capability")
    folder.mkdir(exist_ok=True)
    for name, table in TABLES.items():
        text = "".join(f"{row}\r\n" for row in rows(table))
        (folder / f"{name}.csv").write_bytes(text.encode("utf-8"))
        header = HEADER.format(table=f"{name}.csv", u=table.u_mm, due=table.due)
        (folder / f"{name}.toml").write_bytes(header.encode("utf-8"))


if __name__ == "__main__":
    main()
