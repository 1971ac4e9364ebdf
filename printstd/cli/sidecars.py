"""What lies beside a program apart from its two statements, as `verify` looks for it."""

from __future__ import annotations

from printstd.adapters.certificate_files import PROOF_ENDING as PROOF_ENDING
from printstd.adapters.certificate_files import gather as gather
from printstd.adapters.certificate_files import gather_alone as gather_alone
