/** The test of pace.ts, hostRate.ts, allowance.ts and requestTurns.ts: copies against registries that limit the rate, in time that passes at once. */
import type { Clock } from "../../../src/oci/transport/clock";
import type { Claim } from "../../../src/oci/registry/limits";
import { withAdmission } from "../../../src/oci/registry/admission";
import { HostRate, type SentRequest } from "../../../src/oci/registry/hostRate";
import { RequestTurns } from "../../../src/oci/registry/requestTurns";
import type { RequestKind } from "../../../src/oci/registry/requestKind";
import { Traffic } from "../../../src/oci/registry/traffic";
import { RetryableFailure } from "../../../src/oci/transport/retry";
import { PassingTime } from "./passingTime";

/** How a registry limits its rate: tells after how many milliseconds it takes one more, or undefined where it takes it now. */
type Limiter = (now: number, kind: RequestKind) => number | undefined;

/** So many in any second. */
function sliding(limit: number, windowMs = 1000): Limiter {
  let times: number[] = [];
  return (now) => {
    times = times.filter((time) => time > now - windowMs);
    if (times.length >= limit) return (times[0] as number) + windowMs - now;
    times.push(now);
    return undefined;
  };
}

/** So many in each second by the registry's clock. */
function fixed(limit: number, windowMs = 1000): Limiter {
  let window = -1;
  let count = 0;
  return (now) => {
    const current = Math.floor(now / windowMs);
    if (current !== window) [window, count] = [current, 0];
    return count++ < limit ? undefined : (current + 1) * windowMs - now;
  };
}

/** So many a second on the average, and at most so many at once. */
function bucket(perSecond: number, burst: number): Limiter {
  let tokens = burst;
  let last: number | undefined;
  return (now) => {
    tokens = Math.min(burst, tokens + ((now - (last ?? now)) * perSecond) / 1000);
    last = now;
    if (tokens < 1) return ((1 - tokens) * 1000) / perSecond;
    tokens--;
    return undefined;
  };
}

/** Manifests that are written alone. */
const writes =
  (limiter: Limiter): Limiter =>
  (now, kind) =>
    kind === "write" ? limiter(now, kind) : undefined;

interface Run {
  readonly seconds: number;
  readonly taken: number;
  readonly refused: number;
  /** By kind: when they were taken. */
  readonly times: ReadonlyMap<RequestKind, readonly number[]>;
}

interface Load {
  readonly kinds: readonly RequestKind[];
  readonly requests: number;
  readonly latencyMs: number;
  readonly random: () => number;
  /** Whether the registry says when to come back. */
  readonly retryAfter: boolean;
  readonly known?: boolean;
  /** The machine is so busy that this program stands still for as long every second. */
  readonly stillMs?: number;
}

/** The clock of a program that stands still in the last part of each second: what is due then comes at its end. */
function standing(clock: PassingTime, stillMs: number): Clock {
  const sleep = (milliseconds: number): Promise<void> => {
    const due = clock.now() + milliseconds;
    const left = 1000 - (due % 1000);
    return clock.sleep(milliseconds + (left < stillMs ? left : 0));
  };
  return { now: () => clock.now(), date: () => clock.date(), sleep };
}

/** Sends requests as copies do: all want to go at once, each is tried until it is taken. */
async function run(limiter: Limiter, load: Load): Promise<Run> {
  const { kinds, requests, latencyMs, random, retryAfter, known = false, stillMs = 0 } = load;
  const clock = new PassingTime();
  const traffic = new Traffic({ clock, random });
  const { rates, retrier } = traffic;
  const host = "r.example.com";
  const rate = rates.at(host, known);
  const turns = new RequestTurns({ host, rate, retrier, clock: standing(clock, stillMs) });
  const claims: Claim[] = [{ host, kind: "requests" }];
  const times = new Map<RequestKind, number[]>();
  let taken = 0;
  let refused = 0;
  const begin = clock.now();
  const request = (kind: RequestKind): Promise<void> =>
    retrier.run("asking", () =>
      withAdmission(traffic, claims, async () => {
        const sent = await turns.take(kind);
        const half = (latencyMs * (0.5 + random())) / 2;
        await clock.sleep(half);
        const waitMs = limiter(clock.now(), kind);
        await clock.sleep(half);
        if (waitMs === undefined) {
          rate.ended(kind, { status: 200, headers: {} }, clock.now(), clock.date());
          times.set(kind, [...(times.get(kind) ?? []), clock.now() - begin]);
          taken++;
          return;
        }
        refused++;
        rate.ended(kind, { status: 429, headers: {} }, clock.now(), clock.date());
        const pauseMs = Math.ceil(waitMs / 1000) * 1000;
        const ofKind = rate.refused(sent, clock.now(), retryAfter ? pauseMs : 1000);
        throw new RetryableFailure(host, new Error("too many"), {
          throttled: true,
          ofKind,
          ...(retryAfter && { pauseMs }),
        });
      }),
    );
  await clock.passFor(
    Promise.all(Array.from({ length: requests }, (_, i) => request(kinds[i % kinds.length] as RequestKind))),
  );
  return { seconds: (clock.now() - begin) / 1000, taken, refused, times };
}

/** The same numbers for the same seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const ALL: readonly RequestKind[] = ["read", "read", "upload", "blob", "upload", "write"];
const QUICK = { kinds: ALL, requests: 600, latencyMs: 4, retryAfter: true };

describe("a registry that limits the rate", () => {
  /** What it takes, how many that are a second, and at most: refusals among all requests, the time over what the limit leaves. */
  const cases: [string, () => Limiter, number, Partial<Load>, number, number][] = [
    ["40 in any second", () => sliding(40), 40, {}, 0.03, 1.08],
    ["40 in any second, far away", () => sliding(40), 40, { latencyMs: 100 }, 0.03, 1.17],
    ["40 in any second, from a busy machine", () => sliding(40), 40, { stillMs: 300 }, 0.06, 1.6],
    ["40 in each second", () => fixed(40), 40, {}, 0.03, 1.08],
    ["40 in each second, without a word of when", () => fixed(40), 40, { retryAfter: false }, 0.03, 1.08],
    ["40 on the average, 40 at once", () => bucket(40, 40), 40, {}, 0.03, 1.08],
    ["40 on the average, 100 at once", () => bucket(40, 100), 40, {}, 0.03, 1],
    ["40 on the average, 5 at once", () => bucket(40, 5), 40, {}, 0.02, 2],
    ["10 in any second", () => sliding(10), 10, { requests: 300 }, 0.05, 1.22],
    ["200 in any second", () => sliding(200), 200, { requests: 3000 }, 0.02, 1.08],
    ["600 in a minute", () => sliding(600, 60_000), 10, { requests: 1500 }, 0.01, 1],
  ];
  describe.each(cases)("to %s", (_, limiter, perSecond, load, share, time) => {
    it.each([1, 2, 3, 4, 5])("refuses few requests, and loses little time: seed %i", async (seed) => {
      const { taken, refused, seconds } = await run(limiter(), { ...QUICK, ...load, random: seeded(seed) });
      expect(refused / (taken + refused)).toBeLessThanOrEqual(share);
      expect(seconds / (taken / perSecond)).toBeLessThanOrEqual(time);
    });
  });
});

describe("a registry that limits one kind of requests", () => {
  /** Of the kind that is limited there are 80, of the others nine times as many. */
  const kinds: readonly RequestKind[] = [
    "write",
    ...Array<RequestKind>(5).fill("read"),
    "upload",
    "upload",
    "blob",
    "blob",
  ];
  const load = { ...QUICK, kinds, requests: 800 };
  const lastOf = ({ times }: Run, kind: RequestKind): number => Math.max(...(times.get(kind) ?? []));

  it.each([1, 2, 3])("and is known to do so has the others go on: seed %i", async (seed) => {
    const result = await run(writes(sliding(10)), { ...load, known: true, random: seeded(seed) });
    expect(result.refused).toBeLessThan(20);
    expect(result.seconds).toBeLessThan(12);
    expect(lastOf(result, "write")).toBeGreaterThan(6000);
  });

  it.each([1, 2, 3])("is found to do so: seed %i", async (seed) => {
    const result = await run(writes(sliding(10)), { ...load, random: seeded(seed) });
    expect(result.refused).toBeLessThan(40);
    // With one rate for all, 800 requests of which a tenth are limited to ten a second would take the same; what counts is
    // that they do not take longer than their share.
    expect(result.seconds).toBeLessThan(14);
  });
});

describe("a registry that refuses whatever the rate is", () => {
  it.each([1, 2, 3, 4, 5])("costs its pauses alone, and ends: seed %i", async (seed) => {
    const random = seeded(seed);
    const broken: Limiter = () => (random() < 0.4 ? 1000 : undefined);
    const { seconds, taken, refused } = await run(broken, { ...QUICK, requests: 40, random });
    expect(taken).toBe(40);
    expect(seconds).toBeLessThan(3 * refused + 60);
  });
});

describe("a registry that never refuses", () => {
  it.each([4, 20, 100])("is asked as often as its limit of places allows, %i ms away", async (latencyMs) => {
    const { seconds, refused } = await run(() => undefined, { ...QUICK, latencyMs, random: seeded(1) });
    expect(refused).toBe(0);
    const places = latencyMs > 12 ? 16 : 8;
    expect(seconds).toBeLessThan(((600 / places) * latencyMs * 1.25 + 100) / 1000);
  });
});

describe("what a registry says that it still takes", () => {
  const answer = (headers: Record<string, string>) => ({ status: 200, headers });
  const sendOne = (rate: HostRate, now: number, kind: RequestKind = "read") => {
    const turn = rate.take(kind, now);
    return turn.isTaken ? { kind, at: now } : turn.waitMs;
  };

  it("is not exceeded, until there is more", () => {
    const rate = new HostRate(true);
    const first = sendOne(rate, 0) as SentRequest;
    rate.ended(first.kind, answer({ "ratelimit-remaining": "2", "ratelimit-reset": "5" }), 0, 0);
    expect([sendOne(rate, 10), sendOne(rate, 20), sendOne(rate, 30)]).toEqual([
      { kind: "read", at: 10 },
      { kind: "read", at: 20 },
      4970,
    ]);
    // Where each kind is counted by itself, nothing was said of others.
    expect(sendOne(rate, 40, "upload")).toEqual({ kind: "upload", at: 40 });
    expect(sendOne(rate, 5000)).toEqual({ kind: "read", at: 5000 });
  });

  it("counts what is under way, which the registry has not seen", () => {
    const rate = new HostRate();
    const [first] = [sendOne(rate, 0), sendOne(rate, 0), sendOne(rate, 0)] as SentRequest[];
    rate.ended((first as SentRequest).kind, answer({ ratelimit: '"a";r=2;t=1' }), 0, 0);
    expect(sendOne(rate, 1)).toBe(999);
  });

  it.each<[string, Record<string, string>]>([
    [
      "for hours, which the registry enforces itself",
      { "ratelimit-remaining": "0;w=21600", "ratelimit-limit": "100;w=21600" },
    ],
    ["until nobody knows when", { "ratelimit-remaining": "0" }],
    ["until a day that is far away", { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "99999999999" }],
    ["in words", { "ratelimit-remaining": "none", "ratelimit-reset": "soon" }],
  ])("is not waited for %s", (_, headers) => {
    const rate = new HostRate();
    rate.ended((sendOne(rate, 0) as SentRequest).kind, answer(headers), 0, 0);
    expect(sendOne(rate, 1)).toEqual({ kind: "read", at: 1 });
  });
});
