"""JSON Schema of every kind of profile file, for editors: printed, never written from here.

    python -m printstd.profiles.schema            the kinds
    python -m printstd.profiles.schema material   that kind's schema

The loader stays the judge: it also knows what a schema cannot say (relations between keys).
"""

from __future__ import annotations

import copy
import json
import sys
from typing import Any

from printstd.profiles.keys import nearest
from printstd.profiles.load import MODELS
from printstd.profiles.repository_models import RepositoryFile

DIALECT = "https://json-schema.org/draft/2020-12/schema"
REPOSITORY = "repository"
"""What is no profile: a repository's printstd.toml."""


def schema(kind: str) -> dict[str, Any]:
    """The schema of one kind's files. A file that extends another may leave out any key."""
    if kind == REPOSITORY:
        return {"$schema": DIALECT, **RepositoryFile.model_json_schema(), "title": "printstd.toml"}
    whole = MODELS[kind].model_json_schema()
    definitions = whole.pop("$defs", {})
    whole["properties"]["extends"] = {
        "description": f"Name of the {kind} whose values hold where this file gives none.",
        "type": "string",
    }
    partial_definitions = {
        f"partial.{name}": _partial(definition) for name, definition in definitions.items()
    }
    return {
        "$schema": DIALECT,
        "title": f"printstd {kind} profile",
        "description": (MODELS[kind].__doc__ or "").strip().split("\n\n")[0],
        "if": {"required": ["extends"]},
        "then": _partial(whole),
        "else": whole,
        "$defs": definitions | partial_definitions,
    }


def schema_text(kind: str) -> str:
    """The schema as it is committed: sorted keys, two blanks, a final newline."""
    return json.dumps(schema(kind), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _partial(definition: dict[str, Any]) -> dict[str, Any]:
    """The same with no key required. Items of lists stay whole: lists are replaced, not merged."""
    partial = copy.deepcopy(definition)
    partial.pop("required", None)
    for inner in partial.get("properties", {}).values():
        _refer_to_partial(inner)
    return partial


def _refer_to_partial(value: dict[str, Any]) -> None:
    if "$ref" in value:
        value["$ref"] = value["$ref"].replace("#/$defs/", "#/$defs/partial.")
    for option in value.get("anyOf", ()):
        _refer_to_partial(option)


def main(arguments: list[str]) -> int:
    if not arguments:
        sys.stdout.write("".join(f"{kind}\n" for kind in (*MODELS, REPOSITORY)))
        return 0
    kind = arguments[0]
    if kind not in (*MODELS, REPOSITORY):
        hint = nearest(kind, (*MODELS, REPOSITORY))
        sys.stderr.write(f"no such kind of profile: {kind}{f'; {hint}?' if hint else ''}\n")
        return 2
    sys.stdout.write(schema_text(kind))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
