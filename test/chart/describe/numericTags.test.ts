import { numericTags } from "../../../src/chart/describe/numericTags";
import { fractions, writtenNumbers } from "../../../src/chart/content/writtenNumbers";
import { findImages } from "../../../src/chart/find/imageReferences";
import { parseManifests } from "../../../src/chart/render/kubernetesManifest";

const pod = (image: string): string =>
  `kind: Pod\napiVersion: v1\nmetadata: {name: a}\nspec: {containers: [{name: a, image: '${image}'}]}\n`;
const told = (image: string, values: string): string[] => {
  const found = findImages(parseManifests(pod(image)), { values: {} });
  return numericTags(found, writtenNumbers(values)).map(
    ({ severity, code, message }) => `${severity} ${code} ${message}`,
  );
};

describe("numericTags", () => {
  it.each<[string, string, string]>([
    ["app:1.1", "image: {tag: 1.10}", 'tag: "1.10"'],
    ["app:2", "image: {tag: 2.0}", 'tag: "2.0"'],
    ["app:1000", "imageTag: 1_000", 'imageTag: "1_000"'],
    ["app:511", "images: [{version: 0777}]", 'version: "0777"'],
    ["app:1000", "image: {tag: 1e3}", 'tag: "1e3"'],
  ])("says of %s with %s to quote it", (image, values, quoted) => {
    expect(told(image, values)).toEqual([
      expect.stringMatching(
        new RegExp(`^warning TAG_IS_A_NUMBER ${image} is what the chart pulls, since .*Quote it: `),
      ),
    ]);
    expect(told(image, values)[0]).toContain(`Quote it: ${quoted}`);
  });

  it.each([
    ["a tag in quotes", "app:1.10", "image: {tag: '1.10'}"],
    ["a tag that is what is written", "app:1.5", "image: {tag: 1.5}"],
    ["another tag", "app:1.2", "image: {tag: 1.10}"],
    ["a number of something else", "app:1.1", "cpu: 1.10"],
  ])("says nothing of %s", (_, image, values) => {
    expect(told(image, values)).toEqual([]);
  });

  it("asks of a number alone whether a zero is lost", () => {
    const found = findImages(parseManifests(pod("app:1.1")), { values: {} });
    const [finding] = numericTags(found, fractions({ image: { tag: 1.1 }, list: [{ tag: 3 }, 4.5] }));
    expect(finding).toMatchObject({ severity: "info", code: "TAG_IS_A_NUMBER", image: "app:1.1" });
    expect(finding?.message).toContain(
      "image.tag is a number, of which 1.1 is left. Where it was written with more zeros, as 1.10",
    );
  });
});
