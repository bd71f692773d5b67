import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { makeImage, pushImage } from "../support/images";
import { at, Fixture } from "./fixture";

const fixture = new Fixture();
const ROOT = join(__dirname, "..", "..");

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
    ["--require", "./test/support/typescript.js", "test/oci/killedCopy.ts", `${source.host}/a:1`, `${target.host}/b:1`],
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
