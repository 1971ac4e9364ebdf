// JSON as a verifier must read it: no second reading is possible. The rules are those of
// strict_json.py: no duplicate keys, floats, lone surrogates, byte-order marks, trailing data; bounded
// depth and digits. Objects come as Map, integers as BigInt.

const MAX_DEPTH = 32;
const MAX_DIGITS = 40;

class Refusal extends Error {
  // code: the exit code that `printstd verify` has for it. reason: key of the page's texts.
  constructor(code, reason, detail) {
    super(`${reason}: ${detail || ""}`);
    this.code = code;
    this.reason = reason;
    this.detail = detail || "";
  }
}

class JsonError extends Error {}

function parseStrict(bytes, maxBytes, what) {
  if (bytes.length > maxBytes) throw new JsonError(`${what}: ${bytes.length} bytes`);
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
    throw new JsonError(`${what}: starts with a byte-order mark`);
  }
  let text;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new JsonError(`${what}: not UTF-8`);
  }
  const reader = new JsonReader(text, what);
  const value = reader.value(0);
  reader.blank();
  if (reader.at !== text.length) throw new JsonError(`${what}: something behind the value`);
  return value;
}

class JsonReader {
  constructor(text, what) {
    this.text = text;
    this.what = what;
    this.at = 0;
  }

  wrong(why) {
    return new JsonError(`${this.what}: ${why} at character ${this.at}`);
  }

  blank() {
    while (this.at < this.text.length && " \t\n\r".includes(this.text[this.at])) this.at += 1;
  }

  value(depth) {
    this.blank();
    const first = this.text[this.at];
    if (first === "{") return this.object(depth + 1);
    if (first === "[") return this.array(depth + 1);
    if (first === '"') return this.string();
    for (const [word, value] of [["true", true], ["false", false], ["null", null]]) {
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        return value;
      }
    }
    return this.integer();
  }

  integer() {
    const digits = /-?(?:0|[1-9][0-9]*)/y;
    digits.lastIndex = this.at;
    const found = digits.exec(this.text);
    if (!found) throw this.wrong("no value");
    this.at += found[0].length;
    if (/[.eE]/.test(this.text[this.at] || "")) throw this.wrong("only integers are allowed");
    if (found[0].length > MAX_DIGITS || found[0] === "-0") throw this.wrong("an odd integer");
    return BigInt(found[0]);
  }

  string() {
    let out = "";
    this.at += 1;
    for (;;) {
      const plain = /[^"\\\u0000-\u001f]*/y;
      plain.lastIndex = this.at;
      const run = plain.exec(this.text)[0];
      out += run;
      this.at += run.length;
      const sign = this.text[this.at];
      if (sign === '"') break;
      if (sign !== "\\") throw this.wrong("a text that does not end");
      const kind = this.text[this.at + 1];
      const simple = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
      if (kind === "u") {
        const hex = this.text.slice(this.at + 2, this.at + 6);
        if (!/^[0-9a-fA-F]{4}$/.test(hex)) throw this.wrong("an escape that is none");
        out += String.fromCharCode(parseInt(hex, 16));
        this.at += 6;
      } else if (Object.hasOwn(simple, kind || "")) {
        out += simple[kind];
        this.at += 2;
      } else throw this.wrong("an escape that is none");
    }
    this.at += 1;
    if (!out.isWellFormed()) throw this.wrong("a lone surrogate");
    return out;
  }

  opened(depth) {
    if (depth > MAX_DEPTH) throw this.wrong(`nested deeper than ${MAX_DEPTH}`);
    this.at += 1;
    this.blank();
  }

  array(depth) {
    const out = [];
    this.opened(depth);
    if (this.text[this.at] === "]") {
      this.at += 1;
      return out;
    }
    for (;;) {
      out.push(this.value(depth));
      this.blank();
      const sign = this.text[this.at];
      this.at += 1;
      if (sign === "]") return out;
      if (sign !== ",") throw this.wrong("no comma");
    }
  }

  object(depth) {
    const out = new Map();
    this.opened(depth);
    if (this.text[this.at] === "}") {
      this.at += 1;
      return out;
    }
    for (;;) {
      this.blank();
      if (this.text[this.at] !== '"') throw this.wrong("no key");
      const key = this.string();
      if (out.has(key)) throw this.wrong(`key ${key.slice(0, 60)} stands twice`);
      this.blank();
      if (this.text[this.at] !== ":") throw this.wrong("no colon");
      this.at += 1;
      out.set(key, this.value(depth));
      this.blank();
      const sign = this.text[this.at];
      this.at += 1;
      if (sign === "}") return out;
      if (sign !== ",") throw this.wrong("no comma");
    }
  }
}

// One text for one value: standard or URL-safe alphabet, unmixed, padded, unused bits zero.
function base64Bytes(text, what) {
  if (typeof text !== "string") throw new JsonError(`${what}: missing`);
  const isPlain = /^[A-Za-z0-9+/]*={0,2}$/.test(text);
  const isSafe = /^[A-Za-z0-9_-]*={0,2}$/.test(text);
  if ((!isPlain && !isSafe) || text.length % 4) throw new JsonError(`${what}: not base64`);
  const standard = text.replaceAll("-", "+").replaceAll("_", "/");
  let binary;
  try {
    binary = atob(standard);
  } catch {
    throw new JsonError(`${what}: not base64`);
  }
  if (btoa(binary) !== standard) throw new JsonError(`${what}: not base64 as it is written`);
  return Uint8Array.from(binary, (c) => c.charCodeAt(0));
}
