"""What the hosts' own readers say of a program, each run in its own environment."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

from tests.hosts.installed import program

_MOONRAKER = "moonraker.components.file_manager.metadata"
_MOONRAKER_FIELDS = f"""
import json
from {_MOONRAKER} import BaseSlicer
print(json.dumps([name[6:] for name in vars(BaseSlicer) if name.startswith("parse_")]))
"""
_PRUSALINK = """
import base64, json, sys
from gcode_metadata import get_metadata
found = get_metadata(sys.argv[1], save_cache=False)
pictures = {name: data.decode() for name, data in found.thumbnails.items()}
print(json.dumps({"fields": sorted(found.Attrs), "data": found.data, "thumbnails": pictures}))
"""
_LIBBGCODE = """
import base64, json, sys
import pybgcode
def opened(name, mode):
    found = pybgcode.open(name, mode)
    assert pybgcode.is_open(found)
    return found
def done(result):
    assert result == pybgcode.EResult.Success, pybgcode.translate_result(result)
wanted, path = sys.argv[1:3]
if wanted == "read":
    told = {kind: pybgcode.read_metadata(opened(path, "rb"), kind)
            for kind in ("file", "printer", "print", "slicer")}
    told["connect"] = pybgcode.read_connect_metadata(opened(path, "rb"))["metadata"]
    told["thumbnails"] = [
        [one["meta"].width, one["meta"].height, base64.b64encode(bytes(one["bytes"])).decode()]
        for one in pybgcode.read_thumbnails(opened(path, "rb"))]
    print(json.dumps(told))
else:
    source, made = opened(path, "rb"), opened(sys.argv[3], "wb")
    if wanted == "to_text":
        done(pybgcode.from_binary_to_ascii(source, made, True))
    else:
        done(pybgcode.from_ascii_to_binary(source, made, pybgcode.get_config()))
    pybgcode.close(made)
"""
_GCODE_LIB = """
import json, sys
import gcode_lib
found = gcode_lib.load(sys.argv[1])
print(json.dumps({"format": found.source_format, "pictures": len(found.thumbnails),
                  "lines": [line.raw for line in found.lines]}))
"""


def _said(*command: str | Path, cwd: Path | None = None) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        timeout=120,
        env={"PATH": "/usr/bin:/bin"},
        cwd=cwd,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def moonraker(gcode: Path) -> tuple[dict[str, Any], set[str]]:
    """Moonraker's metadata of a program, and all fields that its readers know. Pictures are left
    in ``.thumbs`` beside it."""
    python = program("moonraker", "python")
    told = _said(python, "-m", _MOONRAKER, "-p", gcode.parent, "-f", gcode.name)
    fields = _said(python, "-c", _MOONRAKER_FIELDS)
    return json.loads(told)["metadata"], set(json.loads(fields))


def prusalink(gcode: Path) -> dict[str, Any]:
    """What PrusaLink's reader finds: `fields` that it looks for, `data`, `thumbnails` (Base64)."""
    found: dict[str, Any] = json.loads(
        _said(program("prusalink", "python"), "-c", _PRUSALINK, gcode)
    )
    return found


def octoprint(gcode: Path) -> dict[str, Any]:
    """OctoPrint's analysis: filament_mm (of each tool), total_min, and {min,max}{X,Y,Z} of
    printing."""
    text = _said(program("octoprint"), "analysis", "gcode", "--max-t", "10", gcode)
    assert "DONE:" in text, text
    area = text[text.index("printing_area:") :].split("total_time:")[0]
    lengths = text[text.index("extrusion_length:") :].split("extrusion_volume:")[0]
    return {
        "filament_mm": [float(value) for value in re.findall(r"^- ([0-9.]+)$", lengths, re.M)],
        "total_min": float(text.split("total_time: ")[1].split()[0]),
        **{key: float(value) for key, value in re.findall(r"(m..[XYZ]): (-?[0-9.]+)", area)},
    }


def libbgcode(path: Path) -> dict[str, Any]:
    """The metadata and pictures of a .bgcode file as Prusa's own library reads them."""
    python = program("bgcode", "python")
    found: dict[str, Any] = json.loads(_said(python, "-c", _LIBBGCODE, "read", path))
    return found


def libbgcode_converted(source: Path, made: Path) -> None:
    """A file turned into the other form, binary or text, as `made` is named."""
    wanted = "to_binary" if made.suffix == ".bgcode" else "to_text"
    _said(program("bgcode", "python"), "-c", _LIBBGCODE, wanted, source, made)


def gcode_lib(path: Path) -> dict[str, Any]:
    """A .bgcode file as an independent reader in Python has it."""
    found: dict[str, Any] = json.loads(_said(program("bgcode", "python"), "-c", _GCODE_LIB, path))
    return found
