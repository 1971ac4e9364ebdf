"""The printed report: the same bytes every time, every letter embedded, nothing missing quietly."""

from __future__ import annotations

import hashlib
import io
import re
import subprocess
import sys
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from reportlab.pdfbase.ttfonts import TTFont

from printstd.report.as_json import render as as_json
from printstd.report.pdf.faces import LATIN, Faces
from printstd.report.pdf.render import render
from printstd.report.speech import ENGLISH, Speech
from tests.unit.report.documents import FINDINGS, FONTS, document, hostile, picture, with_rows

KAZAKH = "АӘБВГҒДЕЁЖЗИЙКҚЛМНҢОӨПРСТУҰҮФХҺЦЧШЩЪЫІЬЭЮЯ"
WORDS = {
    "kk": {"What was not evaluated": "Бағаланбағаны: ӘҒҚҢӨҰҮҺІ", "FAIL": "сәйкес емес"},
    "ru": {"What was not evaluated": "Что не оценено", "FAIL": "не соответствует"},
}
BOTH = tuple(Speech(lang, lambda t, own=own: own.get(t, t)) for lang, own in WORDS.items())


def pdf_of(made, speeches=(ENGLISH,), pictures=True):
    shown = {0: (picture(),)} if pictures else {}
    return render(made, fonts=FONTS, pictures=shown, speeches=speeches)


def unpacked(pdf: bytes) -> bytes:
    """The file with its compressed streams opened."""
    import base64

    out = [pdf]
    for body in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        body = body.strip()
        if body.endswith(b"~>"):
            body = base64.a85decode(body[:-2])
        try:
            out.append(zlib.decompress(body))
        except zlib.error:
            continue
    return b"\n".join(out)


def said_in(pdf: bytes) -> str:
    """Everything the pages say, glyphs taken back to characters by the embedded maps alone."""
    data = unpacked(pdf)
    maps: dict[bytes, dict[int, str]] = {}
    objects = dict(re.findall(rb"\n(\d+) 0 obj(.*?)endobj", pdf, re.DOTALL))
    names = {}
    for body in objects.values():
        names.update(re.findall(rb"/(F\d\+\d+) (\d+) 0 R", body))
    for name, number in names.items():
        to_unicode = re.search(rb"/ToUnicode (\d+) 0 R", objects[number])
        if to_unicode is None:
            continue
        table = unpacked(objects[to_unicode.group(1)])
        pairs = re.findall(rb"<([0-9A-Fa-f]{2})> <([0-9A-Fa-f]{4,})>", table)
        maps[name] = {
            int(code, 16): bytes.fromhex(text.decode()).decode("utf-16-be") for code, text in pairs
        }
        for low, high, inside in re.findall(
            rb"<([0-9A-Fa-f]{2})> <([0-9A-Fa-f]{2})> \[([^\]]*)\]", table
        ):
            texts = re.findall(rb"<([0-9A-Fa-f]+)>", inside)
            for code, text in zip(range(int(low, 16), int(high, 16) + 1), texts, strict=False):
                maps[name][code] = bytes.fromhex(text.decode()).decode("utf-16-be")
    assert maps
    words, font = [], b""
    token = re.compile(rb"/(F\d\+\d+) [\d.]+ Tf|\(((?:\\.|[^\\)])*)\) Tj|(T\*|ET)", re.DOTALL)
    for chosen, shown, _ in token.findall(data):
        if chosen:
            font = chosen
        elif shown:
            raw = re.sub(
                rb"\\([0-7]{3}|.)",
                lambda m: bytes([int(m[1], 8)]) if m[1].isdigit() else _ESCAPES.get(m[1], m[1]),
                shown,
                flags=re.DOTALL,
            )
            words.append("".join(maps.get(font, {}).get(code, "\ufffd") for code in raw))
    return "".join(words)


_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def test_the_same_document_has_the_same_bytes_also_in_another_process():
    made = with_rows(document(*FINDINGS))
    first = pdf_of(made, BOTH)
    assert pdf_of(document(FINDINGS[0]), pictures=False)  # a document between them changes nothing
    assert pdf_of(made, BOTH) == first
    code = (
        "import hashlib; from tests.unit.report.test_pdf import *; "
        "print(hashlib.sha256(pdf_of(with_rows(document(*FINDINGS)), BOTH)).hexdigest())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
        env={"PYTHONHASHSEED": "77", "TZ": "Asia/Almaty", "LC_ALL": "C"},
    )
    assert done.stdout.strip() == hashlib.sha256(first).hexdigest()


def test_every_page_has_its_number_the_documents_number_and_the_digest():
    made = document(*FINDINGS * 20)
    pdf = pdf_of(made)
    digest = hashlib.sha256(as_json(made).encode()).hexdigest()
    pages = int(re.search(rb"/Count (\d+)", pdf).group(1))
    assert pages > 3
    told = said_in(pdf)
    assert told.count(digest) == pages
    for page in range(1, pages + 1):
        assert f"page {page} of {pages}" in told
    number = f"PS-{digest[:4]}-{digest[4:8]}-{digest[8:12]}".upper()
    assert told.count(number) == pages + 1


def test_a_row_higher_than_a_page_is_cut_and_nothing_of_it_is_lost():
    words = " ".join(f"w{number}" for number in range(3000))
    details = tuple((f"d{number}", f"v{number}") for number in range(300))
    told = said_in(pdf_of(document(replace(FINDINGS[0], message=words, details=details))))
    for word in ("w0 ", "w1500 ", "w2999", "d299: v299"):
        assert word in told


def test_both_languages_are_there_and_what_is_the_same_in_both_once():
    told = said_in(pdf_of(document(*FINDINGS), BOTH))
    for words in ("Тексеру есебі", "Отчёт о проверке", "ӘҒҚҢӨҰҮҺІ", "Что не оценено"):
        assert words in told
    assert told.count("сәйкес емес") == told.count("не соответствует") > 0
    assert told.count("U covers the limit") == 2  # among the open questions, and in its row


@pytest.mark.parametrize(
    "name",
    [
        KAZAKH + KAZAKH.lower(),
        "支架第四版修订", "部品の検査レポート", "검사 보고서 부품", "繁體零件",
        "Größe “é” ≤ ±0.1 №4 → ⌀ Ⅳ ☐",
    ],
)  # fmt: skip
def test_every_script_of_the_reports_is_set(name):
    told = said_in(pdf_of(document(*FINDINGS, name=name), pictures=False))
    assert name in told.replace("\u00a0", " ")
    assert "<U+" not in told


def test_what_no_font_has_is_its_code_point():
    told = said_in(
        pdf_of(document(*FINDINGS, name="part \U00020bb7 \u0e01 \U0001f600"), pictures=False)
    )
    for code in ("<U+20BB7>", "<U+0E01>", "<U+1F600>"):
        assert code in told


def test_nothing_is_set_in_a_font_that_is_not_embedded():
    pdf = pdf_of(with_rows(hostile()), BOTH)
    fonts = re.findall(rb"/BaseFont /(\S+)", pdf)
    assert fonts
    assert all(re.match(rb"[A-Z]{6}\+", font) for font in fonts)
    assert pdf.count(b"/FontFile2") == len(fonts)


def test_names_that_mean_harm_are_set_as_what_they_are():
    told = said_in(pdf_of(hostile(), pictures=False))
    assert "</script><script>alert(1)</script>.stl" in told
    assert "a\\x1b[31mb\\x00c\\u202egpj.stl" in told


def test_the_faces_have_all_that_they_were_cut_for():
    faces = Faces(FONTS)
    assert faces.has_all(KAZAKH + KAZAKH.lower() + "äöüßéèçñøÄÖÜ")
    for codec, least in (("gb2312", 0.99), ("shift_jis", 0.99), ("euc_kr", 0.4)):
        wanted = [chr(c) for c in range(0x80, 0x10000) if not 0xD800 <= c < 0xE000]
        wanted = [c for c in wanted if 0 < len(c.encode(codec, "ignore")) <= 2]
        lacking = [c for c in wanted if not faces._face_of(c, LATIN)]
        assert len(lacking) <= (1 - least) * len(wanted), (codec, lacking[:20])
    hangul = [c for c in map(chr, range(0xAC00, 0xD7A4)) if _is_ks_x_1001(c)]
    assert len(hangul) == 2350
    assert all(faces._face_of(c, LATIN) for c in hangul)


def _is_ks_x_1001(character: str) -> bool:
    """Two bytes both above 0xA0: not one of the composed forms that Python's codec adds."""
    try:
        written = character.encode("euc_kr")
    except UnicodeEncodeError:
        return False
    return len(written) == 2 and min(written) > 0xA0


def test_each_font_file_is_one_that_may_be_embedded():
    for name in ("latin.ttf", "latin-bold.ttf", "han.ttf", "hangul.ttf"):
        face = TTFont(f"test-{name}", io.BytesIO(FONTS(name))).face
        assert face.charToGlyph
