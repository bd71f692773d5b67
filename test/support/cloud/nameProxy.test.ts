import * as http from "node:http";
import * as tls from "node:tls";
import type { Socket } from "node:net";
import { registriesOfTest } from "../registry/registriesOfTest";
import { startNameProxy, type NameProxy } from ".";

const startRegistry = registriesOfTest();
const NAME = "123456789012.dkr.ecr.us-east-1.amazonaws.com";
let proxy: NameProxy;
afterEach(() => proxy.close());

function tunnel(to: string): Promise<{ status: number; socket: Socket }> {
  return new Promise((resolve, reject) => {
    const request = http.request(proxy.url, { method: "CONNECT", path: to, agent: false });
    request.on("connect", (response, socket: Socket) => resolve({ status: response.statusCode ?? 0, socket }));
    request.on("error", reject).end();
  });
}

test("a real name leads to the server that plays it, over TLS with that name", async () => {
  const registry = await startRegistry({ tls: { names: [NAME] } });
  proxy = await startNameProxy({ [NAME]: registry.host });
  const { status, socket } = await tunnel(`${NAME}:443`);
  expect(status).toBe(200);
  const secure = tls.connect({ socket, servername: NAME, ca: registry.ca ?? "" });
  secure.write(`GET /v2/ HTTP/1.1\r\nHost: ${NAME}\r\nConnection: close\r\n\r\n`);
  let answer = "";
  for await (const chunk of secure) answer += String(chunk);
  expect(answer).toMatch(/^HTTP\/1.1 200/);
  expect(registry.requests.all[0]?.host).toBe(NAME);
  expect(proxy.refused).toEqual([]);
});

test("any other name is refused, and remembered", async () => {
  proxy = await startNameProxy({});
  expect((await tunnel("registry.example.com:443")).status).toBe(502);
  expect(proxy.refused).toEqual(["registry.example.com:443"]);
});
