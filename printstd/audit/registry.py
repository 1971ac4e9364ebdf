"""The closed list of audit rules. Each has its own file in `rules/`; nothing registers itself."""

from __future__ import annotations

import inspect
import sys
from types import MappingProxyType
from typing import Final

from printstd.audit.rule import Rule
from printstd.audit.rules import (
    g01_placement,
    g02_layers,
    g03_outward,
    g04_inward,
    g05_sizes,
    g06_solid,
    g07_skins,
    g08_walls,
    g09_infill,
    g10_double,
    g11_outside,
    g12_air,
    g13_volume,
    g14_thin,
    g15_tool,
    g16_drawing,
    g17_bonds,
    l01_text,
    l02_length,
    l03_grammar,
    l04_words,
    l05_allowed,
    l06_letters,
    l07_positions,
    l08_conditions,
    m01_homing,
    m02_modes,
    m03_bounds,
    m04_speed,
    m05_flow,
    m06_nozzle,
    m07_bed,
    m08_fan,
    m09_retraction,
    m10_strings,
    m11_planar,
    m12_end,
    m13_dwell,
    m14_settings,
    m15_tower,
)

_MODULES: Final = (
    l01_text,
    l02_length,
    l03_grammar,
    l04_words,
    l05_allowed,
    l06_letters,
    l07_positions,
    l08_conditions,
    m01_homing,
    m02_modes,
    m03_bounds,
    m04_speed,
    m05_flow,
    m06_nozzle,
    m07_bed,
    m08_fan,
    m09_retraction,
    m10_strings,
    m11_planar,
    m12_end,
    m13_dwell,
    m14_settings,
    m15_tower,
    g01_placement,
    g02_layers,
    g03_outward,
    g04_inward,
    g05_sizes,
    g06_solid,
    g07_skins,
    g08_walls,
    g09_infill,
    g10_double,
    g11_outside,
    g12_air,
    g13_volume,
    g14_thin,
    g15_tool,
    g16_drawing,
    g17_bonds,
)

RULES: Final = MappingProxyType({module.RULE.id: module.RULE for module in _MODULES})
"""Rule id -> rule, in the order in which they run and report."""


def all_rules() -> dict[str, str]:
    """Rule id -> title, in report order."""
    return {rule.id: rule.title for rule in RULES.values()}


def explain(rule_id: str) -> str | None:
    """The manual's page of one rule, or None where there is no such rule."""
    rule: Rule | None = RULES.get(rule_id)
    if rule is None:
        return None
    return inspect.cleandoc(sys.modules[rule.check.__module__].__doc__ or "")
