"""``python -m tests.fuzz.guided KIND [--runs N] [--corpus DIR]``: inputs that reach new lines.

What tests/fuzz does with mutations that know the formats, this does with those of libFuzzer, which
knows which lines of a reader an input reached: both find what the other does not. It begins with
files of the first seeds and keeps in DIR what reached something new. Needs atheris, which is no
dependency of anything: ``pip install --target DIR atheris``, and DIR in PYTHONPATH.

A file that breaks an invariant (tests/fuzz/invariants.py) ends it with exit 77 and stands as
``crash-...`` in DIR's parent; ``--file PATH`` runs one file again.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path
from typing import Final

MODULES: Final = {
    "gcode": ("printstd.audit.lexer", "printstd.audit.slow_lines", "printstd.audit.decimals"),
    "carriers": (
        *("printstd.certify.carriers.carried", "printstd.certify.carriers.bgcode"),
        *("printstd.certify.carriers.bambu", "printstd.certify.carriers.zips"),
        *("printstd.certify.carriers.tail", "printstd.certify.carriers.jsonl"),
        *("printstd.certify.carriers.heatshrink", "printstd.certify.carriers.meatpack"),
    ),
    "bundle": ("printstd.certify.dsse", "printstd.certify.strict_json"),
    "statement": ("printstd.certify.reading", "printstd.certify.strict_json"),
    "log": (
        *("printstd.certify.log.notes", "printstd.certify.log.checkpoint"),
        *(
            "printstd.certify.log.proof",
            "printstd.certify.log.quorum",
            "printstd.certify.log.entry",
        ),
    ),
    "profile": ("tomllib._parser", "printstd.profiles.raw", "printstd.profiles.load"),
    "stl": ("printstd.intake.stl_ascii", "printstd.intake.stl_binary", "printstd.intake.sniff"),
    "obj": ("printstd.intake.obj", "printstd.intake.polygons"),
    "ply": ("printstd.intake.ply", "printstd.intake.ply_body"),
    "3mf": ("printstd.intake.threemf",),
}
"""Kind -> whose lines count."""
_SEEDS: Final = 300
_LARGEST: Final = 8192


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.fuzz.guided", description=__doc__)
    parser.add_argument("kind", choices=MODULES)
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--corpus", type=Path, default=Path("out/fuzz-corpus"))
    parser.add_argument("--file", type=Path, help="only this one, and end")
    arguments = parser.parse_args()
    try:
        import atheris
    except ImportError:
        parser.error("atheris is not installed: pip install --target DIR atheris, PYTHONPATH=DIR")
    with atheris.instrument_imports(include=list(MODULES[arguments.kind])):
        for module in MODULES[arguments.kind]:
            importlib.import_module(module)
        from tests.fuzz.invariants import case, check
    kind = arguments.kind
    if arguments.file:
        check(kind, arguments.file.read_bytes())
        return 0
    corpus = arguments.corpus / kind
    corpus.mkdir(parents=True, exist_ok=True)
    for seed in range(_SEEDS):
        data = case(kind, seed)
        if len(data) <= _LARGEST:
            (corpus / f"seed-{seed}").write_bytes(data)
    atheris.Setup(
        [
            *("guided", str(corpus), f"-runs={arguments.runs}", f"-max_len={_LARGEST}"),
            *("-timeout=10", "-rss_limit_mb=2048", f"-artifact_prefix={corpus.parent}/"),
            *("-print_final_stats=1", "-seed=1"),
        ],
        lambda data: check(kind, data),
    )
    atheris.Fuzz()
    return 0


if __name__ == "__main__":
    sys.exit(main())
