import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { basic, rawRequest } from "./transport/rawRequest";

const folder = mkdtempSync(join(tmpdir(), "registry-main-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(...args: string[]) {
  const support = join(__dirname, "..");
  const script = ["--require", join(support, "typescript.js"), join(__dirname, "main.ts"), ...args];
  return spawn(process.execPath, script, { stdio: ["ignore", "pipe", "pipe"] });
}

test("runs as a process, says where it listens, and ends on SIGTERM with connections open", async () => {
  const file = join(folder, "config.json");
  const auth = { scheme: "basic", users: { robot: "secret" } };
  writeFileSync(file, JSON.stringify({ behaviour: "ecr", tls: true, auth, repositories: ["team/app"] }));
  const child = run("--config", file);
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  const { url, ca } = JSON.parse(line) as { url: string; ca: string };
  const headers = { authorization: basic("robot", "secret") };
  expect((await rawRequest({ url, ca }, "GET", "/v2/team/app/tags/list", { headers })).status).toBe(200);
  expect((await rawRequest({ url, ca }, "GET", "/v2/team/other/tags/list", { headers })).status).toBe(404);
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([0, null]);
});

test("says what it lacks", async () => {
  const child = run();
  const [problem] = (await once(createInterface(child.stderr), "line")) as [string];
  expect(problem).toContain("--config FILE.json is needed");
  expect(await once(child, "exit")).toEqual([1, null]);
});
