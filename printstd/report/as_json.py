"""The report as JSON, by the published schema."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from printstd.report.document import ReportDocument, to_json_value

if TYPE_CHECKING:
    from pydantic import TypeAdapter


def render(document: ReportDocument) -> str:
    return json.dumps(to_json_value(document), ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of what `render` writes."""
    made = _adapter().json_schema(mode="serialization")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://printstd.example/schema/report/1.0",
        **made,
    }


def parse(text: str) -> ReportDocument:
    """A document back from its JSON; pydantic.ValidationError where it breaks the schema."""
    return _adapter().validate_json(text)


def _adapter() -> TypeAdapter[ReportDocument]:
    """Of the document, with what it names without importing it."""
    from pydantic import TypeAdapter

    from printstd.artifacts.features import FeatureKind, FeatureSource
    from printstd.report.characteristics import CharacteristicRow, PredictedRow

    named = {
        one.__name__: one for one in (FeatureKind, FeatureSource, CharacteristicRow, PredictedRow)
    }
    adapter: TypeAdapter[ReportDocument] = TypeAdapter(ReportDocument, config=None)
    adapter.rebuild(force=True, _types_namespace=named)
    return adapter
