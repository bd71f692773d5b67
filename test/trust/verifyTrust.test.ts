import { sign } from "node:crypto";
import { RegistryUnreachableError } from "../../src/oci/errors/errors";
import { Registries } from "../../src/oci/registries";
import type { TrustPolicy, TrustRule } from "../../src/trust/trustPolicy";
import { UntrustedImageError, verifyTrust } from "../../src/trust/verifyTrust";
import { makeArtifact, makeImage, pushImage } from "../support/images";
import { startRegistry, type TestRegistry } from "../support/registry";
import { startAuthority, type Authority } from "./authority";
import { attach, keyPair, payloadOf, pem, signed } from "./cosign";

const KEYS = keyPair();
const OTHER = keyPair();
const SIGNATURE = "dev.cosignproject.cosign/signature";
const ISSUER = "https://issuer.test";
const SUBJECT = "https://ci.test/shop/release.yaml@refs/tags/v1";
const image = makeImage({ layers: [{ size: 100, seed: "web" }] });
const another = makeImage({ layers: [{ size: 100, seed: "another" }] });
const WEB = { source: "quay.io/shop/web:1", digest: image.digest };

let source: TestRegistry;
let registries: Registries;

beforeEach(async () => {
  source = await startRegistry();
  registries = new Registries({ access: [{ host: "quay.io", location: source.host, plainHttp: true }] });
  for (const name of ["shop/web:1", "shop/api:1"]) await pushImage(source, name, image);
});
afterEach(async () => {
  registries.close();
  await source.close();
});

const byKey = (keys = KEYS, pattern = "quay.io/shop/*"): TrustRule => ({ pattern, key: pem(keys) });
const verify = (policy: TrustPolicy, images: readonly { source: string; digest?: string }[] = [WEB], root = "") =>
  verifyTrust(images, policy, { registries, read: () => Promise.resolve(root) });
const signWith = (keys = KEYS, payload = payloadOf(image.digest), signature = signed(payload, keys)) =>
  attach(source, "shop/web", image, payload, { [SIGNATURE]: signature });

describe("a rule with a key", () => {
  it("takes an image that was signed with it", async () => {
    await signWith();
    await expect(verify({ rules: [byKey()] })).resolves.toBeUndefined();
  });

  it.each<[string, () => Promise<void>, RegExp]>([
    ["nobody has signed", () => Promise.resolve(), /nobody has signed sha256:/],
    ["another key has signed", () => signWith(OTHER), /none of its signatures will do: signature verification failed/],
    [
      "whose payload was tampered with",
      () => signWith(KEYS, payloadOf(image.digest).replace("null", "{}"), signed(payloadOf(image.digest), KEYS)),
      /signature verification failed/,
    ],
    [
      "whose signature is of another image",
      () => signWith(KEYS, payloadOf(another.digest)),
      new RegExp(`it is of ${another.digest}`),
    ],
    [
      "whose signature is of something else",
      () => signWith(KEYS, payloadOf(image.digest, "atomic")),
      /what it signs is no image signature/,
    ],
    ["whose signature is no JSON", () => signWith(KEYS, "hello"), /what it signs is no image signature/],
    [
      "whose signature is no base64",
      () => signWith(KEYS, payloadOf(image.digest), "§"),
      /layer sha256:\w+ of the tag sha256-\w+\.sig cannot be read as a signature: its annotation dev\.cosign\S+ is no base64/,
    ],
    [
      "whose signature is missing",
      () => attach(source, "shop/web", image, payloadOf(image.digest), {}),
      /cannot be read as a signature: it has no annotation dev\.cosignproject\.cosign\/signature/,
    ],
    [
      "whose certificate is none",
      () =>
        attach(source, "shop/web", image, payloadOf(image.digest), {
          [SIGNATURE]: signed(payloadOf(image.digest), OTHER),
          "dev.sigstore.cosign/certificate": "hello",
        }),
      /of the tag sha256-\w+\.sig cannot be read as a signature: .*PEM/,
    ],
  ])("refuses an image %s", async (_, prepare, reason) => {
    await prepare();
    const refused = verify({ rules: [byKey()] });
    await expect(refused).rejects.toBeInstanceOf(UntrustedImageError);
    await expect(refused).rejects.toThrow(reason);
    await expect(refused).rejects.toThrow(
      /Image quay\.io\/shop\/web:1 is not signed as the rule for quay\.io\/shop\/\* asks for/,
    );
  });

  it("takes a bundle that refers to the image, with a statement that is a signature of it", async () => {
    await pushBundle(image.digest, "https://sigstore.dev/cosign/sign/v1");
    await expect(verify({ rules: [byKey()] })).resolves.toBeUndefined();
    await expect(verify({ rules: [byKey(OTHER)] })).rejects.toThrow(/signature verification failed/);
  });

  it.each([
    [
      "an attestation of the same signer",
      image.digest,
      "https://slsa.dev/provenance/v1",
      /what it signs is no image signature/,
    ],
    ["a signature of another image", another.digest, "https://sigstore.dev/cosign/sign/v1", /it is of sha256:/],
  ])("refuses a bundle with %s", async (_, digest, predicateType, reason) => {
    await pushBundle(digest, predicateType);
    await expect(verify({ rules: [byKey()] })).rejects.toThrow(reason);
  });

  it("says which bundle cannot be read, and takes the one that can", async () => {
    const mediaType = "application/vnd.dev.sigstore.bundle.v0.3+json";
    const broken = makeArtifact({
      artifactType: mediaType,
      layers: [{ bytes: Buffer.from("{}"), mediaType }],
      subject: image,
    });
    await pushImage(source, "shop/web", broken);
    await expect(verify({ rules: [byKey()] })).rejects.toThrow(
      new RegExp(`none of its signatures will do: the bundle ${broken.digest} cannot be read as a signature: `),
    );
    await signWith();
    await expect(verify({ rules: [byKey()] })).resolves.toBeUndefined();
  });

  async function pushBundle(digest: string, predicateType: string): Promise<void> {
    const payloadType = "application/vnd.in-toto+json";
    const statement = {
      _type: "https://in-toto.io/Statement/v1",
      subject: [{ digest: { sha256: digest.slice("sha256:".length) } }],
      predicateType,
      predicate: {},
    };
    const payload = Buffer.from(JSON.stringify(statement));
    // https://github.com/secure-systems-lab/dsse/blob/master/protocol.md
    const encoded = Buffer.concat([
      Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${payload.length} `),
      payload,
    ]);
    const mediaType = "application/vnd.dev.sigstore.bundle.v0.3+json";
    const bundle = {
      mediaType,
      verificationMaterial: { publicKey: { hint: "key" }, tlogEntries: [] },
      dsseEnvelope: {
        payload: payload.toString("base64"),
        payloadType,
        signatures: [{ sig: sign("sha256", encoded, KEYS.privateKey).toString("base64"), keyid: "" }],
      },
    };
    const layers = [{ bytes: Buffer.from(JSON.stringify(bundle)), mediaType }];
    const artifact = makeArtifact({ artifactType: mediaType, layers, subject: image });
    await pushImage(source, "shop/web", artifact);
  }
});

describe("a rule with an identity", () => {
  const identity = { issuer: ISSUER, subject: "https://ci.test/shop/*" };
  const rules = [{ pattern: "quay.io/shop/*", identity }];
  const payload = payloadOf(image.digest);
  const signers: Record<string, [subject: string, issuer: string]> = {
    right: [SUBJECT, ISSUER],
    rightAgain: [SUBJECT, ISSUER],
    otherSubject: ["https://ci.test/evil/release.yaml", ISSUER],
    holdsThePattern: [`https://evil.test/?${SUBJECT}`, ISSUER],
    otherIssuer: [SUBJECT, "https://evil.test"],
  };
  let authority: Authority;
  let otherAuthority: Authority;

  beforeAll(async () => {
    const requests = Object.values(signers).map(([subject, issuer]) => ({ payload, subject, issuer }));
    [authority, otherAuthority] = await Promise.all([startAuthority(requests), startAuthority(requests)]);
  }, 120_000);
  const made = (signer: string, from = authority): Readonly<Record<string, string>> =>
    from.annotations[Object.keys(signers).indexOf(signer)] as Readonly<Record<string, string>>;
  const keyless = (signer: string, from = authority) =>
    attach(source, "shop/web", image, payload, { ...made(signer, from) });
  const check = () => verify({ rules, trustedRoot: "trusted_root.json" }, [WEB], authority.trustedRoot);

  it("takes an image that this identity has signed, with its certificate and its entry in the log", async () => {
    await keyless("right");
    await expect(check()).resolves.toBeUndefined();
  });

  it.each<[string, () => Promise<void>, RegExp]>([
    ["another subject", () => keyless("otherSubject"), /certificate identity error/],
    ["a subject that only holds the pattern", () => keyless("holdsThePattern"), /certificate identity error/],
    ["another issuer", () => keyless("otherIssuer"), /invalid certificate extension/],
    ["another certificate authority", () => keyless("right", otherAuthority), /none of its signatures will do/],
    ["a key in place of an identity", () => signWith(), /it was made with a key, not by an identity/],
    [
      "an entry of the log that is of another signature",
      () => {
        const log = "dev.sigstore.cosign/bundle";
        const other = { [log]: made("rightAgain")[log] as string };
        return attach(source, "shop/web", image, payload, { ...made("right"), ...other });
      },
      /none of its signatures will do/,
    ],
    [
      "no entry in the log",
      () => {
        const { "dev.sigstore.cosign/bundle": _, ...rest } = made("right");
        return attach(source, "shop/web", image, payload, rest);
      },
      /expected 1 tlog timestamps, got 0|nobody has signed/,
    ],
  ])("refuses %s", async (_, prepare, reason) => {
    await prepare();
    await expect(check()).rejects.toThrow(reason);
  });

  it("asks for a certificate that a log has seen where the trusted root names such logs", async () => {
    await keyless("right");
    const root = JSON.parse(authority.trustedRoot) as { tlogs: unknown[]; ctlogs: unknown[] };
    const withLogs = JSON.stringify({ ...root, ctlogs: root.tlogs });
    const policy = { rules, trustedRoot: "trusted_root.json" };
    await expect(verify(policy, [WEB], withLogs)).rejects.toThrow(/expected 1 SCTs, got 0/);
  });

  it.each([
    ["is no JSON", "{"],
    ["names no authority", "{}"],
  ])("says when its trusted root %s", async (_, root) => {
    await expect(verify({ rules, trustedRoot: "root.json" }, [WEB], root)).rejects.toMatchObject({
      code: "INVALID_TRUSTED_ROOT",
      message: expect.stringMatching(/^Reading the trusted root root\.json failed/) as string,
    });
  });
});

describe("a policy", () => {
  it("reports all images with the rules that they break", async () => {
    const images = [WEB, { ...WEB, source: "quay.io/shop/api:1" }];
    await expect(verify({ rules: [byKey()] }, images)).rejects.toMatchObject({
      problems: [{ image: "quay.io/shop/web:1" }, { image: "quay.io/shop/api:1" }],
    });
  });

  it("leaves alone what no rule names, and what an earlier rule frees", async () => {
    await expect(verify({ rules: [byKey(KEYS, "ghcr.io/*")] })).resolves.toBeUndefined();
    await expect(verify({ rules: [{ pattern: "quay.io/*", unsigned: true }, byKey()] })).resolves.toBeUndefined();
  });

  it("does not trust an image of which the digest is not known", async () => {
    await expect(verify({ rules: [byKey()] }, [{ source: WEB.source }])).rejects.toThrow(/its digest is not known/);
  });

  it("does not trust what cannot be asked, unless that was verified before", async () => {
    await source.close();
    registries.close();
    registries = new Registries({
      access: [{ host: "quay.io", location: source.host, plainHttp: true }],
      retry: { attempts: 1 },
    });
    await expect(verify({ rules: [byKey()] })).rejects.toBeInstanceOf(RegistryUnreachableError);
    const told: string[] = [];
    const context = { registries, read: () => Promise.resolve(""), onUnreachable: (name: string) => told.push(name) };
    await verifyTrust([WEB], { rules: [byKey()] }, context);
    expect(told).toEqual([WEB.source]);
    source = await startRegistry();
  });

  it.each<[string, TrustPolicy, RegExp]>([
    ["a rule that names nobody", { rules: [{ pattern: "*" }] }, /none of key, identity and unsigned/],
    [
      "a rule that names two",
      { rules: [{ ...byKey(), unsigned: true }] },
      /more than one of key, identity and unsigned/,
    ],
    [
      "an identity without a root",
      { rules: [{ pattern: "*", identity: { issuer: "a", subject: "b" } }] },
      /no trustedRoot/,
    ],
  ])("refuses %s", async (_, policy, reason) => {
    await expect(verify(policy)).rejects.toMatchObject({
      code: "INVALID_TRUST_POLICY",
      message: expect.stringMatching(reason) as string,
    });
  });

  it("refuses a key that is none, and does not show it", async () => {
    await signWith();
    const refused = verify({ rules: [{ pattern: "*", key: "hunter2!" }] });
    await expect(refused).rejects.toMatchObject({ code: "INVALID_TRUST_POLICY" });
    await expect(refused).rejects.not.toThrow(/hunter2!/);
  });
});
