import type { RegistryEvent } from "../../../src/oci/transport/registryEvent";
import { makeImage, pushImage } from "../../support/images";
import type { FaultAction, FaultMatch, RegistryOptions, TestRegistry } from "../../support/registry";
import { at, failure, FastClock, Fixture } from "../fixture";

const fixture = new Fixture();
const image = makeImage({
  layers: [
    { size: 900_000, seed: "large" },
    { size: 900, seed: "small" },
  ],
});
const users = { robot: "pause-secret" };
const UPLOADS = /\/blobs\/uploads\//;

const busy = (status: number, retryAfter?: string): FaultAction => ({
  kind: "answer",
  status,
  ...(retryAfter !== undefined && { headers: { "retry-after": retryAfter } }),
});

interface Scene {
  readonly source: TestRegistry;
  readonly target: TestRegistry;
  readonly clock: FastClock;
  readonly events: RegistryEvent[];
  /** A copy of the image at the source to a repository of the target. */
  readonly copy: (repository: string) => Promise<unknown>;
}

async function scene(options: RegistryOptions = {}): Promise<Scene> {
  const [source, target] = await fixture.pair(options, options);
  await pushImage(source, "a:1", image);
  const clock = new FastClock();
  const events: RegistryEvent[] = [];
  const client = fixture.client([source, target], { clock, onEvent: (event) => events.push(event) }, () => ({
    username: "robot",
    password: users.robot,
  }));
  const copy = (repository: string) =>
    client.copy(at(source, "a:1"), at(target, `${repository}:1`), { referrers: true });
  return { source, target, clock, events, copy };
}

describe.each([429, 503])("a wish to wait, said with %s, is kept", (status) => {
  const requests: [string, "source" | "target", FaultMatch][] = [
    ["HEAD of a manifest", "source", { method: "HEAD", path: /\/manifests\// }],
    ["GET of a manifest", "source", { method: "GET", path: /\/manifests\// }],
    ["GET of a large blob", "source", { method: "GET", path: /\/blobs\/sha/, nth: 1 }],
    ["referrers", "source", { method: "GET", path: /\/referrers\// }],
    ["a token", "source", { path: /^\/token/ }],
    ["HEAD of a blob", "target", { method: "HEAD", path: /\/blobs\// }],
    ["mount", "target", { method: "POST", path: /mount=/ }],
    ["POST of a whole blob", "target", { method: "POST", path: /digest=/ }],
    ["POST of an upload", "target", { method: "POST", path: /uploads\/$/ }],
    ["PATCH", "target", { method: "PATCH" }],
    ["PUT of a blob", "target", { method: "PUT", path: UPLOADS }],
    ["PUT of a manifest", "target", { method: "PUT", path: /\/manifests\// }],
    ["a token to push", "target", { path: /^\/token.*push/ }],
  ];
  it.each(requests)("on %s", async (_, side, match) => {
    const { source, target, clock, events, copy } = await scene({ auth: { scheme: "bearer", users } });
    const server = side === "source" ? source : target;
    server.faults.add({ match, action: busy(status, "7") });
    const before = clock.now();
    await copy("b");
    await copy("c");
    expect(server.faults.met).toBe(1);
    expect(events.filter(({ type }) => type === "paused")).toMatchObject([{ host: server.host, delayMs: 7000 }]);
    expect(clock.now() - before).toBeGreaterThanOrEqual(7000);
    for (const repository of ["b", "c"]) expect(await target.defects(repository, "1")).toEqual([]);
  });
});

it("the tags of a repository are listed after the pause", async () => {
  const { source, clock } = await scene();
  const client = fixture.client([source], { clock });
  source.faults.add({ match: { path: /tags\/list/ }, action: busy(429, "3") });
  expect(await client.listTags(at(source, "a"))).toEqual(["1"]);
  expect(Math.max(...clock.slept)).toBeGreaterThan(2900);
});

it("a mount that has to wait is still a mount: nothing is read or uploaded for it", async () => {
  const { source, target, copy } = await scene();
  await copy("b");
  source.requests.clear();
  target.faults.add({ match: { path: /mount=/, times: 2 }, action: busy(429, "2") });
  await copy("c");
  expect(await target.defects("c", "1")).toEqual([]);
  expect(source.requests.count({ method: "GET", path: /\/blobs\// })).toBe(0);
});

it("what waits for its place at a host is not sent into a pause that was asked for meanwhile", async () => {
  const [source] = await fixture.pair();
  await pushImage(source, "a:1", image);
  const clock = new FastClock();
  const client = fixture.client([source], { clock, limits: { requests: 1 } });
  source.faults.add({ match: { method: "HEAD" }, action: busy(429, "60") });
  const start = clock.now();
  const answered = [1, 2, 3, 4].map(() => client.head(at(source, "a:1")).then(() => clock.now() - start));
  for (const after of await Promise.all(answered)) expect(after).toBeGreaterThanOrEqual(60_000);
  expect(source.requests.find({ method: "HEAD" }).map(({ status }) => status)).toEqual([429, 200, 200, 200, 200]);
});

it.each<[string, string | undefined]>([
  ["none", undefined],
  ["no time", "soon"],
  ["the past", new Date(0).toUTCString()],
  ["at once", "0"],
])("429 with a Retry-After of %s is tried again, slower each time", async (_, header) => {
  const { source, clock, copy, target } = await scene();
  source.faults.add({ match: { method: "GET", times: 4 }, action: busy(429, header) });
  const start = clock.now();
  await copy("b");
  expect(await target.defects("b", "1")).toEqual([]);
  expect(clock.now() - start).toBeGreaterThanOrEqual(1000);
});

it.each(["86400", "99999999999999999999", "9".repeat(400), new Date(Date.now() + 1e11).toUTCString()])(
  "a wish to wait for %s is not kept: the copy fails, and says who limits it",
  async (header) => {
    const { source, target, clock, copy } = await scene();
    source.faults.add({ match: { method: "GET", times: Infinity }, action: busy(429, header) });
    const start = clock.now();
    expect(await failure(copy("b"))).toMatchObject({ code: "QUOTA_EXCEEDED", registry: source.host });
    expect(clock.now() - start).toBeLessThan(60_000);
    expect(target.tags("b")).toEqual([]);
  },
);
