import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NodeMissingError, refuseRuntimeAlone } from "../../src/inputs/languageRuntime";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "language-runtime-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const node = async (mode: number): Promise<void> => {
  const file = join(folder, process.platform === "win32" ? "node.exe" : "node");
  await writeFile(file, "");
  await chmod(file, mode);
};

it("Bun without Node.js", () => {
  expect(() => refuseRuntimeAlone({ bun: "1.2.3" }, folder)).toThrow(NodeMissingError);
  expect(() => refuseRuntimeAlone({ bun: "1.2.3" }, folder)).toThrow(/runs in Bun 1\.2\.3 .*no node is on the PATH/);
  expect(() => refuseRuntimeAlone({ bun: "1.2.3" }, "")).toThrow(NodeMissingError);
});

it("Bun beside a Node.js that can be run", async () => {
  await node(0o755);
  expect(() => refuseRuntimeAlone({ bun: "1.2.3" }, folder)).not.toThrow();
});

it("Node.js, wherever it is", () => {
  expect(() => refuseRuntimeAlone({}, folder)).not.toThrow();
  expect(() => refuseRuntimeAlone()).not.toThrow();
});
