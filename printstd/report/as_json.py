"""The report as JSON, by the published schema."""

from __future__ import annotations

import json
from typing import Any

from printstd.report.document import ReportDocument, to_json_value


def render(document: ReportDocument) -> str:
    return json.dumps(to_json_value(document), ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of what `render` writes."""
    from pydantic import TypeAdapter

    made = TypeAdapter(ReportDocument).json_schema(mode="serialization")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://printstd.example/schema/report/1.0",
        **made,
    }


def parse(text: str) -> ReportDocument:
    """A document back from its JSON; pydantic.ValidationError where it breaks the schema."""
    from pydantic import TypeAdapter

    return TypeAdapter(ReportDocument).validate_json(text)
