import { layersPicture } from "../../../../src/plan/report/html/layers";

const MIB = 1024 * 1024;
const blob = (name: string, size: number) => ({ digest: `sha256:${name}`, size });
const picture = (images: Record<string, ReturnType<typeof blob>[]>): string =>
  layersPicture(new Map(Object.entries(images))).source;
const bars = (svg: string, kind: string): number[] =>
  [...svg.matchAll(new RegExp(`<rect class="${kind}" x="([\\d.]+)" y="0" width="([\\d.]+)"`, "g"))].map(([, , width]) =>
    Number(width),
  );

it("counts what images share once, and tells it apart from what is theirs alone", () => {
  const svg = picture({
    "quay.io/a:1": [blob("base", 60 * MIB), blob("a", 40 * MIB)],
    "quay.io/b:1": [blob("base", 60 * MIB), blob("b", 20 * MIB)],
  });
  expect(svg).toMatch(
    /180\.0 MiB in 2 images, 120\.0 MiB of them different|180 MiB in 2 images, 120 MiB of them different/,
  );
  expect(bars(svg, "shared")).toEqual([598.5, 598.5]);
  expect(bars(svg, "alone")).toEqual([398.5, 198.5]);
});

it("begins with the largest image, whose bar is the whole width", () => {
  const svg = picture({ "a/small": [blob("s", MIB)], "a/large": [blob("l", 10 * MIB)] });
  expect(svg.indexOf("a/large")).toBeLessThan(svg.indexOf("a/small"));
  expect(bars(svg, "alone")).toEqual([998.5, 98.5]);
});

it("draws what is too thin to see as one, and says of how many blobs", () => {
  const tiny = Array.from({ length: 50 }, (_, index) => blob(`t${index}`, 1024));
  const svg = picture({ "a/b:1": [blob("big", 100 * MIB), ...tiny] });
  expect(bars(svg, "alone")).toHaveLength(2);
  expect(svg).toMatch(/<title>50 blobs, 50(?:\.0)? KiB<\/title>/);
});

it("says how many images it does not draw", () => {
  const many = Object.fromEntries(Array.from({ length: 45 }, (_, index) => [`a/i${index}`, [blob(`i${index}`, MIB)]]));
  const svg = picture(many);
  expect(svg.match(/<svg /g)).toHaveLength(40);
  expect(svg).toContain("5 smaller images not drawn");
});

it.each<Record<string, never[]>>([{}, { "a/empty": [] }])("is nothing where nothing is known: %j", (images) => {
  expect(picture(images)).toBe("");
});
