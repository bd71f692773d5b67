import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MirrorErrors } from "../../src/error";
import { digestOf } from "../../src/image/digest";
import { formatReference, type ImageReference } from "../../src/image/reference";
import { RegistryUnreachableError } from "../../src/oci/errors/errors";
import { StaleLockError } from "../../src/plan/lock/lockDifferences";
import type { RelocationPlan } from "../../src/plan/relocationPlan";
import type { ResolvedPlan } from "../../src/plan/resolvedPlan";
import { MovedTagError, TagPolicy } from "../../src/plan/tagPolicy";
import { LockCannotFollowError, ReleaseLock } from "../../src/release/releaseLock";

const CHART = digestOf("chart");
const MIRROR = "mirror.test/team";
const WRITE = { CHART_MIRROR_LOCK: "write" };
const digests: Record<string, string> = {};

const image = (name: string) => ({
  source: `quay.io/shop/${name}:1`,
  target: `${MIRROR}/shop/${name}:1`,
  locations: [],
});
const plan = (...names: string[]): RelocationPlan => ({
  chart: { name: "shop", version: "1.2.3" },
  images: names.map(image),
  overrides: [{ path: ["registry"], value: MIRROR, previous: "quay.io", reason: "moves images" }],
  values: { registry: MIRROR },
  patches: [],
  pods: [],
  findings: [],
  renders: 3,
});

let folder: string;
let file: string;
/** What the registries were asked. */
let asked: string[];
let unreachable = false;

const registries = {
  head: (reference: ImageReference) => answer("head", reference),
  resolve: async (reference: ImageReference) => ({
    ...(await answer("resolve", reference)),
    size: 10,
    platforms: [{ os: "linux", architecture: "amd64" }],
  }),
};

function answer(what: string, reference: ImageReference): Promise<{ digest: never }> {
  const source = formatReference(reference);
  asked.push(`${what} ${source}`);
  if (unreachable) return Promise.reject(new RegistryUnreachableError(reference.registry, "refused"));
  return Promise.resolve({ digest: digests[source] as never });
}

const context = { chartDigest: CHART, mirror: MIRROR, registries };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "release-lock-"));
  file = join(folder, "chart-mirror.lock.yaml");
  asked = [];
  unreachable = false;
  for (const name of ["web", "api"]) digests[image(name).source] = digestOf(name);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function write(...names: string[]): Promise<void> {
  await (await ReleaseLock.open(file, undefined, WRITE)).resolve(plan(...names), context);
  asked = [];
}

const open = (tags?: TagPolicy): Promise<ReleaseLock> => ReleaseLock.open(file, tags, {});

describe("ReleaseLock", () => {
  it("writes what the registries say, and then gives it without asking them", async () => {
    const writing = await ReleaseLock.open(file, undefined, WRITE);
    expect([writing.chart, writing.confirms(image("web").source)]).toEqual([undefined, undefined]);
    const written = await writing.resolve(plan("web", "api"), context);
    unreachable = true;
    asked = [];
    const lock = await open();
    expect(lock.chart).toEqual({ name: "shop", version: "1.2.3", digest: CHART });
    expect([lock.confirms("quay.io/shop/web:1"), lock.confirms("quay.io/shop/other:1")]).toEqual([true, false]);
    const read = await lock.resolve(plan("web", "api"), context);
    expect(read).toEqual(written);
    expect(read.images[0]).toEqual({
      ...image("web"),
      digest: digestOf("web"),
      size: 10,
      platforms: ["linux/amd64"],
    });
    expect(asked).toEqual([]);
  });

  it("has the digests of some platforms, which are known without asking, and is stale for others", async () => {
    const amd64 = { os: "linux", architecture: "amd64" };
    const source = { resolved: new Map<string, unknown>() };
    const some = {
      ...context,
      registries: {
        ...registries,
        resolve: async (reference: ImageReference, options?: object) => {
          source.resolved.set(formatReference(reference), options);
          const { digest } = await answer("resolve", reference);
          const subset = options ? digestOf("subset") : digest;
          return { digest: subset, sourceDigest: digest, size: 5, platforms: [amd64] };
        },
      },
      choice: { platforms: [amd64], layout: {} },
    };
    const pinned = { ...image("api"), source: `${image("api").source}@${digestOf("api")}` };
    digests[pinned.source] = digestOf("api");
    const both = { ...plan("web"), images: [image("web"), pinned] };
    const written = await (await ReleaseLock.open(file, undefined, WRITE)).resolve(both, some);
    expect(written.images.map(({ digest, targetDigest }) => [digest, targetDigest])).toEqual([
      [digestOf("web"), digestOf("subset")],
      [digestOf("api"), undefined],
    ]);
    expect(source.resolved.get(pinned.source)).toBeUndefined();
    unreachable = true;
    // What is pinned in the values is what the mirror will have.
    const pins: unknown[] = [];
    const pin = (resolved: ResolvedPlan) => {
      pins.push(resolved.images.map(({ targetDigest }) => targetDigest));
      return Promise.resolve(resolved);
    };
    expect(await (await open()).resolve(both, { ...some, pin })).toEqual(written);
    expect(pins).toEqual([[digestOf("subset"), undefined]]);
    await expect((await open()).resolve(both, context)).rejects.toThrow(/all platforms shall be copied.*linux\/amd64/);
  });

  it("changes the lines of one image alone when it is written again", async () => {
    await write("web", "api");
    const before = (await readFile(file, "utf8")).split("\n");
    digests[image("web").source] = digestOf("web again");
    await write("web", "api");
    const after = (await readFile(file, "utf8")).split("\n");
    const changed = after.filter((line, i) => line !== before[i]);
    expect(changed.map((line) => line.trim().split(":")[0])).toEqual(["digest", "checksum"]);
  });

  it("refuses all that is not in it, together, and takes a part of it", async () => {
    await write("web");
    const lock = await open();
    const stale = lock.resolve(plan("web", "api", "other"), { ...context, chartDigest: digestOf("changed") });
    await expect(stale).rejects.toBeInstanceOf(StaleLockError);
    await expect(stale).rejects.toThrow(/content of chart[^]*api:1 is not in the lock file[^]*other:1 is not/);
    expect((await lock.resolve(plan(), context)).images).toEqual([]);
  });

  it.each([
    ["edited", (text: string) => text.replace("size: 10", "size: 11"), /was changed after it was locked/],
    ["cut", (text: string) => text.slice(0, text.indexOf("overrides:")), /overrides is no map/],
  ])("refuses a file that was %s", async (_, change, message) => {
    await write("web");
    await writeFile(file, change(await readFile(file, "utf8")));
    await expect(open()).rejects.toThrow(message);
  });

  it("follows no tags", async () => {
    await expect(open(TagPolicy.Follow)).rejects.toBeInstanceOf(LockCannotFollowError);
  });

  describe("with tags: fail", () => {
    it("tells of all tags that have moved, with both digests", async () => {
      await write("web", "api");
      for (const name of ["web", "api"]) digests[image(name).source] = digestOf(`${name} again`);
      const failed = (await open(TagPolicy.Fail)).resolve(plan("web", "api"), context);
      await expect(failed).rejects.toBeInstanceOf(MirrorErrors);
      for (const name of ["web", "api"])
        await expect(failed).rejects.toThrow(
          `The tag of quay.io/shop/${name}:1 has moved: it was ${digestOf(name)} and is ${digestOf(`${name} again`)} now`,
        );
    });

    it("tells of one alone as itself", async () => {
      await write("web", "api");
      digests[image("api").source] = digestOf("again");
      const failed = (await open(TagPolicy.Fail)).resolve(plan("web", "api"), context);
      await expect(failed).rejects.toBeInstanceOf(MovedTagError);
    });

    it("passes where nothing has moved, with one HEAD for each image, and where nobody can be asked", async () => {
      await write("web", "api");
      await (await open(TagPolicy.Fail)).resolve(plan("web", "api"), context);
      expect(asked).toEqual(["head quay.io/shop/web:1", "head quay.io/shop/api:1"]);
      unreachable = true;
      await (await open(TagPolicy.Fail)).resolve(plan("web", "api"), context);
    });
  });

  it("is of pinned images when digests are written into values, whether it is written or read", async () => {
    const pin = (resolved: ResolvedPlan): Promise<ResolvedPlan> =>
      Promise.resolve({
        ...resolved,
        images: resolved.images.map((one) => ({ ...one, target: `${one.target}@${one.digest}` })),
      });
    const writing = await ReleaseLock.open(file, undefined, WRITE);
    const written = await writing.resolve(plan("web"), { ...context, pin });
    expect(await readFile(file, "utf8")).toContain(`target: ${MIRROR}/shop/web:1@${digestOf("web")}\n`);
    const lock = await open();
    expect(await lock.resolve(plan("web"), { ...context, pin })).toEqual(written);
    await expect(lock.resolve(plan("web"), context)).rejects.toThrow(/goes to mirror\.test\/team\/shop\/web:1, /);
  });
});
