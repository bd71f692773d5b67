/** The release archive, as `pulumi plugin install` takes it: on a machine that has Pulumi, Node.js and nothing else of ours. */
import { createServer, type Server } from "node:http";
import { createReadStream, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { pluginArchives } from "../../release/pluginArchive";
import { expectUnchanged } from "../support/engine";
import { checkout } from "../support/engine/projectFolder";
import { yamlPath } from "../support/engine/yamlProgram";
import { documentedProgram } from "../support/languages/documentedProgram";
import { DocumentedStage } from "../support/languages/documentedStage";

jest.setTimeout(900_000);

const stage = new DocumentedStage();
const { version } = JSON.parse(readFileSync(join(checkout, "package.json"), "utf8")) as { version: string };
const platform = `${process.platform}-${process.arch === "x64" ? "amd64" : process.arch}`;

let folder: string;
let archive: string;
let server: Server;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "archives-"));
  [archive = ""] = await pluginArchives(folder, [platform]);
  server = createServer((request, response) => {
    if (request.url !== `/${basename(archive)}`) return void response.writeHead(404).end();
    response.setHeader("content-length", statSync(archive).size);
    createReadStream(archive).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

/** The program without the words that lead to a plugin elsewhere. */
const program = (): string => documentedProgram("yaml").replace(/^plugins:\n(?: .*\n)+/m, "");

it("runs a program that names no plugin, once it is installed from a file", async () => {
  const project = await stage.project({ program: { "Pulumi.yaml": program() }, path: await yamlPath() });
  await project.pulumi(["plugin", "install", "resource", "chart-mirror", version, "--file", archive]);
  const up = await project.up();
  expect(up.warnings).not.toContain("chart-mirror from");
  expect(stage.mirror.tag("platform/team/web", "1.0")).toBe(stage.images["team/web:1.0"].digest);
  expectUnchanged(await project.up());
  await project.destroy();
});

it("is found by its name at a server", async () => {
  const project = await stage.project({ program: { "Pulumi.yaml": program() }, path: await yamlPath() });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await project.pulumi(["plugin", "install", "resource", "chart-mirror", version, "--server", url]);
  expect(await project.pulumi(["plugin", "ls", "--json"])).toMatch(new RegExp(`"chart-mirror"[^]*"${version}"`));
  expect((await project.preview()).step("chart-mirror:index:ImageCopy::mirror/quay.io/team/web:1.0").operation).toBe(
    "create",
  );
});
