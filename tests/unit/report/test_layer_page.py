from __future__ import annotations

import base64
import hashlib
import json
import math
import re
import shutil
import subprocess
from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from printstd.adapters.page_files import viewer_texts
from printstd.artifacts.audit import Motion
from printstd.audit import read_motion
from printstd.report.laid import laid_by_layer
from printstd.report.layer_page import JUMP, TRAVEL, layer_page, pack, varints
from tests import small_part, tagged

NODE = shutil.which("node")


class Page(HTMLParser):
    """Elements with attributes, and what stands in each script, style, title and heading."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, dict[str, str | None], str]] = []
        self._open: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()
        assert not self._open, "an element is left open"

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in ("meta", "input", "br", "link", "img"):
            self._open.append(self.elements[-1])

    def handle_endtag(self, tag):
        assert self._open.pop()[0] == tag

    def handle_data(self, data):
        if self._open:
            self.texts.append((*self._open[-1], data))

    def text(self, tag, **attributes):
        return "".join(
            text
            for name, own, text in self.texts
            if name == tag and attributes.items() <= own.items()
        )


def page_of(data: bytes, title="part.gcode"):
    motion = read_motion(data)
    laid = laid_by_layer(motion)
    return motion, laid, layer_page(laid, title, viewer_texts()).decode("utf-8")


def numbers(data: bytes):
    """Zigzag groups of seven bits, one at a time (the codec's words)."""
    value = shift = 0
    for byte in data:
        value |= (byte & 127) << shift
        shift += 7
        if not byte & 128:
            yield (value >> 1) ^ -(value & 1)
            value = shift = 0


def decoded(page: Page):
    """Moves (layer, x0, y0, x1, y1, width, kind) that the page holds, by its own description."""
    meta = json.loads(page.text("script", id="meta"))
    kinds, ways, widths = (
        base64.b64decode(page.text("script", id=name), validate=True)
        for name in ("kinds", "ways", "widths")
    )
    moves = []
    for layer in range(len(meta["number"])):
        steps = kinds[meta["steps"][layer] : meta["steps"][layer + 1]]
        way = numbers(ways[meta["ways"][layer] : meta["ways"][layer + 1]])
        wide = numbers(widths[meta["widths"][layer] : meta["widths"][layer + 1]])
        x = y = width = 0
        for kind in steps:
            x0, y0 = x, y
            x, y = x + next(way), y + next(way)
            if kind == JUMP:
                continue
            if kind != TRAVEL:
                width += next(wide)
            moves.append((layer, x0, y0, x, y, 0 if kind == TRAVEL else width, kind))
        assert next(way, None) is None
        assert next(wide, None) is None
    return meta, moves


def moves_of(motion: Motion):
    """The same from what the auditor read."""
    order = np.argsort(motion.layer, kind="stable")
    rows = [i for i in order.tolist() if motion.layer[i] >= 0]
    found = []
    for i in rows:
        a, b = (
            np.rint(xyz[i, :2]).astype(int).tolist() for xyz in (motion.start_um, motion.end_um)
        )
        width = round(float(motion.width_um[i]))
        if width or a != b:
            kind = int(motion.claimed_role[i]) if width else TRAVEL
            found.append((int(motion.layer[i]), *a, *b, width, kind))
    return found


@pytest.mark.parametrize(
    "data",
    [
        small_part.program(),
        tagged.program(tagged.one_of_each() + tagged.one_of_each(z=0.4)),
        tagged.program(tagged.one_of_each([1]))
        + b"G3 X80 Y30 I10 J3.5 E2\nG1 X-3.0005 E1\nG1 X400.25 Y-1 Z0.4 E9\nG1 Y1 E-1\n",
    ],
    ids=["part", "lines", "arc"],
)
def test_the_page_holds_exactly_the_moves_that_the_auditor_read(data):
    motion, laid, text = page_of(data)
    meta, moves = decoded(Page(text))
    assert moves == moves_of(motion)
    assert any(width for *_, width, _ in moves)
    assert meta["top_um"] == np.rint(motion.layer_top_um).astype(int).tolist()
    assert meta["height_um"] == np.rint(motion.layer_height_um).astype(int).tolist()
    assert {role["kind"] for role in meta["roles"]} == {kind for *_, w, kind in moves if w}
    some = laid.chosen([1])
    _, alone = decoded(Page(layer_page(some, "", viewer_texts()).decode()))
    assert [(1, *move[1:]) for move in alone] == [move for move in moves if move[0] == 1]


@given(st.lists(st.integers(-(2**33) + 1, 2**33 - 1), max_size=60))
def test_numbers_of_any_size_come_back(values):
    data, ends = varints(np.array(values, np.int64))
    assert list(numbers(data.tobytes())) == values
    assert len(ends) == len(values)
    assert [list(numbers(data[a:b].tobytes())) for a, b in zip([0, *ends], ends, strict=False)] == [
        [value] for value in values
    ]


def test_empty_layers_and_widths_that_restart_are_packed():
    laid = laid_by_layer(read_motion(tagged.program(tagged.one_of_each([1, 2]))))
    steps = pack(laid.chosen([]))
    assert len(steps.kinds) == len(steps.ways) == len(steps.widths) == 0
    assert steps.kind_offsets.tolist() == [0]


def test_the_page_lets_nothing_in_and_asks_for_nothing():
    _, _, text = page_of(small_part.program())
    page = Page(text)
    (policy,) = (
        own["content"]
        for tag, own in page.elements
        if tag == "meta" and own.get("http-equiv") == "Content-Security-Policy"
    )
    rules = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert set(rules) == {"default-src", "base-uri", "form-action", "style-src", "script-src"}
    scripts = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    assert len(scripts) == 2
    digests = [
        f"'sha256-{base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()}'"
        for body in scripts
    ]
    assert rules["script-src"].split() == digests
    assert rules["style-src"] == (
        f"'sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}'"
    )
    for tag, own in page.elements:
        assert tag not in ("link", "img", "iframe", "object", "embed", "base", "form")
        assert not {"src", "href", "style", "srcset", "action"} & own.keys()
        assert not any(name.startswith("on") for name in own)
    assert "//" not in re.sub(r"<script type=\"text/plain\".*?</script>", "", text, flags=re.DOTALL)
    assert not re.search(r"@import|url\(|\bimport\b|fetch|XMLHttpRequest|WebSocket|eval", text)


@pytest.mark.parametrize("title", ["</title><script>x</script>", 'a"b&c', "@META@", "деталь №4"])
def test_a_name_is_text_and_nothing_more(title):
    data = small_part.program()
    _, _, text = page_of(data, title)
    page = Page(text)
    assert page.text("h1") == title
    assert page.text("title") == f"{title} - layers"
    assert len(page.elements) == len(Page(page_of(data)[2]).elements)
    assert decoded(page) == decoded(Page(page_of(data)[2]))


def test_every_part_of_the_page_that_the_script_uses_is_there_and_named():
    page = Page(viewer_texts().page)
    script = viewer_texts().viewer
    ids = [own["id"] for _, own in page.elements if own.get("id")]
    assert len(ids) == len(set(ids))
    used = set(re.findall(r'byId\("(\w+)"\)', script)) | {"kinds", "ways", "widths"}
    assert used <= set(ids)


HARNESS = r"""
const fs = require("fs"), vm = require("vm");
const html = fs.readFileSync(0, "utf8");
const scripts = [...html.matchAll(/<script>([^]*?)<\/script>/g)].map((m) => m[1]);
const strokes = [];
let at = null, length = 0;
const pen = new Proxy({}, { get(own, name) {
  if (name in own) return own[name];
  return (...given) => {
    if (name === "beginPath") length = 0;
    if (name === "lineTo") length += Math.hypot(given[0] - at[0], given[1] - at[1]);
    if (name === "moveTo" || name === "lineTo") at = given;
    if (name === "stroke") strokes.push([own.strokeStyle, length]);
  };
} });
const elements = {}, heard = {}, frames = [];
function element(id) {
  const own = { id, style: {}, checked: false, clientWidth: 800, clientHeight: 600, children: [],
    textContent: "", append(...more) { this.children.push(...more); }, getContext: () => pen,
    listeners: {}, addEventListener(name, act) { this.listeners[name] = act; },
    getBoundingClientRect: () => ({ left: 0, top: 0, width: 800 }), setPointerCapture() {} };
  const data = new RegExp('id="' + id + '">([^<]*)</script>').exec(html);
  if (data) own.textContent = data[1];
  return own;
}
const world = {
  document: { getElementById: (id) => elements[id] || (elements[id] = element(id)),
    createElement: (tag) => element(tag),
    addEventListener: (name, act) => { heard[name] = act; } },
  window: { devicePixelRatio: 1, addEventListener() {} },
  requestAnimationFrame: (act) => frames.push(act), atob, console,
};
vm.createContext(world);
for (const script of scripts) vm.runInContext(script, world);
function frame() {
  strokes.length = 0;
  while (frames.length) frames.shift()();
  return strokes.length;
}
function key(name) { let stopped = false;
  heard.keydown({ key: name, preventDefault() { stopped = true; } }); return stopped; }
const out = { facts: [], strokes: [], lengths: {} };
function note() { out.strokes.push(frame()); out.facts.push(elements.facts.textContent); }
note();
for (const [style, px] of strokes) out.lengths[style] = (out.lengths[style] || 0) + px;
out.moves = vm.runInContext(`(function () {
  const meta = JSON.parse(document.getElementById("meta").textContent), arrays = {}, all = [];
  for (const name of ["kinds", "ways", "widths"])
    arrays[name] = bytesOf(document.getElementById(name).textContent);
  for (let layer = 0; layer < meta.number.length; layer++) {
    const m = decodeLayer(meta, arrays, layer);
    for (let i = 0; i < m.n; i++)
      all.push([layer, m.x0[i], m.y0[i], m.x1[i], m.y1[i], m.width[i], m.kind[i]]);
  }
  return all;
})()`, world);
const keys = "ArrowUp End ArrowUp PageDown Home ArrowLeft t b + - w f".split(" ");
for (const name of keys) {
  if (!key(name)) throw new Error(name + " does nothing");
  note();
}
if (key("q")) throw new Error("q does something");
const canvas = elements.view;
canvas.listeners.wheel({ preventDefault() {}, deltaY: -100, clientX: 5, clientY: 5 });
canvas.listeners.pointerdown({ clientX: 5, clientY: 5, pointerId: 1 });
canvas.listeners.pointermove({ clientX: 9, clientY: 9 });
canvas.listeners.pointerup({});
note();
out.place = elements.place.textContent;
key("f");
for (const label of elements.roles.children) {
  label.children[0].checked = false;
  label.children[0].listeners.change();
}
elements.travel.checked = elements.below.checked = false;
note();
out.roles = elements.roles.children.map((label) => label.children[2]);
console.log(JSON.stringify(out));
"""


@pytest.mark.skipif(NODE is None, reason="no JavaScript engine (node) is installed")
def test_the_scripts_read_the_arrays_and_every_key_does_its_work():
    motion, laid, text = page_of(small_part.program())
    done = subprocess.run(
        [str(NODE), "-e", HARNESS], input=text.encode(), capture_output=True, timeout=60
    )
    assert done.returncode == 0, done.stderr.decode()
    out = json.loads(done.stdout)
    assert [tuple(move) for move in out["moves"]] == moves_of(motion)
    shown = [int(re.match(r"Layer (\d+) ", fact).group(1)) for fact in out["facts"]]
    top = len(laid) - 1
    assert shown == [0, 1, top, top, max(top - 10, 0), *[0] * 10]
    first = [int(re.search(r"(\d+) of \d+ moves", fact).group(1)) for fact in out["facts"]]
    assert first[6] == first[5] - 1
    assert "Z 0.200 mm, height 0.200 mm" in out["facts"][0]
    assert all(out["strokes"][:-1])
    # The rule is one stroke; without roles and travel nothing else is drawn.
    assert out["strokes"][-1] == 1
    assert out["strokes"][7] > out["strokes"][6]  # travel
    # What is drawn of a role is as long as its beads: none missing, no line across a travel.
    meta, moves = decoded(Page(text))
    x0, y0, x1, y1 = meta["box_um"]
    margin = 0.04 * max(x1 - x0, y1 - y0)
    scale = min(800 / (x1 - x0 + 2 * margin), 600 / (y1 - y0 + 2 * margin))
    for role in meta["roles"]:
        want = sum(
            math.hypot(ex - sx, ey - sy)
            for layer, sx, sy, ex, ey, _, kind in moves
            if (layer, kind) == (0, role["kind"])
        )
        for style in (role["colour"], role["side"]):
            assert out["lengths"].get(style, 0) == pytest.approx(want * scale, rel=1e-6)
    assert re.fullmatch(r"X -?[\d.]+  Y -?[\d.]+ mm", out["place"])
    assert len(out["roles"]) == len(laid.roles)
