import { Allowance } from "../../../src/oci/registry/allowance";
import { withAdmission } from "../../../src/oci/registry/admission";
import type { Claim } from "../../../src/oci/registry/limits";
import { Pace } from "../../../src/oci/registry/pace";
import { RequestTurns } from "../../../src/oci/registry/requestTurns";
import { Traffic } from "../../../src/oci/registry/traffic";
import type { HttpResponse } from "../../../src/oci/transport/http";
import { PassingTime } from "./passingTime";

/** So many requests of one host are under way at most, or wait for their turn. */
const WAITING = 50;

it.each<[string, number, number]>([
  ["at once", 0, 1],
  ["after a second", 1000, 1],
  ["after a second, all but each fourth", 1000, 3],
  ["after ten seconds", 10_000, 1],
])("whatever a registry refuses, each request has its turn: what it lets try again %s", (_, pauseMs, taken) => {
  const pace = new Pace();
  let now = 1_000_000;
  let longest = 0;
  for (let refusals = 0; refusals < 40; refusals++) {
    for (let i = 0; i < taken; i++) {
      now += pace.take(now) + 10;
      pace.answered(now);
    }
    const waits = Array.from({ length: WAITING }, () => pace.take(now));
    longest = Math.max(longest, ...waits);
    now += waits[0] as number;
    pace.refused(now + 10, now, pauseMs);
    now += 10 + pauseMs;
    expect(pace.pausedMs(now)).toBe(0);
  }
  expect(longest).toBeLessThanOrEqual(120_000);
});

it.each<[string, Record<string, string>]>([
  ["always says none", { "ratelimit-remaining": "0", "ratelimit-reset": "60" }],
  ["says none for a window", { "ratelimit-remaining": "0;w=60" }],
  ["says none in the field of Envoy", { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "60" }],
])("a registry that takes all and %s is believed for a while only", (_, headers) => {
  const allowance = new Allowance();
  let now = 1_000_000;
  const begin = now;
  for (let requests = 0; requests < 200; requests++) {
    for (let waitMs: number; (waitMs = allowance.pausedMs(now)) > 0;) now += waitMs;
    allowance.take();
    allowance.ended(headers, now, 0);
  }
  expect(now - begin).toBeLessThanOrEqual(600_000);
});

it("a registry that takes none for a minute keeps nobody from a host that others copy to", async () => {
  const clock = new PassingTime();
  const traffic = new Traffic({ clock, random: () => 0 });
  const { rates, retrier } = traffic;
  const begin = clock.now();
  const copy = async (host: string): Promise<number> => {
    const turns = new RequestTurns({ host, rate: rates.at(host, false), retrier, clock });
    const claims = [host, "target.test"].map((at): Claim => ({ host: at, kind: "transfers" }));
    await withAdmission(traffic, claims, async () => {
      const sent = await turns.take("blob");
      const headers = host === "empty.test" ? { "ratelimit-remaining": "0", "ratelimit-reset": "60" } : {};
      turns.watch(sent, Promise.resolve({ statusCode: 200, headers } as HttpResponse));
      await clock.sleep(10);
    });
    return clock.now() - begin;
  };
  await clock.passFor(copy("empty.test"));
  const waiting = Array.from({ length: 8 }, () => copy("empty.test"));
  const other = await clock.passFor(copy("other.test"));
  expect(other).toBeLessThan(1000);
  expect(Math.min(...(await clock.passFor(Promise.all(waiting))))).toBeGreaterThanOrEqual(60_000);
});
