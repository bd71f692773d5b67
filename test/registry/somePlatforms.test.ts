/** `platforms`: what each image's copy is told of it, and what is refused before anything is made. */
import * as pulumi from "@pulumi/pulumi";
import { CopyMethod } from "../../src/copy/copyMethod";
import { digestOf } from "../../src/image/digest";
import { AcrRegistry } from "../../src/registry/acr/acrRegistry";
import { ExistingRegistry, type ExistingRegistryArgs } from "../../src/registry/existingRegistry";
import type { MirrorImagesOptions } from "../../src/registry/mirrorRegistry";

const made = new Map<string, Record<string, unknown>>();
const ANSWERS: Record<string, object> = {
  "azure-native:authorization:getClientConfig": { subscriptionId: "s" },
  "azure-native:authorization:getClientToken": { token: "token of Entra" },
};

beforeAll(() =>
  pulumi.runtime.setMocks({
    call: ({ token }) => ANSWERS[token] ?? {},
    newResource: ({ type, name, inputs }) => {
      if (/ImageCopy/.test(type)) made.set(name, inputs as Record<string, unknown>);
      return { id: name, state: inputs as object };
    },
  }),
);
beforeEach(() => made.clear());

const [whole, subset] = [digestOf("whole"), digestOf("subset")];
const image = (source: string, more: object = {}) => ({
  source,
  target: source.replace("quay.io", "r.io"),
  digest: whole,
  locations: [],
  ...more,
});
const registry = (args: Partial<ExistingRegistryArgs> = {}) => new ExistingRegistry("r", { host: "r.io", ...args });
const settled = async (copies: readonly { urn: pulumi.Output<string> }[]) => {
  for (const { urn } of copies) await new Promise((done) => urn.apply(done));
};

it("tells each copy its platforms and both digests; images by digest and those that are served are copied whole", async () => {
  const mirror = registry({ upstreams: [{ upstream: "docker.io", path: "hub" }] });
  await mirror.address;
  const images = [
    image("quay.io/team/web:1", { targetDigest: subset }),
    image("quay.io/team/one:1"),
    image(`quay.io/team/api@${whole}`),
    image("docker.io/library/nginx:1", { target: "r.io/hub/library/nginx:1" }),
    image("quay.io/team/later:1", { digest: undefined }),
  ];
  await settled(mirror.mirrorImages(images, [], { platforms: ["linux/arm64", "linux/amd64", "linux/arm64"] }));
  const told = images.map(({ source }) => {
    const { digest, sourceDigest, onlyPlatforms } = made.get(`r/${source}`) ?? {};
    return { digest, sourceDigest, onlyPlatforms };
  });
  const onlyPlatforms = ["linux/amd64", "linux/arm64"];
  expect(told).toEqual([
    { digest: subset, sourceDigest: whole, onlyPlatforms },
    { digest: whole, sourceDigest: whole, onlyPlatforms },
    { digest: whole, sourceDigest: undefined, onlyPlatforms: undefined },
    { digest: whole, sourceDigest: undefined, onlyPlatforms: undefined },
    { digest: undefined, sourceDigest: undefined, onlyPlatforms },
  ]);
});

it.each<[string, MirrorImagesOptions, RegExp]>([
  ["pods", { copyWith: CopyMethod.Kubernetes, copyJob: { namespace: "m" } }, /by kubernetes: .*linux\/amd64 alone/],
  ["a daemon", { copyWith: CopyMethod.Docker }, /by docker: .*Name one platform as copyPlatform/],
  ["a cache", { copyWith: CopyMethod.PullThrough }, /by pull-through: .*linux\/amd64 alone/],
  ["a text that is none", { platforms: ["linux/amd64", "windows"] }, /"windows" is no platform/],
])("refuses %s before anything is made", async (_, options, words) => {
  const mirror = registry();
  await mirror.address;
  const bring = () => mirror.mirrorImages([image("quay.io/a:1")], [], { platforms: ["linux/amd64"], ...options });
  expect(bring).toThrow(words);
  expect(made.size).toBe(0);
});

it("refuses the way that the registry itself was given", async () => {
  const args = { registryName: "contoso1", resourceGroupName: "g", copyWith: CopyMethod.AcrImport } as const;
  const mirror = new AcrRegistry("acr", args);
  await mirror.address;
  const bring = () => mirror.mirrorImages([image("quay.io/a:1")], [], { platforms: ["linux/amd64"] });
  expect(bring).toThrow(/by acr-import: .*Set copyWith to CopyMethod\.Process/);
  await settled(
    mirror.mirrorImages([image("quay.io/a:1")], [], { platforms: ["linux/amd64"], copyWith: CopyMethod.Process }),
  );
});

describe("two releases that share a registry", () => {
  const first = [image("quay.io/a:1")];
  it.each<[string, readonly (typeof first)[0][], string[] | undefined, RegExp]>([
    ["other platforms", first, ["linux/arm64"], /r\.io\/a:1 failed: .* want linux\/amd64 and linux\/arm64 of it/],
    ["all platforms", first, undefined, /want linux\/amd64 and all platforms/],
    ["the digest behind the tag", [image(`quay.io/a:1@${whole}`)], ["linux/amd64"], /want linux\/amd64 and all/],
  ])("cannot have %s of one image", async (_, second, platforms, words) => {
    const mirror = registry();
    await mirror.address;
    await settled(mirror.mirrorImages(first, [], { platforms: ["linux/amd64"] }));
    expect(() => mirror.mirrorImages(second, [], { platforms })).toThrow(words);
  });

  it("share one copy of the same platforms", async () => {
    const mirror = registry();
    await mirror.address;
    const [one] = mirror.mirrorImages(first, [], { platforms: ["linux/arm64", "linux/amd64"] });
    const [other] = mirror.mirrorImages(first, [], { platforms: ["linux/amd64", "linux/arm64"] });
    expect(other).toBe(one);
  });
});
