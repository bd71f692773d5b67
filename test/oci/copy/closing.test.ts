import type { RegistryEvent } from "../../../src/oci/transport/registryEvent";
import { systemClock } from "../../../src/oci/transport/clock";
import { ClosableClock } from "../../../src/oci/transport/closableClock";
import type { Registries } from "../../../src/oci/registries";
import { Traffic } from "../../../src/oci/registry/traffic";
import { makeImage, pushImage } from "../../support/images";
import type { FaultAction, FaultMatch } from "../../support/registry";
import { at, failure, Fixture } from "../fixture";

const fixture = new Fixture();
const image = makeImage({ layers: [{ size: 900_000, seed: "large" }] });
const BLOBS = /\/blobs\/sha/;

const busy: FaultAction = { kind: "answer", status: 429, headers: { "retry-after": "600" } };
const broken: FaultAction = { kind: "answer", status: 500 };

/** A copy that waits, on a clock that does not hurry. */
async function waiting(match: FaultMatch, action: FaultAction) {
  const [source, target] = await fixture.pair();
  await pushImage(source, "a:1", image);
  source.faults.add({ match: { ...match, times: Infinity }, action });
  let told: (event: RegistryEvent) => void = () => undefined;
  const waits = new Promise<RegistryEvent>((resolve) => (told = resolve));
  const traffic = new Traffic({ onEvent: told, retry: { baseDelayMs: 900_000, maxDelayMs: 900_000 } });
  const client = (): Registries => fixture.client([source, target], { traffic });
  const copy = (registries: Registries, name: string) => registries.copy(at(source, "a:1"), at(target, `${name}:1`));
  return { source, target, client, copy, waits };
}

describe("closing the connections ends a wait", () => {
  it.each<[string, FaultMatch, FaultAction]>([
    ["for the end of a pause that a registry asked for", { method: "HEAD" }, busy],
    ["with a blob for the end of a pause", { path: BLOBS }, busy],
    ["to try again", { method: "GET" }, broken],
    ["to try a blob again", { path: BLOBS }, broken],
  ])("%s", async (_, match, action) => {
    const { target, client, copy, waits } = await waiting(match, action);
    const registries = client();
    const ends = ["b", "c"].map((name) => failure(copy(registries, name)));
    await waits;
    registries.close();
    for (const end of ends) expect(await end).toMatchObject({ code: "REGISTRIES_CLOSED" });
    for (const name of ["b", "c"]) expect(target.tags(name)).toEqual([]);
  });

  it("does not end the waits of others that share the traffic", async () => {
    const { source, target, client, copy, waits } = await waiting({ method: "HEAD" }, busy);
    const [closed, open] = [client(), client()];
    const ended = failure(copy(closed, "b"));
    await waits;
    let isOver = false;
    const other = failure(copy(open, "c")).finally(() => (isOver = true));
    closed.close();
    await ended;
    await failure(copy(closed, "d"));
    expect(isOver).toBe(false);
    open.close();
    expect(await other).toMatchObject({ code: "REGISTRIES_CLOSED" });
    expect(source.requests.count()).toBe(1);
    expect(target.tags("c")).toEqual([]);
  });
});

describe("a clock that closes", () => {
  afterEach(() => jest.useRealTimers());

  it("leaves no timer that would keep the process", async () => {
    jest.useFakeTimers();
    const clock = new ClosableClock(systemClock);
    const sleeps = [1, 2].map((n) => failure(clock.sleep(n * 60_000)));
    expect(jest.getTimerCount()).toBe(2);
    clock.close();
    for (const end of sleeps) expect(await end).toMatchObject({ code: "REGISTRIES_CLOSED" });
    expect(jest.getTimerCount()).toBe(0);
    expect(await failure(clock.sleep(1))).toMatchObject({ code: "REGISTRIES_CLOSED" });
    expect(jest.getTimerCount()).toBe(0);
  });

  it("lets others sleep through", async () => {
    const clock = new ClosableClock(systemClock);
    await clock.sleep(1);
    const sleeping = clock.sleep(20);
    await new ClosableClock(clock).sleep(1);
    await sleeping;
  });
});
