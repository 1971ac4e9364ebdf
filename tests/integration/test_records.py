"""`--order` and `--feedstock`, by command: what they set, what they refuse, what cites them."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path

import pytest

from samples.make_samples import records, samples
from tests.integration.command import listing, printstd, says

GOOD = ("--order", "order_bracket.toml", "--feedstock", "feedstock_pla.toml")
ON = ("--printer", "mk4s")


@pytest.fixture
def bench(desk: Path) -> Path:
    """With a model, and the good and the bad records."""
    (desk / "bracket.stl").write_bytes(samples()["bracket.stl"])
    for name, data in records().items():
        (desk / name).write_bytes(data)
    return desk


def changed(desk: Path, name: str, *edits: tuple[str, str]) -> str:
    """A record with texts in it replaced, under a name of its own."""
    text = (desk / name).read_text("utf-8")
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    (desk / f"own_{name}").write_text(text, "utf-8")
    return f"own_{name}"


def facts_of(text: str) -> dict[str, str]:
    (subject,) = json.loads(text)["subjects"]
    return {fact["name"]: fact["value"] for fact in subject["facts"]}


def test_an_order_sets_what_it_says_and_nothing_else_changes_the_program(bench: Path) -> None:
    """The same bytes as with the same words on the command line."""
    order = changed(
        bench,
        "order_bracket.toml",
        ('general = "ISO 2768-m"', 'general = "ISO 2768-1 c"'),
        ('units = "mm"', 'units = "cm"'),
        ('notation = "XYZ"', "rotate_deg = [0, 0, 90]"),
        ("max_mm = [31.0, 22.0, 14.5]", "max_mm = [310.0, 220.0, 145.0]"),
    )
    scaled = ("--scale", "0.1", *ON)
    both = (order, "feedstock_pla.toml")
    call = ("slice", "bracket.stl", "--order", both[0], "--feedstock", both[1], *scaled)
    made = printstd(*call, "-o", "a.gcode", "--format", "json", cwd=bench)
    assert made.code == 0, made.err
    words = ("--class", "c", "--units", "cm", "--rotate", "0,0,90")
    other = printstd("slice", "bracket.stl", *words, *scaled, "-o", "b.gcode", cwd=bench)
    assert other.code == 0, other.err
    assert (bench / "a.gcode").read_bytes() == (bench / "b.gcode").read_bytes()
    plain = printstd("slice", "bracket.stl", *scaled, "-o", "c.gcode", cwd=bench)
    assert plain.code == 0
    assert (bench / "a.gcode").read_bytes() != (bench / "c.gcode").read_bytes()
    facts = facts_of(made.out)
    assert facts["order"] == "PO-2026-0117"
    assert facts["drawing"] == "KB-0417"
    assert facts["change index"] == "C"
    assert facts["lot"] == "PL-2026-0917"
    digest = hashlib.sha256((bench / order).read_bytes()).hexdigest()
    assert facts["order record"] == f"{order}, sha256 {digest}"


def test_an_order_turns_the_part_to_its_notation(bench: Path) -> None:
    """50 x 34 x 14 mm, so that its longest side stands up and the next lies along X."""
    order = changed(bench, "order_bracket.toml", ('"XYZ"', '"ZXY"'))
    done = printstd("validate", "bracket.stl", "--order", order, *ON, "--format", "json", cwd=bench)
    facts = facts_of(done.out)
    assert facts["orientation"].startswith("ZXY")
    assert facts["process designation"] == "MEX-TRB/P/PLA"
    assert facts["arbitrarily oriented bounding box"].startswith("50.00 x 34.00 x 14.00 mm")
    assert facts["machine bounding box"].startswith("(-17.000 -7.000 0.000) to (17.000 7.000 50")
    assert "(108.000 98.000 0.000) to (142.000 112.000 50.000) mm" in facts["machine bounding box"]
    assert "at (125 105 0)" in facts["build volume"]
    rows = [row.split() for row in facts["rotation"].split("]")[0].strip("[").split(";")]
    turn = [[float(value) for value in row] for row in rows]
    size = [sum(abs(a) * b for a, b in zip(row, (50, 34, 14), strict=True)) for row in turn]
    assert size == [34, 14, 50]


def test_an_order_of_a_withdrawn_class_is_made_and_told_what_nobody_judged(bench: Path) -> None:
    order = changed(bench, "order_bracket.toml", ("ISO 2768-m", "ISO 2768-mK"))
    done = printstd("validate", "bracket.stl", "--order", order, *ON, cwd=bench)
    assert done.code == 0, done.err
    rows = [line.split()[:2] for line in done.out.splitlines() if line.startswith("ORD-07")]
    assert rows == [["ORD-07", "PASS"], ["ORD-07", "NOT_EVALUATED"]]
    assert "class K of ISO 2768-2 (withdrawn on 2021-02-04" in done.out
    again = printstd("validate", "bracket.stl", "--order", order, *ON, "--class", "m", cwd=bench)
    assert again.code == 0, again.err


def test_an_order_by_a_group_of_mouldings_is_refused_with_the_reason(bench: Path) -> None:
    order = changed(bench, "order_bracket.toml", ("ISO 2768-m", "ISO 20457 TG6"))
    done = printstd("validate", "bracket.stl", "--order", order, *ON, cwd=bench)
    assert done.code == 4
    assert "never judged by them" in done.err


CONTRADICTIONS = [
    (("--class", "f"), "part.tolerances.general = m"),
    (("--pack", "kz"), "part.tolerances.general = ISO 2768-m"),
    (("--units", "in"), "part.geometry.units = mm"),
    (("--rotate", "0,0,90"), "part.orientation.notation = XYZ"),
    (("--orient",), "part.orientation"),
]


@pytest.mark.parametrize(("options", "ordered"), CONTRADICTIONS, ids=str)
@pytest.mark.parametrize("command", ["validate", "slice", "certify"])
def test_an_option_that_contradicts_the_order_is_a_usage_error_that_names_both(
    bench: Path, command: str, options: tuple[str, ...], ordered: str
) -> None:
    more = {"slice": ("-o", "x.gcode"), "certify": ("-o", "x.gcode", "--key", "k.key")}
    before = listing(bench)
    call = (command, "bracket.stl", *GOOD[:2], *ON, *options, *more.get(command, ()))
    done = printstd(*call, cwd=bench)
    assert done.code == 2
    told = says(done.err, "where", "got", "wanted", "what to do")
    assert options[0] in told["where"]
    assert "order_bracket.toml:" in told["where"]
    assert ordered in told["wanted"]
    assert listing(bench) == before


def test_options_that_agree_with_the_order_are_welcome(bench: Path) -> None:
    words = ("--class", "m", "--pack", "int", "--units", "millimeter")
    done = printstd("validate", "bracket.stl", *GOOD, *ON, *words, cwd=bench)
    assert done.code == 0, done.err


def test_a_class_of_another_country_chooses_its_pack(bench: Path) -> None:
    order = changed(
        bench,
        "order_bracket.toml",
        ('"ISO 2768-m"', '"Общие допуски по ГОСТ 30893.1 – m"'),
    )
    done = printstd("validate", "bracket.stl", "--order", order, *ON, cwd=bench)
    assert done.code == 0
    assert "ГОСТ 30893.1" in done.out.splitlines()[1]


def test_a_program_is_never_made_for_another_file(bench: Path) -> None:
    before = listing(bench)
    done = printstd("slice", "cube.stl", *GOOD, *ON, "-o", "x.gcode", cwd=bench)
    assert done.code == 5
    assert "ORD-02" in done.err
    signed = printstd(
        "certify", "cube.stl", *GOOD, *ON, "-o", "x.gcode", "--key", "k.key", cwd=bench
    )
    assert signed.code == 1
    assert "ORD-02" in signed.out
    assert listing(bench) == before


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[filament\n", "TOML"),
        ("[filament]\nlott = 'x'\n", "did you mean 'filament.lot'"),
        ("[geometry]\nnominal_diameter_mm = '1.75'\n", "geometry.nominal_diameter_mm"),
        ("[geometry]\nnominal_diameter_mm = -1\n", "greater than 0"),
        (
            "[geometry]\nleast_diameter_mm = 1.8\ngreatest_diameter_mm = 1.7\n",
            "least_diameter_mm <= mean_diameter_mm",
        ),
        ("[filament]\nuse_by = '2026-11-01'\n", "a date, as 2026-09-25 without quotes"),
    ],
)
def test_a_feedstock_record_that_cannot_be_read_is_refused_with_line_and_key(
    bench: Path, text: str, words: str
) -> None:
    (bench / "x.toml").write_text(text, "utf-8")
    done = printstd("validate", "bracket.stl", "--feedstock", "x.toml", cwd=bench)
    assert done.code == 4
    told = says(done.err, "where", "got", "wanted", "what to do")
    assert told["where"] == "x.toml"
    assert words in done.err
    assert "x.toml:" in told["got"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[part.orientation]\nnotation = 'YYZ'\n", "part.orientation.notation"),
        ("[part.orientation]\nnotation = 'Z'\ndelegated = true\n", "not both"),
        ("[part.orientation]\ndelegated = false\n", "delegated = true"),
        ("[part.geometry]\nsha256 = 'ABC'\n", "part.geometry.sha256"),
        ("[part.geometry]\nunits = 'furlong'\n", "part.geometry.units"),
        ("[part.tolerances]\ngeneral = 'DIN 7168 mittel'\n", "ISO 2768-m"),
        (
            "[[part.functional_zones]]\nname='a'\nmin_mm=[0,0,0]\nmax_mm=[0,1,1]\n",
            "min_mm lies below max_mm",
        ),
        ("[part.surface_texture]\nparameter='Ra'\nmax_um=6.3\nzones=['b']\n", "zone that is not"),
    ],
)
def test_an_order_that_cannot_be_read_is_refused_with_line_and_key(
    bench: Path, text: str, words: str
) -> None:
    (bench / "x.toml").write_text(text, "utf-8")
    done = printstd("validate", "bracket.stl", "--order", "x.toml", cwd=bench)
    assert done.code == 4
    assert words in done.err
    assert "x.toml:" in done.err


def test_calls_that_records_do_not_go_with(bench: Path) -> None:
    several = printstd("validate", "bracket.stl", "cube.stl", *GOOD[:2], cwd=bench)
    assert several.code == 2
    finished = ("certify", "small.gcode", "--model", "small.stl", "--key", "k.key")
    done = printstd(*finished, *GOOD, "--printer", "peer", cwd=bench)
    assert done.code == 2
    two = ("--material", "pla", "--material", "pla", "--printer", "bibo2-touch-dual")
    assert printstd("validate", "bracket.stl", *GOOD[2:], *two, cwd=bench).code == 2
    assert printstd("validate", "bracket.stl", "--order", "nowhere.toml", cwd=bench).code == 4
    # A report may not land on a record.
    lands = ("--report", "order_bracket.toml")
    assert printstd("validate", "bracket.stl", *GOOD, *lands, cwd=bench).code == 2


def test_a_certificate_names_order_drawing_index_and_lot(bench: Path) -> None:
    call = ("certify", "bracket.stl", *GOOD, *ON, "--key", "k.key", "-o", "a.gcode")
    assert printstd(*call, cwd=bench).code == 0
    for kind in ("cert", "recheck"):
        bundle = json.loads((bench / f"a.gcode.{kind}.json").read_text("utf-8"))
        payload = base64.b64decode(bundle["dsseEnvelope"]["payload"])
        kept = json.loads(payload)["predicate"]["records"]
        for name, file in (("order", GOOD[1]), ("feedstock", GOOD[3])):
            assert kept[name]["name"] == file
            digest = hashlib.sha256((bench / file).read_bytes()).hexdigest()
            assert kept[name]["digest"]["sha256"] == digest
        assert kept["order"]["says"] == {
            "id": "PO-2026-0117",
            "part": "Motor bracket",
            "drawing": "KB-0417",
            "changeIndex": "C",
        }
        assert kept["feedstock"]["says"]["lot"] == "PL-2026-0917"
    verify = ("verify", "a.gcode", "--model", "bracket.stl", "--trust", "k.pub")
    done = printstd(*verify, "--format", "json", cwd=bench)
    assert done.code == 0
    facts = facts_of(done.out)
    assert "id PO-2026-0117" in facts["order"]
    assert "change index C" in facts["order"]
    assert "lot PL-2026-0917" in facts["feedstock"]


def test_a_program_made_with_records_is_found_in_the_cache_without_them(bench: Path) -> None:
    """They make no program, so they are in none of its keys."""
    kept = ("--cache", "kept", "-o", "a.gcode")
    words = ("--units", "mm")
    assert printstd("slice", "bracket.stl", *words, *ON, *kept, cwd=bench).code == 0
    before = set(listing(bench / "kept"))
    assert printstd("slice", "bracket.stl", *GOOD, *ON, *kept, cwd=bench).code == 0
    assert set(listing(bench / "kept")) == before
