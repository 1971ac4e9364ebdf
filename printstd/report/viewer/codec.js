"use strict";
/* The arrays of the page: base64 of bytes. `kinds` has one byte for each step of a layer: a role for
   a bead, `travel`, or `jump` where the pen only takes its place. `ways` has two numbers for each
   step, dx and dy in um from the step before, from (0, 0) at the start of a layer; `widths` one
   for each bead, in um, less the width of the bead before, 0 at the start of a layer. Numbers are zigzag
   (0, -1, 1, -2, ...) in groups of seven bits, the lowest first, the high bit set on all but the last. */

function bytesOf(base64) {
  const text = atob(base64.trim());
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

function reader(bytes, at) {
  return function () {
    let value = 0, factor = 1, byte;
    do {
      byte = bytes[at++];
      value += (byte & 127) * factor;
      factor *= 128;
    } while (byte & 128);
    return value % 2 ? -(value + 1) / 2 : value / 2;
  };
}

/* One layer: n moves with where they start and end (um, bed frame), width (0 for travel), kind. */
function decodeLayer(meta, arrays, layer) {
  const first = meta.steps[layer], last = meta.steps[layer + 1];
  const way = reader(arrays.ways, meta.ways[layer]);
  const wide = reader(arrays.widths, meta.widths[layer]);
  const most = last - first;
  const moves = {
    n: 0, x0: new Int32Array(most), y0: new Int32Array(most), x1: new Int32Array(most),
    y1: new Int32Array(most), width: new Int32Array(most), kind: new Uint8Array(most),
  };
  let x = 0, y = 0, width = 0;
  for (let step = first; step < last; step++) {
    const kind = arrays.kinds[step], fromX = x, fromY = y;
    x += way();
    y += way();
    if (kind === meta.jump) continue;
    const i = moves.n++;
    moves.x0[i] = fromX; moves.y0[i] = fromY; moves.x1[i] = x; moves.y1[i] = y;
    moves.kind[i] = kind;
    if (kind !== meta.travel) moves.width[i] = width += wide();
  }
  return moves;
}
