import * as fc from "fast-check";
import { MirrorError } from "../../../src/error";
import type { RegistryEvent } from "../../../src/oci/transport/registryEvent";
import {
  DEFAULT_RETRY,
  parseRetryAfter,
  Retrier,
  RetryableFailure,
  type RetryPolicy,
} from "../../../src/oci/transport/retry";
import { failure } from "../fixture";

/** Time that passes only in sleeps. */
class StillClock {
  time = 1_000_000;
  readonly slept: number[] = [];
  now(): number {
    return this.time;
  }
  date(): number {
    return this.time;
  }
  sleep(milliseconds: number): Promise<void> {
    this.slept.push(milliseconds);
    this.time += milliseconds;
    return Promise.resolve();
  }
}

function retrier(policy: Partial<RetryPolicy> = {}, random = () => 0.5) {
  const clock = new StillClock();
  const events: RegistryEvent[] = [];
  const made = new Retrier(clock, random, { ...DEFAULT_RETRY, ...policy }, (event) => events.push(event));
  return { clock, events, retrier: made };
}
const fail = (options?: RetryableFailure["options"], message = "no") =>
  new RetryableFailure("h", new Error(message), options);

it.each<[string | undefined, number | undefined]>([
  ["0", 0],
  ["120", 120_000],
  [" 1.5 ", 1500],
  ["Thu, 01 Jan 1970 00:00:10 GMT", 9000],
  ["Thu, 01 Jan 1970 00:00:00 GMT", 0],
  ["soon", undefined],
  ["-5", undefined],
  ["", undefined],
  [undefined, undefined],
])("Retry-After %j is %j ms", (header, wait) => expect(parseRetryAfter(header, 1000)).toBe(wait));

it("tries until it works, with delays that double", async () => {
  const { retrier: tries, clock, events } = retrier({}, () => 0);
  const result = await tries.run("reading", (number) =>
    number < 5 ? Promise.reject(fail()) : Promise.resolve(number),
  );
  expect(result).toBe(5);
  expect(clock.slept).toEqual([125, 250, 500, 1000]);
  expect(events.map(({ type }) => type)).toEqual(["retry", "retry", "retry", "retry"]);
});

it("tells why it tries again, not what a person could do", async () => {
  const { retrier: tries, events } = retrier({ attempts: 2 });
  const broken = new MirrorError("TRANSFER_FAILED", "The connection broke", "Try again");
  await failure(tries.run("reading", () => Promise.reject(new RetryableFailure("h", broken))));
  expect(events).toMatchObject([{ type: "retry", host: "h", doing: "reading", reason: "The connection broke" }]);
});

it("gives up with the error of the last attempt", async () => {
  const { retrier: tries } = retrier({ attempts: 3 });
  let attempts = 0;
  const error = await failure(tries.run("reading", () => Promise.reject(fail({}, `no ${++attempts}`))));
  expect(error.message).toBe("no 3");
});

it("throws at once what no attempt can mend", async () => {
  const { retrier: tries, clock } = retrier();
  await expect(tries.run("reading", () => Promise.reject(new Error("bad")))).rejects.toThrow("bad");
  expect(clock.slept).toEqual([]);
});

it("keeps delays within half and the whole of the exponential one", async () => {
  await fc.assert(
    fc.asyncProperty(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), async (random) => {
      const { retrier: tries, clock } = retrier({ attempts: 12, maxDelayMs: 4000 }, () => random);
      await failure(tries.run("reading", () => Promise.reject(fail())));
      clock.slept.forEach((ms, i) => {
        const full = Math.min(250 * 2 ** i, 4000);
        expect(ms).toBeGreaterThanOrEqual(full / 2);
        expect(ms).toBeLessThanOrEqual(full);
      });
    }),
  );
});

it("waits as long as the registry asks, and so does everyone else at that host", async () => {
  const { retrier: tries, clock, events } = retrier();
  const start = clock.now();
  await tries.run("reading", (number) =>
    number === 1 ? Promise.reject(fail({ pauseMs: 30_000, throttled: true })) : Promise.resolve(),
  );
  expect(clock.now() - start).toBeGreaterThanOrEqual(30_000);
  expect(events).toEqual([expect.objectContaining({ type: "paused", host: "h", delayMs: 30_000 })]);
  clock.time = start;
  await tries.ready("other");
  expect(clock.now()).toBe(start);
  await tries.ready("other", "h");
  expect(clock.now() - start).toBeGreaterThanOrEqual(30_000);
});

it("does not wait longer than the policy allows, in one pause or in many", async () => {
  for (const pauseMs of [700_000, 50_000, 0]) {
    const { retrier: tries, clock } = retrier({ maxPauseMs: 600_000 });
    const start = clock.now();
    await failure(tries.run("reading", () => Promise.reject(fail({ pauseMs, throttled: true }, "quota"))));
    expect(clock.now() - start).toBeLessThanOrEqual(700_000);
  }
});

it("tries at once when a kept connection had died, but not for ever", async () => {
  const { retrier: tries, clock } = retrier({ attempts: 2 });
  await tries.run("reading", (number) => (number < 4 ? Promise.reject(fail({ immediate: true })) : Promise.resolve()));
  expect(clock.slept).toEqual([]);
  await failure(tries.run("reading", () => Promise.reject(fail({ immediate: true }))));
});
