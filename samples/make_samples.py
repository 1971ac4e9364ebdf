"""Makes the sample parts of this folder: `python -m samples.make_samples [FOLDER]`.

Solids are put together with manifold3d, corners are rounded to 1e-4 mm, and files are binary
STL, OBJ, PLY or stored 3MF without dates, so the same versions make the same bytes every time.
What each sample shows, and what is expected of it, is in expected.toml.
"""

from __future__ import annotations

import sys
from pathlib import Path

from samples.making import faults, parts
from samples.making import records as written
from samples.making.files import (
    knob_3mf,
    obj_bytes,
    plates_3mf,
    ply_bytes,
    stl_bytes,
    with_nan,
)

_TITLES = {"bracket.stl": "bracket, mm", "Кронштейн №4 (изм. 2).stl": "angle bracket"}
"""Headers of STL files where the name does not say it in ASCII."""


def samples() -> dict[str, bytes]:
    """File name to bytes, for every sample."""
    plain = stl_bytes(faults.box(), "printstd sample: box, mm")
    solids = {
        "bracket.stl": parts.bracket(),
        "cube20.stl": parts.cube(),
        "two_bodies.stl": faults.two_bodies(),
        "tee.stl": parts.tee(),
        "arch.stl": parts.arch(),
        "hook.stl": parts.hook(),
        "pin.stl": parts.pin(),
        "closed_space.stl": parts.closed_space(),
        "shim.stl": parts.shim(),
        "Кронштейн №4 (изм. 2).stl": parts.angle(),
        "open_box.stl": faults.open_box(),
        "open_corner.stl": faults.open_corner(),
        "cracked_box.stl": faults.cracked_box(),
        "pinhole.stl": faults.pinhole(),
        "passed_vertex.stl": faults.passed_vertex(),
        "corner_to_corner.stl": faults.corner_to_corner(),
        "body_twice.stl": faults.body_twice(),
        "inside_out.stl": faults.inside_out(),
        "one_side_flipped.stl": faults.one_side_flipped(),
        "clip_arms_overlap.stl": faults.clip(),
        "crossing_bodies.stl": faults.crossing_bodies(),
        "thin_tube.stl": faults.thin_tube(),
        "coarse_cylinder.stl": faults.coarse_cylinder(),
        "fine_edges.stl": faults.fine_edges(),
        "inch_part.stl": faults.inch_part(),
        "too_large.stl": faults.too_large(),
        "nameplate.stl": parts.nameplate(),
        "fine_print.stl": faults.fine_print(),
        "slit_block.stl": faults.slit_block(),
        "tight_hinge.stl": faults.tight_hinge(),
        "lid.stl": faults.lid(),
        "paper_fin.stl": faults.paper_fin(),
        "knife.stl": faults.knife(),
        "vent.stl": faults.vent(),
        "locating_pins.stl": faults.locating_pins(),
        "far_away.stl": faults.far_away(),
    }
    made = {
        name: stl_bytes(mesh, f"printstd sample: {_TITLES.get(name, name[:-4])}")
        for name, mesh in solids.items()
    }
    return made | {
        "wedge.obj": obj_bytes(parts.wedge(), "printstd sample: wedge, mm"),
        "ring.ply": ply_bytes(parts.ring(), "printstd sample: ring, mm"),
        "knob_inch.3mf": knob_3mf(),
        "two_plates.3mf": plates_3mf(),
        "not_a_number.stl": with_nan(plain, 7),
        "cut_short.stl": plain[:-20],
    }


def records() -> dict[str, bytes]:
    """File name to bytes, for every sample of a record."""
    return written.records(samples())


def main(folder: Path) -> None:
    (folder / "records").mkdir(exist_ok=True)
    files = samples() | {f"records/{name}": content for name, content in records().items()}
    for name, content in files.items():
        (folder / name).write_bytes(content)
        print(f"{name}: {len(content)} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
