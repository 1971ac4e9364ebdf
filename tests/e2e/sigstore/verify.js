// Verifies bundles with sigstore-js alone: a JSON list of cases on standard input, one answer for
// each on standard output. What our own software thinks of them is not asked.
import { createHash, createPublicKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { bundleFromJSON } from "@sigstore/bundle";
import { TrustedRoot } from "@sigstore/protobuf-specs";
import { Verifier, toSignedEntity, toTrustMaterial } from "@sigstore/verify";

const certificates = (...pems) =>
  pems.flatMap((pem) =>
    [...pem.matchAll(/-----BEGIN CERTIFICATE-----([^-]+)-----END/g)].map((found) => ({
      rawBytes: found[1].replace(/\s/g, ""),
    })),
  );

const authority = (chain) => ({
  subject: { organization: "", commonName: "" },
  uri: "",
  certChain: { certificates: chain },
  validFor: { start: "1970-01-01T00:00:00Z" },
});

function check(one) {
  const root = TrustedRoot.fromJSON({
    mediaType: "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
    tlogs: [],
    ctlogs: [],
    certificateAuthorities: one.roots ? [authority(certificates(one.roots))] : [],
    timestampAuthorities: one.stamps ? [authority(certificates(one.stamper, one.stamps))] : [],
  });
  const material = toTrustMaterial(root, () => {
    if (!one.key) throw new Error("no key is trusted");
    return { publicKey: createPublicKey(one.key), validFor: () => true };
  });
  const bundle = bundleFromJSON(JSON.parse(one.bundle));
  const options = { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: one.stamps ? 1 : 0 };
  const policy = one.uri ? { subjectAlternativeName: one.uri } : undefined;
  new Verifier(material, options).verify(toSignedEntity(bundle), policy);
  const statement = JSON.parse(Buffer.from(bundle.content.dsseEnvelope.payload).toString("utf8"));
  if (statement.predicateType !== one.type) throw new Error(`a ${statement.predicateType}`);
  const digest = createHash("sha256").update(Buffer.from(one.program, "base64")).digest("hex");
  if (statement.subject[0].digest.sha256 !== digest) throw new Error("another program");
}

const answers = JSON.parse(readFileSync(0, "utf8")).map((one) => {
  try {
    check(one);
    return { ok: true };
  } catch (error) {
    return { ok: false, why: String(error.message ?? error) };
  }
});
process.stdout.write(JSON.stringify(answers));
