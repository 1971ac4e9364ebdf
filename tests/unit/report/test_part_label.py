"""Labels: an independent reader finds the address in the code; nothing on them steers a printer."""

from __future__ import annotations

import re

import pytest

from printstd.adapters.page_files import report_font
from printstd.report.as_zpl import DOTS_PER_MM
from printstd.report.as_zpl import render_label as as_zpl
from printstd.report.part_label import HEIGHT_MM, WIDTH_MM, label_text, qr_modules
from printstd.report.pdf.label import render_label as as_pdf
from printstd.report.speech import ENGLISH

pytest.importorskip("segno", reason="installed with the package (pyproject.toml)")
zxingcpp = pytest.importorskip("zxingcpp", reason="the extra `test` has it (zxing-cpp)")
np = pytest.importorskip("numpy")

LINK = "HTTPS://ID.EXAMPLE.ORG/01/04006381333931/21/A-000123?H=NK35BBQOWYELBWMUYB4MH76BP7JI5WOX"
ROWS = (("serial", "A-000123"), ("part", "Кронштейн ^FS №4 ~JR 支架"), ("empty", ""))


def label(link: str = LINK):
    return label_text(link, ROWS, ENGLISH)


def read(dark: np.ndarray) -> list[str]:
    image = np.where(np.pad(dark, 40), 0, 255).astype(np.uint8)
    return [found.text for found in zxingcpp.read_barcodes(image)]


@pytest.mark.parametrize("link", [LINK, LINK.replace("A-000123", "12345678901234567890"), "A"])
def test_the_code_says_the_address(link):
    modules = np.array(qr_modules(link))
    assert read(np.kron(modules, np.ones((4, 4), bool))) == [link]
    # Versions 5 and 6, as the address was meant to need.
    assert link == "A" or len(modules) in (37, 41)


def test_the_printer_gets_the_same_code_as_a_bitmap():
    text = as_zpl(label()).decode("utf-8")
    found = re.search(r"\^GFA,(\d+),(\d+),(\d+),([0-9A-F]+)\^FS", text)
    assert found is not None
    total, again, row_bytes = (int(found[n]) for n in (1, 2, 3))
    data = bytes.fromhex(found[4])
    assert total == again == len(data)
    bits = np.unpackbits(np.frombuffer(data, np.uint8)).reshape(-1, row_bytes * 8).astype(bool)
    assert read(bits) == [LINK]
    left, top = (int(n) for n in re.findall(r"\^FO(\d+),(\d+)\^GFA", text)[0])
    assert left + bits.shape[1] < WIDTH_MM * DOTS_PER_MM
    assert top + bits.shape[0] < HEIGHT_MM * DOTS_PER_MM


def test_nothing_on_a_label_steers_the_printer():
    text = as_zpl(label()).decode("utf-8")
    field = next(line for line in text.splitlines() if "Кронштейн" in line)
    assert field.count("^FS") == 1
    assert "~" not in text
    assert "_5EFS" in field
    assert "_7EJR" in field
    assert text.count("^XA") == text.count("^XZ") == 1
    assert "empty" not in text


def test_the_pdf_is_the_same_bytes_and_sets_every_script():
    pytest.importorskip("reportlab")
    made = as_pdf(label(), fonts=report_font)
    assert made == as_pdf(label(), fonts=report_font)
    assert made.startswith(b"%PDF-")
    box = re.search(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", made)
    assert box is not None
    assert [round(float(n) / 72 * 25.4, 1) for n in box.groups()] == [WIDTH_MM, HEIGHT_MM]
    assert b"U+" not in made
