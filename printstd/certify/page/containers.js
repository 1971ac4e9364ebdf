// What a program comes in, by the rules of printstd/certify/carriers: the same files are read, the
// same are refused (code 4), and the same bytes come out.

const ASCII = new TextEncoder();
const MAX_BLOCKS = 1 << 17;
const MAX_UNPACKED = 2 ** 30;
const MAX_BUNDLE = 2 ** 20;
const MAX_BUNDLES = 64;
const MAX_LINES = 16 * 2 ** 20;
const TAIL_BEGIN = ASCII.encode("; printstd-certificate-begin v1\n");
const TAIL_END = "; printstd-certificate-end";
const TAIL_MARK = ASCII.encode("printstd-certificate-begin");
const PART = "Metadata/printstd.sigstore.json";

const broken = (detail) => new Refusal(4, "container", detail);

function indexOf(data, needle, from = 0) {
  for (let at = data.indexOf(needle[0], from); at >= 0; at = data.indexOf(needle[0], at + 1)) {
    let k = 1;
    while (k < needle.length && data[at + k] === needle[k]) k += 1;
    if (k === needle.length) return at;
  }
  return -1;
}

function latin1(bytes) {
  let out = "";
  for (let at = 0; at < bytes.length; at += 32768) {
    out += String.fromCharCode(...bytes.subarray(at, at + 32768));
  }
  return out;
}

function concat(parts) {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

const sameBytes = (a, b) => a.length === b.length && a.every((value, k) => value === b[k]);

async function sha256(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (b) => b.toString(16).padStart(2, "0")).join("");
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k += 1) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
  return n;
});

function crc32(bytes) {
  let crc = 0xffffffff;
  for (let k = 0; k < bytes.length; k += 1) crc = CRC_TABLE[(crc ^ bytes[k]) & 255] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

// At most `size` bytes: a bomb is seen and not unpacked; null for a stream that is damaged.
async function inflated(packed, size, kind) {
  const parts = [];
  let length = 0;
  try {
    const reader = new Blob([packed]).stream().pipeThrough(new DecompressionStream(kind)).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      length += value.length;
      if (length > size) {
        await reader.cancel();
        return null;
      }
      parts.push(value);
    }
  } catch {
    return null;
  }
  return length === size ? concat(parts) : null;
}

// ---- lines of bundles

function splitLines(bytes) {
  const lines = [];
  let at = 0;
  for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, at)) {
    lines.push(bytes.subarray(at, end));
    at = end + 1;
  }
  lines.push(bytes.subarray(at));
  return lines;
}

function bundlesIn(bytes) {
  const lines = splitLines(bytes);
  if (lines.pop().length || !lines.length || lines.length > MAX_BUNDLES) {
    throw broken("certificates: no lines of JSON");
  }
  for (const line of lines) {
    try {
      parseStrict(line, MAX_BUNDLE, "the bundle");
    } catch (error) {
      throw broken(error.message);
    }
  }
  return lines;
}

function certificateBase64(text) {
  try {
    if (/[-_]/.test(text)) throw new JsonError("certificates: not base64");
    return base64Bytes(text, "certificates");
  } catch (error) {
    throw broken(error.message);
  }
}

// ---- tail block

function tailBlock(data) {
  const first = indexOf(data, TAIL_MARK);
  if (first < 0) return null;
  if (indexOf(data, TAIL_MARK, first + 1) >= 0) throw broken("several begin markers");
  const start = indexOf(data, TAIL_BEGIN);
  if (start < 0 || (start && data[start - 1] !== 10)) throw broken("an unknown begin marker");
  const lines = splitLines(data.subarray(start + TAIL_BEGIN.length)).map(latin1);
  if (lines.at(-1) !== "" || lines.at(-2) !== TAIL_END) throw broken("something behind the block");
  const body = lines.slice(0, -2);
  const isRegular = body.every(
    (line, k) =>
      line.startsWith("; ") && line.length > 2 &&
      (k < body.length - 1 ? line.length === 78 : line.length <= 78),
  );
  if (!body.length || !isRegular || data.length - start > 2 * MAX_LINES) throw broken("the block");
  const text = body.map((line) => line.slice(2)).join("");
  return { program: data.slice(0, start), bundles: bundlesIn(certificateBase64(text)) };
}

// ---- archives

class Archive {
  constructor(data) {
    this.data = data;
    this.view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    this.entries = this.directory();
  }

  directory() {
    const { view } = this;
    const end = this.data.length - 22;
    const u16 = (at) => view.getUint16(at, true);
    const u32 = (at) => view.getUint32(at, true);
    if (end < 0 || u32(end) !== 0x06054b50 || u16(end + 20) || u16(end + 4) || u16(end + 6)) {
      throw broken("archive: no directory at its end");
    }
    const count = u16(end + 10);
    const start = u32(end + 16);
    if (u16(end + 8) !== count || count > 1024 || start + u32(end + 12) !== end) {
      throw broken("archive: its directory");
    }
    const found = new Map();
    const folded = new Set();
    let at = start;
    for (let n = 0; n < count; n += 1) {
      if (at + 46 > end || u32(at) !== 0x02014b50 || u16(at + 34)) throw broken("archive: cut");
      const [nName, nExtra, nNote] = [u16(at + 28), u16(at + 30), u16(at + 32)];
      const after = at + 46 + nName + nExtra + nNote;
      if (after > end) throw broken("archive: cut");
      const raw = this.data.subarray(at + 46, at + 46 + nName);
      const name = checkedName(raw);
      const entry = {
        raw, flags: u16(at + 8), method: u16(at + 10), crc: u32(at + 16), packed: u32(at + 20),
        size: u32(at + 24), start: u32(at + 42),
      };
      if (entry.flags & ~0x080e || ![0, 8].includes(entry.method)) throw broken(`archive: ${name}`);
      if ([entry.packed, entry.size, entry.start].includes(0xffffffff)) throw broken("archive: ZIP64");
      if (folded.has(name.toLowerCase())) throw broken(`archive: two entries called ${name}`);
      folded.add(name.toLowerCase());
      found.set(name, entry);
      at = after;
    }
    if (at !== end) throw broken("archive: its directory");
    this.checkPlaces(found, start);
    return found;
  }

  checkPlaces(entries, directory) {
    const u16 = (at) => this.view.getUint16(at, true);
    const u32 = (at) => this.view.getUint32(at, true);
    let at = 0;
    for (const [name, entry] of [...entries].sort((a, b) => a[1].start - b[1].start)) {
      const own = entry.start;
      const gap = own - at;
      if (gap < 0 || gap > 24 || (at === 0 && gap) || own + 30 > directory) {
        throw broken(`archive: ${name} overlaps or stands apart`);
      }
      const nName = u16(own + 26);
      const isSame =
        u32(own + 14) === entry.crc && u32(own + 18) === entry.packed && u32(own + 22) === entry.size;
      if (
        u32(own) !== 0x04034b50 || u16(own + 6) !== entry.flags || u16(own + 8) !== entry.method ||
        !sameBytes(this.data.subarray(own + 30, own + 30 + nName), entry.raw) ||
        !(isSame || entry.flags & 8)
      ) throw broken(`archive: ${name} has another header`);
      entry.body = own + 30 + nName + u16(own + 28);
      at = entry.body + entry.packed;
      if (at > directory) throw broken(`archive: ${name} is cut`);
    }
    if (directory - at > 24) throw broken("archive: bytes before its directory");
  }

  async read(name, maxBytes = MAX_UNPACKED) {
    const entry = this.entries.get(name);
    if (entry.size > maxBytes) throw broken(`archive: ${name} is too large`);
    const packed = this.data.subarray(entry.body, entry.body + entry.packed);
    const data = entry.method ? await inflated(packed, entry.size, "deflate-raw") : packed;
    if (!data || data.length !== entry.size || crc32(data) !== entry.crc) {
      throw broken(`archive: ${name} is damaged`);
    }
    return data;
  }
}

function checkedName(raw) {
  let name;
  try {
    name = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(raw);
  } catch {
    throw broken("archive: a name that is no UTF-8");
  }
  const steps = name.replace(/\/$/, "").split("/");
  if (steps.some((step) => ["", ".", ".."].includes(step)) || /[\\:\u0000-\u001f\u007f]/.test(name) ||
      [...name].length > 512) throw broken("archive: a name that leaves it");
  return name;
}

async function bambuPackage(data, plate) {
  const archive = new Archive(data);
  const plates = new Map();
  for (const name of archive.entries.keys()) {
    const found = /^Metadata\/plate_([1-9][0-9]{0,2})\.gcode$/.exec(name);
    if (found) plates.set(Number(found[1]), name);
  }
  if (!archive.entries.has("[Content_Types].xml") || !plates.size) throw broken("package: no program");
  const number = plate || (plates.size === 1 ? [...plates.keys()][0] : null);
  if (number === null) throw new Refusal(4, "several_plates", [...plates.keys()].join(", "));
  if (!plates.has(number)) throw broken("package: no such plate");
  const part = plates.get(number);
  const program = await archive.read(part);
  if (archive.entries.has(`${part}.md5`)) {
    const told = latin1(await archive.read(`${part}.md5`, 4096)).trim().toLowerCase();
    if (told !== md5(program)) throw broken("package: MD5 of another program");
  }
  const inside = archive.entries.has(PART) ? await archive.read(PART, MAX_LINES) : null;
  return { program: program.slice(), bundles: inside ? bundlesIn(inside) : [], member: part };
}

// RFC 1321. It protects nothing: it is compared because a package that contradicts itself is refused.
function md5(bytes) {
  const shifts = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21];
  const table = Int32Array.from({ length: 64 }, (_, n) => Math.floor(Math.abs(Math.sin(n + 1)) * 2 ** 32));
  const length = bytes.length;
  const padded = new Uint8Array(((length + 8) >> 6 << 6) + 64);
  padded.set(bytes);
  padded[length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, (length * 8) >>> 0, true);
  view.setUint32(padded.length - 4, Math.floor(length / 2 ** 29), true);
  let [a0, b0, c0, d0] = [0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476];
  for (let at = 0; at < padded.length; at += 64) {
    let [a, b, c, d] = [a0, b0, c0, d0];
    for (let n = 0; n < 64; n += 1) {
      const round = n >> 4;
      let f;
      let g;
      if (round === 0) [f, g] = [(b & c) | (~b & d), n];
      else if (round === 1) [f, g] = [(d & b) | (~d & c), (5 * n + 1) & 15];
      else if (round === 2) [f, g] = [b ^ c ^ d, (3 * n + 5) & 15];
      else [f, g] = [c ^ (b | ~d), (7 * n) & 15];
      const sum = (a + f + table[n] + view.getInt32(at + 4 * g, true)) | 0;
      const by = shifts[round * 4 + (n & 3)];
      [a, d, c, b] = [d, c, b, (b + ((sum << by) | (sum >>> (32 - by)))) | 0];
    }
    [a0, b0, c0, d0] = [(a0 + a) | 0, (b0 + b) | 0, (c0 + c) | 0, (d0 + d) | 0];
  }
  const out = new DataView(new ArrayBuffer(16));
  [a0, b0, c0, d0].forEach((word, k) => out.setInt32(4 * k, word, true));
  return Array.from(new Uint8Array(out.buffer), (v) => v.toString(16).padStart(2, "0")).join("");
}

// ---- binary G-code

function heatshrink(data, windowBits, size) {
  const out = new Uint8Array(size);
  let length = 0;
  let bit = 0;
  const total = data.length * 8;
  const take = (count) => {
    if (bit + count > total) throw broken("heatshrink: the data end too early");
    let value = 0;
    for (let k = 0; k < count; k += 1, bit += 1) value = value * 2 + ((data[bit >> 3] >> (7 - (bit & 7))) & 1);
    return value;
  };
  while (length < size) {
    if (take(1)) out[length++] = take(8);
    else {
      const back = take(windowBits) + 1;
      const count = take(4) + 1;
      if (length + count > size) throw broken("heatshrink: too much");
      for (let k = 0; k < count; k += 1, length += 1) out[length] = length >= back ? out[length - back] : 0;
    }
  }
  if (total - bit > 7) throw broken("heatshrink: more data than they should stand for");
  while (bit < total) if (take(1)) throw broken("heatshrink: more data than they should stand for");
  return out;
}

function meatpack(data) {
  let known = ASCII.encode("0123456789. \nGX");
  const out = [];
  let isPacked = false;
  let later = null;
  let nWhole = 0;
  let nSignals = 0;
  for (const byte of data) {
    if (byte === 255) {
      nSignals += 1;
      if (nSignals > 2) throw broken("meatpack: three signal bytes");
      continue;
    }
    if (nSignals === 2) {
      nSignals = 0;
      if ([251, 250, 249].includes(byte)) isPacked = byte === 251;
      else if (byte === 247) known = ASCII.encode("0123456789.E\nGX");
      else if (byte === 246) known = ASCII.encode("0123456789. \nGX");
      else if (byte !== 248) throw broken("meatpack: an unknown command");
      continue;
    }
    for (const value of nSignals ? [255, byte] : [byte]) {
      if (!isPacked) out.push(value);
      else if (nWhole) {
        out.push(value);
        nWhole -= 1;
        if (later !== null) out.push(later);
        later = null;
      } else {
        const low = value & 15;
        const high = value >> 4;
        if (low === 15) {
          nWhole = high === 15 ? 2 : 1;
          later = high === 15 ? null : known[high];
        } else {
          out.push(known[low]);
          if (known[low] !== 10) {
            if (high === 15) nWhole = 1;
            else out.push(known[high]);
          }
        }
      }
    }
    nSignals = 0;
  }
  if (nWhole || nSignals) throw broken("meatpack: the data end within a character");
  const spaced = [];
  let isG = false;
  let before = 10;
  for (const byte of out) {
    if (before === 10) isG = byte === 71;
    else if (byte === 59) isG = false;
    else if (isG && byte >= 65 && byte <= 90 && before !== 32) spaced.push(32);
    spaced.push(byte);
    before = byte;
  }
  return Uint8Array.from(spaced);
}

const KIND = { FILE: 0, GCODE: 1, SLICER: 2, PRINTER: 3, PRINT: 4, THUMBNAIL: 5 };
const ORDER = [0, 5, 4, 1, 3, 2];
const CERTIFICATE_KEY = "printstd_certificate";

async function bgcodeBlocks(data) {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  if (data.length < 10 || view.getUint32(4, true) !== 1) throw broken("bgcode: version");
  const checksum = view.getUint16(8, true);
  if (checksum > 1) throw broken("bgcode: checksum");
  const blocks = [];
  let at = 10;
  let room = MAX_UNPACKED;
  while (at < data.length) {
    if (at + 8 > data.length) throw broken("bgcode: cut");
    const [kind, packing, size] = [view.getUint16(at, true), view.getUint16(at + 2, true), view.getUint32(at + 4, true)];
    if (kind > 5 || packing > 3) throw broken("bgcode: an unknown block");
    const head = packing ? 12 : 8;
    const nParameters = kind === KIND.THUMBNAIL ? 6 : 2;
    const from = at + head + nParameters;
    if (from > data.length) throw broken("bgcode: cut");
    const packed = packing ? view.getUint32(at + 8, true) : size;
    const end = from + packed;
    const after = end + (checksum ? 4 : 0);
    if (after > data.length) throw broken("bgcode: cut");
    if (checksum && crc32(data.subarray(at, end)) !== view.getUint32(end, true)) {
      throw broken(`bgcode: checksum of block ${blocks.length}`);
    }
    if (size > room) throw broken("bgcode: too large");
    const parameters = data.subarray(at + head, from);
    const encoding = view.getUint16(at + head, true);
    if (encoding > (kind === KIND.GCODE || kind === KIND.THUMBNAIL ? 2 : 0)) throw broken("bgcode: encoding");
    let body = data.subarray(from, end);
    if (packing === 1) body = await inflated(body, size, "deflate");
    else if (packing) body = heatshrink(body, packing === 2 ? 11 : 12, size);
    if (!body) throw broken("bgcode: deflate");
    room -= body.length;
    blocks.push({ kind, parameters, encoding, data: body });
    if (blocks.length > MAX_BLOCKS) throw broken("bgcode: too many blocks");
    at = after;
  }
  const kinds = blocks.map((block) => block.kind);
  const once = kinds.filter((kind) => kind !== KIND.GCODE && kind !== KIND.THUMBNAIL);
  const isOrdered = kinds.every((kind, k) => !k || ORDER[kinds[k - 1]] <= ORDER[kind]);
  const needed = [KIND.PRINTER, KIND.PRINT, KIND.SLICER, KIND.GCODE];
  if (!isOrdered || new Set(once).size !== once.length || !needed.every((kind) => kinds.includes(kind))) {
    throw broken("bgcode: order of blocks");
  }
  return blocks;
}

// As Python's bytes.strip: ASCII blanks alone.
const metadataKey = (line) => line.split("=", 1)[0].replace(/^[ \t\n\r\v\f]+|[ \t\n\r\v\f]+$/g, "");

async function bgcodeFile(data) {
  const blocks = await bgcodeBlocks(data);
  const program = concat(
    blocks.filter((b) => b.kind === KIND.GCODE).map((b) => (b.encoding ? meatpack(b.data) : b.data)),
  );
  const lines = [];
  let own = [];
  for (const block of blocks) {
    if (block.kind === KIND.GCODE || block.kind === KIND.THUMBNAIL) continue;
    const texts = latin1(block.data).split("\n");
    lines.push(...texts.filter((line) => metadataKey(line) === CERTIFICATE_KEY));
    if (block.kind === KIND.SLICER) own = texts;
  }
  let bundles = [];
  if (lines.length) {
    const isLast = own.at(-1) === lines[0] || (own.at(-1) === "" && own.at(-2) === lines[0]);
    if (lines.length > 1 || !isLast || !lines[0].startsWith(`${CERTIFICATE_KEY}=`)) {
      throw broken("bgcode: where the certificates stand");
    }
    bundles = bundlesIn(certificateBase64(lines[0].slice(CERTIFICATE_KEY.length + 1)));
  }
  const parts = [ASCII.encode("printstd-bgcode-v1\n")];
  for (const block of blocks) {
    let body = block.data;
    if (block.kind === KIND.SLICER) {
      const kept = latin1(body).split("\n").filter((line) => metadataKey(line) !== CERTIFICATE_KEY);
      body = Uint8Array.from(kept.join("\n"), (c) => c.charCodeAt(0));
    }
    const head = new DataView(new ArrayBuffer(8));
    head.setUint16(0, block.kind, true);
    head.setUint16(2, block.parameters.length, true);
    head.setUint32(4, body.length, true);
    const bytes = new Uint8Array(head.buffer);
    parts.push(bytes.subarray(0, 4), block.parameters, bytes.subarray(4), body);
  }
  return { program, bundles, member: "gcode", containerSha256: await sha256(concat(parts)) };
}

// ---- any of them

async function openCarrier(data, plate) {
  const held = { form: "gcode", program: data, member: "", containerSha256: null, bundles: [] };
  const magic = latin1(data.subarray(0, 4));
  if (magic === "GCDE") return { ...held, form: "bgcode", ...(await bgcodeFile(data)) };
  if (magic === "PK\x03\x04") return { ...held, form: "gcode.3mf", ...(await bambuPackage(data, plate)) };
  const tail = tailBlock(data);
  return tail ? { ...held, form: "tail", ...tail } : held;
}

// c14n-v1: the commands alone, one a line, blanks as one space.
function canonicalCommands(data) {
  const out = new Uint8Array(data.length + 1);
  let length = 0;
  let isComment = false;
  let isBlank = false;
  let start = 0;
  for (let k = 0; k <= data.length; k += 1) {
    const byte = k < data.length ? data[k] : 10;
    if (byte === 10) {
      if (length > start) {
        out[length++] = 10;
        start = length;
      }
      isComment = false;
      isBlank = false;
    } else if (isComment) continue;
    else if (byte === 59) isComment = true;
    else if (byte === 32 || (byte >= 9 && byte <= 13)) isBlank = true;
    else {
      if (isBlank && length > start) out[length++] = 32;
      isBlank = false;
      out[length++] = byte;
    }
  }
  return out.slice(0, length);
}
