/** The pictures of README and docs: drawn by release/pictures, and what the terminal's animation shows of a program's output. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { drawings } from "../../release/pictures/drawings";
import { terminal, type Line } from "../../release/pictures/terminal";

const picture = (name: string): string => readFileSync(join(__dirname, "../../docs/pictures", name), "utf8");
const shown = (svg: string): string[] =>
  [...svg.matchAll(/<text [^>]*class="mono"[^>]*>(.*?)<\/text>/g)].map(([, spans = ""]) =>
    spans.replace(/<[^>]*>/g, ""),
  );
const lines = (...texts: string[]): Line[] => texts.map((text, index) => ({ at: index * 1000, text }));

const drawn = Object.entries(drawings);

it.each(drawn)("%s.svg is what `npm run pictures` draws", (name, draw) => {
  expect(picture(`${name}.svg`)).toBe(draw());
});

it("no picture is left over", () => {
  const names = [...drawn.map(([name]) => name), "quickstart"].map((name) => `${name}.svg`);
  expect(readdirSync(join(__dirname, "../../docs/pictures")).sort()).toEqual(names.sort());
});

/** Where a text begins and ends, by the width of a letter in a font that is a wide one. */
function extent([, x, classes = "", anchor, words = ""]: readonly string[]): [number, number] {
  const size = classes.includes("mono") ? 12.5 : classes.includes("small") ? 12 : classes.includes("big") ? 16 : 14;
  const width = words.replace(/&\w+;/g, "&").length * size * 0.6;
  const begin = Number(x) - (anchor === "middle" ? width / 2 : anchor === "end" ? width : 0);
  return [begin, begin + width];
}

it.each(drawn)("%s.svg has no text beyond its border", (_name, draw) => {
  const svg = draw();
  const width = Number(/ width="(\d+)"/.exec(svg)?.[1]);
  const texts = [...svg.matchAll(/<text x="([\d.]+)" y="[\d.]+" class="([^"]*)" text-anchor="(\w+)">([^<]*)</g)];
  expect(texts.length).toBeGreaterThan(8);
  const beyond = texts.filter((text) => extent(text)[0] < 8 || extent(text)[1] > width - 8);
  expect(beyond.map(([, , , , words]) => words)).toEqual([]);
});

it("the recording is a whole run of the quickstart, and names no folder of the machine that made it", () => {
  const told = shown(picture("quickstart.svg")).join("\n");
  expect(told).toMatch(/6 of 6 images to copy[\s\S]*6 values change[\s\S]*all 6 images verified/);
  expect(told).not.toMatch(/\/(?:home|root|tmp|Users|work)\//);
});

it.each([...drawn.map(([name]) => `${name}.svg`), "quickstart.svg"])(
  "%s: good in light and dark, no script, nothing from elsewhere",
  (name) => {
    const svg = picture(name);
    expect(svg).toMatch(/prefers-color-scheme: dark/);
    expect(svg).toMatch(/<title id="title">.+<\/title>\n<desc id="description">.+<\/desc>/);
    expect(svg.match(/<script|<image|<foreignObject|href=|src=|@import|url\((?!#)/g)).toBeNull();
  },
);

describe("the terminal", () => {
  it("shows what came together in one step, and each line in the end", () => {
    const svg = terminal("run", [...lines("one", "two"), { at: 1010, text: "with two" }], "a run");
    expect(shown(svg)).toEqual(["$ run", "one", "two", "with two"]);
    expect(svg.match(/@keyframes s\d/g)).toHaveLength(3);
  });

  it("cuts waits, and leaves time to read", () => {
    const length = (last: Line[]): number =>
      Number(/animation:roll (\d+)ms/.exec(terminal("run", last, "a run"))?.[1] ?? 0);
    const waits = length([...lines("one"), { at: 600_000, text: "two" }]);
    expect(waits).toBeLessThan(10_000);
    const many = Array.from({ length: 40 }, () => ({ at: 0, text: "read me" }));
    expect(length([...many, { at: 100, text: "next" }])).toBeGreaterThan(waits + 1000);
  });

  it.each([
    ["\u001b[31mno\u001b[0m", '<tspan class="bad">no</tspan>'],
    ["\u001b[1m\u001b[38;5;2mmade\u001b[0m", '<tspan class="good bold">made</tspan>'],
    ["\u001b[38;5;13mhead", '<tspan class="strong">head</tspan>'],
    ["\u001b[4munder", '<tspan class="ink">under</tspan>'],
    ['<script>&"', '<tspan class="ink">&lt;script&gt;&amp;&quot;</tspan>'],
  ])("draws %j by what it says", (text, drawn) => {
    expect(terminal("run", lines(text), "a run")).toContain(drawn);
  });

  it("cuts a line where the screen ends, whatever its colours", () => {
    const [, cut = ""] = shown(
      terminal("run", lines(`\u001b[31m${"a".repeat(100)}\u001b[32m${"b".repeat(100)}`), "a run"),
    );
    expect(cut).toMatch(/^a{100}b+…$/);
    expect(cut.length).toBeLessThan(130);
  });

  it("rolls up once the screen is full, and rests at the last line", () => {
    const svg = terminal("run", lines(...Array.from({ length: 60 }, (_, index) => `line ${index}`)), "a run");
    const rests = Number(/\.roll\{transform:translateY\(-(\d+)px\)/.exec(svg)?.[1]);
    expect(rests).toBeGreaterThan(300);
    expect(svg).toContain(`100%{transform:translateY(-${rests}px)}`);
  });
});
