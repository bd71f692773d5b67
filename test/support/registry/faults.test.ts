import { createHash } from "node:crypto";
import { makeImage, pushImage, seededBlob } from "../images";
import { type FaultAction, type TestRegistry } from ".";
import { FaultProgram } from "./faults";
import { errorCode, rawRequest } from "./transport/rawRequest";
import { registriesOfTest } from "./registriesOfTest";

const blob = seededBlob(100_000, "faults");
const BLOB = `/v2/team/app/blobs/${blob.digest}`;
const MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";

const startRegistry = registriesOfTest();
let registry: TestRegistry;
beforeEach(async () => {
  registry = await startRegistry();
  await registry.putBlob("team/app", blob.digest, blob.read());
});

const meet = (action: FaultAction) => registry.faults.add({ match: { path: /team\/app/ }, action });
const sha256 = (bytes: Buffer) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

describe("the program", () => {
  const action = (status: number): FaultAction => ({ kind: "answer", status });

  test("meets by method, path, turn and number; each fault counts what it matches; the first added wins", () => {
    const faults = new FaultProgram();
    faults.add({ match: { method: "PUT", path: /manifests/, nth: 2, times: 2 }, action: action(1) });
    faults.add({ match: { method: ["PUT", "PATCH"], nth: 3, times: Infinity }, action: action(2) });
    const met = ["GET", "PUT", "PUT", "PUT", "PUT", "PATCH"].map((method) => faults.meet(method, "/v2/a/manifests/x"));
    expect(met).toEqual([undefined, undefined, action(1), action(1), action(2), action(2)]);
    expect(faults.met).toBe(4);
    faults.clear();
    expect(faults.meet("PATCH", "/")).toBeUndefined();
  });

  test("does not count requests that lack a login", async () => {
    const closed = await startRegistry({ auth: { scheme: "basic", users: { a: "b" } } });
    closed.faults.add({ action: action(503) });
    expect((await rawRequest(closed, "GET", "/v2/")).status).toBe(401);
    const headers = { authorization: `Basic ${Buffer.from("a:b").toString("base64")}` };
    expect((await rawRequest(closed, "GET", "/v2/", { headers })).status).toBe(503);
    expect((await rawRequest(closed, "GET", "/v2/", { headers })).status).toBe(200);
  });
});

describe("on answers", () => {
  test("answer, with headers and body, once", async () => {
    meet({ kind: "answer", status: 429, headers: { "retry-after": "7" }, body: "slow down" });
    const answer = await rawRequest(registry, "PATCH", BLOB, { body: "abc" });
    expect([answer.status, answer.headers["retry-after"], answer.body.toString()]).toEqual([429, "7", "slow down"]);
    expect((await rawRequest(registry, "GET", BLOB)).status).toBe(200);
    expect(registry.requests.all.map((r) => r.fault)).toEqual(["answer", undefined]);
    expect(registry.requests.all[0]?.received).toBe(3);
  });

  test("redirect", async () => {
    meet({ kind: "redirect", to: "http://127.0.0.2/x" });
    const answer = await rawRequest(registry, "GET", BLOB);
    expect([answer.status, answer.headers.location]).toEqual([307, "http://127.0.0.2/x"]);
  });

  test("cut: exactly so many bytes arrive, and the connection breaks", async () => {
    meet({ kind: "cut", after: 40_000 });
    const { status, body, broken } = await rawRequest(registry, "GET", BLOB);
    expect([status, body.length, broken]).toEqual([200, 40_000, true]);
    expect(registry.requests.all[0]?.sent).toBeGreaterThanOrEqual(40_000);
  });

  test.each([
    [false, undefined],
    [true, "10"],
  ])("truncate, with a length that says so: %s", async (contentLength, length) => {
    meet({ kind: "truncate", after: 10, contentLength });
    const { headers, body, broken } = await rawRequest(registry, "GET", BLOB);
    expect([headers["content-length"], body.length, broken]).toEqual([length, 10, false]);
  });

  test("flip changes one byte, of the answer only", async () => {
    meet({ kind: "flip", at: 70_000 });
    const wrong = (await rawRequest(registry, "GET", BLOB)).body;
    const right = (await rawRequest(registry, "GET", BLOB)).body;
    expect(sha256(right)).toBe(blob.digest);
    expect([...wrong.entries()].filter(([i, byte]) => byte !== right[i]).map(([i]) => i)).toEqual([70_000]);
  });

  test("wrong length: too long breaks, too short ends early", async () => {
    meet({ kind: "wrongLength", by: 5 });
    const long = await rawRequest(registry, "GET", BLOB);
    expect([long.headers["content-length"], long.body.length, long.broken]).toEqual(["100005", 100_000, true]);
    meet({ kind: "wrongLength", by: -5 });
    const head = await rawRequest(registry, "HEAD", BLOB);
    expect(head.headers["content-length"]).toBe("99995");
  });

  test("slow, and whole", async () => {
    meet({ kind: "slow", bytesPerSecond: 1_000_000 });
    expect(sha256((await rawRequest(registry, "GET", BLOB)).body)).toBe(blob.digest);
  });

  test.each([undefined, 1000])("stall after %s bytes lasts until the registry closes", async (after) => {
    meet({ kind: "stall", ...(after !== undefined && { after }) });
    let ended = false;
    const answer = rawRequest(registry, "GET", BLOB).finally(() => (ended = true));
    const settled = answer.then(
      ({ body, broken }) => [body.length, broken],
      () => "no answer",
    );
    while (registry.requests.all[0]?.fault !== "stall") await new Promise((resolve) => setTimeout(resolve, 1));
    await rawRequest(registry, "GET", "/v2/");
    expect(ended).toBe(false);
    await registry.close();
    expect(await settled).toEqual(after === undefined ? "no answer" : [after, true]);
  });

  test("close", async () => {
    meet({ kind: "close" });
    await expect(rawRequest(registry, "GET", BLOB)).rejects.toThrow("socket hang up");
  });
});

describe("on uploads", () => {
  const start = async () => {
    const { headers } = await rawRequest(registry, "POST", "/v2/up/load/blobs/uploads/");
    return headers.location ?? "";
  };
  const content = () => rawRequest(registry, "GET", BLOB).then(({ body }) => body);

  test("a byte flipped on the way is caught by the digest", async () => {
    const body = await content();
    registry.faults.add({ match: { method: "PUT" }, action: { kind: "flip", in: "request", at: 99_999 } });
    const put = async () => rawRequest(registry, "PUT", `${await start()}&digest=${blob.digest}`, { body });
    expect(errorCode(await put())).toBe("DIGEST_INVALID");
    expect((await put()).status).toBe(201);
    expect(registry.has("up/load", blob.digest)).toBe(true);
  });

  test.each([507, 500] as const)("no space: %s after some bytes, and nothing is kept", async (status) => {
    const location = await start();
    registry.faults.add({ match: { method: "PATCH" }, action: { kind: "noSpace", status, afterRequestBytes: 1000 } });
    expect((await rawRequest(registry, "PATCH", location, { body: await content() })).status).toBe(status);
    expect((await rawRequest(registry, "GET", location)).headers.range).toBe("0-0");
  });

  test("closed amid the body", async () => {
    const location = await start();
    registry.faults.add({ match: { method: "PATCH" }, action: { kind: "close", afterRequestBytes: 1000 } });
    await expect(rawRequest(registry, "PATCH", location, { body: await content() })).rejects.toThrow();
    expect(registry.requests.find({ method: "PATCH" })[0]?.received).toBeGreaterThanOrEqual(1000);
  });

  test("a lost answer: the manifest is stored though the client does not hear of it", async () => {
    const image = makeImage();
    for (const layer of image.blobs) await registry.putBlob("team/app", layer.digest, layer.read());
    registry.faults.add({ match: { method: "PUT" }, action: { kind: "loseAnswer" } });
    const headers = { "content-type": MANIFEST_TYPE };
    const body = image.manifests[0]?.bytes ?? "";
    await expect(rawRequest(registry, "PUT", "/v2/team/app/manifests/1", { headers, body })).rejects.toThrow();
    expect(registry.tag("team/app", "1")).toBe(image.digest);
  });
});

test("faults reach token service and storage host too", async () => {
  const auth = { scheme: "bearer", users: { a: "b" }, tokenService: "otherHost" } as const;
  const other = await startRegistry({ auth, objectStorage: true });
  await pushImage(other, "team/app:1", makeImage());
  other.faults.add({ match: { path: /^\/(token|storage)/, times: 2 }, action: { kind: "answer", status: 502 } });
  expect((await rawRequest({ url: `http://${other.tokenHost}` }, "GET", "/token")).status).toBe(502);
  expect((await rawRequest({ url: `http://${other.storageHost}` }, "GET", "/storage/x")).status).toBe(502);
});
