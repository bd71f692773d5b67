import { digestOf } from "../../src/image/digest";
import { formatReference } from "../../src/image/reference";
import { ImageNotFoundError, RegistryUnreachableError } from "../../src/oci/errors/errors";
import { resolveImages, type ResolveImagesOptions } from "../../src/plan/resolveImages";
import { image } from "./shopPlan";

/** Registries in which these references name what the contents say. */
function registries(content: Record<string, string | Error>) {
  const asked: string[] = [];
  const find = (what: string, reference: string): string | undefined => {
    asked.push(`${what} ${reference}`);
    const found = content[reference];
    if (found instanceof Error) throw found;
    return found;
  };
  return {
    asked,
    head: async (reference: Parameters<typeof formatReference>[0]) => {
      const found = await Promise.resolve(find("head", formatReference(reference)));
      return found === undefined ? undefined : { digest: digestOf(found) };
    },
    resolve: async (reference: Parameters<typeof formatReference>[0]) => {
      const text = formatReference(reference);
      const found = await Promise.resolve(find("resolve", text));
      if (found === undefined) throw new ImageNotFoundError(text);
      return {
        digest: digestOf(found),
        size: found.length,
        platforms: [{ os: "linux", architecture: "arm", variant: "v7" }],
      };
    },
  };
}

const plain = (name: string) => ({ source: `quay.io/${name}`, target: `mirror.test/${name}`, locations: [] });
const unreachable = () => new RegistryUnreachableError("quay.io", "connection refused");

async function run(content: Record<string, string | Error>, names: string[], options: ResolveImagesOptions = {}) {
  const from = registries(content);
  const images = await resolveImages(names.map(plain), from, "Looking up the images", options);
  return { images, asked: from.asked };
}

describe("resolveImages", () => {
  it("adds digest, size and platforms", async () => {
    const { images } = await run({ "quay.io/a:1": "one" }, ["a:1"]);
    expect(images).toEqual([{ ...plain("a:1"), digest: digestOf("one"), size: 3, platforms: ["linux/arm/v7"] }]);
  });

  it("reads no manifest of what is known", async () => {
    const known = [{ ...image("a:1", "one") }];
    const { images, asked } = await run({ "quay.io/a:1": "one" }, ["a:1"], { known });
    expect(asked).toEqual(["head quay.io/a:1"]);
    expect(images).toMatchObject([{ size: known[0]?.size, platforms: known[0]?.platforms }]);
  });

  it("reads what a tag names now when it has moved", async () => {
    const { images } = await run({ "quay.io/a:1": "two" }, ["a:1"], { known: [image("a:1", "one")] });
    expect(images).toMatchObject([{ digest: digestOf("two"), size: 3 }]);
  });

  it("keeps a pinned digest without asking", async () => {
    const { images, asked } = await run({}, ["a:1"], { known: [image("a:1", "one")], pin: true });
    expect(asked).toEqual([]);
    expect(images).toMatchObject([{ digest: digestOf("one") }]);
  });

  it("reads a pinned digest of which nothing else is known", async () => {
    const { source, digest } = image("a:1", "one");
    const { asked } = await run({ [`${source}@${digest}`]: "one" }, ["a:1"], {
      known: [{ source, digest }],
      pin: true,
    });
    expect(asked).toEqual([`resolve ${source}@${digest}`]);
  });

  it("reports all that cannot be found, the same words once", async () => {
    await expect(run({}, ["a:1", "b:1"])).rejects.toMatchObject({
      problems: [{ code: "IMAGE_NOT_FOUND" }, { code: "IMAGE_NOT_FOUND" }],
    });
    const same = unreachable();
    await expect(run({ "quay.io/a:1": same, "quay.io/b:1": same }, ["a:1", "b:1"])).rejects.toBe(same);
  });

  it("leaves images of registries that cannot be reached as they are, where that is told", async () => {
    const told: string[] = [];
    const { images } = await run({ "quay.io/a:1": unreachable(), "quay.io/b:1": "b" }, ["a:1", "b:1"], {
      onUnreachable: (source) => told.push(source),
    });
    expect(told).toEqual(["quay.io/a:1"]);
    expect(images).toMatchObject([plain("a:1"), { digest: digestOf("b") }]);
  });
});
