/** What acrImportCopy.test.ts does not meet: answers of what stands before Resource Manager. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { askResourceManager } from "../../src/azure/resourceManager";
import { HttpTransport } from "../../src/oci/transport/http";
import { DEFAULT_RETRY, Retrier } from "../../src/oci/transport/retry";
import { FastClock } from "../oci/fixture";

async function ask(statuses: readonly number[]): Promise<{ answer: unknown; asked: number }> {
  let asked = 0;
  const server = createServer((_, response) => {
    response.writeHead(statuses[asked++] ?? 200, { "content-type": "application/json" }).end('{"value":[]}');
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const transport = new HttpTransport({});
  const clock = new FastClock();
  try {
    const { port } = server.address() as AddressInfo;
    const answer = await askResourceManager(
      { url: `http://127.0.0.1:${port}`, registryId: "/subscriptions/s/registries/contoso1", accessToken: "t0ken" },
      { name: "cacheRules", role: "Reader", doing: "Reading the cache rules" },
      { transport, retrier: new Retrier(clock, Math.random, DEFAULT_RETRY, () => undefined), clock },
    );
    return { answer, asked };
  } finally {
    transport.close();
    server.close();
  }
}

it.each([408, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 525, 530])("asks again after %i", async (status) => {
  expect(await ask([status, status])).toEqual({ answer: { value: [] }, asked: 3 });
});

it.each([400, 404, 409, 501, 526])("takes %i as the answer", async (status) => {
  await expect(ask([status])).rejects.toMatchObject({ code: "AZURE_REQUEST_FAILED" });
});
