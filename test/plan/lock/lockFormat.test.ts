import Ajv from "ajv";
import fc from "fast-check";
import { dump, JSON_SCHEMA, load } from "js-yaml";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { digestOf } from "../../../src/image/digest";
import { imageChecksum, type LockFile } from "../../../src/plan/lock/lockFile";
import { formatLock, InvalidLockError, parseLock } from "../../../src/plan/lock/lockFormat";
import { image, lockOf, shopPlan } from "../shopPlan";

const schema = JSON.parse(readFileSync(join(__dirname, "../../../schema/lock-v1.json"), "utf8")) as object;
const conforms = new Ajv({ strict: true, strictTypes: false }).compile(schema);
const RENEW = "chart-mirror lock shop";

const parse = (text: string): LockFile => parseLock(text, "chart-mirror.lock.yaml", RENEW);
const problemsOf = (text: string): readonly string[] => {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof InvalidLockError) return error.problems;
    throw error;
  }
  return [];
};
const yaml = (content: unknown): string => dump(content, { schema: JSON_SCHEMA, noRefs: true });

/** A lock file's content, of which tests may break any part. */
type RawImage = Record<string, unknown> & { platforms: unknown[] };
interface RawLock extends Record<string, unknown> {
  chart?: Record<string, unknown>;
  images: RawImage[];
  patches: Record<string, unknown>[] | object;
}
const raw = (): RawLock => load(formatLock(lockOf(shopPlan())), { schema: JSON_SCHEMA }) as RawLock;

describe("formatLock", () => {
  it("has platforms and the digest in the mirror where some platforms alone are copied", () => {
    const [api, web] = shopPlan().images as [ReturnType<typeof image>, ReturnType<typeof image>];
    const some = { ...api, targetDigest: digestOf("subset"), platforms: ["linux/amd64"] };
    const lock = { ...lockOf(shopPlan({ images: [some, web] })), platforms: ["linux/amd64"] };
    const text = formatLock(lock);
    expect(parse(text)).toEqual(lock);
    expect(conforms(load(text, { schema: JSON_SCHEMA }))).toBe(true);
    expect(text).toContain(`    digest: ${api.digest}\n    targetDigest: ${digestOf("subset")}\n`);
    // An edit by hand is seen there, too.
    expect(problemsOf(text.replace(digestOf("subset"), digestOf("edited")))).toEqual([
      expect.stringContaining("was changed after it was locked") as string,
    ]);
    expect(problemsOf(text.replace(digestOf("subset"), "none"))).toHaveLength(1);
  });

  it("writes one fact a line, in one order", () => {
    const { chart, images } = lockOf(shopPlan());
    const [api, web] = images as [(typeof images)[0], (typeof images)[0]];
    expect(formatLock(lockOf(shopPlan()))).toBe(`\
# What mirroring this chart does, for all machines. Written by chart-mirror: renew it, do not edit it.
lockVersion: 1
tool: pulumi-chart-mirror 0.1.0
mirror: mirror.test/team
chart:
  name: shop
  version: 1.2.3
  digest: ${chart.digest}
images:
  - source: quay.io/shop/api:1
    target: mirror.test/team/shop/api:1
    digest: ${api.digest}
    size: 1010
    platforms:
      - linux/amd64
      - linux/arm64
    checksum: ${imageChecksum(api)}
  - source: quay.io/shop/web:1
    target: mirror.test/team/shop/web:1
    digest: ${web.digest}
    size: 1010
    platforms:
      - linux/amd64
      - linux/arm64
    checksum: ${imageChecksum(web)}
overrides:
  global.imageRegistry: mirror.test/team
  sidecars[0].image: mirror.test/team/shop/log:1
patches:
  - file: templates/job.yaml
    line: 7
    before: 'image: quay.io/a:1'
    after: 'image: mirror.test/team/a:1'
`);
  });

  it("changes the lines of one image alone when one image is another one", () => {
    const lines = (content: string): string[] =>
      formatLock(lockOf(shopPlan({ images: [image("shop/web:1", content), image("shop/api:1")] }))).split("\n");
    const before = lines("old");
    const after = lines("newer");
    const from = before.indexOf("  - source: quay.io/shop/web:1");
    const to = before.indexOf("overrides:");
    const changed = before.flatMap((line, i) => (line === after[i] ? [] : [i]));
    expect(after).toHaveLength(before.length);
    expect(changed.map((i) => before[i]?.trim().split(":")[0])).toEqual(["digest", "size", "checksum"]);
    expect(changed.every((i) => i > from && i < to)).toBe(true);
  });

  it("carries no secret that stands beside an image in a list", () => {
    expect(formatLock(lockOf(shopPlan()))).not.toContain("hunter2!");
  });

  it("fits its schema and is read back as it was", () => {
    const text = fc.string({ minLength: 1, unit: "grapheme" });
    const name = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
    const lock = fc.record({
      name: text,
      version: text,
      images: fc.uniqueArray(fc.record({ name, size: fc.nat(), platforms: fc.array(text, { maxLength: 3 }) }), {
        selector: (one) => one.name,
      }),
      overrides: fc.dictionary(
        text.filter((key) => key !== "__proto__"),
        fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null), fc.array(text)),
      ),
      patches: fc.array(
        fc.record({ file: text, line: fc.integer({ min: 1, max: 999 }), before: fc.string(), after: fc.string() }),
      ),
    });
    fc.assert(
      fc.property(lock, ({ name, version, images, overrides, patches }) => {
        const file: LockFile = {
          ...lockOf(shopPlan()),
          chart: { name, version, digest: digestOf("x") },
          images: images.map(({ name, size, platforms }) => ({
            source: `quay.io/${name}`,
            target: `mirror.test/${name}`,
            digest: digestOf(name),
            size,
            platforms,
          })),
          overrides,
          patches,
        };
        const text = formatLock(file);
        expect(conforms(load(text, { schema: JSON_SCHEMA }))).toBe(true);
        expect({ ...parse(text), images: parse(text).images.map(({ ...image }) => image) }).toEqual(file);
      }),
      { numRuns: 50 },
    );
  });
});

describe("parseLock", () => {
  it.each<[string, (lock: RawLock & { images: [RawImage, RawImage] }) => void, string]>([
    [
      "a digest that is none",
      (lock) => (lock.images[0].digest = "sha256:12"),
      'images[0].digest "sha256:12" is no digest',
    ],
    [
      "a chart digest that is none",
      (lock) => (lock.chart = { ...lock.chart, digest: "x" }),
      'chart.digest "x" is no digest',
    ],
    ["a size below nothing", (lock) => (lock.images[0].size = -1), "images[0].size is no whole number of at least 0"],
    ["a size in words", (lock) => (lock.images[0].size = "1"), "images[0].size is no whole number of at least 0"],
    [
      "a target without a host",
      (lock) => (lock.images[0].target = "web:1"),
      'images[0].target "web:1" is no image reference with a host',
    ],
    ["a field that nobody knows", (lock) => (lock.extra = 1), "extra is unknown"],
    ["a field of an image that nobody knows", (lock) => (lock.images[0].tag = "1"), "images[0].tag is unknown"],
    ["a list that is none", (lock) => (lock.patches = {}), "patches is no list"],
    ["values that are no map", (lock) => (lock.overrides = []), "overrides is no map"],
    ["a missing chart", (lock) => delete lock.chart, "chart is no map"],
    ["a missing version", (lock) => delete lock.chart?.version, "chart.version is no text"],
    ["a platform that is no text", (lock) => (lock.images[0].platforms = [1]), "images[0].platforms[0] is no text"],
    [
      "a patch of line 0",
      (lock) => (lock.patches = [{ file: "f", line: 0, before: "", after: "" }]),
      "patches[0].line is no whole number of at least 1",
    ],
  ])("refuses %s, as the schema does", (_, change, problem) => {
    const lock = raw();
    change(lock as RawLock & { images: [RawImage, RawImage] });
    expect(problemsOf(yaml(lock))).toContain(problem);
    expect(conforms(lock)).toBe(false);
  });

  it.each<[string, (image: RawImage) => void]>([
    ["digest", (image) => (image.digest = digestOf("evil"))],
    ["source", (image) => (image.source = "quay.io/evil/web:1")],
    ["target", (image) => (image.target = "mirror.test/evil/web:1")],
    ["size", (image) => (image.size = 1)],
    ["platforms", (image) => image.platforms.pop()],
    ["checksum", (image) => (image.checksum = "0".repeat(16))],
  ])("tells that the %s of an image was changed by hand", (_, change) => {
    const lock = raw();
    change(lock.images[1] as RawImage);
    expect(problemsOf(yaml(lock))).toEqual([expect.stringMatching(/ was changed after it was locked: its checksum/)]);
  });

  it.each([
    ["text that is no YAML", "a: [", /^it is no YAML/],
    ["nothing", "", /^it is no lock file of chart-mirror$/],
    ["a list", "[]", /^it is no lock file of chart-mirror$/],
    ["a later version", "lockVersion: 2", /^its lockVersion is 2, and this release of pulumi-chart-mirror reads 1$/],
    ["both sides of a merge", `<<<<<<< HEAD\n${formatLock(lockOf(shopPlan()))}>>>>>>> main\n`, /^it is no YAML/],
  ])("refuses %s", (_, text, problem) => {
    expect(problemsOf(text)).toEqual([expect.stringMatching(problem)]);
  });

  it("names all that is wrong, the file and the way out in one error", () => {
    const lock = raw();
    (lock.images[0] as RawImage).digest = "x";
    lock.images.push(lock.images[1] as RawImage);
    lock.mirror = 3;
    expect(() => parse(yaml(lock))).toThrow(
      new InvalidLockError(
        "chart-mirror.lock.yaml",
        [
          'images[0].digest "x" is no digest',
          "mirror.test/team/shop/web:1 is locked twice (again for quay.io/shop/web:1)",
          "mirror is no text",
        ],
        RENEW,
      ),
    );
    expect(new InvalidLockError("f", ["a", "b"], RENEW)).toMatchObject({
      code: "INVALID_LOCK",
      message: `Reading the lock file f failed: \n  - a\n  - b. Take the file of the last commit, or write it anew: ${RENEW}`,
    });
  });

  it("refuses aliases, which may stand for more than any machine holds", () => {
    const laughs = Array.from(
      { length: 12 },
      (_, i) =>
        `  a${i}: &a${i} [${Array(10)
          .fill(i ? `*a${i - 1}` : 1)
          .join()}]`,
    );
    const text = formatLock(lockOf(shopPlan({ images: [] }))).replace(
      /^overrides:.*/m,
      `overrides:\n${laughs.join("\n")}`,
    );
    expect(text).toContain("*a10");
    expect(problemsOf(text)).toEqual(["it has aliases (*name)"]);
  });

  it("refuses what its schema refuses, whatever is put where", () => {
    const paths = [
      "tool",
      "mirror",
      "chart",
      "images",
      "overrides",
      "patches",
      "chart.name",
      "images.0",
      "images.0.source",
    ];
    const junk = fc.oneof(
      fc.constant(null),
      fc.integer(),
      fc.constant(""),
      fc.constant([]),
      fc.constant({}),
      fc.constant([1]),
    );
    fc.assert(
      fc.property(fc.constantFrom(...paths), junk, (path, value) => {
        const lock = raw();
        const keys = path.split(".");
        const last = keys.pop() as string;
        keys.reduce((here, key) => here[key] as never, lock)[last] = value;
        if (!conforms(lock)) expect(problemsOf(yaml(lock))).not.toEqual([]);
        else expect(problemsOf(yaml(lock))).toEqual([]);
      }),
    );
  });
});
