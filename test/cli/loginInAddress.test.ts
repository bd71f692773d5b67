import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { main } from "../../src/cli/main";
import { ensureTool } from "../support/tools";

const ADDRESS = "robot:s3cr3t@r.example.com";
const environment = { ...process.env };
let folder: string;
beforeAll(async () => {
  process.env.HELM = await ensureTool("helm");
  folder = await mkdtemp(join(tmpdir(), "chart-mirror-login-"));
  await writeFile(join(folder, "registries.yaml"), `- host: ${ADDRESS}\n`);
}, 600_000);
afterAll(async () => {
  process.env = environment;
  await rm(folder, { recursive: true });
});

const TO = ["--to", "mirror.example.com"];

it.each<[string, (registries: string) => string[]]>([
  ["copy --to", () => ["copy", "nginx:1", "--to", `${ADDRESS}/team`]],
  ["copy -d", () => ["copy", "nginx:1", "-d", ADDRESS]],
  ["copy --to with a scheme", () => ["copy", "nginx:1", "--to", `https://${ADDRESS}`]],
  ["an image to copy", () => ["copy", `${ADDRESS}/app:1`, ...TO]],
  ["several images to copy", () => ["copy", `${ADDRESS}/app:1`, `${ADDRESS}/b@sha256:1`, ...TO]],
  ["a chart to copy", () => ["copy", `oci://${ADDRESS}/charts/web`, ...TO]],
  ["copy --plain-http-source", () => ["copy", "nginx:1", ...TO, "--plain-http-source", ADDRESS]],
  ["copy --registries", (registries) => ["copy", "nginx:1", ...TO, "--registries", registries]],
  ["plan --to", () => ["plan", "web", "--to", ADDRESS]],
  ["plan --upstream", () => ["plan", "web", ...TO, "--upstream", `${ADDRESS}/team=hub`]],
  ["values of a chart in a registry", () => ["values", `oci://${ADDRESS}/web`, ...TO]],
  ["images of a repository that has no scheme", () => ["images", "web", "--repo", ADDRESS]],
  ["node-config --to", () => ["node-config", "k3s", "--to", ADDRESS]],
  ["node-config --upstream", () => ["node-config", "k3s", ...TO, "--upstream", ADDRESS]],
])("%s: a password in the address is refused and not shown", async (_, args) => {
  let shown = "";
  const tell = (text: string): void => void (shown += text);
  const code = await main(args(join(folder, "registries.yaml")), { out: tell, err: tell });
  expect({ code, shown }).toEqual({ code: 2, shown: expect.stringContaining("***@r.example.com") as string });
  expect(shown).not.toContain("s3cr3t");
});
