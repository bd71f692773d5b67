import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { Agent, request as httpsRequest } from "node:https";
import type { AddressInfo } from "node:net";
import { RequestLimit } from "../../bench/front/requestLimit";
import { startLimitingProxy } from "../../bench/front/limitingProxy";
import { FrontProcess, type FrontOrder } from "../../bench/front/frontProcess";
import { certificateAuthority, type IssuedCertificate } from "../support/registry";

describe("RequestLimit", () => {
  it("lets so many in during any second, and tells after how many whole seconds there is a place", () => {
    const limit = new RequestLimit(2);
    const answers = [0, 400, 500, 999, 1000, 1001, 1400, 1401].map((now) => limit.enter(now));
    // 0 and 400 are in; the place of 0 is free at 1000, that of 400 at 1400.
    expect(answers).toEqual([undefined, undefined, 1, 1, undefined, 1, undefined, 1]);
    expect([limit.requests, limit.refused]).toEqual([8, 4]);
  });

  it("counts what is refused against nobody", () => {
    const limit = new RequestLimit(1);
    for (let now = 0; now < 1000; now += 10) limit.enter(now);
    expect(limit.enter(1000)).toBeUndefined();
    expect(limit.refused).toBe(99);
  });
});

describe("a limit before a registry", () => {
  let server: Server;
  let certificate: IssuedCertificate;
  let agent: Agent;
  /** What came to the registry. */
  let seen: {
    method: string | undefined;
    url: string | undefined;
    headers: IncomingMessage["headers"];
    body: string;
  }[];

  beforeAll(async () => {
    certificate = await (await certificateAuthority()).issue(["127.0.0.1"]);
  });
  beforeEach(async () => {
    seen = [];
    agent = new Agent({ ca: certificate.ca, keepAlive: true, maxSockets: 1 });
    server = createServer((request, response) => {
      let body = "";
      request.setEncoding("utf8").on("data", (text: string) => (body += text));
      request.on("end", () => {
        const { method, url, headers } = request;
        seen.push({ method, url, headers, body });
        response
          .writeHead(202, { location: `${headers["x-forwarded-proto"] as string}://${headers.host}/up` })
          .end("ok");
      });
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  afterEach(() => {
    agent.destroy();
    server.closeAllConnections();
    server.close();
  });

  const order = (perSecond: number) => ({ port: (server.address() as AddressInfo).port, perSecond, certificate });
  async function send(port: number, method: string, body = ""): Promise<{ response: IncomingMessage; text: string }> {
    const request = httpsRequest({ host: "127.0.0.1", port, path: "/v2/a?b=c", method, agent }).end(body);
    const [response] = (await once(request, "response")) as [IncomingMessage];
    let text = "";
    response.setEncoding("utf8").on("data", (part: string) => (text += part));
    await once(response, "end");
    return { response, text };
  }

  it("passes requests on as they are, and the answers", async () => {
    const proxy = await startLimitingProxy(order(1000));
    const { response, text } = await send(proxy.port, "PATCH", "some bytes");
    expect([response.statusCode, text]).toEqual([202, "ok"]);
    expect(seen).toMatchObject([{ method: "PATCH", url: "/v2/a?b=c", body: "some bytes" }]);
    // The registry names itself as its client does.
    expect(response.headers.location).toBe(`https://127.0.0.1:${proxy.port}/up`);
    await proxy.close();
  });

  it("refuses what is too much in words of the API, and the connection serves the next request", async () => {
    const proxy = await startLimitingProxy(order(1));
    const large = "x".repeat(2_000_000);
    await send(proxy.port, "GET");
    const { response, text } = await send(proxy.port, "PUT", large);
    expect(response.statusCode).toBe(429);
    expect(Number(response.headers["retry-after"])).toBe(1);
    expect(JSON.parse(text)).toMatchObject({ errors: [{ code: "TOOMANYREQUESTS" }] });
    expect((await send(proxy.port, "HEAD")).text).toBe("");
    expect(proxy.counts()).toEqual({ requests: 3, refused: 2 });
    expect(seen).toHaveLength(1);
    await proxy.close();
  });

  it("is a bad gateway where the registry is gone", async () => {
    const proxy = await startLimitingProxy({ ...order(9), port: 1 });
    expect((await send(proxy.port, "GET")).response.statusCode).toBe(502);
    await proxy.close();
  });

  it.each<[string, FrontOrder["kind"]]>([
    ["counts", "limit"],
    ["counts nothing behind a long line", "delay"],
  ])("in a process of its own it %s", async (_, kind) => {
    const front = await FrontProcess.start(
      kind === "limit" ? { kind, ...order(1000) } : { kind, port: order(1).port, delay: 1 },
    );
    if (kind === "limit") expect((await send(front.port, "GET")).response.statusCode).toBe(202);
    else {
      const { port } = front;
      const answer = await fetch(`http://127.0.0.1:${port}/v2/a`);
      expect([answer.status, await answer.text()]).toEqual([202, "ok"]);
    }
    expect(await front.counts()).toEqual({ requests: kind === "limit" ? 1 : 0, refused: 0 });
    await front.close();
  });
});
