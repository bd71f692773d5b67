import { configsOf, lookUpDaemonImages } from "../../../src/copy/docker/daemonImage";
import { describeDaemonImages } from "../../../src/copy/docker/describeDaemonImages";
import { dockerCopy, DockerPushMismatchError } from "../../../src/copy/docker/dockerCopy";
import type { ImageToCopy } from "../../../src/copy/imageCopyMethod";
import { digestOf, type Digest } from "../../../src/image/digest";
import { parsePlatform } from "../../../src/image/platform";
import { parseReference } from "../../../src/image/reference";
import { Registries } from "../../../src/oci/registries";
import { makeImage, pushImage, type SyntheticImage } from "../../support/images";
import { startRegistry, type TestRegistry } from "../../support/registry";

const platforms = ["linux/amd64", "linux/arm64"];
const index = makeImage({ platforms, layers: (platform) => [{ size: 3000, seed: platform }] });
const single = makeImage({ platforms: ["linux/arm64"], layers: [{ size: 500, seed: "one" }] });
/** What a daemon makes of the arm64 image of {@link index}: the same configuration, other layers. */
const repacked = (image: SyntheticImage, digest: string): SyntheticImage => {
  const child = image.manifests.find((one) => one.digest === digest);
  const config = (JSON.parse(String(child?.bytes)) as { config: { digest: string } }).config;
  const other = makeImage({ platforms: ["linux/arm64"], layers: [{ size: 3100, seed: "packed anew" }] });
  const top = JSON.parse(String(other.manifests.at(-1)?.bytes)) as { config: unknown };
  return { ...other, ...made({ ...top, config }, other, image) };
};
function made(manifest: object, other: SyntheticImage, image: SyntheticImage) {
  const bytes = Buffer.from(JSON.stringify(manifest));
  const digest = digestOf(bytes);
  return {
    digest,
    manifests: [{ mediaType: other.mediaType, bytes, digest }],
    blobs: [...image.blobs, ...other.blobs],
  };
}

let registry: TestRegistry;
let registries: Registries;
const said: string[] = [];
const say = (text: string): void => void said.push(text);

beforeEach(async () => {
  said.length = 0;
  registry = await startRegistry();
  registries = new Registries({ access: [{ host: registry.host, plainHttp: true }] });
  await pushImage(registry, "team/app:1", index);
  await pushImage(registry, "team/one:1", single);
});
afterEach(async () => {
  registries.close();
  await registry.close();
});

const childOf = (architecture: string): { digest: Digest; size: number } => {
  const top = JSON.parse(String(index.manifests.at(-1)?.bytes)) as {
    manifests: { digest: Digest; platform: { architecture: string } }[];
  };
  const digest = top.manifests.find(({ platform }) => platform.architecture === architecture)?.digest;
  if (digest === undefined) throw new Error(architecture);
  const { config, layers } = JSON.parse(String(index.manifests.find((one) => one.digest === digest)?.bytes)) as {
    config: { size: number };
    layers: { size: number }[];
  };
  return { digest, size: layers.reduce((sum, { size }) => sum + size, config.size) };
};
const app = () => ({ source: `${registry.host}/team/app:1`, digest: index.digest });
const lookUp = (source: { source: string; digest?: string }, platform?: string) =>
  lookUpDaemonImages([source], registries, platform === undefined ? undefined : parsePlatform(platform));

describe("lookUpDaemonImages", () => {
  it("finds the one platform of an index, with its own digest, size and configuration", async () => {
    const { digest, size } = childOf("arm64");
    const found = (await lookUp(app(), "linux/arm64"))[app().source];
    expect(found).toEqual({ digest, size, platforms: ["linux/arm64"], configs: found?.configs });
    expect(found?.configs).toHaveLength(1);
  });

  it("leaves the platform to the daemon unless told, and knows every configuration", async () => {
    const found = (await lookUp(app()))[app().source];
    expect(found).toEqual({ digest: index.digest, configs: found?.configs });
    expect(new Set(found?.configs).size).toBe(2);
  });

  it("takes an image of one platform as it is", async () => {
    const source = `${registry.host}/team/one:1`;
    const found = await lookUp({ source, digest: single.digest }, "linux/arm64");
    expect(found[source]).toMatchObject({ digest: single.digest, size: single.size, platforms: ["linux/arm64"] });
  });

  it("tells of all images that lack the platform", async () => {
    const wanted = [app(), { source: `${registry.host}/team/one:1`, digest: single.digest }];
    const failed = lookUpDaemonImages(wanted, registries, parsePlatform("linux/s390x"));
    await expect(failed).rejects.toThrow(/team\/app:1.* has no linux\/s390x[^]*team\/one:1.* has no linux\/s390x/);
  });

  it("leaves to the daemon what this machine may not or cannot ask", async () => {
    const closed = await startRegistry({ auth: { scheme: "basic", users: { ci: "secret" } } });
    const open = new Registries({ access: [{ host: closed.host, plainHttp: true }] });
    try {
      const source = `${closed.host}/team/app:1`;
      const { digest } = index;
      expect(await lookUpDaemonImages([{ source, digest }], open, undefined)).toEqual({ [source]: { digest } });
      expect(await lookUpDaemonImages([{ source }], open, undefined)).toEqual({ [source]: {} });
    } finally {
      open.close();
      await closed.close();
    }
  });

  it("is told in previews: which platform, and what cannot be known or compared", async () => {
    const known = await lookUp(app(), "linux/arm64");
    const text = describeDaemonImages({ ...known, "a.test/b:1": {}, "c.test/d:1": { digest: index.digest } });
    expect(text).toContain(`team/app:1: linux/arm64 of ${childOf("arm64").digest.slice(0, 19)}`);
    expect(text).toMatch(/a\.test\/b:1: .* pulls what the tag is then/);
    expect(text).toMatch(/c\.test\/d:1: the daemon's platform of .* nothing can be compared/);
  });
});

describe("dockerCopy", () => {
  const image = async (digest: Digest, architecture = "arm64"): Promise<ImageToCopy> => ({
    source: parseReference(app().source),
    target: parseReference(`${registry.host}/mirror/app:1`),
    digest,
    configs: (await lookUp(app(), `linux/${architecture}`))[app().source]?.configs ?? [],
    registries,
    access: [],
    log: { info: say, warn: say, status: say },
  });

  it("accepts layers that were packed anew, by the configuration that stayed", async () => {
    const pushed = repacked(index, childOf("arm64").digest);
    await pushImage(registry, "mirror/app:1", pushed);
    expect(pushed.digest).not.toBe(childOf("arm64").digest);
    expect(await dockerCopy.copy(await image(pushed.digest))).toBe(pushed.digest);
    expect(said).toEqual([`${registry.host}/mirror/app:1: pushed by the Docker daemon as ${pushed.digest}`]);
    expect(await dockerCopy.look(await image(pushed.digest))).toBe(pushed.digest);
  });

  it("accepts what a daemon pushes that keeps all platforms", async () => {
    await pushImage(registry, "mirror/app:1", index);
    const all = (await lookUp(app()))[app().source]?.configs ?? [];
    expect(await dockerCopy.copy({ ...(await image(index.digest)), configs: all })).toBe(index.digest);
  });

  it("refuses another platform, another image, and nothing at all", async () => {
    const pushed = repacked(index, childOf("arm64").digest);
    await expect(dockerCopy.copy(await image(pushed.digest))).rejects.toThrow(/has nothing under that name/);
    await pushImage(registry, "mirror/app:1", pushed);
    await expect(dockerCopy.copy(await image(pushed.digest, "amd64"))).rejects.toThrow(/its configuration is sha256:/);
    await expect(dockerCopy.copy(await image(index.digest))).rejects.toThrow(DockerPushMismatchError);
  });
});

test("the configurations of an index leave attestations out", async () => {
  const client = registries.client(registry.host);
  const attested = makeImage({ platforms: ["linux/amd64", "unknown/unknown"], layers: [{ size: 100, seed: "a" }] });
  await pushImage(registry, "team/attested:1", attested);
  expect(await configsOf(client, "team/attested", await client.manifest("team/attested", "1"))).toHaveLength(1);
});
