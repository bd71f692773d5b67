import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { claimReleaseFolder, ReleaseFolder } from "../../src/release/releaseFolder";
import { mockedEngine } from "../support/providers/mockedEngine";

mockedEngine();

const home = process.cwd();
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "release-folder-"));
  process.chdir(folder);
  await mkdir("chart");
});
afterEach(async () => {
  process.chdir(home);
  await rm(folder, { recursive: true, force: true });
});

function componentBelow(type: string | undefined): pulumi.Resource {
  const parent = type === undefined ? undefined : new pulumi.ComponentResource(`test:index:${type}`, "around");
  return new pulumi.ComponentResource("test:index:Release", "web", {}, parent && { parent });
}

const write = (one: ReleaseFolder, file: string): Promise<void> =>
  one.write("chart", async (fresh) => {
    await mkdir(fresh);
    await writeFile(join(fresh, file), file);
  });

it("keeps the charts of two components of one name apart", async () => {
  const [first, second, third] = [undefined, "Platform", "Tenant"].map(
    (type) => new ReleaseFolder("web", claimReleaseFolder("web", componentBelow(type))),
  ) as [ReleaseFolder, ReleaseFolder, ReleaseFolder];
  expect(first.path).toBe("./.chart-mirror/web");
  await Promise.all([write(first, "a.tgz"), write(second, "b.tgz"), write(third, "c.tgz")]);
  expect([first.at("a.tgz"), second.at("b.tgz"), third.at("c.tgz")].map((path) => existsSync(path))).toEqual([
    true,
    true,
    true,
  ]);
});

it("gives a component the same folder in each run of a process, and on every machine", async () => {
  const endings = (): string[] => ["Platform", "Tenant"].map((type) => claimReleaseFolder("web", componentBelow(type)));
  const here = endings();
  expect(here).toEqual(["", expect.stringMatching(/^%[0-9a-f]{12}$/)]);
  expect(endings()).toEqual(here);
  await mkdir("elsewhere");
  process.chdir("elsewhere");
  expect(endings()).toEqual(here);
});

it("gives components of other names the folder of their name", () => {
  expect(claimReleaseFolder("one", componentBelow("Platform"))).toBe("");
  expect(claimReleaseFolder("two", componentBelow("Tenant"))).toBe("");
});
