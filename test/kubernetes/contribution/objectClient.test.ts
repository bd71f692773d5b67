import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { JsonObject } from "../../../src/json";
import type { ClusterLogin } from "../../../src/cluster/clusterConnection";
import { objectClient } from "../../../src/kubernetes/contribution/objectClient";
import type { ObjectClient } from "../../../src/kubernetes/contribution/sharedObject";

const ACCOUNT = { apiVersion: "v1", kind: "ServiceAccount", namespace: "shop", name: "default" };
const IMAGE = { apiVersion: "config.openshift.io/v1", kind: "Image", name: "cluster" };
const LIVE = { ...ACCOUNT, metadata: { name: "default", resourceVersion: "7" } } as unknown as JsonObject;
/** What an API server says of its kinds. */
const KINDS: Record<string, object> = {
  "/api/v1": {
    resources: [
      { name: "serviceaccounts/token", kind: "ServiceAccount", namespaced: true },
      { name: "serviceaccounts", kind: "ServiceAccount", namespaced: true },
    ],
  },
  "/apis/config.openshift.io/v1": { resources: [{ name: "images", kind: "Image", namespaced: false }] },
};

let server: Server;
let asked: { line: string; type: string | undefined; authorization: string | undefined; body: unknown }[];
let answer: (request: IncomingMessage) => { status: number; body: unknown };

beforeEach(async () => {
  asked = [];
  answer = () => ({ status: 200, body: LIVE });
  server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk: Buffer) => (text += chunk.toString()));
    request.on("end", () => {
      const known = KINDS[request.url ?? ""];
      if (!known)
        asked.push({
          line: `${request.method} ${request.url}`,
          type: request.headers["content-type"],
          authorization: request.headers.authorization,
          body: text === "" ? undefined : JSON.parse(text),
        });
      const { status, body } = known ? { status: 200, body: known } : answer(request);
      response.writeHead(status, { "content-type": "application/json" });
      response.end(typeof body === "string" ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

/** The client with a login of this server, as the Kubernetes client reads it from a kubeconfig. */
function connected(login: ClusterLogin = {}, port = (server.address() as AddressInfo).port): Promise<ObjectClient> {
  const config = {
    getCurrentCluster: () => ({ server: `http://127.0.0.1:${port}/` }),
    getCurrentContext: () => login.context ?? "one",
    getContextObject: (name: string) => (name === "two" ? { namespace: "of-the-context" } : {}),
    applyToHTTPSOptions: (options: { headers?: Record<string, string> }) => {
      options.headers = { ...options.headers, Authorization: "Bearer the-token" };
      return Promise.resolve();
    },
  };
  return objectClient(login, () => Promise.resolve({ config } as never));
}

const refuse = (status: number, message: string) => (): { status: number; body: unknown } => ({
  status,
  body: { message },
});

it("reads an object where the API server says that its kind is, as the kubeconfig's user, and nothing is lost of it", async () => {
  const client = await connected();
  answer = () => ({ status: 200, body: { ...LIVE, newerThanAnyClient: [{ unknown: true }] } });
  expect(await client.read(ACCOUNT)).toMatchObject({ newerThanAnyClient: [{ unknown: true }] });
  await client.read(IMAGE);
  expect(asked.map(({ line }) => line)).toEqual([
    "GET /api/v1/namespaces/shop/serviceaccounts/default",
    "GET /apis/config.openshift.io/v1/images/cluster",
  ]);
  expect(asked[0]?.authorization).toBe("Bearer the-token");
});

it.each([
  [undefined, "default"],
  ["two", "of-the-context"],
])("takes the namespace of the context %s for an object without one", async (context, namespace) => {
  const client = await connected(context === undefined ? {} : { context });
  const { namespace: _, ...nowhere } = ACCOUNT;
  await client.read(nowhere);
  expect(asked[0]?.line).toBe(`GET /api/v1/namespaces/${namespace}/serviceaccounts/default`);
});

it("patches only what it read: with its version, as a merge patch", async () => {
  const client = await connected();
  const patch = { imagePullSecrets: [{ name: "a" }], metadata: { annotations: { b: "c" } } };
  expect(await client.patch(ACCOUNT, LIVE, patch)).toBe(true);
  expect(asked).toMatchObject([
    {
      line: "PATCH /api/v1/namespaces/shop/serviceaccounts/default?fieldManager=pulumi-chart-mirror",
      type: "application/merge-patch+json",
      body: { ...patch, metadata: { annotations: { b: "c" }, resourceVersion: "7" } },
    },
  ]);
  expect(await client.remove(ACCOUNT, LIVE)).toBe(true);
  expect(asked[1]).toMatchObject({ body: { preconditions: { resourceVersion: "7" } } });
});

it.each([
  ["changed", 409, false],
  ["gone", 404, false],
])("says that the object was %s by somebody else", async (_, status, expected) => {
  const client = await connected();
  answer = refuse(status, "no");
  expect(await client.patch(ACCOUNT, LIVE, {})).toBe(expected);
});

it("knows what is not there, and what somebody else made first or deleted already", async () => {
  const client = await connected();
  answer = refuse(404, "not found");
  expect(await client.read(ACCOUNT)).toBeUndefined();
  expect(await client.remove(ACCOUNT, LIVE)).toBe(true);
  answer = refuse(409, "already exists");
  expect(await client.create({ ...LIVE })).toBe(false);
  expect(await client.remove(ACCOUNT, LIVE)).toBe(false);
});

it("tells what the API server said, and neither token nor object", async () => {
  const client = await connected();
  answer = refuse(403, 'serviceaccounts "default" is forbidden: User "ada" cannot patch');
  const refused = client.patch(ACCOUNT, LIVE, { data: { a: "content" } });
  await expect(refused).rejects.toMatchObject({
    code: "OBJECT_REFUSED",
    message: expect.stringMatching(/^Writing ServiceAccount shop\/default failed: 403 .* cannot patch/) as string,
  });
  await expect(refused).rejects.not.toThrow(/the-token|content/);
  answer = () => ({ status: 502, body: "<html>" });
  await expect(client.read(ACCOUNT)).rejects.toMatchObject({ code: "OBJECT_REFUSED" });
});

it.each([
  [403, /user needs get and patch/],
  [401, /user needs get and patch/],
  [422, /Correct what the API server names/],
  [503, /See what the API server says there/],
])("says what to do after %d", async (status, advice) => {
  const client = await connected();
  answer = refuse(status, "no");
  await expect(client.patch(ACCOUNT, LIVE, {})).rejects.toThrow(advice);
});

it("says that the cluster knows no such kind, or does not answer", async () => {
  const client = await connected();
  await expect(client.read({ ...ACCOUNT, kind: "Nothing" })).rejects.toThrow(
    /knows no Nothing of v1\. Correct apiVersion/,
  );
  await expect(client.read({ ...IMAGE, apiVersion: "gone.test/v1" })).rejects.toThrow(
    /knows no Image of gone\.test\/v1/,
  );
  const gone = await connected({}, 1);
  await expect(gone.read(ACCOUNT)).rejects.toMatchObject({
    code: "OBJECT_REFUSED",
    message: expect.stringContaining("See whether kubectl reaches") as string,
  });
});

it.each([
  ["v1", "ServiceAccount", true],
  ["v1", "Pod", false],
  ["config.openshift.io/v1", "Image", true],
  ["config.openshift.io/v2", "Image", false],
])("knows whether the cluster has %s %s", async (apiVersion, kind, served) => {
  answer = refuse(404, "page not found");
  expect(await (await connected()).serves({ apiVersion, kind })).toBe(served);
});

it("knows the versions of an API, the best first", async () => {
  const client = await connected();
  answer = () => ({
    status: 200,
    body: { versions: [{ groupVersion: "a.b/v1" }, { groupVersion: "a.b/v1beta1" }, { version: "odd" }] },
  });
  expect(await client.versions("a.b/v1alpha1")).toEqual(["a.b/v1", "a.b/v1beta1"]);
  expect(await client.versions("v1")).toEqual(["v1"]);
  answer = refuse(404, "page not found");
  expect(await client.versions("c.d/v1")).toEqual([]);
  expect(asked.map(({ line }) => line)).toEqual(["GET /apis/a.b", "GET /apis/c.d"]);
});

it("does not take a refusal for an API that is not there", async () => {
  answer = refuse(403, "forbidden");
  const asked = (await connected()).serves({ apiVersion: "config.openshift.io/v2", kind: "Image" });
  await expect(asked).rejects.toThrow(
    "Looking whether the cluster has Image of config.openshift.io/v2 failed: 403 forbidden",
  );
});
