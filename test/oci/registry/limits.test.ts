import * as fc from "fast-check";
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

it("lets the first request to a host go alone, and one more for each that is done, up to the limit", async () => {
  const limits = new HostLimits(() => ({ transfers: 4, requests: 5 }));
  const ends: (() => void)[] = [];
  const all = Array.from({ length: 20 }, () =>
    limits.with([{ host: "a", kind: "requests" }], () => new Promise<void>((resolve) => ends.push(resolve))),
  );
  const together: number[] = [];
  await new Promise(setImmediate);
  while (ends.length > 0) {
    together.push(ends.length);
    for (const end of ends.splice(0)) end();
    await new Promise(setImmediate);
  }
  await Promise.all(all);
  expect(together).toEqual([1, 2, 4, 5, 5, 3]);
});
