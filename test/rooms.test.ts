import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import rooms from "../rooms.cjs";

const root = join(__dirname, "..");

/** What the linter says of a checkout with these files, as `from: rule: to`. */
function violations(files: Readonly<Record<string, string>>): string[] {
  const checkout = mkdtempSync(join(tmpdir(), "rooms-"));
  try {
    for (const [path, text] of Object.entries({ "tsconfig.json": "{}", ...files })) {
      mkdirSync(dirname(join(checkout, path)), { recursive: true });
      writeFileSync(join(checkout, path), text);
    }
    const command = join(root, "node_modules/dependency-cruiser/bin/dependency-cruise.mjs");
    const args = [command, "src", "--config", join(root, ".dependency-cruiser.cjs"), "--output-type", "json"];
    const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: checkout, encoding: "utf8" });
    if (stdout === "") throw new Error(stderr);
    const { summary } = JSON.parse(stdout) as {
      summary: { violations: { from: string; to: string; rule: { name: string } }[] };
    };
    return summary.violations.map(({ from, to, rule }) => `${from}: ${rule.name}: ${to}`).sort();
  } finally {
    rmSync(checkout, { recursive: true, force: true });
  }
}

describe("the rooms of src", () => {
  /** What is planted, and what is wrong with it. */
  const planted: readonly (readonly [string, string, ...string[]])[] = [
    ["src/image/below.ts", "export type Digest = string;"],
    ["src/plan/allowed.ts", 'export * from "../image/below";'],
    ["src/image/up.ts", 'export * from "../plan/allowed";', "room-above: src/plan/allowed.ts"],
    ["src/oci/copy/copy.ts", "export interface A { a: number }"],
    [
      "src/oci/errors/type.ts",
      'import type { A } from "../copy/copy";\nexport type B = A;',
      "room-above: src/oci/copy/copy.ts",
    ],
    [
      "src/oci/errors/lazy.ts",
      'export const load = () => require("../copy/copy") as typeof import("../copy/copy");',
      "room-above: src/oci/copy/copy.ts",
    ],
    ["src/image/a.ts", 'import type { B } from "./b";\nexport interface A { b: B }', "no-circular: src/image/b.ts"],
    ["src/image/b.ts", 'import type { A } from "./a";\nexport interface B { a: A }'],
    ["src/chart/find/find.ts", 'export * from "../../oci/copy/copy";', "room-out-of-bounds: src/oci/copy/copy.ts"],
    ["src/release/release.ts", "export const a = 1;"],
    ["src/kubernetes/secret.ts", "export const a = 1;"],
    ["src/kubernetes/releaseWatch/watch.ts", "export const b = 1;"],
    ["src/cli/release.ts", 'export * from "../release/release";', "room-out-of-bounds: src/release/release.ts"],
    ["src/cli/secret.ts", 'export * from "../kubernetes/secret";', "room-out-of-bounds: src/kubernetes/secret.ts"],
    ["src/cli/watch.ts", 'export * from "../kubernetes/releaseWatch/watch";'],
    [
      "src/plan/pulumi.ts",
      'import type * as pulumi from "@pulumi/pulumi";\nexport type P = pulumi.Output<string>;',
      "no-pulumi: @pulumi/pulumi",
    ],
    ["src/loose.ts", 'export * from "./image/below";', "no-room: src/image/below.ts"],
  ];

  it("are held by the linter", () => {
    const expected = planted.flatMap(([path, , ...wrong]) => wrong.map((what) => `${path}: ${what}`));
    expect(violations(Object.fromEntries(planted.map(([path, text]) => [path, text])))).toEqual(expected.sort());
  });

  it("are those of the map in CONTRIBUTING.md, in its order", () => {
    const text = readFileSync(join(root, "CONTRIBUTING.md"), "utf8");
    const map = [...text.matchAll(/^\| `src\/([^`]+?)\/?` +\| (.+?) +\|/gm)].map(([, room, what]) => ({ room, what }));
    expect(map).toEqual(rooms.map(({ room, what }) => ({ room, what })));
  });

  it.each(["src", "test"])("have at most 25 files each: %s", (top) => {
    const folders = readdirSync(join(root, top), { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(root, entry.parentPath));
    const counts = new Map<string, number>();
    for (const folder of folders) counts.set(folder, (counts.get(folder) ?? 0) + 1);
    expect([...counts].filter(([, count]) => count > 25)).toEqual([]);
  });
});
