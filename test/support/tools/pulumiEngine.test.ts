import { dirname } from "node:path";
import { findOrInstallPulumi, type PulumiSources } from "./pulumiEngine";

const providers = dirname(require.resolve("@pulumi/pulumi/package.json"));
const fails = (why: string) => () => Promise.reject(new Error(why));
const unused = fails("must not be asked");

async function find(sources: PulumiSources): Promise<{ path: string; lines: string[] }> {
  const lines: string[] = [];
  return { path: await findOrInstallPulumi((line) => lines.push(line), sources), lines };
}

test("takes the pulumi on the PATH", async () => {
  const onPath = () => Promise.resolve({ folder: "/machine/bin", version: "v3.260.0" });
  const { path, lines } = await find({ onPath, download: unused, build: unused });
  expect(path).toBe(`/machine/bin:${providers}`);
  expect(lines).toEqual(["using pulumi v3.260.0 from /machine/bin"]);
});

test("else downloads it with Pulumi's installer", async () => {
  const onPath = () => Promise.resolve(undefined);
  const { path, lines } = await find({ onPath, download: () => Promise.resolve("/cache/bin"), build: unused });
  expect(path).toBe(`/cache/bin:${providers}`);
  expect(lines).toEqual([expect.stringContaining("no pulumi"), expect.stringContaining("from /cache/bin")]);
});

test("else builds it, and says why", async () => {
  const onPath = () => Promise.resolve(undefined);
  const download = fails("getaddrinfo ENOTFOUND\nat somewhere");
  const { path, lines } = await find({ onPath, download, build: () => Promise.resolve("/built/bin") });
  expect(path).toBe(`/built/bin:${providers}`);
  expect(lines[1]).toMatch(/^Pulumi's installer did not work \(getaddrinfo ENOTFOUND\): building pulumi/);
});
