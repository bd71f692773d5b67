/** What is wrong with a release is told before any of it is registered: an update without a preview begins with that. */
import type * as pulumi from "@pulumi/pulumi";
import { CopyMethod } from "../../src/copy/copyMethod";
import { digestOf } from "../../src/image/digest";
import { ExistingRegistry } from "../../src/registry/existingRegistry";
import type { ChartInMirror, MirrorImagesOptions, MirrorRegistry } from "../../src/registry/mirrorRegistry";
import { mockedEngine, value } from "../support/providers/mockedEngine";

const { registered } = mockedEngine();

const image = (source: string, target = source.replace("quay.io", "r.io")) => ({ source, target, locations: [] });
const chart = (content: string): ChartInMirror => ({
  file: `./${content}.tgz`,
  target: "r.io/charts/shop:1.0.0",
  version: "1.0.0",
  digest: digestOf(content),
});
const settled = async (made: readonly { urn: pulumi.Output<string> }[]) => {
  for (const { urn } of made) await value(urn);
};

let registry: MirrorRegistry;
beforeEach(async () => {
  registry = new ExistingRegistry("r", { host: "r.io" });
  await registry.address;
  // What another release has asked for.
  await settled([
    registry.mirrorChart(chart("one")),
    ...registry.mirrorImages([image("quay.io/a:1")], [], { platforms: ["linux/amd64"] }),
  ]);
  registered.splice(0);
});

const fresh = image("quay.io/b:1");
it.each<[string, ReturnType<typeof image>[], ChartInMirror[], MirrorImagesOptions, RegExp]>([
  ["another chart of the same name", [fresh], [chart("two")], {}, /both would be r\.io\/charts\/shop:1\.0\.0/],
  ["another source of a target", [fresh, image("quay.io/c:1", "r.io/a:1")], [], {}, /r\.io\/a:1/],
  ["other platforms", [fresh, image("quay.io/a:1")], [], { platforms: ["linux/arm64"] }, /want linux\/amd64 and/],
  ["a way that the registry has not", [fresh], [], { copyWith: CopyMethod.AcrImport }, /one of process, kubernetes/],
  ["a daemon for digests", [image(`quay.io/b@${digestOf("b")}`)], [], { copyWith: CopyMethod.Docker }, /by a digest/],
])("%s is refused with nothing registered, and leaves no trace", async (_, images, charts, options, words) => {
  const refuse = () => registry.refuseRelease(images, charts, options);
  expect(refuse).toThrow(words);
  if (charts.length === 0) expect(() => registry.mirrorImages(images, [], options)).toThrow(words);
  await value(new ExistingRegistry("later", { host: "r.io" }).urn);
  expect(registered.map(({ name }) => name)).toEqual(["later"]);

  registry.refuseRelease([fresh], [chart("one")], {});
  await settled(registry.mirrorImages([fresh], [], {}));
  expect(registered.map(({ name }) => name)).toContain("r/quay.io/b:1");
});
