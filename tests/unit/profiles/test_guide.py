"""The examples of docs/profiles.md work as they stand there."""

from __future__ import annotations

import re
from pathlib import Path

from printstd.profiles import machine_code
from printstd.profiles.models import Confidence
from printstd.profiles.resolve import resolve
from printstd.profiles.resolved import Request
from printstd.profiles.show import check_all
from tests.unit.profiles.sources import Overlay, text_of

GUIDE = (Path(__file__).parents[3] / "docs" / "profiles.md").read_text("utf-8")
EXAMPLES = re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)


def test_the_material() -> None:
    text = next(example for example in EXAMPLES if "acme-pla" in example)
    source = Overlay({"materials/acme-pla": text})
    resolved = resolve(Request(material="acme-pla", printer="mk4s"), source)
    assert resolved.material.nozzle_c == 205
    assert resolved.material.fan.off_layers == 2
    assert resolved.material.provenance.confidence is Confidence.KNOWLEDGE_HIGH


def test_the_material_s_mistake() -> None:
    text = next(example for example in EXAMPLES if "acme-pla" in example)
    text = text.replace("\nnozzle_c", "\nnozle_c")
    problems, _ = check_all(Overlay({"materials/acme-pla": text}))
    shown = re.search(r"^    materials/acme-pla\.toml:.*$", GUIDE, re.MULTILINE)
    assert shown is not None
    assert shown.group(0).strip() in {str(problem) for problem in problems}


def test_the_macro() -> None:
    text = next(example for example in EXAMPLES if "[[macros]]" in example)
    source = Overlay({"printers/voron-2.4-350": text_of("printers", "voron-2.4-350") + "\n" + text})
    printer = resolve(Request(printer="voron-2.4-350"), source).printer
    assert printer is not None
    assert printer.macros[0].name == "START_PRINT"


def test_every_placeholder_is_in_the_guide() -> None:
    for name in machine_code.PLACEHOLDERS:
        assert f"`{{{name}}}`" in GUIDE
