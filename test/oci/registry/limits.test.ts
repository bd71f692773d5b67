import { stat } from "node:fs/promises";
import * as fc from "fast-check";
import { RetryableFailure } from "../../../src/oci/transport/retry";
import { PassingTime } from "./passingTime";
import { HostLimits, type Claim } from "../../../src/oci/registry/limits";

const transfer = (...hosts: string[]): Claim[] => hosts.map((host) => ({ host, kind: "transfers" }));

it("two copies in opposite directions do not wait for each other", async () => {
  const limits = new HostLimits(() => ({ transfers: 1, requests: 1 }));
  const done: string[] = [];
  await Promise.all(
    [transfer("a", "b"), transfer("b", "a"), transfer("a"), transfer("b")].map((claims, i) =>
      limits.with(claims, async () => {
        await new Promise(setImmediate);
        done.push(String(i));
      }),
    ),
  );
  expect(done).toHaveLength(4);
});

it("gives places back after a failure", async () => {
  const limits = new HostLimits(() => ({ transfers: 1, requests: 1 }));
  await expect(limits.with(transfer("a"), () => Promise.reject(new Error("x")))).rejects.toThrow("x");
  expect(await limits.with(transfer("a"), () => Promise.resolve(1))).toBe(1);
});

it("counts requests and transfers apart, and one place where source and target are one host", async () => {
  const limits = new HostLimits(() => ({ transfers: 1, requests: 1 }));
  await limits.with(transfer("a", "a"), () => limits.with([{ host: "a", kind: "requests" }], () => Promise.resolve()));
});

it("serves a task that needs two hosts before those who came after it", async () => {
  const limits = new HostLimits(() => ({ transfers: 1, requests: 1 }));
  const order: string[] = [];
  let free: () => void = () => undefined;
  const first = limits.with(transfer("a"), () => new Promise<void>((resolve) => (free = resolve)));
  const both = limits.with(transfer("a", "b"), () => Promise.resolve(void order.push("both")));
  const late = limits.with(transfer("b"), () => Promise.resolve(void order.push("late")));
  await new Promise(setImmediate);
  expect(order).toEqual([]);
  free();
  await Promise.all([first, both, late]);
  expect(order).toEqual(["both", "late"]);
});

it("never exceeds a limit, and everyone is served", async () => {
  const host = fc.constantFrom("a", "b", "c");
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(host, host, fc.nat(3)), { maxLength: 40 }),
      fc.integer({ min: 0, max: 3 }),
      async (tasks, limit) => {
        const limits = new HostLimits(() => ({ transfers: limit, requests: 1 }));
        const used = new Map<string, number>();
        let served = 0;
        await Promise.all(
          tasks.map(([a, b, ticks]) =>
            limits.with(transfer(a, b), async () => {
              for (const one of new Set([a, b])) {
                used.set(one, (used.get(one) ?? 0) + 1);
                expect(used.get(one)).toBeLessThanOrEqual(Math.max(1, limit));
              }
              for (let i = 0; i < ticks; i++) await Promise.resolve();
              for (const one of new Set([a, b])) used.set(one, (used.get(one) ?? 0) - 1);
              served++;
            }),
          ),
        );
        expect(served).toBe(tasks.length);
      },
    ),
  );
});

/** How many of 40 requests are under way together: each row of them has taken so many milliseconds. */
async function together(latencyMs: number, limit: number, failing?: (number: number) => Error | undefined) {
  const clock = new PassingTime();
  const limits = new HostLimits(() => ({ transfers: 4, requests: limit }), clock);
  const rows: number[] = [];
  let underWay = 0;
  let count = 0;
  const request = () =>
    limits.with([{ host: "a", kind: "requests" }], async () => {
      const number = ++count;
      underWay++;
      await clock.sleep(latencyMs);
      rows.push(underWay);
      underWay--;
      const error = failing?.(number);
      if (error) throw error;
    });
  await clock.passFor(Promise.allSettled(Array.from({ length: 40 }, request)));
  return { first: rows[0], most: Math.max(...rows), last: rows.slice(20, 25) };
}

it("lets the first request to a host go alone, and one more for each that is done, up to half of the limit", async () => {
  expect(await together(5, 16)).toMatchObject({ first: 1, most: 8 });
  expect(await together(5, 3)).toMatchObject({ first: 1, most: 3 });
});

it("lets all go where the first answer is not there at once", async () => {
  expect(await together(50, 16)).toMatchObject({ first: 16, most: 16 });
  expect(await together(50, 1)).toMatchObject({ first: 1, most: 1 });
});

it("takes no host for one that is far while this process is at work itself, as it is when it starts", async () => {
  const limits = new HostLimits(() => ({ transfers: 4, requests: 16 }));
  const rows: number[] = [];
  let underWay = 0;
  const request = () =>
    limits.with([{ host: "a", kind: "requests" }], async () => {
      underWay++;
      // An answer that is there at once, but that nobody looks at while something else is done.
      await stat(__filename);
      rows.push(underWay--);
    });
  const requests = Promise.all(Array.from({ length: 40 }, request));
  await Promise.resolve();
  const end = performance.now() + 50;
  while (performance.now() < end);
  await requests;
  expect(rows[0]).toBe(1);
});

it("closes half of the places once for all that are refused together, and opens them one by one", async () => {
  const refusal = new RetryableFailure("a", new Error("too many"), { throttled: true });
  const { most, last } = await together(50, 16, (number) => (number <= 16 ? refusal : undefined));
  expect(most).toBe(16);
  expect(Math.max(...last)).toBeLessThanOrEqual(9);
  expect(Math.min(...last)).toBeGreaterThanOrEqual(1);
  // What another host refuses, or what breaks, says nothing of this one.
  const other = new RetryableFailure("b", new Error("too many"), { throttled: true });
  for (const failure of [other, new RetryableFailure("a", new Error("broken"))])
    expect(await together(50, 16, () => failure)).toMatchObject({ most: 16 });
});
