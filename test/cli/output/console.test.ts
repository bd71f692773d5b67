import { spawn, type ChildProcess } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { resolve } from "node:path";
import { consoleStreams, printableStreams, type ConsoleProcess } from "../../../src/cli/output/console";
import { makeImage, pushImage } from "../../support/images";
import { startRegistry, type TestRegistry } from "../../support/registry";

describe("a terminal that is watched", () => {
  const columnsOf = (
    env: ConsoleProcess["env"],
    stderr: { isTTY?: boolean; columns?: number },
  ): (() => number) | undefined => {
    const stream = { write: () => true, on: () => undefined };
    const { on, off, kill, exit } = { on: () => 0, off: () => 0, kill: () => 0, exit: () => 0 };
    return consoleStreams({ pid: 1, env, stdout: stream, stderr: { ...stream, ...stderr }, on, off, kill, exit })
      .columns;
  };

  it.each([
    [{ TERM: "xterm" }, { isTTY: true, columns: 132 }, 132],
    [{}, { isTTY: true, columns: 80 }, 80],
    // Some terminals, such as those of build machines, have no width.
    [{ TERM: "xterm" }, { isTTY: true }, 0],
    [{ TERM: "xterm", CI: "" }, { isTTY: true, columns: 80 }, 80],
    [{ TERM: "xterm", NO_COLOR: "1" }, { isTTY: true, columns: 80 }, 80],
    [{ TERM: "xterm", CI: "true" }, { isTTY: true, columns: 80 }, undefined],
    [{ TERM: "dumb" }, { isTTY: true, columns: 80 }, undefined],
    [{ TERM: "xterm" }, { isTTY: false }, undefined],
    [{ TERM: "xterm" }, {}, undefined],
  ])("%j %j has %s columns", (env, stderr, columns) => {
    expect(columnsOf(env, stderr)?.()).toBe(columns);
  });
});

describe("colours", () => {
  const painted = (env: ConsoleProcess["env"], isTTY?: boolean): string => {
    let written = "";
    const stream = { write: (text: string) => (written += text), on: () => undefined };
    const stderr = { ...stream, ...(isTTY !== undefined && { isTTY }) };
    const process = { pid: 1, env, stdout: stream, stderr, on: () => 0, off: () => 0, kill: () => 0, exit: () => 0 };
    printableStreams(consoleStreams(process)).err("one error: x\nerror: \u001b[1my\nwarning: z\n");
    return written;
  };
  const plain = "one error: x\nerror: \\u001b[1my\nwarning: z\n";
  const coloured = "one error: x\n\u001b[31merror:\u001b[39m \\u001b[1my\n\u001b[33mwarning:\u001b[39m z\n";

  it.each<[ConsoleProcess["env"], boolean | undefined, string]>([
    [{}, true, coloured],
    [{ NO_COLOR: "" }, true, coloured],
    [{ CI: "true" }, true, coloured],
    [{ NO_COLOR: "1" }, true, plain],
    [{ TERM: "dumb" }, true, plain],
    [{ FORCE_COLOR: "0" }, true, plain],
    [{ FORCE_COLOR: "false" }, true, plain],
    [{}, false, plain],
    [{}, undefined, plain],
    [{ FORCE_COLOR: "1" }, false, coloured],
    [{ FORCE_COLOR: "true", NO_COLOR: "1", TERM: "dumb" }, undefined, coloured],
    [{ FORCE_COLOR: "" }, false, plain],
  ])("%j on a terminal (%s)", (env, isTTY, text) => {
    expect(painted(env, isTTY)).toBe(text);
  });
});

it.each([
  ["a pipe", "cat", true],
  ["nothing", undefined, false],
])("an output into %s is known", async (_, reader, isPiped) => {
  const script = `process.stderr.write(String(require("./src/cli/output/console").consoleStreams(process).isPiped))`;
  const args = ["--require", "./test/support/typescript.js", "-e", script];
  const child = spawn(process.execPath, args, {
    cwd: resolve(__dirname, "../../.."),
    stdio: ["ignore", reader ? "pipe" : "ignore", "pipe"],
  });
  let told = "";
  child.stderr?.on("data", (text: Buffer) => (told += text.toString()));
  await once(child, "close");
  expect(told).toBe(String(isPiped));
});

it("an output that cannot be written is said in words", () => {
  const stdout = new EventEmitter();
  const words: string[] = [];
  const codes: number[] = [];
  const streams = consoleStreams({
    pid: 1,
    env: {},
    stdout: Object.assign(stdout, { write: () => true }),
    stderr: { write: (text) => words.push(text), on: () => undefined },
    on: () => 0,
    off: () => 0,
    kill: () => 0,
    exit: (code) => codes.push(code),
  });
  streams.onInterrupt?.(() => streams.err("half done\n"));
  stdout.emit("error", Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" }));
  expect(words).toEqual(["half done\n", expect.stringMatching(/^error: .*no space left on device/)]);
  expect(codes).toEqual([1]);
});

describe("a copy that ends early", () => {
  const ROOT = resolve(__dirname, "../../..");
  const START = `require("./src/cli/main").main(process.argv.slice(1)).then((code) => { process.exitCode = code; });`;
  let source: TestRegistry;
  let target: TestRegistry;
  let child: ChildProcess;
  let words: string;

  beforeEach(async () => {
    source = await startRegistry();
    target = await startRegistry();
    await pushImage(source, "team/small:1", makeImage({ layers: [{ size: 900, seed: "small" }] }));
    await pushImage(source, "team/large:1", makeImage({ layers: [{ size: 90_000, seed: "large" }] }));
    // The large image never comes to its end.
    source.faults.add({ match: { path: /large\/blobs/, times: Infinity }, action: { kind: "stall", after: 10 } });
    words = "";
  });
  afterEach(async () => {
    child.kill("SIGKILL");
    await Promise.all([source.close(), target.close()]);
  });

  function copy(): ChildProcess {
    const names = ["small", "large"].map((name) => `${source.host}/team/${name}:1`);
    const args = ["copy", ...names, "--to", target.host, "--plain-http", "--plain-http-source", source.host];
    child = spawn(process.execPath, ["--require", "./test/support/typescript.js", "-e", START, "--", ...args], {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stderr?.on("data", (text: Buffer) => (words += text.toString("utf8")));
    return child;
  }

  const exited = (): Promise<unknown[]> => once(child, "close");

  it.each(["SIGINT", "SIGTERM"] as const)("by %s says how far it came, and no tag is half done", async (signal) => {
    const end = (copy(), exited());
    await once(child.stdout as NodeJS.EventEmitter, "data");
    child.kill(signal);
    expect(await end).toEqual([null, signal]);
    expect(words).toBe("interrupted: 1 of 2 images are done; the same command copies the others\n");
    expect([target.tags("team/small"), target.tag("team/large", "1")]).toEqual([["1"], undefined]);
  });

  it("since nobody reads its output any more ends as others do", async () => {
    const end = (copy(), exited());
    child.stdout?.destroy();
    expect(await end).toEqual([141, null]);
    expect(words).toMatch(/^interrupted: \d of 2 images are done; the same command copies the others\n$/);
    expect(target.tag("team/large", "1")).toBeUndefined();
  });
});
