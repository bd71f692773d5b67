import { limitedTable, type LimitedRun } from "../../bench/compareLimited";
import { fewestRequests } from "../../bench/fewestRequests";
import type { BenchImage } from "../../bench/imageSet";
import { resultTable } from "../../bench/resultTable";
import { withResults } from "../../bench/resultsPage";
import { isNamed, SCENARIOS } from "../../bench/scenarios";
import { makeImage } from "../support/images";

const image = (repository: string, ...seeds: string[]): BenchImage => ({
  repository,
  image: makeImage({ layers: seeds.map((seed) => ({ size: 10, seed })) }),
});
const platforms: BenchImage = {
  repository: "both",
  image: makeImage({
    platforms: ["linux/amd64", "linux/arm64"],
    layers: (platform) => [
      { size: 10, seed: "shared" },
      { size: 10, seed: platform },
    ],
  }),
};

describe("fewestRequests", () => {
  it.each<[string, BenchImage[], { source: number; target: number }]>([
    // Manifest, config, layer; HEAD, two uploads of two requests, PUT.
    ["one image", [image("a", "x")], { source: 3, target: 6 }],
    // Two configs that are the same are one blob: what two repositories share is read once and mounted once.
    ["the same image twice", [image("a", "x"), image("b", "x")], { source: 4, target: 2 + 4 + 2 + 2 }],
    ["a layer in common", [image("a", "x"), image("b", "x", "y")], { source: 2 + 4, target: 2 + 8 + 1 + 2 }],
    ["two tags of one repository", [image("a", "x"), image("a", "x", "y")], { source: 2 + 4, target: 2 + 8 + 2 }],
    // Index and two manifests; two configs and three layers.
    ["two platforms", [platforms], { source: 3 + 5, target: 1 + 10 + 3 }],
  ])("%s", (_, images, expected) => expect(fewestRequests(images)).toEqual(expected));
});

describe("limitedTable", () => {
  const run = (wall: number, images: number, target: [number, number]): LimitedRun => ({
    wall,
    images,
    source: { requests: 10, refused: 0 },
    target: { requests: target[0], refused: target[1] },
  });

  it("has the worst count of images, and medians over what the limit allows", () => {
    const images = [image("a", "x"), image("b", "y")];
    // At the target: 2 HEADs, 8 for four blobs, 2 manifests; 12 of them, 4 a second.
    const text = limitedTable(
      new Map([
        ["good", [run(3, 2, [14, 2]), run(6, 2, [14, 2]), run(9, 2, [14, 2])]],
        ["bad", [run(3, 2, [40, 30]), run(3, 1, [40, 30]), run(3, 2, [40, 30])]],
      ]),
      images,
      4,
    );
    const cells = text.split("\n").map((line) =>
      line
        .split("|")
        .map((cell) => cell.trim())
        .slice(1, -1),
    );
    expect(cells[2]).toEqual(["good", "2 of 2", "2.00 (6.0)", "2.00", "24", "8.3%"]);
    // Ten were let in at either end: 2.5 seconds.
    expect(cells[3]).toEqual(["bad", "1 of 2", "1.00 (3.0)", "1.20", "50", "60.0%"]);
  });
});

describe("resultTable", () => {
  it("has medians as ratios to the first row", () => {
    const cost = (wall: number) => ({ wall, cpu: wall / 2, peakMiB: 10 * wall });
    const text = resultTable(
      new Map([
        ["one", { cold: [cost(2), cost(4), cost(9)], warm: [cost(1)] }],
        ["two", { cold: [cost(1), cost(2), cost(3)], warm: [cost(0.5)] }],
      ]),
    );
    expect(text.split("\n").slice(2)).toEqual([
      "| one | 1.00 (4.00) | 1.00 (2.00) | 90       | 1.00 (1.00) | 1.00 (0.50) |",
      "| two | 0.50 (2.00) | 0.50 (1.00) | 30       | 0.50 (0.50) | 0.50 (0.25) |",
    ]);
  });
});

describe("withResults", () => {
  const page = (results: string): string =>
    `# Before\n\n<!-- results of npm run bench -->\n\n${results}<!-- end of results -->\n\nAfter\n`;
  const section = (title: string, text: string): string => `### ${title}\n\n${text}\n\n`;
  const order = ["a", "b", "c"];

  it.each<[string, string, [string, string][], string]>([
    [
      "puts the first ones there, in their order",
      "",
      [
        ["c", "3"],
        ["a", "1"],
      ],
      section("a", "1") + section("c", "3"),
    ],
    [
      "replaces those that were run, and keeps the others",
      section("a", "old\n\nmore") + section("c", "kept"),
      [
        ["a", "new"],
        ["b", "2"],
      ],
      section("a", "new") + section("b", "2") + section("c", "kept"),
    ],
    ["drops what no set is called", section("gone", "x") + section("a", "1"), [], section("a", "1")],
    ["drops what stands before the first title", `About old ones.\n\n${section("a", "1")}`, [], section("a", "1")],
  ])("%s", (_, before, sections, after) => {
    const made = withResults(
      page(before),
      sections.map(([title, text]) => ({ title, text })),
      order,
    );
    expect(made).toBe(page(after));
    expect(withResults(made, [], order)).toBe(made);
  });

  it("refuses a page without marks", () => {
    expect(() => withResults("# A page", [], order)).toThrow("no place for results");
  });
});

describe("scenarios", () => {
  it.each([
    ["chart-mirror, Node.js 20", ["chart-mirror"], true],
    ["crane, 4 at a time", ["crane"], false],
    ["crane, 4 at a time", ["crane, 4 at a time"], true],
    ["crane", ["crane"], true],
    ["regctl", ["crane", "skopeo"], false],
  ])("%s is among %j: %s", (name, names, expected) => expect(isNamed(name, names)).toBe(expected));

  it("have titles of their own, by which a page knows them", () => {
    const titles = Object.values(SCENARIOS).map(({ title }) => title);
    expect(new Set(titles).size).toBe(titles.length);
  });
});
