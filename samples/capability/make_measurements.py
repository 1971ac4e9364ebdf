"""Makes this folder: `python samples/capability/make_measurements.py [FOLDER]`.

Simulated measurements of the test parts of `printstd artefact`: nobody measured them, they show
what a table and its header look like, and what is made of them. The numbers come from a generator
written out here, so that they are the same everywhere.

capability.json is the record of the good ones. It names the digest of the process, so it is made
anew whenever the process changes. It is signed with a key that everybody can make from this file:
sample.pub is to be trusted with samples alone.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric import ed25519

from printstd.adapters.keys import FileSigner
from printstd.adapters.profile_files import default_source
from printstd.capability.artefact import PARTS
from printstd.capability.artefact.parts import Sized
from printstd.capability.qualify import qualify
from printstd.certify.capability import capability_statement
from printstd.certify.dsse import sign_bundle
from printstd.certify.keys import public_key_of, public_pem
from printstd.certify.predicates import ToolFacts
from printstd.intake.measurements import read_measurements
from printstd.profiles.read_records import read_measurement_header
from printstd.profiles.resolve import resolve
from printstd.profiles.resolved import Request

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

{validity}[[instrument]]
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
    valid_until: str = ""

    def header(self, name: str) -> str:
        validity = f"[record]\nvalid_until = {self.valid_until}\n\n" if self.valid_until else ""
        return HEADER.format(table=f"{name}.csv", u=self.u_mm, due=self.due, validity=validity)


TABLES = {
    "measured": Table(only="", valid_until="2999-12-31"),
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


def tables() -> dict[str, bytes]:
    """Every table and its header, by name of file."""
    files = {}
    for name, table in TABLES.items():
        files[f"{name}.csv"] = "".join(f"{row}\r\n" for row in rows(table)).encode("utf-8")
        files[f"{name}.toml"] = table.header(name).encode("utf-8")
    return files


def record() -> dict[str, bytes]:
    """The signed record of the good table, and the key that it stands under."""
    made = tables()
    header = read_measurement_header(made["measured.toml"], "measured.toml").says
    table = read_measurements(made["measured.csv"], "measured.csv")
    request = Request(
        material=header.material.name, process=header.process.name, printer=header.machine.printer
    )
    found = qualify(table, header, resolve(request, default_source()))
    private = ed25519.Ed25519PrivateKey.from_private_bytes(hashlib.sha256(b"sample").digest())
    public = public_key_of(private.public_key(), "sample")
    tool = ToolFacts("sample", "0" * 64, "", "", ())
    payload = capability_statement(found, tool=tool, issued_at="2026-11-23T00:00:00Z")
    return {
        "capability.json": sign_bundle(payload, FileSigner(private, public)),
        "sample.pub": public_pem(public),
    }


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    for name, data in (tables() | record()).items():
        (folder / name).write_bytes(data)


if __name__ == "__main__":
    main()
