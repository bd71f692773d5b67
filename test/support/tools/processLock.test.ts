import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { acquireLock, withLock } from "./processLock";

let folder: string;
let lock: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "process-lock-"));
  lock = join(folder, "a.lock");
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The id of a process that has ended. */
const deadPid = (): number => spawnSync("true").pid;

test("gives the lock back after work, also after work that failed, and leaves no file", async () => {
  await expect(withLock(lock, () => Promise.resolve(7))).resolves.toBe(7);
  await expect(withLock(lock, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  await expect(withLock(lock, () => Promise.resolve(8))).resolves.toBe(8);
  expect(readdirSync(folder)).toEqual([]);
});

test("lets one in at a time in one process, and tells who waits about the holder once", async () => {
  let inside = 0;
  const waits: number[] = [];
  const work = async (): Promise<void> => {
    inside += 1;
    expect(inside).toBe(1);
    await sleep(20);
    inside -= 1;
  };
  const enter = () => withLock(lock, work, { onWait: (pid) => waits.push(pid), pollMs: 5 });
  await Promise.all([enter(), enter(), enter()]);
  expect(waits).toEqual([process.pid, process.pid]);
});

test.each([
  ["a dead process", () => ({ pid: deadPid(), startTime: "1" })],
  ["a process whose id was given to another one", () => ({ pid: process.pid, startTime: "1" })],
])("takes the lock of %s over", async (_, holder) => {
  writeFileSync(lock, JSON.stringify({ ...holder(), token: "old" }));
  const release = await acquireLock(lock, { pollMs: 5 });
  expect(readFileSync(lock, "utf8")).not.toContain("old");
  release();
  expect(readdirSync(folder)).toEqual([]);
});

test("many processes that find a dead holder enter one after the other", async () => {
  writeFileSync(lock, JSON.stringify({ pid: deadPid(), startTime: "1", token: "old" }));
  const record = join(folder, "record");
  const hook = join(__dirname, "..", "typescript.js");
  const program = `
    const { appendFileSync } = require("node:fs");
    const { withLock } = require(${JSON.stringify(join(__dirname, "processLock.ts"))});
    const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    const say = (what) => appendFileSync(${JSON.stringify(record)}, what + " " + process.pid + "\\n");
    (async () => {
      for (let i = 0; i < 5; i++)
        await withLock(${JSON.stringify(lock)}, async () => { say("in"); await sleep(2); say("out"); }, { pollMs: 1 });
    })();`;
  const processes = Array.from({ length: 4 }, () => spawn(process.execPath, ["--require", hook, "-e", program]));
  const codes = await Promise.all(processes.map((p) => new Promise((resolve) => p.on("close", resolve))));
  expect(codes).toEqual([0, 0, 0, 0]);
  const lines = readFileSync(record, "utf8").trim().split("\n");
  expect(lines).toHaveLength(40);
  for (let i = 0; i < lines.length; i += 2) expect(lines[i + 1]).toBe(lines[i]?.replace("in", "out"));
  expect(existsSync(lock)).toBe(false);
});

test("a lock whose holder is killed while it waits for nothing more is free again", async () => {
  const hook = join(__dirname, "..", "typescript.js");
  const program = `
    require(${JSON.stringify(join(__dirname, "processLock.ts"))})
      .acquireLock(${JSON.stringify(lock)}).then(() => { console.log("held"); setInterval(() => {}, 1000); });`;
  const holder = spawn(process.execPath, ["--require", hook, "-e", program]);
  await new Promise((resolve) => holder.stdout.once("data", resolve));
  const waited: number[] = [];
  const acquired = acquireLock(lock, { onWait: (pid) => waited.push(pid), pollMs: 5 });
  while (waited.length === 0) await sleep(5);
  holder.kill("SIGKILL");
  (await acquired)();
  expect(waited).toEqual([holder.pid]);
});
