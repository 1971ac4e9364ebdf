"use strict";
(function () {
  const byId = (id) => document.getElementById(id);
  const meta = JSON.parse(byId("meta").textContent);
  const arrays = {};
  for (const name of ["kinds", "ways", "widths"]) arrays[name] = bytesOf(byId(name).textContent);
  const canvas = byId("view"), pen = canvas.getContext("2d");
  const layerSlider = byId("layer"), moveSlider = byId("move");
  const travelBox = byId("travel"), belowBox = byId("below");
  const shown = new Set(meta.roles.map((role) => role.kind));
  const colours = new Map(meta.roles.map((role) => [role.kind, role]));
  const cache = new Map();
  const CACHED = 8, CORE = 0.7, BUCKET_UM = 10, DRAG_FACTOR = 1.0015;
  let layer = 0, upto = 0, waiting = false;
  /* Screen x = (um - x) * scale, y upwards; in device pixels. */
  const eye = { x: 0, y: 0, scale: 1 };

  function movesOf(number) {
    let moves = cache.get(number);
    if (!moves) {
      moves = decodeLayer(meta, arrays, number);
      if (cache.size >= CACHED) cache.delete(cache.keys().next().value);
      cache.set(number, moves);
    }
    return moves;
  }

  function fit() {
    const [x0, y0, x1, y1] = meta.box_um;
    const margin = 0.04 * Math.max(x1 - x0, y1 - y0, 1000);
    eye.scale = Math.min(canvas.width / (x1 - x0 + 2 * margin), canvas.height / (y1 - y0 + 2 * margin));
    eye.x = (x0 + x1) / 2 - canvas.width / eye.scale / 2;
    eye.y = (y0 + y1) / 2 - canvas.height / eye.scale / 2;
    redraw();
  }

  const toX = (um) => (um - eye.x) * eye.scale;
  const toY = (um) => canvas.height - (um - eye.y) * eye.scale;

  function redraw() {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; draw(); });
  }

  /* Moves first..last-1 whose kind is wanted, as runs of one colour and width. */
  function stroke(moves, last, wanted, widthOf, colourOf) {
    let path = false, kind = -1, bucket = -1, before = -1;
    const finish = () => { if (path) pen.stroke(); path = false; };
    for (let i = 0; i < last; i++) {
      if (!wanted(moves.kind[i])) continue;
      const own = Math.round(moves.width[i] / BUCKET_UM);
      if (!path || moves.kind[i] !== kind || own !== bucket) {
        finish();
        kind = moves.kind[i];
        bucket = own;
        pen.lineWidth = widthOf(own * BUCKET_UM);
        pen.strokeStyle = colourOf(kind);
        pen.beginPath();
        path = true;
        pen.moveTo(toX(moves.x0[i]), toY(moves.y0[i]));
      } else if (moves.x0[i] !== moves.x1[before] || moves.y0[i] !== moves.y1[before]) {
        /* A move that is not drawn, or none, lies between. */
        pen.moveTo(toX(moves.x0[i]), toY(moves.y0[i]));
      }
      pen.lineTo(toX(moves.x1[i]), toY(moves.y1[i]));
      before = i;
    }
    finish();
  }

  function rule() {
    const steps = [1000, 2000, 5000, 10000, 20000, 50000, 100000];
    const step = steps.find((um) => um * eye.scale >= 60) || 200000;
    const ratio = window.devicePixelRatio || 1;
    pen.lineWidth = 1;
    pen.strokeStyle = "#dde1e6";
    pen.fillStyle = "#5c646e";
    pen.font = Math.round(11 * ratio) + "px sans-serif";
    pen.beginPath();
    for (let um = Math.ceil(eye.x / step) * step; toX(um) < canvas.width; um += step) {
      pen.moveTo(toX(um), 0);
      pen.lineTo(toX(um), canvas.height);
      pen.fillText(um / 1000 + " mm", toX(um) + 3 * ratio, canvas.height - 4 * ratio);
    }
    for (let um = Math.ceil(eye.y / step) * step; toY(um) > 0; um += step) {
      pen.moveTo(0, toY(um));
      pen.lineTo(canvas.width, toY(um));
      pen.fillText(um / 1000 + " mm", 3 * ratio, toY(um) - 3 * ratio);
    }
    pen.stroke();
  }

  function draw() {
    const isBead = (kind) => kind !== meta.travel && shown.has(kind);
    pen.globalAlpha = 1;
    pen.clearRect(0, 0, canvas.width, canvas.height);
    rule();
    pen.lineCap = pen.lineJoin = "round";
    const flat = (width) => Math.max(width * eye.scale, 0.5);
    if (belowBox.checked && layer > 0) {
      const below = movesOf(layer - 1);
      stroke(below, below.n, isBead, flat, () => "#cfd4da");
    }
    const moves = movesOf(layer), last = Math.min(upto, moves.n);
    stroke(moves, last, isBead, flat, (kind) => colours.get(kind).side);
    stroke(moves, last, isBead, (width) => flat(width) * CORE, (kind) => colours.get(kind).colour);
    if (travelBox.checked) {
      const thin = window.devicePixelRatio || 1;
      stroke(moves, last, (kind) => kind === meta.travel, () => thin, () => "#1b4fa0");
    }
    const at = "Layer " + meta.number[layer] + " (" + (layer + 1) + " of " + meta.number.length + ")";
    const z = (meta.top_um[layer] / 1000).toFixed(3), h = (meta.height_um[layer] / 1000).toFixed(3);
    byId("facts").textContent = at + ", Z " + z + " mm, height " + h + " mm, " + last + " of " + moves.n + " moves";
  }

  function choose(number) {
    layer = Math.min(Math.max(number, 0), meta.number.length - 1);
    layerSlider.value = layer;
    moveSlider.max = upto = movesOf(layer).n;
    moveSlider.value = upto;
    redraw();
  }

  function chooseMove(number) {
    upto = Math.min(Math.max(number, 0), movesOf(layer).n);
    moveSlider.value = upto;
    redraw();
  }

  function zoom(factor, px, py) {
    const x = eye.x + px / eye.scale, y = eye.y + (canvas.height - py) / eye.scale;
    eye.scale = Math.min(Math.max(eye.scale * factor, 1e-5), 10);
    eye.x = x - px / eye.scale;
    eye.y = y - (canvas.height - py) / eye.scale;
    redraw();
  }

  function pan(dx, dy) {
    eye.x -= dx / eye.scale;
    eye.y += dy / eye.scale;
    redraw();
  }

  function toggle(box) {
    box.checked = !box.checked;
    redraw();
  }

  for (const role of meta.roles) {
    const label = document.createElement("label"), box = document.createElement("input");
    const swatch = document.createElement("span");
    box.type = "checkbox";
    box.checked = true;
    swatch.className = "swatch";
    swatch.style.backgroundColor = role.colour;
    box.addEventListener("change", () => {
      if (box.checked) shown.add(role.kind); else shown.delete(role.kind);
      redraw();
    });
    label.append(box, swatch, role.name);
    byId("roles").append(label);
  }

  const far = 60, more = 1.25;
  const keys = {
    ArrowUp: () => choose(layer + 1), ArrowDown: () => choose(layer - 1),
    PageUp: () => choose(layer + 10), PageDown: () => choose(layer - 10),
    Home: () => choose(0), End: () => choose(Infinity),
    ArrowRight: () => chooseMove(upto + 1), ArrowLeft: () => chooseMove(upto - 1),
    "+": () => zoom(more, canvas.width / 2, canvas.height / 2),
    "=": () => zoom(more, canvas.width / 2, canvas.height / 2),
    "-": () => zoom(1 / more, canvas.width / 2, canvas.height / 2),
    w: () => pan(0, far), s: () => pan(0, -far), a: () => pan(far, 0), d: () => pan(-far, 0),
    t: () => toggle(travelBox), b: () => toggle(belowBox), f: fit,
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const act = keys[event.key] || keys[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act();
  });
  layerSlider.max = meta.number.length - 1;
  layerSlider.addEventListener("input", () => choose(Number(layerSlider.value)));
  moveSlider.addEventListener("input", () => chooseMove(Number(moveSlider.value)));
  travelBox.addEventListener("change", redraw);
  belowBox.addEventListener("change", redraw);
  byId("fit").addEventListener("click", fit);

  const spot = (event) => {
    const box = canvas.getBoundingClientRect(), ratio = canvas.width / Math.max(box.width, 1);
    return [(event.clientX - box.left) * ratio, (event.clientY - box.top) * ratio];
  };
  let held = null;
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(Math.pow(DRAG_FACTOR, -event.deltaY), ...spot(event));
  }, { passive: false });
  canvas.addEventListener("pointerdown", (event) => {
    held = spot(event);
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    const [x, y] = spot(event);
    if (held) pan(x - held[0], y - held[1]);
    held = held && [x, y];
    const at = [eye.x + x / eye.scale, eye.y + (canvas.height - y) / eye.scale];
    byId("place").textContent = "X " + (at[0] / 1000).toFixed(2) + "  Y " + (at[1] / 1000).toFixed(2) + " mm";
  });
  for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, () => { held = null; });
  canvas.addEventListener("dblclick", fit);

  function resize() {
    const ratio = window.devicePixelRatio || 1;
    canvas.width = Math.max(Math.round(canvas.clientWidth * ratio), 1);
    canvas.height = Math.max(Math.round(canvas.clientHeight * ratio), 1);
    fit();
  }
  window.addEventListener("resize", resize);
  choose(0);
  resize();
})();
