// The page itself: files in, verdict out. Texts come from elements that are not run, and go into the
// page as text, never as markup.

const DATA = JSON.parse(document.getElementById("data").textContent);
const SHAPES = DATA.shapes;
const SMALL_ORDER = DATA.smallOrder;
const LANGUAGES = { kk: "Қазақша", ru: "Русский", en: "English", zh: "中文" };
const $ = (id) => document.getElementById(id);
let language = (navigator.language || "en").slice(0, 2).toLowerCase();
if (!Object.hasOwn(LANGUAGES, language)) language = "en";
let shown = null;
let files = [];

const text = (key) => DATA.texts[language][key];

function el(tag, content, properties = {}) {
  const made = Object.assign(document.createElement(tag), properties);
  if (Array.isArray(content)) made.append(...content.filter(Boolean));
  else if (content !== undefined && content !== null) made.textContent = content;
  return made;
}

const hash = (value) => el("span", value, { className: "hash" });

// ---- what was given

const endsWith = (name, ending) => name.toLowerCase().endsWith(ending);

async function sorted(given) {
  const found = { program: null, programName: "", bundles: new Map(), keys: [], roles: [] };
  for (const file of given) {
    const bytes = new Uint8Array(await file.arrayBuffer());
    const head = latin1(bytes.subarray(0, 64)).trimStart();
    if (head.startsWith("-----BEGIN")) {
      found.keys.push(await keyOfPem(latin1(bytes)));
      found.roles.push([file.name, "role_key"]);
    } else if (head.startsWith("{") || endsWith(file.name, ".json")) {
      const bundle = readBundle(bytes, file.name);
      let kind = claimed(bundle)[0];
      // What stands at a certificate's place is judged as one.
      if (endsWith(file.name, ".cert.json")) kind = GENERATION;
      if (endsWith(file.name, ".recheck.json")) kind = RECHECK;
      if (![GENERATION, RECHECK, PART_TYPE, PASSPORT].includes(kind)) {
        throw new Refusal(6, "statement", `${file.name}: ${kind}`);
      }
      if (found.bundles.has(kind)) throw new Refusal(6, "twice", file.name);
      found.bundles.set(kind, bundle);
      found.roles.push([file.name, ROLES[kind]]);
    } else {
      if (found.program) throw new Refusal(4, "two_programs", file.name);
      found.program = bytes;
      found.programName = file.name;
      found.roles.push([file.name, "role_program"]);
    }
  }
  return found;
}

const ROLES = {
  [GENERATION]: "role_cert", [RECHECK]: "role_recheck", [PART_TYPE]: "role_part",
  [PASSPORT]: "role_passport",
};

function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
}

async function policyOf(keys) {
  const own = DATA.policy;
  if (own === null) {
    if (!keys.length) return null;
    return { minimumLevel: "C2", maxAgeDays: null, packs: [], generator: keys, recheck: keys };
  }
  // Whom to trust is written into the page: a key that comes with the files changes nothing.
  const load = (rows) => Promise.all(rows.map((row) => keyOf(bytesOf(row))));
  return { ...own, generator: await load(own.generator), recheck: await load(own.recheck) };
}

async function judge() {
  let given = null;
  try {
    if (!crypto.subtle) throw new Refusal(70, "no_crypto", "");
    given = await sorted(files);
    const policy = await policyOf(given.keys);
    given.plate = Number($("plate").value) || null;
    const now = `${new Date().toISOString().slice(0, 19)}Z`;
    shown = { ...(await verifyGiven(given, policy, now)), given };
  } catch (error) {
    const refusal = error instanceof Refusal ? error : new Refusal(70, "bug", String(error));
    shown = { code: refusal.code, reason: refusal.reason, detail: refusal.detail, given };
  }
  show();
}

async function take(list) {
  files = [...list];
  if (files.length) await judge();
}

// ---- what is shown

function show() {
  document.documentElement.lang = language;
  document.title = text("title");
  for (const own of document.querySelectorAll("[data-text]")) own.textContent = text(own.dataset.text);
  showTrust();
  const result = $("result");
  result.replaceChildren();
  if (!shown) return;
  document.body.dataset.code = String(shown.code);
  document.body.dataset.reason = shown.reason;
  $("plate_row").hidden = shown.reason !== "several_plates" && !$("plate").value;
  $("again").hidden = false;
  const roles = shown.given ? shown.given.roles : files.map((file) => [file.name, "role_unread"]);
  $("given").replaceChildren(...roles.map(([name, role]) => el("li", `${name} · ${text(role)}`)));
  const tone = shown.code === 0 ? "yes" : [1, 4, 6].includes(shown.code) ? "no" : "open";
  const head = { 0: "verdict_yes", 1: "verdict_failed", 4: "verdict_refused", 6: "verdict_no" }[shown.code];
  result.append(
    el("div", [
      el("strong", text(head || "verdict_open")),
      el("span", text(`reason_${shown.reason}`)),
      shown.detail ? el("div", shown.detail, { className: "hash" }) : null,
    ], { className: `verdict ${tone}` }),
  );
  if (shown.checked || shown.made) result.append(...details());
}

function details() {
  const { made, checked, held } = shown;
  const said = (checked || made).said;
  const rows = [];
  const row = (key, value) => rows.push(el("dt", text(key)), el("dd", [].concat(value)));
  if (held) {
    row("program", [el("div", shown.given.programName), hash(`SHA-256 ${shown.programSha256}`)]);
    if (held.form !== "gcode") row("carrier", `${held.form}${held.member ? `: ${held.member}` : ""}`);
  } else row("program", [el("div", text("program_absent")), hash(`SHA-256 ${said.subject}`)]);
  if (said.part) row("part", said.part.label);
  row("level", shown.level);
  if (made) row("generated", [el("div", made.said.issuedAt), hash(made.key.keyId)]);
  if (checked) row("rechecked", [el("div", checked.said.issuedAt), hash(checked.key.keyId)]);
  if (said.indication) row("standard", `${said.indication} (${said.pack})`);
  for (const model of said.models) row("model", [el("div", model.name), hash(`SHA-256 ${model.sha256}`)]);
  for (const { kind, says } of said.records || []) {
    row(`record_${kind}` in DATA.texts.en ? `record_${kind}` : "record", says.map(([k, v]) => el("div", `${k}: ${v}`)));
  }
  for (const [key, value] of said.told || []) rows.push(el("dt", key), el("dd", value));
  if (said.allowed && said.allowed.length) row("allowed", said.allowed.join(", "));
  const out = [el("dl", rows)];
  const found = [...said.rows, ...said.checks];
  if (found.length) {
    const line = (one) => el("tr", [el("td", one.id), el("td", one.result), el("td", one.message)]);
    const worst = found.filter((one) => !["PASS", "INFO", "NOT_APPLICABLE"].includes(one.result));
    if (worst.length) out.push(el("table", [el("tbody", worst.map(line))]));
    const all = el("details", [el("summary", `${text("rules")} (${found.length})`)]);
    all.append(el("table", [el("tbody", found.map(line))]));
    out.push(all);
  }
  return out;
}

function showTrust() {
  const own = DATA.policy;
  const parts = [el("h2", text("trust_title"))];
  if (own === null) parts.push(el("p", text("trust_none")));
  else {
    parts.push(el("p", text("trust_own")));
    const rows = [el("dt", text("policy")), el("dd", own.name), el("dt", text("level")), el("dd", own.minimumLevel)];
    for (const role of ["generator", "recheck"]) {
      rows.push(el("dt", text(`trust_${role}`)), el("dd", own[`${role}Ids`].map((id) => el("div", id, { className: "hash" }))));
    }
    if (own.maxAgeDays !== null) rows.push(el("dt", text("age")), el("dd", String(own.maxAgeDays)));
    if (own.packs.length) rows.push(el("dt", text("packs")), el("dd", own.packs.join(", ")));
    parts.push(el("dl", rows));
  }
  $("trust").replaceChildren(...parts);
}

// ---- hands on

for (const [code, name] of Object.entries(LANGUAGES)) {
  $("language").append(el("option", name, { value: code, selected: code === language }));
}
$("language").addEventListener("change", (event) => {
  language = event.target.value;
  show();
});
$("files").addEventListener("change", (event) => take(event.target.files));
$("plate").addEventListener("change", judge);
$("again").addEventListener("click", () => {
  files = [];
  shown = null;
  $("files").value = "";
  $("plate").value = "";
  $("given").replaceChildren();
  $("again").hidden = true;
  delete document.body.dataset.code;
  delete document.body.dataset.reason;
  show();
});
for (const kind of ["dragover", "drop", "dragleave"]) {
  document.addEventListener(kind, (event) => {
    event.preventDefault();
    $("drop").classList.toggle("over", kind === "dragover");
    if (kind === "drop") take(event.dataTransfer.files);
  });
}
show();
