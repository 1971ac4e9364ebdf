"""The page of a report in a real Chromium: quiet, complete, and it can be turned."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.chromium import Page, browser, found
from tests.integration.command import ROOT
from tests.integration.command import in_a_process as printstd
from tests.unit.report.documents import HOSTILE

PROGRAM = found()
IS_REQUIRED = os.environ.get("PRINTSTD_PEERS_REQUIRED") == "1"
pytestmark = [pytest.mark.peers]
if PROGRAM is None and not IS_REQUIRED:
    pytestmark.append(
        pytest.mark.skip(reason="no Chromium here (Debian: apt-get install chromium)")
    )

PIXELS = """(() => {
  const view = document.getElementById("view"), flat = document.createElement("canvas");
  flat.width = view.width; flat.height = view.height;
  const pen = flat.getContext("2d"); pen.drawImage(view, 0, 0);
  const data = pen.getImageData(0, 0, flat.width, flat.height).data, hues = new Set();
  let sum = 0;
  for (let i = 0; i < data.length; i += 4) {
    sum = (sum * 31 + data[i] * 65536 + data[i + 1] * 256 + data[i + 2]) % 4294967296;
    hues.add(data[i] >> 4 << 8 | data[i + 1] >> 4 << 4 | data[i + 2] >> 4);
  }
  return [sum, hues.size];
})()"""
FRAMES = "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    assert PROGRAM is not None, "make e2e wants Chromium (Debian: apt-get install chromium)"
    folder = tmp_path_factory.mktemp("profile")
    with browser(PROGRAM, folder) as made:
        yield made


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pages of one part that passes, of several with faults and names that mean harm, of a redacted
    part and of a file that cannot be read."""
    folder = tmp_path_factory.mktemp("reports")
    for name in ("bracket", "thin_tube", "tee"):
        shutil.copy(ROOT / "samples" / f"{name}.stl", folder)
    shutil.copy(ROOT / "samples" / "cut_short.stl", folder)
    # What a file system takes of the names that mean harm.
    harmful = [name.replace("/", "").replace("\x00", "") for name in HOSTILE]
    for name in harmful:
        shutil.copy(ROOT / "samples" / "tee.stl", folder / name)
    calls = {
        "one": ["bracket.stl", "--pack", "kz"],
        "several": ["thin_tube.stl", "tee.stl", *harmful],
        "redacted": ["thin_tube.stl", "--redact", "geometry"],
        "refused": ["cut_short.stl"],
    }
    for name, models in calls.items():
        call = ["validate", *models, "--printer", "mk4s", "--format", "html"]
        done = printstd(*call, "--report", f"{name}.html", cwd=folder)
        assert done.code in (0, 1, 4), done.err
    return folder


def opened(page: Page, path: Path) -> Page:
    page.complaints.clear()
    page.requests.clear()
    page.open(path)
    return page


@pytest.mark.parametrize("name", ["one", "several", "redacted", "refused"])
def test_nothing_goes_wrong_and_nothing_is_asked_of_the_network(page, reports, name, tmp_path):
    opened(page, reports / f"{name}.html")
    assert page.complaints == []
    assert page.requests == [(reports / f"{name}.html").resolve().as_uri()]
    assert page.run("document.scripts.length") >= 1
    assert page.run("typeof alerted") == "undefined"
    (tmp_path / f"{name}.png").write_bytes(page.screenshot(full=True))


def test_what_goes_wrong_in_a_page_is_heard(page, tmp_path):
    """Or the silence of the others would prove nothing."""
    bad = tmp_path / "bad.html"
    policy = "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'\">"
    bad.write_text(f"{policy}<img src='http://127.0.0.1:9/x.png'><script>alerted = 1</script>")
    opened(page, bad)
    assert len(page.complaints) >= 2
    assert page.run("typeof alerted") == "undefined"
    plain = tmp_path / "plain.html"
    plain.write_text("<script>console.error('no'); throw new Error('never')</script>")
    opened(page, plain)
    assert len(page.complaints) == 2


def test_dragging_turns_the_part(page, reports):
    opened(page, reports / "one.html")
    x, y = page.run(
        "(() => { const v = document.getElementById('view'); v.scrollIntoView({block: 'center'});"
        " const b = v.getBoundingClientRect(); return [b.left + b.width / 2, b.top + b.height / 2];"
        " })()"
    )
    page.run(FRAMES)
    before, hues = page.run(PIXELS)
    assert hues > 8  # a shaded part, not an empty canvas
    page.drag((x, y), (x + 180, y + 60))
    turned, _ = page.run(PIXELS)
    assert turned != before
    page.run("document.getElementById('reset').click()")
    page.run(FRAMES)
    again, _ = page.run(PIXELS)
    assert again == before
    assert page.complaints == []


CHANGES = {
    "the section plane": "const a = document.getElementById('axis'); a.value = '2'; "
    "a.dispatchEvent(new Event('change'));",
    "the colour": "const f = document.getElementById('field'); f.value = '1'; "
    "f.dispatchEvent(new Event('change'));",
    "the part": "const p = document.getElementById('part'); p.value = '1'; "
    "p.dispatchEvent(new Event('change'));",
    "the place of a finding": "document.querySelector('button[data-cut]').click();",
    "the arrow keys": "document.getElementById('view').dispatchEvent("
    "new KeyboardEvent('keydown', {key: 'ArrowLeft'}));",
    "the wheel": "document.getElementById('view').dispatchEvent("
    "new WheelEvent('wheel', {deltaY: -300, cancelable: true}));",
}


@pytest.mark.parametrize("what", CHANGES)
def test_every_control_changes_the_picture(page, reports, what):
    opened(page, reports / "several.html")
    before = page.run(PIXELS)
    page.run(f"(() => {{ {CHANGES[what]} }})()")
    page.run(FRAMES)
    assert page.run(PIXELS) != before
    assert page.complaints == []


def test_the_filter_hides_rows_and_paper_shows_them_again(page, reports):
    opened(page, reports / "several.html")
    count = (
        "Array.from(document.querySelectorAll('tr[data-status]')).filter((r) => !r.hidden).length"
    )
    everything = page.run(count)
    page.run("document.querySelector('input[data-status=PASS]').click()")
    few = page.run(count)
    assert 0 < few < everything
    assert page.run("document.querySelectorAll('tr[data-status=PASS]:not([hidden])').length") == 0
    page.run(
        "(() => { const w = document.getElementById('words'); w.value = 'thk-01';"
        " w.dispatchEvent(new Event('input')); })()"
    )
    assert 0 < page.run(count) < few
    page.run("window.dispatchEvent(new Event('beforeprint'))")
    assert page.run(count) == everything
    pdf = page.pdf()
    assert pdf.startswith(b"%PDF")


def test_names_that_mean_harm_are_text(page, reports):
    opened(page, reports / "several.html")
    heads = page.run("Array.from(document.querySelectorAll('h2'), (h) => h.textContent)")
    assert "<script><script>alert(1)<script>.stl" in heads
    assert page.run("document.images.length") == 0
    options = page.run(
        "Array.from(document.querySelectorAll('#part option'), (o) => o.textContent)"
    )
    assert len(options) == 2 + len(HOSTILE)


def test_a_redacted_report_has_no_picture_at_all(page, reports):
    opened(page, reports / "redacted.html")
    assert page.run("document.querySelectorAll('canvas, svg, img, script[type]').length") == 0


def test_the_printed_report_is_what_a_reader_of_pdf_takes_it_for(reports):
    """By poppler, which shares no code with what wrote it."""
    tool = shutil.which("pdftotext")
    if tool is None:
        assert not IS_REQUIRED, "make e2e wants poppler-utils"
        pytest.skip("no pdftotext here (Debian: apt-get install poppler-utils)")
    import subprocess

    call = ["validate", "thin_tube.stl", "--pack", "kz", "--format", "pdf", "--report", "a.pdf"]
    assert printstd(*call, cwd=reports).code == 1
    text = subprocess.run(
        [tool, "-layout", "a.pdf", "-"], cwd=reports, check=True, capture_output=True
    ).stdout.decode()
    for words in ("Өндіріс алдындағы цифрлық тексеру есебі", "THK-01", "ГОСТ 30893.1"):
        assert words in text
    fonts = subprocess.run(
        [shutil.which("pdffonts") or "pdffonts", "a.pdf"], cwd=reports, check=True,
        capture_output=True, text=True,
    ).stdout.splitlines()[2:]  # fmt: skip
    assert fonts
    assert all(line.split()[-5:-2] == ["yes", "yes", "yes"] for line in fonts)
