"""A binary file of a maker whose last line of slicer metadata has no end, certified as it is."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from typing import Any

from printstd.certify.carriers import bgcode
from printstd.certify.carriers.carried import with_certificates, wrapped
from printstd.certify.carriers.forms import Form


def unended_bgcode() -> bytes:
    from tests.unit.certify.carriers.cases import pair, resigned

    blocks = bgcode.read(wrapped(pair().program, Form.BGCODE), "p")
    cut = [replace(b, data=b.data.rstrip()) if b.kind is bgcode.Kind.SLICER else b for b in blocks]
    row = {"name": "p#bgcode-v1", "digest": {"sha256": bgcode.blocks_sha256(cut)}}
    generation = resigned(pair().generation, lambda s: s["subject"].append(row))
    payload = base64.b64decode(json.loads(generation)["dsseEnvelope"]["payload"])

    def link(statement: Any) -> None:
        statement["subject"].append(row)
        statement["predicate"]["certificate"]["sha256"] = hashlib.sha256(payload).hexdigest()

    bundles = [generation, resigned(pair().recheck, link)]
    return with_certificates(bgcode.write(cut), "p", Form.BGCODE, bundles)
