import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { freePort } from "../support/freePort";
import { parseReference } from "../../src/image/reference";
import { listReferrers } from "../../src/oci/registry/listings";
import type { RegistryAccess } from "../../src/oci/transport/access";
import { Registries } from "../../src/oci/registries";
import { makeArtifact, makeImage, makeSignature, MANIFEST_SHAPES, pushImage, tagFor } from "../support/images";
import { DISTRIBUTION_LOGIN, startDistribution } from "../support/registry/distribution";
import { startLoginProxy } from "../support/registry/loginProxy";
import { certificateAuthority, startRegistry, type IssuedCertificate, type TestRegistry } from "../support/registry";
import { ensureTool } from "../support/tools";

/** Real servers as source and target: the double agrees with what they do, or a test here shows where it does not. */
const USER = DISTRIBUTION_LOGIN;
const INSTALL_MS = 20 * 60_000;

interface Server {
  readonly host: string;
  readonly access: RegistryAccess;
}
interface Kind {
  readonly name: string;
  /** @param folder with the files `cert.pem` and `key.pem` */
  start(folder: string): Promise<{ host: string; close: () => Promise<void> }>;
  readonly hasReferrers: boolean;
}

const ending = (child: ChildProcess) => async (): Promise<void> => {
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
};

const kinds: Kind[] = [
  {
    name: "distribution 2.8",
    start: () => startDistribution({ tool: "docker-registry", certificate }),
    hasReferrers: false,
  },
  { name: "distribution 3", start: () => startDistribution({ certificate }), hasReferrers: false },
  {
    name: "a registry with the referrers API",
    // It knows no logins, so one stands before it.
    start: async (folder) => {
      const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
      writeFileSync(cert, certificate.certificate);
      writeFileSync(key, certificate.key, { mode: 0o600 });
      const [registryPort, port] = [await freePort(), await freePort()];
      const address = `127.0.0.1:${registryPort}`;
      const end = ending(spawn(await ensureTool("referrers-registry"), [address, cert, key], { stdio: "ignore" }));
      const proxy = await startLoginProxy({ registryPort, port, certificate, ...USER });
      const close = async () => {
        await proxy.close();
        await end();
      };
      return { host: `127.0.0.1:${port}`, close };
    },
    hasReferrers: true,
  },
];

const platforms = ["linux/amd64", "linux/arm64"];
const base = { size: 3_000_000, seed: "base" };
const image = makeImage({ platforms, layers: (seed) => [base, { size: 200_000, seed }] });
const other = makeImage({ platforms, layers: (seed) => [base, { size: 5000, seed: `other ${seed}` }] });
const docker = makeImage({ mediaTypes: "docker", layers: [base] });
const sbom = makeArtifact({ artifactType: "application/spdx+json", subject: image });
/** As cosign signs since its version 3, see https://github.com/sigstore/cosign/blob/main/specs/BUNDLE_SPEC.md. */
const bundle = makeArtifact({ artifactType: "application/vnd.dev.sigstore.bundle.v0.3+json", subject: image });
const TAGS = [".sig", ".att", ".sbom"].map((suffix) => tagFor(image, suffix));

let folder: string;
let certificate: IssuedCertificate;
let source: TestRegistry;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "conformance-"));
  certificate = await (await certificateAuthority()).issue(["127.0.0.1"]);
  source = await startRegistry({ auth: { scheme: "bearer", users: { [USER.username]: USER.password } }, tls: true });
  for (const [name, made] of Object.entries({ "app:1": image, "other:1": other, "docker:1": docker }))
    await pushImage(source, name, made);
  for (const [i, made] of Object.values(MANIFEST_SHAPES).entries()) await pushImage(source, `shape:${i}`, made);
  for (const artifact of [sbom, bundle]) await pushImage(source, "app", artifact);
  for (const tag of TAGS) await pushImage(source, `app:${tag}`, makeSignature(image, `app:${tag.slice(-4)}`));
});

afterAll(async () => {
  await source.close();
  rmSync(folder, { recursive: true, force: true });
});

describe.each(kinds)("$name, with login and TLS", (kind) => {
  let server: Server;
  let end: () => Promise<void>;
  let registries: Registries;
  const from = (name: string) => parseReference(`${source.host}/${name}`);
  const to = (name: string) => parseReference(`${server.host}/${name}`);

  beforeAll(async () => {
    const own = mkdtempSync(join(folder, "server-"));
    const { host, close } = await kind.start(own);
    end = close;
    server = { host, access: { host, caCertificates: [certificate.ca], ...USER } };
    registries = new Registries({
      access: [server.access, { host: source.host, caCertificates: [certificate.ca], ...USER }],
    });
    for (let tries = 0; ; tries++) {
      const answers = await registries.head(to("none:1")).then(
        () => true,
        () => false,
      );
      if (answers) break;
      if (tries === 40) throw new Error(`${kind.name} does not answer`);
      await pause(100);
    }
  }, INSTALL_MS);

  afterAll(async () => {
    registries.close();
    await end();
  });

  it("takes images whole, mounts what they share, and finds them unchanged the second time", async () => {
    const pairs = [
      ["app:1", "m/app:1", image],
      ["other:1", "m/other:1", other],
      ["docker:1", "m/docker:1", docker],
    ] as const;
    const first = await Promise.all(pairs.map(([a, b]) => registries.copy(from(a), to(b))));
    // A registry with one store for all repositories finds the shared blob there: nothing needs to be mounted.
    const spared = first.reduce((sum, { bytesMounted, bytesSkipped }) => sum + bytesMounted + bytesSkipped, 0);
    expect(spared).toBeGreaterThanOrEqual(2 * base.size);
    for (const [i, [a, b, made]] of pairs.entries()) {
      expect(first[i]?.digest).toBe(made.digest);
      expect((await registries.resolve(to(b))).size).toBe(made.size);
      expect(await registries.copy(from(a), to(b))).toMatchObject({ unchanged: true, digest: made.digest });
    }
    const copier = new Registries({
      access: [server.access, { host: source.host, caCertificates: [certificate.ca], ...USER }],
    });
    // Back again: every blob is read from the real server and verified.
    await copier.copy(to("m/app:1"), from("back/app:1"));
    copier.close();
    expect(await source.defects("back/app", "1")).toEqual([]);
  });

  it.each(Object.entries(MANIFEST_SHAPES).map(([name, made], i) => [name, made, i] as const))(
    "takes %s, byte by byte",
    async (_, { digest, manifests }, i) => {
      const [a, b] = [from(`shape:${i}`), to(`m/shape:${i}`)];
      expect(await registries.copy(a, b)).toMatchObject({ digest, unchanged: false });
      const stored = await registries.client(server.host).manifest("m/shape", `${i}`);
      expect([stored.digest, manifests.at(-1)?.bytes.equals(stored.bytes)]).toEqual([digest, true]);
      expect(await registries.copy(a, b)).toMatchObject({ digest, unchanged: true });
    },
  );

  it("takes a subset of platforms, and lists tags", async () => {
    const wish = [{ os: "linux", architecture: "arm64" }];
    const { digest } = await registries.copy(from("app:1"), to("subset:1"), { platforms: wish });
    const resolved = await registries.resolve(to("subset:1"));
    expect([resolved.digest, resolved.platforms]).toEqual([digest, wish]);
    expect(await registries.listTags(to("subset"))).toEqual(["1"]);
  });

  it("takes signatures and SBOMs", async () => {
    const result = await registries.copy(from("app:1"), to("signed:1"), { referrers: true });
    expect(result.warnings).toEqual([]);
    const listed = await listReferrers(registries.client(server.host), "signed", image.digest);
    expect(listed.map(({ digest }) => digest).sort()).toEqual([sbom.digest, bundle.digest].sort());
    for (const tag of TAGS) {
      const digest = source.tag("app", tag);
      expect((await registries.head(to(`signed:${tag}`)))?.digest).toBe(digest);
    }
    expect((await registries.head(to(`signed:${tagFor(image)}`))) === undefined).toBe(kind.hasReferrers);
  });

  it("takes and gives charts", async () => {
    const bytes = Buffer.from("a chart");
    const chart = { config: { mediaType: "application/vnd.cncf.helm.config.v1+json", bytes: Buffer.from("{}") } };
    const layers = [{ mediaType: "application/vnd.cncf.helm.chart.content.v1.tar+gzip", bytes }];
    await registries.pushArtifact(to("charts/c:1.0.0"), { ...chart, layers });
    const pulled = await registries.pullArtifact(to("charts/c:1.0.0"));
    expect(pulled.layers[0]?.bytes).toEqual(bytes);
  });

  it("says what is missing, and refuses a wrong login by name", async () => {
    await expect(registries.copy(to("none:1"), from("x:1"))).rejects.toMatchObject({
      code: expect.stringMatching(/^(?:IMAGE|TAG)_NOT_FOUND$/) as string,
    });
    await expect(registries.copy(to("m/app:none"), from("x:1"))).rejects.toMatchObject({ code: "TAG_NOT_FOUND" });
    const wrong = new Registries({ access: [{ ...server.access, password: "wrong" }] });
    await expect(wrong.head(to("m/app:1"))).rejects.toMatchObject({ code: "LOGIN_REFUSED", user: USER.username });
    wrong.close();
  });
});
