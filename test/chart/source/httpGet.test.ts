import { createServer, get, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { DownloadTooLargeError, httpGet as bareHttpGet } from "../../../src/chart/source/httpGet";
import { localHttpGet } from "../../../src/machine/localHttpGet";

const servers: Server[] = [];
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  }
});

/** Answers with the login that it was sent. */
const showLogin: RequestListener = (request, response) => response.end(request.headers.authorization ?? "none");
const LOGIN = { username: "me", password: "s:cret" };
const BASIC = `Basic ${Buffer.from("me:s:cret").toString("base64")}`;

const httpGet = localHttpGet({});

describe("httpGet", () => {
  it("brings the body and the status", async () => {
    const url = await serve((_, response) => response.writeHead(404).end("gone"));
    expect(await httpGet({ url })).toEqual({ status: 404, body: Buffer.from("gone") });
  });

  it.each<[string, (home: string, other: string) => string, boolean, string]>([
    ["at home", (home) => `${home}/x`, false, BASIC],
    ["after a redirect at home", () => "/x", false, BASIC],
    ["not after a redirect to another port", (_, other) => `${other}/x`, false, "none"],
    ["after a redirect elsewhere, if told so", (_, other) => `${other}/x`, true, BASIC],
  ])("sends the login %s", async (_, target, passCredentials, expected) => {
    const other = await serve(showLogin);
    const home: string = await serve((request, response) => {
      if (request.url === "/x") showLogin(request, response);
      else response.writeHead(302, { location: target(home, other) }).end();
    });
    const { body } = await httpGet({ url: home, login: LOGIN, passCredentials });
    expect(body.toString()).toBe(expected);
  });

  it("does not send the login to the third of three hosts", async () => {
    const other: string = await serve((_, response) => response.writeHead(307, { location: `${elsewhere}/y` }).end());
    const elsewhere: string = await serve(showLogin);
    const home: string = await serve((_, response) => response.writeHead(301, { location: other }).end());
    expect((await httpGet({ url: home, login: LOGIN })).body.toString()).toBe("none");
  });

  it("gives up on a circle of redirects", async () => {
    const url = await serve((_, response) => response.writeHead(302, { location: "/" }).end());
    await expect(httpGet({ url })).rejects.toThrow("more than 10 redirects");
  });

  it("says of a redirect to no URL no more than that", async () => {
    const url = await serve((_, response) => response.writeHead(302, { location: "https://?sig=abc" }).end());
    const error: unknown = await httpGet({ url }).catch((thrown: unknown) => thrown);
    expect(String(error)).toContain("no URL");
    expect(inspect(error, { depth: 9 })).not.toContain("sig=");
  });

  it.each<[string, RequestListener]>([
    ["says so", (_, response) => response.writeHead(200, { "content-length": "2000" }).write("x")],
    ["does not end", (_, response) => void setInterval(() => response.write("x".repeat(600)), 5).unref()],
  ])("ends a file beyond the limit that %s", async (_, listener) => {
    const downloading = httpGet({ url: await serve(listener), limit: 1000 });
    await expect(downloading).rejects.toThrow(DownloadTooLargeError);
    await expect(downloading).rejects.toThrow("larger than 1000 bytes");
  });

  it("ends a download that goes on and on, a byte now and then", async () => {
    const url = await serve((_, response) => void setInterval(() => response.write("x"), 5).unref());
    const downloading = bareHttpGet({ url }, (one) => new Promise((done) => void get(one.url, done)), 0.2);
    await expect(downloading).rejects.toThrow("did not end within 0.2 seconds");
  });

  it.each([
    ["a file", "file:///etc/passwd", "not a protocol"],
    ["a server that is not there", "http://127.0.0.1:1/", "it refused the connection"],
  ])("refuses %s", async (_, url, message) => {
    await expect(httpGet({ url })).rejects.toThrow(message);
  });
});

describe("a chart repository outside", () => {
  /** Reached through a proxy, which alone knows where it is. */
  async function outside(answer: RequestListener, internalRedirects?: (host: string) => boolean) {
    const asked: string[] = [];
    const proxy = await serve((request, response) => {
      asked.push(request.url ?? "");
      if (request.url?.startsWith("http://charts.example.com/")) answer(request, response);
      else response.end("inside");
    });
    return { asked, get: localHttpGet({ HTTP_PROXY: proxy }, internalRedirects && { internalRedirects }) };
  }
  const to =
    (location: string): RequestListener =>
    (_, response) =>
      response.writeHead(302, { location }).end();

  it.each([
    "http://127.0.0.1/x",
    "http://2130706433/x",
    "http://[::ffff:7f00:1]/x",
    "http://169.254.169.254/latest/meta-data",
    "http://metadata.google.internal/x",
    "http://app.localhost/x",
    "http://192.168.1.1/x",
  ])("is not followed to %s, neither by a redirect nor by its index", async (place) => {
    const { asked, get } = await outside(to(place));
    const index = "http://charts.example.com/index.yaml";
    await expect(get({ url: index })).rejects.toThrow(
      /which is not followed.*internalRedirects of charts\.example\.com/,
    );
    await expect(get({ url: place, namedBy: index })).rejects.toThrow(/which is not followed/);
    expect(asked).toEqual([index]);
  });

  it("is followed where its user says that its store is inside", async () => {
    const { get } = await outside(to("http://192.168.1.1/x"), (host) => host === "charts.example.com");
    expect((await get({ url: "http://charts.example.com/index.yaml" })).body.toString()).toBe("inside");
  });

  it("may lead to others outside", async () => {
    const { get } = await outside(to("http://cdn.example.net/x"));
    expect((await get({ url: "http://charts.example.com/index.yaml" })).status).toBe(200);
  });
});

it("a file that comes a byte at a time ends with its deadline", async () => {
  const url = await serve((_, response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write(" "), 20);
    response.on("close", () => clearInterval(timer));
  });
  await expect(localHttpGet({}, { deadlineMs: 200 })({ url })).rejects.toThrow("it was not there after 0 s");
});
