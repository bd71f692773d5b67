import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { localChartSources } from "../../src/machine/localChartSources";
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
