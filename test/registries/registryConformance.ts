import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { buffer } from "node:stream/consumers";
import { digestOf, type Digest } from "../../src/image/digest";
import { parseReference } from "../../src/image/reference";
import { listReferrers } from "../../src/oci/registry/listings";
import { parseManifest } from "../../src/oci/manifest/manifest";
import type { RegistryAccess } from "../../src/oci/transport/access";
import { Registries } from "../../src/oci/registries";
import {
  makeArtifact,
  makeImage,
  makeSignature,
  MANIFEST_SHAPES,
  pushImage,
  seededBlob,
  tagFor,
  type SyntheticImage,
} from "../support/images";
import { certificateAuthority, startRegistry, type IssuedCertificate, type TestRegistry } from "../support/registry";
import { LOGIN, type RealRegistry } from "./realRegistry";

const INSTALL_MS = 20 * 60_000;

const platforms = ["linux/amd64", "linux/arm64"];
const base = { size: 3_000_000, seed: "base" };
const image = makeImage({ platforms, layers: (seed) => [base, { size: 200_000, seed }] });
const other = makeImage({ platforms, layers: (seed) => [base, { size: 5000, seed: `other ${seed}` }] });
const docker = makeImage({ mediaTypes: "docker", layers: [base] });
const sbom = makeArtifact({ artifactType: "application/spdx+json", subject: image });
/** As cosign signs since its version 3, see https://github.com/sigstore/cosign/blob/main/specs/BUNDLE_SPEC.md. */
const bundle = makeArtifact({ artifactType: "application/vnd.dev.sigstore.bundle.v0.3+json", subject: image });
const TAGS = [".sig", ".att", ".sbom"].map((suffix) => tagFor(image, suffix));

/** A layer that its owner keeps elsewhere. */
const foreignLayer = (seed: string) => seededBlob(4000, seed);
const withForeignLayer = (mediaTypes: "oci" | "docker", seed: string): SyntheticImage =>
  makeImage({
    mediaTypes,
    layers: [base, { foreign: { urls: ["https://layers.example.com/base"], size: 4000, seed } }],
  });
const FOREIGN = (["copied", "left"] as const).flatMap((seed) =>
  (["oci", "docker"] as const).map((types) => ({ seed, types, made: withForeignLayer(types, seed) })),
);

/**
 * The copier against real servers, with a login and TLS: the double agrees with what they do, or a test here shows where it
 * does not.
 */
export function copiesTo(kinds: readonly RealRegistry[]): void {
  let folder: string;
  let certificate: IssuedCertificate;
  let source: TestRegistry;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "conformance-"));
    certificate = await (await certificateAuthority()).issue(["127.0.0.1"]);
    source = await startRegistry({
      auth: { scheme: "bearer", users: { [LOGIN.username]: LOGIN.password } },
      tls: true,
    });
    for (const [name, made] of Object.entries({ "app:1": image, "other:1": other, "docker:1": docker }))
      await pushImage(source, name, made);
    for (const [i, made] of Object.values(MANIFEST_SHAPES).entries()) await pushImage(source, `shape:${i}`, made);
    for (const artifact of [sbom, bundle]) await pushImage(source, "app", artifact);
    for (const tag of TAGS) await pushImage(source, `app:${tag}`, makeSignature(image, `app:${tag.slice(-4)}`));
    for (const { seed, types, made } of FOREIGN) {
      const layer = foreignLayer(seed);
      await source.putBlob("foreign", layer.digest, layer.read());
      await pushImage(source, `foreign:${seed}-${types}`, made);
    }
  });

  afterAll(async () => {
    await source.close();
    rmSync(folder, { recursive: true, force: true });
  });

  describe.each(kinds)("$name, with login and TLS", (kind) => {
    let access: readonly RegistryAccess[];
    let host: string;
    let end: () => Promise<void>;
    let registries: Registries;
    const repository = (name: string): string => `${kind.path ?? ""}${name}`;
    const from = (name: string) => parseReference(`${source.host}/${name}`);
    const to = (name: string) => parseReference(`${host}/${repository(name)}`);
    /** What another process would use: nothing is known to it. */
    const others = (): Registries => new Registries({ access });

    /** Every manifest and every blob of an image is there, byte by byte. */
    async function expectWhole(name: string, made: SyntheticImage): Promise<void> {
      const client = registries.client(host);
      for (const { digest, bytes } of made.manifests)
        expect((await client.manifest(repository(name), digest)).bytes.equals(bytes)).toBe(true);
      for (const blob of made.blobs) {
        const { digest, size } = blob;
        const mediaType = "application/octet-stream";
        const stored = await client.blob(repository(name), { digest, size, mediaType }, 2 * base.size);
        expect(stored.equals(await buffer(blob.read()))).toBe(true);
      }
    }

    beforeAll(async () => {
      const own = mkdtempSync(join(folder, "server-"));
      const running = await kind.start(own, certificate);
      host = running.host;
      end = () => running.close();
      access = [host, source.host].map((one) => ({ host: one, caCertificates: [certificate.ca], ...LOGIN }));
      registries = others();
      for (let tries = 0; ; tries++) {
        const answers = await registries.head(to("none:1")).then(
          () => true,
          () => false,
        );
        if (answers) break;
        if (tries === 100) throw new Error(`${kind.name} does not answer`);
        await pause(100);
      }
    }, INSTALL_MS);

    afterAll(async () => {
      registries?.close();
      await end?.();
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
      const copier = others();
      // Back again: every blob is read from the real server and verified.
      await copier.copy(to("m/app:1"), from("back/app:1"));
      copier.close();
      expect(await source.defects("back/app", "1")).toEqual([]);
    });

    it.each(Object.entries(MANIFEST_SHAPES).map(([name, made], i) => [name, made, i] as const))(
      "takes %s, byte by byte, or says why not",
      async (name, made, i) => {
        const [a, b] = [from(`shape:${i}`), to(`m/shape:${i}`)];
        const code = kind.refuses?.[name];
        if (code !== undefined) {
          await expect(registries.copy(a, b)).rejects.toMatchObject({
            message: expect.stringContaining(code) as string,
          });
          expect(await others().head(b)).toBeUndefined();
          return;
        }
        expect(await registries.copy(a, b)).toMatchObject({ digest: made.digest, unchanged: false });
        await expectWhole("m/shape", made);
        expect(await others().copy(a, b)).toMatchObject({ digest: made.digest, unchanged: true });
      },
    );

    it("takes a subset of platforms, and lists tags", async () => {
      const wish = [{ os: "linux", architecture: "arm64" }];
      const { digest } = await registries.copy(from("app:1"), to("subset:1"), { platforms: wish });
      const resolved = await registries.resolve(to("subset:1"));
      expect([resolved.digest, resolved.platforms]).toEqual([digest, wish]);
      expect(await registries.listTags(to("subset"))).toEqual(["1"]);
    });

    it("lists all tags of a repository", async () => {
      const tags = Array.from({ length: 12 }, (_, i) => `v${i}`);
      for (const tag of tags) await registries.copy(from("app:1"), to(`tags:${tag}`));
      expect((await registries.listTags(to("tags"))).sort()).toEqual([...tags].sort());
    });

    it("gets back what was deleted there", async () => {
      await registries.copy(from("other:1"), to("deleted:1"));
      const client = registries.client(host);
      for (const name of ["1", other.digest])
        await client.session.send({
          doing: "deleting an image",
          method: "DELETE",
          url: `${client.path(repository("deleted"))}/manifests/${name}`,
          permission: client.permission(repository("deleted"), { push: true }),
          // Some take a digest alone, and with the tag the image may be gone.
          expect: [200, 202, 204, 400, 404, 405],
        });
      expect(await others().head(to("deleted:1"))).toBeUndefined();
      expect(await others().copy(from("other:1"), to("deleted:1"))).toMatchObject({ unchanged: false });
      await expectWhole("deleted", other);
    });

    it("has an image whose name is a digest of SHA-512 under that digest, or says under which", async () => {
      const { bytes, mediaType } = docker.manifests.at(-1) as (typeof docker.manifests)[number];
      const digest: Digest = digestOf(bytes, "sha512");
      const stored = { digest, mediaType, bytes, manifest: parseManifest(bytes, mediaType, "docker") };
      await registries.client(source.host).putManifest("docker", digest, stored);
      const [a, b] = [from(`docker@${digest}`), to("sha512:1")];
      const { digest: written, warnings } = await registries.copy(a, b);
      expect([written, warnings.length]).toEqual(kind.keepsSha512 ? [digest, 0] : [docker.digest, 1]);
      await expectWhole("sha512", docker);
      expect(await others().copy(a, b)).toMatchObject({ unchanged: true, digest: written });
      const pinned = others().copy(a, to(`pinned@${digest}`));
      if (kind.keepsSha512) expect(await pinned).toMatchObject({ digest });
      else await expect(pinned).rejects.toMatchObject({ code: "DIGEST_ALGORITHM_REFUSED" });
    });

    it.each(FOREIGN)(
      "takes foreign layers of $types, which are $seed, or says why not",
      async ({ types, seed, made }) => {
        const isCopied = seed === "copied";
        const name = `foreign-${seed}-${types}`;
        const options = { foreignLayers: isCopied ? "copy" : "skip" } as const;
        const copy = registries.copy(from(`foreign:${seed}-${types}`), to(`${name}:1`), options);
        if (kind.foreignLayers === "none" || (kind.foreignLayers === "had" && !isCopied))
          return expect(copy).rejects.toMatchObject({
            code: "FOREIGN_LAYER_REFUSED",
            digest: foreignLayer(seed).digest,
          });
        const left = isCopied ? [] : [expect.stringMatching(/foreign layer .* is not copied/)];
        expect((await copy).warnings).toEqual(left);
        await expectWhole(name, made);
        expect(await registries.client(host).hasBlob(repository(name), foreignLayer(seed).digest)).toBe(isCopied);
      },
    );

    it("takes signatures and SBOMs", async () => {
      const result = await registries.copy(from("app:1"), to("signed:1"), { referrers: true });
      expect(result.warnings).toEqual([]);
      const listed = await listReferrers(registries.client(host), repository("signed"), image.digest);
      expect(listed.map(({ digest }) => digest).sort()).toEqual([sbom.digest, bundle.digest].sort());
      for (const tag of TAGS) {
        const digest = source.tag("app", tag);
        expect((await registries.head(to(`signed:${tag}`)))?.digest).toBe(digest);
      }
      expect((await registries.head(to(`signed:${tagFor(image)}`))) === undefined).toBe(kind.hasReferrers);
    });

    it("lists an artifact that is copied by its own name", async () => {
      await registries.copy(from(`app@${sbom.digest}`), to("artifacts:sbom"));
      const listed = await listReferrers(others().client(host), repository("artifacts"), image.digest);
      expect(listed.map(({ digest }) => digest)).toEqual([sbom.digest]);
      await expectWhole("artifacts", sbom);
      expect(await others().copy(from(`app@${sbom.digest}`), to("artifacts:sbom"))).toMatchObject({ unchanged: true });
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
      const wrong = new Registries({ access: access.map((one) => ({ ...one, password: "wrong" })) });
      await expect(wrong.head(to("m/app:1"))).rejects.toMatchObject({ code: "LOGIN_REFUSED", user: LOGIN.username });
      wrong.close();
    });
  });
}
