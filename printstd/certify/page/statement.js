// A statement's bytes -> what they say, by the rules of reading.py and parts.py. Called on bytes whose
// signature was verified. SHAPES, the forms of records, are written into the page.

const STATEMENT_TYPE = "https://in-toto.io/Statement/v1";
const TYPE_PREFIX = "https://printstd.example/";
const GENERATION = `${TYPE_PREFIX}gcode-certificate/v1`;
const RECHECK = `${TYPE_PREFIX}gcode-recheck/v1`;
const PART_TYPE = `${TYPE_PREFIX}gcode-part/v1`;
const PASSPORT = `${TYPE_PREFIX}part-passport/v1`;
const UNDERSTOOD = ["demand", "model", "models", "parts", "verdict", "recipe"];
const OUTCOMES = ["PASSED", "FAILED", "UNDECIDED"];
const STATUSES = ["FAIL", "NOT_EVALUATED", "INDETERMINATE", "WARN", "INFO", "NOT_APPLICABLE", "PASS"];
const MAX_PAYLOAD = 512 * 1024;

function field(parent, key) {
  return parent instanceof Map && parent.has(key) ? parent.get(key) : null;
}

function objectOf(parent, key) {
  const value = field(parent, key);
  if (!(value instanceof Map)) throw new JsonError(`${key}: missing`);
  return value;
}

function textOf(parent, key) {
  const value = field(parent, key);
  if (typeof value !== "string") throw new JsonError(`${key}: a text is wanted`);
  return value;
}

function objectsOf(parent, key) {
  const value = field(parent, key);
  if (!Array.isArray(value) || !value.every((one) => one instanceof Map)) {
    throw new JsonError(`${key}: a list is wanted`);
  }
  return value;
}

function timeOf(parent, key) {
  const value = textOf(parent, key);
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$/.test(value)) {
    throw new JsonError(`${key}: a UTC time is wanted`);
  }
  return value;
}

function shaOf(parent, key) {
  const value = field(parent, key);
  if (typeof value !== "string" || !/^[0-9a-f]{64}$/.test(value)) {
    throw new JsonError(`${key}: 64 hexadecimal digits are wanted`);
  }
  return value;
}

const digestOf = (parent) => shaOf(objectOf(parent, "digest"), "sha256");

function oneOf(values, parent, key) {
  const value = textOf(parent, key);
  if (!values.includes(value)) throw new JsonError(`${key}: ${value.slice(0, 40)}`);
  return value;
}

// A record as codec.py reads it: no field missing, unknown or of another type. What comes back is
// canonical, with what older records lack filled in, so that two can be compared as texts.
function recordOf(shape, value, where) {
  if (typeof shape === "string") {
    const kinds = { int: "bigint", str: "string", bool: "boolean" };
    if (typeof value !== kinds[shape]) throw new JsonError(`${where}: wanted ${shape}`);
    return typeof value === "bigint" ? value.toString() : value;
  }
  if (shape.optional) return value === null ? null : recordOf(shape.optional, value, where);
  if (shape.list || shape.tuple) {
    if (!Array.isArray(value)) throw new JsonError(`${where}: wanted a list`);
    if (shape.list) return value.map((one, k) => recordOf(shape.list, one, `${where}[${k}]`));
    if (value.length !== shape.tuple.length) throw new JsonError(`${where}: ${value.length} items`);
    return value.map((one, k) => recordOf(shape.tuple[k], one, `${where}[${k}]`));
  }
  if (!(value instanceof Map)) throw new JsonError(`${where}: wanted an object`);
  const out = {};
  const known = new Set();
  for (const own of SHAPES[shape.record]) {
    known.add(own.name);
    const path = `${where}.${own.name}`;
    if (value.has(own.name)) {
      const given = value.get(own.name);
      const isEmpty =
        given === null || given === false || given === "" || given === 0n ||
        (Array.isArray(given) && !given.length) || (given instanceof Map && !given.size);
      if (own.leftOut && isEmpty) throw new JsonError(`${path}: empty, wanted nothing at all`);
      out[own.name] = recordOf(own.kind, given, path);
    } else if ("absent" in own) out[own.name] = own.absent;
    else if (!own.leftOut) throw new JsonError(`${path}: missing`);
  }
  for (const key of value.keys()) if (!known.has(key)) throw new JsonError(`${where}: unknown ${key}`);
  return out;
}

const sameRecord = (a, b) => JSON.stringify(a) === JSON.stringify(b);

function opened(payload) {
  const statement = parseStrict(payload, MAX_PAYLOAD, "the statement");
  if (!(statement instanceof Map) || field(statement, "_type") !== STATEMENT_TYPE) {
    throw new JsonError("_type");
  }
  return statement;
}

function rowsOf(predicate, key) {
  return objectsOf(predicate, key).map((row) => ({
    id: textOf(row, "id"), result: oneOf(STATUSES, row, "result"), message: textOf(row, "message"),
  }));
}

function subjectsOf(statement) {
  const subject = field(statement, "subject");
  if (!Array.isArray(subject) || !subject.length || subject.length > 64) throw new JsonError("subject");
  return subject.map((one) => {
    if (!(one instanceof Map)) throw new JsonError("subject: each is an object");
    return digestOf(one);
  });
}

function modelsOf(predicate, isRecheck) {
  if (isRecheck && !predicate.has("models")) return [objectOf(predicate, "model")];
  const key = isRecheck ? "models" : "inputs";
  const rows = objectsOf(predicate, key);
  if (predicate.has("model") || rows.length < (isRecheck ? 2 : 1) || rows.length > 64) {
    throw new JsonError(`${key}: a list of models is wanted`);
  }
  if (new Set(rows.map(digestOf)).size !== rows.length) throw new JsonError(`${key}: twice`);
  return rows;
}

function demandOf(predicate, verdict, digests) {
  if (field(predicate, "demand") === null) {
    if (verdict === "FAILED") return null;
    throw new JsonError("demand: missing");
  }
  const demand = recordOf({ record: "AuditDemand" }, predicate.get("demand"), "demand");
  const parts = demand.parts || [];
  const own = [...new Set(parts.map((part) => part.model_sha256))].sort();
  const wanted = parts.length ? [...new Set(digests)].sort() : [];
  if (!sameRecord(own, wanted)) throw new JsonError("demand: its parts are of other models");
  if (new Set(digests).size > 1 && !parts.length) throw new JsonError("demand: no parts");
  return demand;
}

function checkRecipe(recipe) {
  for (const key of ["pack", "class", "material", "process", "printer"]) textOf(recipe, key);
  const pairs = field(recipe, "overrides");
  const isPair = (pair) =>
    Array.isArray(pair) && pair.length === 2 && pair.every((text) => typeof text === "string");
  if (!Array.isArray(pairs) || !pairs.every(isPair)) throw new JsonError("overrides");
  const epoch = field(recipe, "epoch");
  if (recipe.has("epoch") && (typeof epoch !== "bigint" || epoch < 1n)) throw new JsonError("epoch");
}

function recordsOf(predicate) {
  if (!predicate.has("records")) return [];
  const records = objectOf(predicate, "records");
  return [...records.keys()].sort().map((kind) => {
    const row = objectOf(records, kind);
    const says = objectOf(row, "says");
    textOf(row, "name");
    digestOf(row);
    return { kind, says: [...says.keys()].map((key) => [key, textOf(says, key)]) };
  });
}

function checkTool(tool) {
  textOf(tool, "python");
  textOf(tool, "platform");
  for (const row of objectsOf(tool, "dependencies")) {
    textOf(row, "name");
    textOf(row, "version");
  }
}

function readStatement(payload) {
  const statement = opened(payload);
  const kind = field(statement, "predicateType");
  if (![GENERATION, RECHECK].includes(kind)) throw new JsonError("predicateType");
  const predicate = objectOf(statement, "predicate");
  const critical = field(predicate, "critical");
  if (!Array.isArray(critical)) throw new JsonError("critical: missing");
  for (const name of critical) {
    if (!UNDERSTOOD.includes(name) || !predicate.has(name)) throw new JsonError(`critical ${name}`);
  }
  const subjects = subjectsOf(statement);
  const isRecheck = kind === RECHECK;
  const models = modelsOf(predicate, isRecheck);
  const named = models.map((row) => ({ name: textOf(row, "name"), sha256: digestOf(row) }));
  const standard = objectOf(predicate, "standard");
  const tool = objectOf(predicate, isRecheck ? "verifier" : "tool");
  const verdict = isRecheck ? oneOf(OUTCOMES, predicate, "verdict") : null;
  textOf(field(statement, "subject")[0], "name");
  checkTool(tool);
  for (const row of objectsOf(predicate, "profiles")) {
    textOf(row, "role");
    if (field(row, "id") !== null) textOf(row, "id");
    digestOf(row);
  }
  const allowed = isRecheck ? field(predicate, "allowed_undecided") : [];
  if (!Array.isArray(allowed) || !allowed.every((one) => typeof one === "string")) {
    throw new JsonError("allowed_undecided");
  }
  if (isRecheck && !predicate.has("certificate")) throw new JsonError("certificate: missing");
  if (!isRecheck) checkRecipe(objectOf(predicate, "recipe"));
  return {
    kind, verdict, allowed,
    subject: subjects[0], commands: subjects[1] || null, container: subjects[2] || null,
    issuedAt: timeOf(predicate, "issuedAt"),
    expiresAt: field(predicate, "expiresAt") === null ? null : timeOf(predicate, "expiresAt"),
    pack: textOf(standard, "pack"), indication: textOf(standard, "indication"),
    models: named,
    demand: demandOf(predicate, verdict, named.map((one) => one.sha256)),
    rows: rowsOf(predicate, isRecheck ? "rules" : "checks"),
    checks: isRecheck && predicate.has("checks") ? rowsOf(predicate, "checks") : [],
    generation: !isRecheck || predicate.get("certificate") === null
      ? null : shaOf(predicate.get("certificate"), "sha256"),
    tool: textOf(tool, "version"), toolSha: digestOf(tool),
    records: recordsOf(predicate),
  };
}

function readPart(payload) {
  const statement = opened(payload);
  if (field(statement, "predicateType") !== PART_TYPE) throw new JsonError("predicateType");
  const predicate = objectOf(statement, "predicate");
  if (!sameRecord(field(predicate, "critical"), ["model", "part", "verdict"])) {
    throw new JsonError("critical");
  }
  const subjects = subjectsOf(statement);
  const part = recordOf({ record: "PartDemand" }, field(predicate, "part"), "part");
  const model = objectOf(predicate, "model");
  if (subjects.length !== 2 || part.model_sha256 !== subjects[1] || digestOf(model) !== subjects[1]) {
    throw new JsonError("the part's model is not the statement's subject");
  }
  if (field(predicate, "verdict") !== "PASSED") throw new JsonError("verdict");
  if (field(predicate, "certificate") !== null) shaOf(predicate.get("certificate"), "sha256");
  const standard = objectOf(predicate, "standard");
  textOf(standard, "toleranceClass");
  textOf(objectOf(predicate, "verifier"), "version");
  return {
    kind: PART_TYPE, verdict: "PASSED", allowed: [], part,
    subject: subjects[0], plate: shaOf(objectOf(predicate, "plate"), "sha256"),
    issuedAt: timeOf(predicate, "issuedAt"),
    expiresAt: field(predicate, "expiresAt") === null ? null : timeOf(predicate, "expiresAt"),
    pack: textOf(standard, "pack"), indication: textOf(standard, "indication"),
    models: [{ name: textOf(model, "name"), sha256: subjects[1] }],
    rows: rowsOf(predicate, "rules"), checks: [], measured: objectOf(predicate, "measured"),
    records: partRecords(predicate),
  };
}

function partRecords(predicate) {
  if (!predicate.has("records")) return [];
  const records = objectOf(predicate, "records");
  return [...records.keys()].sort().map((kind) => ({
    kind, says: [...objectOf(objectOf(records, kind), "says")].map(([key, value]) => [key, String(value)]),
  }));
}

function readPassport(payload) {
  const statement = opened(payload);
  if (field(statement, "predicateType") !== PASSPORT) throw new JsonError("predicateType");
  const predicate = objectOf(statement, "predicate");
  if (!sameRecord(field(predicate, "critical"), ["record"])) throw new JsonError("critical");
  const record = recordOf({ record: "PassportRecord" }, field(predicate, "record"), "record");
  const own = record.certified;
  if (own.verdict !== "PASSED") throw new JsonError("verdict: a passport is of a part that passed");
  timeOf(new Map([["issued_at", own.issued_at]]), "issued_at");
  const basis = own.rests_on || [];
  for (const one of basis) shaOf(new Map([["rests_on", one]]), "rests_on");
  if (basis.length && !basis.includes(own.statement_sha256)) throw new JsonError("rests_on");
  const wanted = [
    [`certificate ${own.statement}`, own.statement_sha256], ["program", own.program_sha256],
    [own.model_name, own.model_sha256],
  ];
  const subject = field(statement, "subject");
  const isOwn = Array.isArray(subject) && subject.length === 3 && subject.every((one, k) =>
    one instanceof Map && one.size === 2 && one.get("name") === wanted[k][0] &&
    one.get("digest") instanceof Map && one.get("digest").size === 1 &&
    one.get("digest").get("sha256") === wanted[k][1]);
  if (!isOwn) throw new JsonError("the subjects are not those of the record");
  textOf(field(predicate, "tool"), "version");
  return {
    kind: PASSPORT, issuedAt: timeOf(predicate, "issuedAt"), subject: own.program_sha256,
    expiresAt: null, quotedAt: own.issued_at, pack: own.pack,
    models: [{ name: own.model_name, sha256: own.model_sha256 }], rows: [], checks: [], allowed: [],
    told: flat(record, ""),
  };
}

// A record as (path, text), for display.
function flat(value, path) {
  if (value === null || typeof value !== "object") return [[path, String(value)]];
  return Object.entries(value).flatMap(([key, one]) => flat(one, path ? `${path}.${key}` : key));
}
