import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { helmAt } from "../providers/kubernetes/helm/helm";
import { ensureTool } from "../tools";

/** A chart repository on loopback. */
export interface ChartRepository {
  readonly url: string;
  /** Packs and indexes the chart of a folder, in the place of what has its name and version. */
  push(folder: string): Promise<void>;
  close(): Promise<void>;
}

/** Serves charts of this folder, such as `stackstate`, as the real helm packages and indexes them. */
export async function startChartRepository(...charts: readonly string[]): Promise<ChartRepository> {
  const folder = await mkdtemp(join(tmpdir(), "chart-repository-"));
  const helm = helmAt(await ensureTool("helm"), { HOME: folder, TMPDIR: folder });
  for (const chart of charts) await helm(["package", join(__dirname, chart), "--destination", folder]);
  const index = () => helm(["repo", "index", folder]);
  await index();
  const server = createServer((request, response) => {
    readFile(join(folder, basename(request.url ?? ""))).then(
      (content) => response.end(content),
      () => response.writeHead(404).end(),
    );
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async push(chart) {
      await helm(["package", chart, "--destination", folder]);
      await index();
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
