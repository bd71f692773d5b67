import { Allowance } from "../../../src/oci/registry/allowance";
import { Pace } from "../../../src/oci/registry/pace";

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
