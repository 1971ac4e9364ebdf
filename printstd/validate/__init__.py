"""Mesh -> Report: may this model be made under these demands?"""

from printstd.validate.registry import SLICE_BLOCKERS, all_rules, explain
from printstd.validate.run import slice_blockers, validate_model

__all__ = ["SLICE_BLOCKERS", "all_rules", "explain", "slice_blockers", "validate_model"]
