import { digestOf } from "../../src/image/digest";
import { formatPlatform, type Platform } from "../../src/image/platform";
import { formatReference } from "../../src/image/reference";
import { PlatformNotFoundError, RegistryUnreachableError } from "../../src/oci/errors/errors";
import {
  choosePlatforms,
  parsePlatforms,
  platformFindings,
  subsetImages,
  taggedTarget,
} from "../../src/plan/platformChoice";
import { image, shopPlan } from "./shopPlan";

const amd64: Platform = { os: "linux", architecture: "amd64" };
const pinned = digestOf("pinned");
const imageOf = (source: string, target = source.replace("quay.io", "mirror.test/team")) => ({
  source,
  target,
  digest: digestOf(source),
  locations: [],
});

describe("parsePlatforms", () => {
  it.each([
    [undefined, undefined],
    [[], undefined],
    [["linux/amd64"], ["linux/amd64"]],
    [
      ["linux/arm/v7", "linux/amd64", "linux/arm/v7"],
      ["linux/amd64", "linux/arm/v7"],
    ],
  ])("%j is %j", (texts, expected) => {
    expect(parsePlatforms(texts)?.map(formatPlatform)).toEqual(expected);
  });

  it("names every text that is none", () => {
    expect(() => parsePlatforms(["amd64", "linux/amd64", "linux/"])).toThrow(/"amd64"[^]*"linux\/"/);
    expect(() => parsePlatforms([1 as never])).toThrow("1 is no platform");
  });
});

it.each([
  ["mirror.test/a:1", "mirror.test/a:1"],
  [`mirror.test/a:1@${pinned}`, "mirror.test/a:1"],
  [`mirror.test/a@${pinned}`, `mirror.test/a@${pinned}`],
])("a copy to %s writes %s", (target, expected) => {
  expect(taggedTarget(target)).toBe(expected);
});

describe("subsetImages", () => {
  const upstreams = [{ upstream: "docker.io", path: "hub" }];
  it.each([
    ["an image by tag", [imageOf("quay.io/a:1")], ["quay.io/a:1"]],
    ["one whose digest is written by pinDigests", [imageOf("quay.io/a:1", `m.test/a:1@${pinned}`)], ["quay.io/a:1"]],
    ["no image by digest", [imageOf(`quay.io/a@${pinned}`), imageOf(`quay.io/b:1@${pinned}`)], []],
    ["no tag that another names with its digest", [imageOf("quay.io/a:1"), imageOf(`quay.io/a:1@${pinned}`)], []],
    ["no image that the mirror serves", [imageOf("docker.io/library/a:1"), imageOf("quay.io/b:1")], ["quay.io/b:1"]],
  ])("has %s", (_, images, sources) => {
    expect(subsetImages(images, { upstreams }).map(({ source }) => source)).toEqual(sources);
  });

  it("has an image under an upstream that is copied nonetheless", () => {
    const copied = [{ upstream: "quay.io", path: "q", copied: true }];
    expect(subsetImages([imageOf("quay.io/a:1")], { upstreams: copied })).toHaveLength(1);
  });
});

describe("choosePlatforms", () => {
  const choose = (answers: Record<string, string | Error>, images = shopPlan().images) =>
    choosePlatforms(shopPlan({ images }), {
      platforms: [amd64],
      layout: {},
      subset: async (reference) => {
        const answer = await Promise.resolve(answers[formatReference(reference)]);
        if (answer instanceof Error) throw answer;
        return { digest: answer as never, sourceDigest: reference.digest as never };
      },
    });
  const [api, web] = [image("shop/api:1"), image("shop/web:1")];

  it("tells what the mirror will have, and what the source has", async () => {
    const answers = {
      [`${api.source}@${api.digest}`]: digestOf("subset"),
      [`${web.source}@${web.digest}`]: web.digest,
    };
    expect((await choose(answers)).images).toEqual([{ ...api, targetDigest: digestOf("subset") }, web]);
  });

  it("leaves images by digest alone, and those whose digest is not known", async () => {
    const { digest: _, ...unknown } = web;
    const images = [imageOf(`quay.io/a@${pinned}`), unknown];
    expect((await choose({}, images)).images).toEqual(images);
  });

  it("reports every image that lacks a platform, with what it has", async () => {
    const lacking = ({ source }: { source: string }, architecture: string) =>
      new PlatformNotFoundError(source, [amd64], [{ os: "linux", architecture }]);
    const answers = {
      [`${api.source}@${api.digest}`]: lacking(api, "s390x"),
      [`${web.source}@${web.digest}`]: lacking(web, "arm64"),
    };
    await expect(choose(answers)).rejects.toThrow(
      /2 problems[^]*api:1 has no linux\/amd64\. It has linux\/s390x[^]*web:1 has no linux\/amd64\. It has linux\/arm64/,
    );
  });

  it("knows no digest of an image whose registry cannot be reached", async () => {
    const unreachable = new RegistryUnreachableError("quay.io", "timeout");
    const answers = { [`${api.source}@${api.digest}`]: unreachable, [`${web.source}@${web.digest}`]: web.digest };
    const { images } = await choose(answers);
    expect(images[0]).not.toHaveProperty("digest");
    expect(images[1]).toEqual(web);
  });
});

it("says which platforms are copied, and which images stay whole", () => {
  const findings = platformFindings([imageOf("quay.io/a:1"), imageOf(`quay.io/b@${pinned}`)], {
    platforms: [amd64, { os: "linux", architecture: "arm64" }],
    layout: {},
  });
  expect(findings.map(({ code }) => code)).toEqual(["SOME_PLATFORMS", "ALL_PLATFORMS"]);
  expect(findings[0]?.message).toContain("linux/amd64, linux/arm64");
  expect(findings[1]?.message).toContain(`quay.io/b@${pinned}`);
  expect(findings[1]?.message).not.toContain("quay.io/a:1");
  expect(platformFindings([imageOf("quay.io/a:1")], { platforms: [amd64], layout: {} })).toHaveLength(1);
});
