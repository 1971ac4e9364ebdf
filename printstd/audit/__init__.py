"""bytes -> Audit: what a finished program really does, whoever made it.

The auditor shares nothing with the generator: it has its own reader of models, its own sections,
its own polygon library and its own idea of a bead (facts of certification 6.4).
"""

from __future__ import annotations

from printstd.audit.auditor import audit_program, read_motion
from printstd.audit.registry import all_rules, explain

__all__ = ["all_rules", "audit_program", "explain", "read_motion"]
