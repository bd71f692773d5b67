/** What stands on npm: the package's files, fields and links. */
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, posix } from "node:path";

const checkout = join(__dirname, "../..");
const read = (file: string): string => readFileSync(join(checkout, file), "utf8");

interface Manifest {
  readonly repository: { readonly url: string };
  readonly homepage: string;
  readonly bugs: string;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
}
const manifest = JSON.parse(read("package.json")) as Manifest;

/** Those of dist/ are there once it is built. */
const packed = (): string[] => {
  const args = ["pack", "--dry-run", "--ignore-scripts", "--json"];
  const told = execFileSync("npm", args, { cwd: checkout, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  const [{ files }] = JSON.parse(told) as [{ files: { path: string }[] }];
  return files.map(({ path }) => path);
};

it("the README's links lead to what is in the package, as in the repository", () => {
  const links = [...read("README.md").matchAll(/\]\(([^)#\s]+)/g)].map(([, target = ""]) => target);
  const inside = links.filter((link) => !/^[a-z]+:/.test(link)).map((link) => posix.normalize(link));
  const files = packed();
  expect(inside.length).toBeGreaterThan(10);
  expect(inside.filter((link) => !files.some((file) => file === link || file.startsWith(`${link}/`)))).toEqual([]);
});

it("whatever is exported besides code is in the package", () => {
  const files = packed();
  const exported = Object.values(manifest.exports).filter((target): target is string => typeof target === "string");
  expect(exported).toContain("./schema/plan-v1.json");
  expect(exported.map((target) => posix.normalize(target)).filter((target) => !files.includes(target))).toEqual([]);
  const schemas = files.filter((file) => file.startsWith("schema/"));
  expect(schemas.filter((schema) => !exported.includes(`./${schema}`))).toEqual([]);
});

describe("the repository's address", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "repository-"));
    mkdirSync(join(folder, "release"));
    for (const file of ["package.json", "release/repository.mjs"])
      copyFileSync(join(checkout, file), join(folder, file));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const script = (...args: string[]): { code: number | null; told: string } => {
    const { status, stderr } = spawnSync(process.execPath, [join(folder, "release/repository.mjs"), ...args], {
      encoding: "utf8",
    });
    return { code: status, told: stderr };
  };
  const written = (): Manifest => JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;

  it.each([
    ["https://github.com/acme/mirror", "https://github.com/acme/mirror"],
    ["https://git.example.com/group/team/mirror.git", "https://git.example.com/group/team/mirror"],
  ])("%s stands in all fields that name it", (given, url) => {
    expect(script(given)).toEqual({ code: 0, told: "" });
    const { repository, homepage, bugs } = written();
    expect(repository.url).toBe(`git+${url}.git`);
    expect([homepage, bugs]).toEqual([`${url}#readme`, `${url}/issues`]);
    expect({ ...manifest, ...{ repository, homepage, bugs } }).toEqual(written());
    expect(script("--check").code).toBe(0);
  });

  it.each([[], ["github.com/acme/mirror"], ["git@github.com:acme/mirror.git"], ["https://github.com"]])(
    "%j is none",
    (...args) => {
      const { code, told } = script(...args);
      expect(code).toBe(1);
      expect(told).toContain("npm run repository -- https://HOST/OWNER/NAME");
      expect(written()).toEqual(manifest);
    },
  );

  it("is asked for before anything is published", () => {
    const stand = written();
    writeFileSync(
      join(folder, "package.json"),
      JSON.stringify({ ...stand, repository: { url: "git+https://github.com/OWNER/mirror.git" } }),
    );
    expect(script("--check")).toMatchObject({
      code: 1,
      told: expect.stringContaining("names no repository yet") as string,
    });
    script("https://github.com/acme/mirror");
    writeFileSync(
      join(folder, "package.json"),
      JSON.stringify({ ...written(), bugs: "https://elsewhere.example.com" }),
    );
    expect(script("--check")).toMatchObject({
      code: 1,
      told: expect.stringContaining("a bugs of another repository") as string,
    });
  });
});
