"use strict";
/* One part in 3D: orbit, zoom, pan; a figure of each facet as its colour; a section plane. */
(function () {
  const byId = (id) => document.getElementById(id);
  const canvas = byId("view");
  if (!canvas) return;
  const meta = JSON.parse(byId("scene").textContent);
  const gl = canvas.getContext("webgl", { antialias: true, preserveDrawingBuffer: true });
  if (!gl) {
    byId("no-webgl").hidden = false;
    return;
  }
  const DEPTH = 0.5, TURN = 0.01, ZOOM = 1.0015;
  const start = { yaw: -0.6, pitch: 0.45, zoom: 1.3, x: 0, y: 0 };
  const eye = Object.assign({}, start);
  let part = 0, field = -1, axis = -1, at = 1, side = 1, waiting = false, count = 0, place = -1;
  let centre = [0, 0, 0], radius = 1, size = [1, 1, 1], low = [0, 0, 0];

  const VERTEX = `
    attribute vec3 position; attribute vec3 normal; attribute vec4 colour;
    uniform mat3 turn; uniform vec3 centre; uniform vec4 view; uniform vec2 shift;
    varying vec3 vColour; varying float vMark, vLight; varying vec3 vPosition;
    void main() {
      vec3 seen = turn * (position - centre);
      gl_Position = vec4(seen.x * view.x + shift.x, seen.y * view.y + shift.y, -seen.z * view.z, 1.0);
      vec3 n = turn * normal;
      vLight = 0.45 + 0.55 * clamp(dot(n, normalize(vec3(0.35, 0.5, 0.8))), 0.0, 1.0)
        + 0.12 * clamp(-n.y, 0.0, 1.0);
      vColour = colour.rgb; vMark = colour.a; vPosition = position;
    }`;
  const FRAGMENT = `
    precision highp float;
    uniform vec3 across; uniform float limit; uniform float ratio;
    varying vec3 vColour; varying float vMark, vLight; varying vec3 vPosition;
    void main() {
      if (dot(vPosition, across) > limit) discard;
      float stripe = mod(gl_FragCoord.x + gl_FragCoord.y, 9.0 * ratio);
      if (!gl_FrontFacing) {
        /* What a section opens: the inside, flat and hatched. */
        gl_FragColor = vec4(vec3(stripe < 1.5 * ratio ? 0.42 : 0.62), 1.0);
        return;
      }
      vec3 own = vColour * vLight;
      if (vMark > 0.5 && stripe < 4.0 * ratio) own = vec3(0.835, 0.369, 0.0);
      gl_FragColor = vec4(own, 1.0);
    }`;
  const DOT_VERTEX = `
    attribute vec3 position; uniform mat3 turn; uniform vec3 centre; uniform vec4 view;
    uniform vec2 shift; uniform float size;
    void main() {
      vec3 seen = turn * (position - centre);
      gl_Position = vec4(seen.x * view.x + shift.x, seen.y * view.y + shift.y, -0.999, 1.0);
      gl_PointSize = size;
    }`;
  const DOT_FRAGMENT = `
    precision mediump float;
    uniform vec3 colour;
    void main() {
      float far = length(gl_PointCoord - 0.5);
      if (far > 0.5) discard;
      gl_FragColor = vec4(far > 0.34 ? vec3(1.0) : colour, 1.0);
    }`;

  function program(vertex, fragment) {
    const made = gl.createProgram();
    for (const [kind, source] of [[gl.VERTEX_SHADER, vertex], [gl.FRAGMENT_SHADER, fragment]]) {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) throw new Error(gl.getShaderInfoLog(shader));
      gl.attachShader(made, shader);
    }
    gl.linkProgram(made);
    if (!gl.getProgramParameter(made, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(made));
    return made;
  }
  const surface = program(VERTEX, FRAGMENT), dots = program(DOT_VERTEX, DOT_FRAGMENT);
  const buffers = { position: gl.createBuffer(), normal: gl.createBuffer(), colour: gl.createBuffer(), dot: gl.createBuffer() };
  const uniform = (owner, name) => gl.getUniformLocation(owner, name);

  function bytesOf(id) {
    const text = atob(byId(id).textContent), bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
    return bytes;
  }

  /* Corners of each facet one after the other, so that each facet has its own normal and colour. */
  function load(number) {
    part = number;
    const own = meta.parts[part];
    const xyz = bytesOf("p" + part + "-xyz"), raw = bytesOf("p" + part + "-faces");
    const q = new DataView(xyz.buffer), r = new DataView(raw.buffer);
    const corner = own.wide ? (i) => r.getUint32(4 * i, true) : (i) => r.getUint16(2 * i, true);
    count = 3 * own.facets;
    const position = new Float32Array(3 * count), normal = new Int8Array(3 * count);
    const high = [0, 0, 0];
    low = own.low_mm;
    for (let i = 0; i < count; i++) {
      const v = corner(i);
      for (let k = 0; k < 3; k++) {
        const value = q.getUint16(6 * v + 2 * k, true);
        high[k] = Math.max(high[k], value);
        position[3 * i + k] = value * own.step_mm;
      }
    }
    size = high.map((value) => value * own.step_mm);
    for (let t = 0; t < count; t += 3) {
      const p = (i, k) => position[3 * (t + i) + k];
      const u = [0, 1, 2].map((k) => p(1, k) - p(0, k)), w = [0, 1, 2].map((k) => p(2, k) - p(0, k));
      const n = [u[1] * w[2] - u[2] * w[1], u[2] * w[0] - u[0] * w[2], u[0] * w[1] - u[1] * w[0]];
      const long = Math.hypot(n[0], n[1], n[2]) || 1;
      for (let i = 0; i < 3; i++) for (let k = 0; k < 3; k++) normal[3 * (t + i) + k] = Math.round(127 * n[k] / long);
    }
    centre = size.map((value) => value / 2);
    radius = Math.max(Math.hypot(size[0], size[1], size[2]) / 2, 1e-6);
    gl.bindBuffer(gl.ARRAY_BUFFER, buffers.position);
    gl.bufferData(gl.ARRAY_BUFFER, position, gl.STATIC_DRAW);
    gl.bindBuffer(gl.ARRAY_BUFFER, buffers.normal);
    gl.bufferData(gl.ARRAY_BUFFER, normal, gl.STATIC_DRAW);
    place = -1;
    Object.assign(eye, start);
    paint(own.fields.length ? 0 : -1);
    slice(-1, 1);
    for (const legend of document.querySelectorAll(".coarse")) legend.hidden = Number(legend.dataset.part) !== part;
  }

  /* The ramp's colour of each facet's code, and whether it is to be marked. */
  function paint(number) {
    const own = meta.parts[part], colour = new Uint8Array(4 * count);
    field = number;
    const code = field >= 0 ? bytesOf("p" + part + "-f" + field) : null;
    const below = field >= 0 ? own.fields[field].below : 0;
    const steps = meta.ramp.length - 1;
    for (let t = 0; t < count / 3; t++) {
      let rgb = meta.unknown, mark = 0;
      if (code && code[t] !== meta.none) {
        const share = code[t] / (meta.none - 1) * steps, k = Math.min(Math.floor(share), steps - 1);
        rgb = meta.ramp[k].map((value, c) => value + (meta.ramp[k + 1][c] - value) * (share - k));
        mark = code[t] < below ? 255 : 0;
      }
      for (let i = 0; i < 3; i++) colour.set([rgb[0], rgb[1], rgb[2], mark], 12 * t + 4 * i);
    }
    gl.bindBuffer(gl.ARRAY_BUFFER, buffers.colour);
    gl.bufferData(gl.ARRAY_BUFFER, colour, gl.STATIC_DRAW);
    for (const legend of document.querySelectorAll(".legend[data-field]"))
      legend.hidden = Number(legend.dataset.field) !== field || Number(legend.dataset.part) !== part;
    for (const select of document.querySelectorAll("#field")) select.value = String(field);
    redraw();
  }

  function slice(number, share) {
    axis = number;
    at = share;
    byId("axis").value = String(axis);
    byId("at").value = String(Math.round(share * 1000));
    byId("at").disabled = axis < 0;
    redraw();
  }

  /* Rows of the turn: right, up, towards the eye. Yaw about the part's Z, then pitch. */
  function turn() {
    const [cy, sy, cp, sp] = [Math.cos(eye.yaw), Math.sin(eye.yaw), Math.cos(eye.pitch), Math.sin(eye.pitch)];
    return [[cy, sy, 0], [-sy * sp, cy * sp, cp], [sy * cp, -cy * cp, sp]];
  }

  function draw() {
    const w = canvas.width, h = canvas.height, least = Math.min(w, h);
    const scale = eye.zoom * 0.92 / radius, rows = turn();
    const columns = [0, 1, 2].flatMap((c) => rows.map((row) => row[c]));
    const view = [scale * least / w, scale * least / h, DEPTH / radius, 1];
    const shift = [eye.x, eye.y];
    gl.viewport(0, 0, w, h);
    gl.clearColor(0.965, 0.969, 0.973, 1);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    gl.enable(gl.DEPTH_TEST);
    gl.useProgram(surface);
    const across = [0, 0, 0];
    if (axis >= 0) across[axis] = side;
    gl.uniformMatrix3fv(uniform(surface, "turn"), false, new Float32Array(columns));
    gl.uniform3fv(uniform(surface, "centre"), centre);
    gl.uniform4fv(uniform(surface, "view"), view);
    gl.uniform2fv(uniform(surface, "shift"), shift);
    gl.uniform3fv(uniform(surface, "across"), across);
    gl.uniform1f(uniform(surface, "limit"), axis >= 0 ? side * at * size[axis] : 1e9);
    gl.uniform1f(uniform(surface, "ratio"), window.devicePixelRatio || 1);
    for (const [name, buffer, n, type, unit] of [
      ["position", buffers.position, 3, gl.FLOAT, false],
      ["normal", buffers.normal, 3, gl.BYTE, true],
      ["colour", buffers.colour, 4, gl.UNSIGNED_BYTE, true],
    ]) {
      const where = gl.getAttribLocation(surface, name);
      gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
      gl.enableVertexAttribArray(where);
      gl.vertexAttribPointer(where, n, type, unit, 0, 0);
    }
    gl.drawArrays(gl.TRIANGLES, 0, count);
    spots(columns, view, shift);
    const bar = byId("bar"), long = step(scale * least / 2);
    bar.style.width = long * scale * least / 2 / (window.devicePixelRatio || 1) + "px";
    bar.textContent = long + " mm";
  }

  /* The places of findings, on top of everything. */
  function spots(columns, view, shift) {
    const cuts = meta.parts[part].cuts;
    if (!cuts.length) return;
    gl.disable(gl.DEPTH_TEST);
    gl.useProgram(dots);
    gl.uniformMatrix3fv(uniform(dots, "turn"), false, new Float32Array(columns));
    gl.uniform3fv(uniform(dots, "centre"), centre);
    gl.uniform4fv(uniform(dots, "view"), view);
    gl.uniform2fv(uniform(dots, "shift"), shift);
    for (let i = 0; i < surfaceAttributes; i++) gl.disableVertexAttribArray(i);
    const where = gl.getAttribLocation(dots, "position");
    gl.bindBuffer(gl.ARRAY_BUFFER, buffers.dot);
    gl.enableVertexAttribArray(where);
    gl.vertexAttribPointer(where, 3, gl.FLOAT, false, 0, 0);
    cuts.forEach((cut, i) => {
      const own = cut.point_mm.map((value, k) => value - low[k]);
      gl.bufferData(gl.ARRAY_BUFFER, new Float32Array(own), gl.DYNAMIC_DRAW);
      gl.uniform1f(uniform(dots, "size"), (i === place ? 18 : 11) * (window.devicePixelRatio || 1));
      gl.uniform3fv(uniform(dots, "colour"), i === place ? [0.8, 0.1, 0.45] : [0.1, 0.1, 0.12]);
      gl.drawArrays(gl.POINTS, 0, 1);
    });
  }
  const surfaceAttributes = gl.getProgramParameter(surface, gl.ACTIVE_ATTRIBUTES);

  /* The largest round length that is at most 120 pixels long. */
  function step(pixels) {
    const most = 120 * (window.devicePixelRatio || 1) / pixels;
    const power = Math.pow(10, Math.floor(Math.log10(most)));
    return Number(([5, 2, 1].find((n) => n * power <= most) * power).toPrecision(1));
  }

  function redraw() {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; draw(); });
  }

  function show(number) {
    const cut = meta.parts[part].cuts[number];
    place = number;
    slice(cut.axis, Math.min(Math.max((cut.at_mm - low[cut.axis]) / (size[cut.axis] || 1), 0), 1));
    if (cut.axis === 0) Object.assign(eye, { yaw: 1.0, pitch: 0.35 });
    if (cut.axis === 1) Object.assign(eye, { yaw: 2.6, pitch: 0.35 });
    if (cut.axis === 2) Object.assign(eye, { pitch: 0.9 });
    canvas.scrollIntoView({ block: "center" });
    redraw();
  }

  byId("axis").addEventListener("change", (event) => slice(Number(event.target.value), at >= 1 ? 0.5 : at));
  byId("at").addEventListener("input", (event) => slice(axis, Number(event.target.value) / 1000));
  byId("side").addEventListener("change", (event) => { side = event.target.checked ? -1 : 1; redraw(); });
  byId("reset").addEventListener("click", () => { Object.assign(eye, start); place = -1; slice(-1, 1); });
  for (const select of document.querySelectorAll("#field")) select.addEventListener("change", (event) => paint(Number(event.target.value)));
  for (const select of document.querySelectorAll("#part")) select.addEventListener("change", (event) => load(Number(event.target.value)));
  for (const button of document.querySelectorAll("button[data-cut]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      if (Number(button.dataset.of) !== part) {
        load(Number(button.dataset.of));
        for (const select of document.querySelectorAll("#part")) select.value = button.dataset.of;
      }
      show(Number(button.dataset.cut));
    });
  }

  let held = null;
  canvas.addEventListener("pointerdown", (event) => {
    held = { x: event.clientX, y: event.clientY, pans: event.shiftKey || event.button === 2 };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!held) return;
    const dx = event.clientX - held.x, dy = event.clientY - held.y;
    if (held.pans) {
      eye.x += 2 * dx / canvas.clientWidth;
      eye.y -= 2 * dy / canvas.clientHeight;
    } else {
      eye.yaw -= TURN * dx;
      eye.pitch = Math.min(Math.max(eye.pitch + TURN * dy, -Math.PI / 2), Math.PI / 2);
    }
    Object.assign(held, { x: event.clientX, y: event.clientY });
    redraw();
  });
  for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, () => { held = null; });
  canvas.addEventListener("contextmenu", (event) => event.preventDefault());
  const zoom = (factor) => { eye.zoom = Math.min(Math.max(eye.zoom * factor, 0.2), 60); redraw(); };
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(Math.pow(ZOOM, -event.deltaY));
  }, { passive: false });
  const keys = {
    ArrowLeft: () => { eye.yaw += 0.15; }, ArrowRight: () => { eye.yaw -= 0.15; },
    ArrowUp: () => { eye.pitch += 0.15; }, ArrowDown: () => { eye.pitch -= 0.15; },
    "+": () => zoom(1.25), "=": () => zoom(1.25), "-": () => zoom(0.8),
  };
  canvas.addEventListener("keydown", (event) => {
    const act = keys[event.key];
    if (!act || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    act();
    eye.pitch = Math.min(Math.max(eye.pitch, -Math.PI / 2), Math.PI / 2);
    redraw();
  });

  function resize() {
    const ratio = window.devicePixelRatio || 1;
    canvas.width = Math.max(Math.round(canvas.clientWidth * ratio), 1);
    canvas.height = Math.max(Math.round(canvas.clientHeight * ratio), 1);
    redraw();
  }
  window.addEventListener("resize", resize);
  load(0);
  resize();
})();
