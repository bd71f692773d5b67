import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { createInterface } from "node:readline";
import { Registries } from "../../../src/oci/registries";
import { freePort } from "../../support/freePort";
import { makeImage, pushImage } from "../../support/images";
import { startRegistry } from "../../support/registry";
import { parseReference } from "../../../src/image/reference";
import { at, Fixture } from "../fixture";

const fixture = new Fixture();
const ROOT = join(__dirname, "../..", "..");

it("a copy that is killed leaves no tag, and the next one finishes it without what was done", async () => {
  const [source, target] = await fixture.pair();
  const image = makeImage({
    platforms: ["linux/amd64", "linux/arm64"],
    layers: (seed) => [
      { size: 2_000_000, seed },
      { size: 600_000, seed: "shared" },
    ],
  });
  await pushImage(source, "a:1", image);
  // Its last uploads never end, so there is time to kill it.
  target.faults.add({ match: { method: "PATCH", nth: 2, times: Infinity }, action: { kind: "stall" } });
  const child = spawn(
    process.execPath,
    [
      "--require",
      "./test/support/typescript.js",
      "test/oci/copy/killedCopy.ts",
      `${source.host}/a:1`,
      `${target.host}/b:1`,
    ],
    { cwd: ROOT, stdio: "ignore" },
  );
  const ended = once(child, "exit");
  const committed = () => target.requests.find({ method: "PUT", path: /uploads/, status: 201 }).length;
  while (committed() === 0 || target.requests.count({ method: "PATCH" }) < 2) await pause(10);
  child.kill("SIGKILL");
  await ended;
  expect(target.tags("b")).toEqual([]);
  target.faults.clear();
  const uploaded = committed();
  await fixture.client([source, target]).copy(at(source, "a:1"), at(target, "b:1"));
  expect(await target.defects("b", "1")).toEqual([]);
  expect(committed() - uploaded).toBeLessThan(image.blobs.length);
});

it("a registry that is killed in the middle and started again gets the whole image from the same copy", async () => {
  const folder = await mkdtemp(join(tmpdir(), "killed-registry-"));
  const config = join(folder, "config.json");
  const port = await freePort();
  const storage = { folder: join(folder, "storage") };
  await writeFile(config, JSON.stringify({ port, storage }));
  const start = async (): Promise<() => Promise<unknown>> => {
    const script = ["--require", "./test/support/typescript.js", "test/support/registry/main.ts", "--config", config];
    const child = spawn(process.execPath, script, { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] });
    await once(createInterface(child.stdout), "line");
    return () => {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      return ended;
    };
  };
  const source = await fixture.registry();
  const image = makeImage({ layers: [1, 2, 3].map((seed) => ({ size: 900_000, seed })) });
  await pushImage(source, "a:1", image);
  source.faults.add({
    match: { method: "GET", path: /\/blobs\//, nth: 2, times: 3 },
    action: { kind: "stall", after: 300_000 },
  });
  const host = `127.0.0.1:${port}`;
  const registries = new Registries({
    access: [source.host, host].map((name) => ({ host: name, plainHttp: true })),
    retry: { attempts: 60, maxDelayMs: 1000 },
    stallTimeoutMs: 2000,
  });
  let kill = await start();
  try {
    const copied = registries.copy(at(source, "a:1"), parseReference(`${host}/b:1`));
    const isHalfway = () => source.requests.all.some(({ fault, sent }) => fault === "stall" && sent > 0);
    while (!isHalfway()) await pause(5);
    await kill();
    kill = await start();
    expect((await copied).digest).toBe(image.digest);
  } finally {
    registries.close();
    await kill();
  }
  const left = await startRegistry({ storage });
  expect(await left.defects("b", "1")).toEqual([]);
  await left.close();
  await rm(folder, { recursive: true, force: true });
});
