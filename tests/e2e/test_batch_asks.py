"""What `printstd batch` says of a file and makes of it is what the single command says and
makes: to the byte, with an order and a drawing of each file, and in every carrier."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from printstd.adapters.keys import new_key
from tests.integration.command import ROOT, listing, printstd, says

AT = ("--time", "1790000000")
BESIDE = ("--order", "{folder}/{stem}.order.toml", "--characteristics", "{folder}/{stem}.csv")
ORDER = """
[order]
id = "PO-{name}"
customer = "Example Machines"
supplier = "Example Prints"
part_name = "{name}"
quantity = 1

[part.geometry]
file = "{name}.stl"
format = "STL"

[part.tolerances]
general = "ISO 2768-{letter}"
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bracket with a real order and drawing, two cubes of one geometry under two classes."""
    folder = tmp_path_factory.mktemp("shop")
    (folder / "parts" / "sub").mkdir(parents=True)
    (folder / "out").mkdir()
    parts = folder / "parts"
    shutil.copy(ROOT / "samples" / "bracket.stl", parts)
    shutil.copy(ROOT / "samples" / "records" / "order_bracket.toml", parts / "bracket.order.toml")
    shutil.copy(ROOT / "samples" / "drawings" / "bracket.csv", parts / "bracket.csv")
    for place, letter in ((parts / "cube.stl", "f"), (parts / "sub" / "cube.stl", "c")):
        shutil.copy(ROOT / "samples" / "cube20.stl", place)
        place.with_suffix(".order.toml").write_text(ORDER.format(name="cube", letter=letter))
        shutil.copy(ROOT / "samples" / "drawings" / "bracket.csv", place.with_suffix(".csv"))
    # A signature of Ed25519 is the same every time.
    new_key(folder / "k", algorithm="ed25519", passphrase=None)
    return folder


def test_orders_and_drawings_of_each_file(shop: Path, tmp_path: Path) -> None:
    key = ("--key", shop / "k.key", "--printer", "mk4s", *AT, "--svr")
    call = ("batch", "certify", shop / "parts", "--outdir", shop / "out", *key, *BESIDE)
    done = printstd(*call, "--format", "json", "--results", shop / "r", cwd=tmp_path)
    told = {row["name"]: row for row in json.loads(done.out)["subjects"]}
    codes = []
    for name in told:
        model = shop / "parts" / name
        product = tmp_path / "alone" / Path(name).with_suffix(".gcode")
        product.parent.mkdir(parents=True, exist_ok=True)
        own = [text.format(folder=model.parent, stem=model.stem) for text in BESIDE]
        alone = printstd(
            "certify", model, "-o", product, *key, *own, "--format", "json", cwd=tmp_path
        )
        codes.append(alone.code)
        (row,) = json.loads(alone.out)["subjects"]
        assert told[name]["exit_code"] == row["exit_code"], alone.err
        # Three orders name three classes: which one it is stands with each file.
        assert told[name]["facts"][0]["name"] == "tolerance class"
        assert told[name]["facts"][1:] == row["facts"]
        assert told[name]["characteristics"] == row["characteristics"]
        loud = ("FAIL", "WARN", "INDETERMINATE", "NOT_EVALUATED")
        for mine, theirs in zip(told[name]["sections"], row["sections"], strict=True):
            assert mine["outcome"] == theirs["outcome"]
            assert mine["findings"] == [f for f in theirs["findings"] if f["status"] in loud]
    assert listing(shop / "out") == listing(tmp_path / "alone")
    assert "bracket.gcode.svr.json" in listing(shop / "out")
    assert done.code == max(codes)
    # The bracket passes under its own drawing, which no cube fits.
    assert told["bracket.stl"]["exit_code"] == 0
    assert told["cube.stl"]["exit_code"] != 0

    # A changed order is that file's alone, and one that is missing, too.
    order = shop / "parts" / "bracket.order.toml"
    order.write_text(order.read_text().replace("quantity = 4", "quantity = 5"))
    (shop / "parts" / "sub" / "cube.csv").unlink()
    again = printstd(*call, "--results", shop / "r", cwd=tmp_path)
    assert "1 of 3 files were done before" in again.err
    assert again.code == 4
    assert "sub/cube.stl" in again.out

    # One that contradicts the call ends it before any work.
    contradicted = printstd(*call, "--class", "m", "--results", tmp_path / "none", cwd=tmp_path)
    assert contradicted.code == 2
    assert says(contradicted.err, "where", "got", "wanted")["got"] == "--class m"


@pytest.mark.parametrize("product", ["bgcode", "gcode.3mf"])
def test_every_carrier_holds_what_the_single_command_puts_in_it(
    shop: Path, tmp_path: Path, product: str
) -> None:
    out, alone = tmp_path / "out", tmp_path / "alone"
    out.mkdir()
    alone.mkdir()
    printer = ("--printer", "bambu-p1s" if product == "gcode.3mf" else "mk4s")
    key = ("--key", shop / "k.key", *AT, *printer, "--copies", "2", "--scale", "0.4")
    done = printstd(
        "batch", "certify", shop / "parts" / "cube.stl", "--outdir", out, *key,
        "--product", product, cwd=tmp_path,
    )  # fmt: skip
    assert done.code == 0, done.out + done.err
    place = alone / f"cube.{product}"
    single = printstd("certify", shop / "parts" / "cube.stl", "-o", place, *key, cwd=tmp_path)
    assert single.code == 0, single.err
    assert listing(out) == listing(alone)
    # Of a plate each part has its own statement.
    assert len([name for name in listing(out) if ".part-" in name]) == 2
    checked = printstd("batch", "verify", out, "--trust", shop / "k.pub", cwd=tmp_path)
    assert checked.code == 0, checked.out


def test_programs_alone_in_carriers_and_by_an_extruder(shop: Path, tmp_path: Path) -> None:
    models = sorted((shop / "parts").rglob("*.stl"))
    out = tmp_path / "out"
    out.mkdir()
    asked = ("--printer", "bibo2-touch-dual", "--extruder", "2", "--scale", "0.5")
    call = ("batch", "slice", shop / "parts", "--outdir", out, *asked, "--product", "bgcode")
    assert printstd(*call, cwd=tmp_path).code == 0
    for model in models:
        place = out / model.relative_to(shop / "parts").with_suffix(".bgcode")
        own = tmp_path / "own.bgcode"
        assert printstd("slice", model, "-o", own, *asked, cwd=tmp_path).code == 0
        assert place.read_bytes() == own.read_bytes()
