/** The test of registry/session.ts and transport/http.ts, with redirects.test.ts, login.test.ts and bounds.test.ts: requests that go wrong. */
import type { RegistriesOptions } from "../../../src/oci/registries";
import type { RegistryEvent } from "../../../src/oci/transport/registryEvent";
import { makeImage, pushImage } from "../../support/images";
import type { FaultAction, FaultMatch, TestRegistry } from "../../support/registry";
import { at, failure, FastClock, Fixture } from "../fixture";

const fixture = new Fixture();
const STALL = { stallTimeoutMs: 150 };
const image = makeImage({
  platforms: ["linux/amd64", "linux/arm64"],
  layers: (seed) => [
    { size: 900_000, seed },
    { size: 900, seed: "small" },
  ],
});
const BLOBS = /\/blobs\/sha/;
const SMALL_BLOB = new RegExp(`/blobs/${image.blobs.find(({ size }) => size === 900)?.digest}`);
const UPLOADS = /\/blobs\/uploads\//;
const MANIFESTS = /\/manifests\//;
const TAG_PUT: FaultMatch = { method: "PUT", path: /\/manifests\/1$/ };

type Side = "source" | "target";

async function copyWith(
  side: Side,
  match: FaultMatch,
  action: FaultAction,
  options: RegistriesOptions = {},
): Promise<{ source: TestRegistry; target: TestRegistry; copy: Promise<unknown>; events: RegistryEvent[] }> {
  const [source, target] = await fixture.pair();
  await pushImage(source, "a:1", image);
  (side === "source" ? source : target).faults.add({ match, action });
  const events: RegistryEvent[] = [];
  const client = fixture.client([source, target], { onEvent: (event) => events.push(event), ...options });
  return { source, target, events, copy: client.copy(at(source, "a:1"), at(target, "b:1")) };
}

describe("a fault that passes leaves a whole image", () => {
  const answer = (status: number) => ({ kind: "answer" as const, status });
  const cases: [string, Side, FaultMatch, FaultAction][] = [
    ["a blob that is cut", "source", { path: BLOBS, times: 3 }, { kind: "cut", after: 100_000 }],
    ["a blob that is cut at its first byte", "source", { path: BLOBS, times: 3 }, { kind: "cut", after: 0 }],
    ["a blob that ends early", "source", { path: BLOBS, times: 2 }, { kind: "truncate", after: 100_000 }],
    ["a blob with a short length", "source", { path: BLOBS }, { kind: "truncate", after: 5000, contentLength: true }],
    ["a blob with a flipped byte", "source", { path: BLOBS }, { kind: "flip", at: 500 }],
    ["a small blob of too many bytes", "source", { path: SMALL_BLOB }, { ...answer(200), body: "x".repeat(5000) }],
    ["a large blob of too many bytes", "source", { path: BLOBS }, { ...answer(200), body: "x".repeat(900_001) }],
    ["a Content-Length that is too small", "source", { path: BLOBS }, { kind: "wrongLength", by: -10 }],
    ["a Content-Length that is too large", "source", { path: BLOBS }, { kind: "wrongLength", by: 10 }],
    ["a blob that stalls", "source", { path: BLOBS }, { kind: "stall", after: 100 }],
    ["a source that does not answer", "source", { path: BLOBS }, { kind: "stall" }],
    ["a connection that is closed", "source", { path: BLOBS, times: 2 }, { kind: "close" }],
    ["a manifest with a flipped byte", "source", { path: MANIFESTS, method: "GET" }, { kind: "flip", at: 20 }],
    ["a manifest that is cut", "source", { path: MANIFESTS, method: "GET" }, { kind: "cut", after: 20 }],
    ["a manifest that stalls", "source", { path: MANIFESTS, method: "GET" }, { kind: "stall", after: 20 }],
    ...[429, 500, 502, 503, 504, 520, 522, 524, 530, 599].flatMap((status): typeof cases => [
      [`${status} to a blob`, "source", { path: BLOBS, times: 2 }, answer(status)],
      [`${status} to a manifest`, "source", { path: MANIFESTS, times: 2 }, answer(status)],
      [`${status} to the start of an upload`, "target", { path: UPLOADS, method: "POST", times: 2 }, answer(status)],
      [`${status} to an upload`, "target", { path: UPLOADS, method: "PATCH", times: 2 }, answer(status)],
      [`${status} to a commit`, "target", { path: UPLOADS, method: "PUT", times: 2 }, answer(status)],
      [`${status} to the PUT of a manifest`, "target", { path: MANIFESTS, method: "PUT", times: 2 }, answer(status)],
      [`${status} to a HEAD`, "target", { method: "HEAD", times: 2 }, answer(status)],
    ]),
    [
      "an upload whose connection breaks",
      "target",
      { method: "PATCH", times: 2 },
      { kind: "close", afterRequestBytes: 9999 },
    ],
    ["an upload that stalls", "target", { method: "PATCH" }, { kind: "stall" }],
    [
      "an upload that arrives with a flipped byte",
      "target",
      { method: "PATCH" },
      { kind: "flip", at: 77, in: "request" },
    ],
    ...[408, 425, 449, 499, 509, 521, 523, 525, 527, 529, 598].map((status): (typeof cases)[number] => [
      `${status} to anything`,
      "source",
      { times: 3 },
      answer(status),
    ]),
    ...[1, 2, 3].flatMap((times): typeof cases => [
      [`416 to an upload, ${times} times`, "target", { method: "PATCH", times }, answer(416)],
      [`416 to a commit, ${times} times`, "target", { method: "PUT", path: UPLOADS, times }, answer(416)],
    ]),
    ["a commit that leaves the upload open", "target", { method: "PUT", path: UPLOADS }, answer(202)],
    ...[404, 409, 410].flatMap((status): typeof cases => [
      [`an upload whose session is lost (${status})`, "target", { method: "PATCH" }, answer(status)],
      [`a commit whose session is lost (${status})`, "target", { method: "PUT", path: UPLOADS }, answer(status)],
    ]),
    ["a commit whose answer is lost", "target", { method: "PUT", path: UPLOADS, times: 2 }, { kind: "loseAnswer" }],
    ["a start of an upload whose answer is lost", "target", { method: "POST" }, { kind: "loseAnswer" }],
    ...[0, 300].map((offset): (typeof cases)[number] => [
      `manifests that arrive with a flipped byte, at ${offset}`,
      "target",
      { method: "PUT", path: MANIFESTS, times: 2 },
      { kind: "flip", at: offset, in: "request" },
    ]),
    ["a tag that arrives with a flipped byte", "target", TAG_PUT, { kind: "flip", at: 0, in: "request" }],
    ["a manifest whose answer is lost", "target", { method: "PUT", path: MANIFESTS }, { kind: "loseAnswer" }],
    [
      "a storage that is full for a while",
      "target",
      { method: "PATCH" },
      { kind: "noSpace", status: 500, afterRequestBytes: 999 },
    ],
    ...[400, 403, 405, 406, 411, 501].flatMap((status): typeof cases => [
      [`${status} to the HEAD of blobs`, "target", { method: "HEAD", path: BLOBS, times: Infinity }, answer(status)],
      ...(["source", "target"] as const).map((side): (typeof cases)[number] => [
        `${status} to the HEAD of manifests, at the ${side}`,
        side,
        { method: "HEAD", path: MANIFESTS, times: Infinity },
        answer(status),
      ]),
    ]),
  ];
  it.each(cases)("%s", async (_, side, match, action) => {
    const { source, target, copy } = await copyWith(side, match, action, STALL);
    await copy;
    expect((side === "source" ? source : target).faults.met).toBeGreaterThan(0);
    expect(await target.defects("b", "1")).toEqual([]);
    expect(target.tag("b", "1")).toBe(image.digest);
  });

  it("a cut blob goes on where it ended", async () => {
    const { source, copy } = await copyWith("source", { path: BLOBS }, { kind: "cut", after: 400_000 });
    await copy;
    expect(source.requests.find({ path: BLOBS }).some(({ range }) => /^bytes=[1-9]\d*-$/.test(range ?? ""))).toBe(true);
  });

  it("a failed upload starts anew with a new session", async () => {
    const { target, copy } = await copyWith("target", { method: "PATCH" }, { kind: "close", afterRequestBytes: 1000 });
    await copy;
    const patched = target.requests.find({ method: "PATCH" }).map(({ path }) => path.split("?")[0]);
    expect(new Set(patched).size).toBe(patched.length);
  });
});

describe("a fault that stays is reported by name, and no tag is written", () => {
  const cases: [string, Side, FaultMatch, FaultAction, string][] = [
    ["corrupt blobs", "source", { path: BLOBS }, { kind: "flip", at: 3 }, "DIGEST_MISMATCH"],
    ["a corrupt manifest", "source", { path: MANIFESTS, method: "GET" }, { kind: "flip", at: 3 }, "DIGEST_MISMATCH"],
    ["blobs that are always cut", "source", { path: BLOBS }, { kind: "cut", after: 0 }, "TRANSFER_FAILED"],
    ["blobs that always stall", "source", { path: BLOBS }, { kind: "stall", after: 10 }, "TRANSFER_STALLED"],
    ["a broken source", "source", { path: BLOBS }, { kind: "answer", status: 500 }, "REGISTRY_FAILED"],
    ["a source without the blobs", "source", { path: BLOBS }, { kind: "answer", status: 404 }, "IMAGE_NOT_FOUND"],
    ["a source that denies", "source", { path: BLOBS }, { kind: "answer", status: 403 }, "ACCESS_DENIED"],
    ["a target that denies", "target", { method: "POST" }, { kind: "answer", status: 403 }, "ACCESS_DENIED"],
    [
      "a full target",
      "target",
      { method: "PATCH" },
      { kind: "noSpace", afterRequestBytes: 10 },
      "STORAGE_QUOTA_EXCEEDED",
    ],
    [
      "a target that refuses a manifest",
      "target",
      { method: "PUT", path: MANIFESTS },
      { kind: "answer", status: 400 },
      "REGISTRY_FAILED",
    ],
    [
      "a wire that corrupts manifests",
      "target",
      { method: "PUT", path: MANIFESTS },
      { kind: "flip", at: 0, in: "request" },
      "REGISTRY_FAILED",
    ],
    [
      "small blobs of too many bytes",
      "source",
      { path: SMALL_BLOB },
      { kind: "answer", status: 200, body: "x".repeat(5000) },
      "DIGEST_MISMATCH",
    ],
    [
      "a target that is always busy",
      "target",
      { method: "PUT", path: MANIFESTS },
      { kind: "answer", status: 429 },
      "QUOTA_EXCEEDED",
    ],
  ];
  it.each(cases)("%s", async (_, side, match, action, code) => {
    // On a busy machine all that is quick elsewhere may take as long as a stall.
    const options = { retry: { attempts: 3 }, ...(action.kind === "stall" && STALL) };
    const { source, target, copy } = await copyWith(side, { ...match, times: Infinity }, action, options);
    const error = await failure(copy);
    expect(error.code).toBe(code);
    expect(error.message).toContain((side === "source" ? source : target).host);
    expect(target.tags("b")).toEqual([]);
  });

  it("one bad image does not stop the others", async () => {
    const [source, target] = await fixture.pair();
    await pushImage(source, "good:1", image);
    await pushImage(source, "bad:1", makeImage({ layers: [{ size: 800_000, seed: "bad" }] }));
    source.faults.add({ match: { path: /\/bad\/blobs/, times: Infinity }, action: { kind: "flip", at: 1 } });
    const client = fixture.client([source, target]);
    const results = await Promise.allSettled(
      ["bad", "good", "good"].map((name, i) => client.copy(at(source, `${name}:1`), at(target, `t${i}:1`))),
    );
    expect(results.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled"]);
  });
});

describe("the end of a failed copy", () => {
  it("is told when nothing of it is under way any more", async () => {
    const [source, target] = await fixture.pair();
    await pushImage(source, "a:1", image);
    source.faults.add({ match: { method: "HEAD", times: 3 }, action: { kind: "answer", status: 503 } });
    target.faults.add({ match: { times: Infinity }, action: { kind: "answer", status: 403 } });
    const error = await failure(fixture.client([source, target]).copy(at(source, "a:1"), at(target, "b:1")));
    expect(error.code).toBe("ACCESS_DENIED");
    expect(source.requests.find({ method: "HEAD" }).map(({ status }) => status)).toEqual([503, 503, 503, 200]);
  });

  it("comes when the connections are closed, and no retry opens them again", async () => {
    const [source, target] = await fixture.pair();
    await pushImage(source, "a:1", image);
    source.faults.add({ match: { path: BLOBS, times: Infinity }, action: { kind: "stall" } });
    const client = fixture.client([source, target]);
    const closed = failure(client.copy(at(source, "a:1"), at(target, "b:1")));
    while (source.requests.count({ path: BLOBS }) === 0) await new Promise(setImmediate);
    client.close();
    expect(await closed).toMatchObject({ code: "REGISTRIES_CLOSED" });
    expect(target.tags("b")).toEqual([]);
  });
});

describe("pauses that a registry asks for", () => {
  const wait = (header: string): FaultAction => ({ kind: "answer", status: 429, headers: { "retry-after": header } });

  it.each<[string, Side, FaultMatch]>([
    ["GET of a manifest", "source", { method: "GET", path: MANIFESTS }],
    ["GET of a blob", "source", { method: "GET", path: BLOBS }],
    ["HEAD", "target", { method: "HEAD" }],
    ["POST", "target", { method: "POST" }],
    ["PATCH", "target", { method: "PATCH" }],
    ["PUT of a blob", "target", { method: "PUT", path: UPLOADS }],
    ["PUT of a manifest", "target", { method: "PUT", path: MANIFESTS }],
  ])("in seconds, are kept: %s", async (_, side, match) => {
    const clock = new FastClock();
    const { target, copy, events } = await copyWith(side, match, wait("7"), { clock });
    await copy;
    expect(target.tag("b", "1")).toBe(image.digest);
    expect(events.filter(({ type }) => type === "paused")).toHaveLength(1);
    expect(Math.max(...clock.slept)).toBeGreaterThanOrEqual(6900);
  });

  it("are kept where a request is too large for now, and no more than a few times", async () => {
    const clock = new FastClock();
    const tooLarge = { kind: "answer" as const, status: 413, headers: { "retry-after": "7" } };
    const match = { method: "PUT", path: MANIFESTS };
    const { target, copy } = await copyWith("target", match, tooLarge, { clock });
    await copy;
    expect(target.tag("b", "1")).toBe(image.digest);
    expect(Math.max(...clock.slept)).toBeGreaterThanOrEqual(6900);
    const again = await copyWith("target", { ...match, times: Infinity }, tooLarge, { clock });
    expect(await failure(again.copy)).toMatchObject({ code: "REQUEST_TOO_LARGE" });
    expect(again.target.faults.met).toBeLessThanOrEqual(8);
  });

  it("as a date, are kept", async () => {
    const clock = new FastClock();
    const date = new Date(clock.now() + 30_000).toUTCString();
    const { copy } = await copyWith("source", { path: BLOBS }, wait(date), { clock });
    await copy;
    expect(Math.max(...clock.slept)).toBeGreaterThan(20_000);
  });

  it("hold for every request to that host", async () => {
    const clock = new FastClock();
    const { copy, events } = await copyWith("source", { path: BLOBS, times: 3 }, wait("5"), { clock });
    await copy;
    expect(events.filter(({ type }) => type === "paused").length).toBeLessThanOrEqual(3);
    expect(clock.slept.filter((ms) => ms >= 4000).length).toBeGreaterThanOrEqual(1);
  });

  it("are not kept when they are longer than the user can mean: the quota is named", async () => {
    const { copy, target } = await copyWith("source", { path: MANIFESTS, method: "GET" }, wait("21600"));
    const error = await failure(copy);
    expect(error.code).toBe("QUOTA_EXCEEDED");
    expect(error.message).toContain("21600 s");
    expect(target.tags("b")).toEqual([]);
  });
});
