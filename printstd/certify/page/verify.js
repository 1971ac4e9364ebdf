// Verifying, in the order of verify.py: the signature first, then the signed bytes are parsed, then
// what they say is held against the file and the policy. Refusals carry the exit code that
// `printstd verify` has for them.

const PAYLOAD_TYPE = "application/vnd.in-toto+json";
const BUNDLE_TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json";

function readBundle(bytes, name) {
  try {
    const bundle = parseStrict(bytes, MAX_BUNDLE, "the bundle");
    if (!(bundle instanceof Map) || field(bundle, "mediaType") !== BUNDLE_TYPE) {
      throw new JsonError("not a Sigstore bundle v0.3");
    }
    const material = objectOf(bundle, "verificationMaterial");
    const envelope = objectOf(bundle, "dsseEnvelope");
    if (field(envelope, "payloadType") !== PAYLOAD_TYPE) throw new JsonError("payloadType");
    const signatures = field(envelope, "signatures");
    if (!Array.isArray(signatures) || signatures.length !== 1 || !(signatures[0] instanceof Map)) {
      throw new JsonError("a bundle holds exactly one signature");
    }
    const only = signatures[0];
    if (material.has("certificate") && !material.has("publicKey")) {
      throw new Refusal(6, "identity", name);
    }
    const hint = field(objectOf(material, "publicKey"), "hint");
    // No name narrows nothing, as DSSE allows.
    const named = only.has("keyid") ? only.get("keyid") : "";
    if (typeof hint !== "string" || named !== hint) {
      throw new JsonError("the key hint and the signature's keyid differ");
    }
    const payload = base64Bytes(field(envelope, "payload"), "payload");
    const signature = base64Bytes(field(only, "sig"), "sig");
    if (payload.length > MAX_PAYLOAD) throw new JsonError(`payload of ${payload.length} bytes`);
    return { payload, signature, keyId: hint, name };
  } catch (error) {
    if (error instanceof JsonError) throw new Refusal(6, "unreadable", `${name}: ${error.message}`);
    throw error;
  }
}

// What a bundle says that it is, unverified: it only sorts the files that were given.
function claimed(bundle) {
  try {
    const statement = parseStrict(bundle.payload, MAX_PAYLOAD, "the statement");
    const subject = field(statement, "subject");
    const digest = Array.isArray(subject) ? field(field(subject[0], "digest"), "sha256") : null;
    return [field(statement, "predicateType"), typeof digest === "string" ? digest : null];
  } catch (error) {
    if (error instanceof JsonError) return [null, null];
    throw error;
  }
}

function pae(payload) {
  const head = `DSSEv1 ${PAYLOAD_TYPE.length} ${PAYLOAD_TYPE} ${payload.length} `;
  return concat([ASCII.encode(head), payload]);
}

// ---- keys

const P256_HEAD = "3059301306072a8648ce3d020106082a8648ce3d030107034200";
const ED25519_HEAD = "302a300506032b6570032100";
const RSA_OID = "300d06092a864886f70d0101010500";

const hexOf = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");

// A trusted key of the page, or of a PEM file: {keyId, algorithm, spki}.
async function keyOf(spki) {
  const hex = hexOf(spki);
  const keyId = await sha256(spki);
  if (hex.startsWith(P256_HEAD) && spki.length === 91 && hex.slice(52, 54) === "04") {
    return { keyId, algorithm: "ecdsa-p256-sha256", spki };
  }
  if (hex.startsWith(ED25519_HEAD) && spki.length === 44) {
    if (SMALL_ORDER.includes(hex.slice(24))) throw new Refusal(4, "key", "small order");
    return { keyId, algorithm: "ed25519", spki };
  }
  if (hex.slice(0, 60).includes(RSA_OID)) return { keyId, algorithm: "rsa-pkcs1v15-sha256", spki };
  throw new Refusal(4, "key", hex.slice(0, 24));
}

async function keyOfPem(text) {
  if (text.includes("PRIVATE KEY")) throw new Refusal(4, "private_key", "");
  const found = /-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----/.exec(text);
  if (!found) throw new Refusal(4, "key", "PEM");
  try {
    return await keyOf(base64Bytes(found[1].replace(/\s/g, ""), "key"));
  } catch (error) {
    if (error instanceof JsonError) throw new Refusal(4, "key", error.message);
    throw error;
  }
}

// An ECDSA signature as WebCrypto wants it; null where the DER is not the one way to write it.
function rawSignature(der) {
  const at = { value: 2 };
  if (der[0] !== 0x30 || der[1] !== der.length - 2 || der[1] > 127) return null;
  const out = new Uint8Array(64);
  for (const half of [0, 32]) {
    const length = der[at.value + 1];
    const from = at.value + 2;
    if (der[at.value] !== 2 || !length || length > 33 || from + length > der.length) return null;
    const number = der.subarray(from, from + length);
    if (number[0] & 0x80 || (number[0] === 0 && (length === 1 || !(number[1] & 0x80)))) return null;
    const plain = number[0] === 0 ? number.subarray(1) : number;
    if (plain.length > 32) return null;
    out.set(plain, half + 32 - plain.length);
    at.value = from + length;
  }
  return at.value === der.length ? out : null;
}

const ALGORITHMS = {
  "ecdsa-p256-sha256": [{ name: "ECDSA", namedCurve: "P-256" }, { name: "ECDSA", hash: "SHA-256" }],
  ed25519: [{ name: "Ed25519" }, { name: "Ed25519" }],
  "rsa-pkcs1v15-sha256": [{ name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }, { name: "RSASSA-PKCS1-v1_5" }],
};

async function verifies(key, message, signature) {
  const [kind, how] = ALGORITHMS[key.algorithm];
  let imported;
  try {
    imported = await crypto.subtle.importKey("spki", key.spki, kind, false, ["verify"]);
  } catch (error) {
    throw new Refusal(6, error.name === "NotSupportedError" ? "algorithm" : "key", key.algorithm);
  }
  if (imported.algorithm.modulusLength < 2048) throw new Refusal(4, "key", "RSA");
  const raw = key.algorithm === "ecdsa-p256-sha256" ? rawSignature(signature) : signature;
  return raw !== null && crypto.subtle.verify(how, imported, raw, message);
}

async function signedBy(envelope, keys) {
  const message = pae(envelope.payload);
  for (const key of keys) {
    if (["", key.keyId].includes(envelope.keyId) && (await verifies(key, message, envelope.signature))) return key;
  }
  return null;
}

// ---- statements

async function openedBy(envelope, keys, read) {
  const key = await signedBy(envelope, keys);
  if (!key) throw new Refusal(6, "signature", `${envelope.name}: ${envelope.keyId.slice(0, 16)}…`);
  try {
    return { key, said: read(envelope.payload), payload: envelope.payload };
  } catch (error) {
    if (error instanceof JsonError) throw new Refusal(6, "statement", `${envelope.name}: ${error.message}`);
    throw error;
  }
}

async function openStatement(envelope, kind, held, keys) {
  const found = await openedBy(envelope, keys, readStatement);
  if (found.said.kind !== kind) throw new Refusal(6, "statement", `${envelope.name}: ${found.said.kind}`);
  if (held) {
    const digest = await sha256(held.program);
    if (found.said.subject !== digest) {
      const commands = await sha256(canonicalCommands(held.program));
      throw new Refusal(6, found.said.commands === commands ? "same_commands" : "digest", digest);
    }
    if (held.containerSha256 !== null && held.containerSha256 !== found.said.container) {
      throw new Refusal(6, "around", held.containerSha256);
    }
  }
  return found;
}

async function checkLink(checked, made) {
  const actual = made ? await sha256(made.payload) : null;
  if (checked.said.generation !== actual) throw new Refusal(6, "link", "");
  if (!made) return;
  const digests = (said) => said.models.map((one) => one.sha256).sort();
  if (
    !sameRecord(made.said.demand, checked.said.demand) ||
    !sameRecord(digests(made.said), digests(checked.said))
  ) throw new Refusal(6, "apart", "");
}

function dayNumber(text) {
  return Math.floor(Date.parse(`${text.slice(0, 10)}T00:00:00Z`) / 86400000);
}

function checkPolicy(said, policy, now) {
  if (policy.packs.length && !policy.packs.includes(said.pack)) throw new Refusal(6, "pack", said.pack);
  if (said.expiresAt !== null && said.expiresAt < now) throw new Refusal(6, "expired", said.expiresAt);
  if (policy.maxAgeDays === null) return;
  // A passport is no younger than the certificate that it quotes.
  for (const at of [said.issuedAt, said.quotedAt]) {
    const age = dayNumber(now) - dayNumber(at || said.issuedAt);
    if (!(age >= 0 && age <= policy.maxAgeDays)) throw new Refusal(6, "age", at);
  }
}

// The certificates in a carrier, by role. Of several of one role the one about this program counts.
async function chosenInside(held) {
  const digest = await sha256(held.program);
  const roles = new Map();
  for (const bytes of held.bundles) {
    const bundle = readBundle(bytes, held.form);
    const [kind, subject] = claimed(bundle);
    if (![GENERATION, RECHECK].includes(kind)) continue;
    roles.set(kind, [...(roles.get(kind) || []), { bundle, subject }]);
  }
  const picked = new Map();
  for (const [kind, rows] of roles) {
    const own = rows.filter((row) => row.subject === digest);
    if (own.length > 1) throw new Refusal(6, "twice", kind);
    picked.set(kind, (own[0] || rows[0]).bundle);
  }
  return picked;
}

// given: {program: bytes or null, bundles: Map of predicate type -> envelope, plate: number or null}.
async function verifyGiven(given, policy, now) {
  const held = given.program ? await openCarrier(given.program, given.plate) : null;
  const inside = held ? await chosenInside(held) : new Map();
  const of = (kind) => given.bundles.get(kind) || inside.get(kind) || null;
  const facts = { held, programSha256: held ? await sha256(held.program) : null };
  if (policy === null) throw new Refusal(6, "no_key", "");
  const [generation, recheck, part] = [of(GENERATION), of(RECHECK), of(PART_TYPE)];
  const passport = of(PASSPORT);
  if (passport) {
    const told = await openedBy(passport, policy.recheck, readPassport);
    checkPolicy(told.said, policy, now);
    if (!held && !generation && !recheck && !part) {
      return { code: 0, reason: "passport", level: "-", made: null, checked: told, ...facts };
    }
  }
  if (part && !generation && !recheck) return verifyPart(part, held, policy, now, facts);
  if (!held && !recheck) throw new Refusal(4, "no_program", "");
  const made = generation && (await openStatement(generation, GENERATION, held, policy.generator));
  const checked = recheck && (await openStatement(recheck, RECHECK, held, policy.recheck));
  if (checked) await checkLink(checked, made);
  const level = checked ? "C2" : made ? "C1" : "C0";
  if (level < policy.minimumLevel) throw new Refusal(6, "level", level);
  for (const one of [made, checked]) if (one) checkPolicy(one.said, policy, now);
  const outcome = checked ? checked.said.verdict : "PASSED";
  if (!held && outcome !== "FAILED") throw new Refusal(4, "no_program", "");
  if (part) await checkPart(part, held, checked, policy, now);
  const code = { PASSED: 0, FAILED: 1, UNDECIDED: 8 }[outcome];
  return { code, reason: outcome.toLowerCase(), level, made, checked, ...facts };
}

async function openPart(part, policy, now) {
  const found = await openedBy(part, policy.recheck, readPart);
  if (policy.minimumLevel > "C2") throw new Refusal(6, "level", "C2");
  checkPolicy(found.said, policy, now);
  return found;
}

async function verifyPart(part, held, policy, now, facts) {
  const found = await openPart(part, policy, now);
  if (held && found.said.subject !== facts.programSha256) {
    throw new Refusal(6, "digest", facts.programSha256);
  }
  return { code: 0, reason: "part", level: "C2", made: null, checked: found, ...facts };
}

async function checkPart(part, held, checked, policy, now) {
  const found = await openPart(part, policy, now);
  const plate = checked ? await sha256(checked.payload) : null;
  const parts = checked && checked.said.demand ? checked.said.demand.parts || [] : [];
  const isNamed = parts.some((one) => sameRecord(one, found.said.part));
  if (found.said.subject !== (await sha256(held.program)) || found.said.plate !== plate || !isNamed) {
    throw new Refusal(6, "part_apart", found.said.part.label);
  }
}
