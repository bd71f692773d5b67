import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { localChartSources } from "../../src/machine/localChartSources";
import { makeImage, pushImage } from "../support/images";
import { startRegistry, type TestRegistry } from "../support/registry";

let folder: string;
let registry: TestRegistry;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "chart-sources-"));
  registry = await startRegistry();
});
afterAll(async () => {
  await registry.close();
  rmSync(folder, { recursive: true });
});

it("asks a bundle, and no registry, for a chart that another one depends on", async () => {
  const bundle = join(folder, "shop.tar");
  writeFileSync(bundle, "no archive");
  const { oci } = localChartSources([{ host: "*", layouts: [bundle] }]);
  await expect(oci.tags(`${registry.host}/charts/redis`, { plainHttp: true })).rejects.toMatchObject({
    code: "INVALID_LAYOUT",
    message: expect.stringContaining(bundle) as string,
  });
  expect(registry.requests.count()).toBe(0);
});

it("calls a chart that a registry does not have a chart, and tells its newest versions", async () => {
  const { oci } = localChartSources([]);
  const reach = { plainHttp: true };
  const missing = `finding chart oci://${registry.host}/charts/web failed: its registry has nothing of that name`;
  await expect(oci.tags(`${registry.host}/charts/web`, reach)).rejects.toMatchObject({
    code: "CHART_NOT_FOUND",
    problem: missing,
  });
  await expect(oci.pull(`${registry.host}/charts/web`, "1.0.0", reach)).rejects.toMatchObject({ problem: missing });
  // A registry lists them by their letters, and with them what is no version.
  for (const tag of ["1.0.0", "1.10.0", "1.9.0_build.1", "latest", `sha256-${"0f".repeat(32)}.sig`])
    await pushImage(registry, `charts/web:${tag}`, makeImage());
  await expect(oci.pull(`${registry.host}/charts/web`, "2.0.0", reach)).rejects.toMatchObject({
    code: "CHART_VERSION_NOT_FOUND",
    message: expect.stringContaining("The newest there are 1.10.0, 1.9.0+build.1, 1.0.0;") as string,
  });
});
