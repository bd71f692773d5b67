import * as fc from "fast-check";
import { rateAllowance } from "../../../src/oci/transport/rateLimit";

const NOW = 1_700_000_000_000;

it.each<[string, Record<string, string>, object | undefined]>([
  [
    "Docker Hub's",
    {
      "ratelimit-limit": "100;w=21600",
      "ratelimit-remaining": "76;w=21600",
      "docker-ratelimit-source": "198.51.100.7",
    },
    { remaining: 76, limit: 100, windowMs: 21_600_000 },
  ],
  [
    "fields by themselves",
    { "ratelimit-limit": "40", "ratelimit-remaining": "5", "ratelimit-reset": "2" },
    { remaining: 5, limit: 40, resetMs: 2000 },
  ],
  [
    "fields with policies in the limit",
    { "ratelimit-limit": "10, 10;w=1, 50;w=60", "ratelimit-remaining": "9", "ratelimit-reset": "1" },
    { remaining: 9, limit: 10, resetMs: 1000, windowMs: 1000 },
  ],
  ["one field", { ratelimit: "limit=40, remaining=0, reset=1" }, { remaining: 0, limit: 40, resetMs: 1000 }],
  [
    "one field and its policy",
    { ratelimit: "limit=40, remaining=12, reset=30", "ratelimit-policy": "40;w=60" },
    { remaining: 12, limit: 40, resetMs: 30_000, windowMs: 60_000 },
  ],
  [
    "the structured field",
    { ratelimit: '"default";r=50;t=30', "ratelimit-policy": '"default";q=100;w=60' },
    { remaining: 50, limit: 100, resetMs: 30_000, windowMs: 60_000 },
  ],
  [
    "those with X-, whose reset is a date",
    { "x-ratelimit-limit": "5000", "x-ratelimit-remaining": "4999", "x-ratelimit-reset": String(NOW / 1000 + 90) },
    { remaining: 4999, limit: 5000, resetMs: 90_000 },
  ],
  [
    "a date that is over",
    { "x-ratelimit-remaining": "0", "x-ratelimit-reset": String(NOW / 1000 - 90) },
    { remaining: 0, resetMs: 0 },
  ],
  ["a fraction", { "ratelimit-remaining": "3", "ratelimit-reset": "0.5" }, { remaining: 3, resetMs: 0 }],
  ["what is left without more", { "ratelimit-remaining": "3" }, { remaining: 3 }],
  ["nothing", {}, undefined],
  ["a limit alone", { "ratelimit-limit": "100" }, undefined],
  ["words", { "ratelimit-remaining": "many", "ratelimit-reset": "1" }, undefined],
  ["what is less than nothing", { "ratelimit-remaining": "-1", "ratelimit-reset": "1" }, undefined],
  ["a number without end", { "ratelimit-remaining": "9".repeat(400) }, undefined],
])("reads %s", (_, headers, expected) => expect(rateAllowance(headers, NOW)).toEqual(expected));

it("reads no secrets of an object's prototype, and nothing that is there twice", () => {
  expect(rateAllowance(Object.create({ "ratelimit-remaining": "1" }) as Record<string, string>, NOW)).toBeUndefined();
  expect(rateAllowance({ "ratelimit-remaining": ["1", "2"] }, NOW)).toBeUndefined();
});

it("reads numbers that are none below zero, whatever it is told", () => {
  const text = fc.oneof(fc.string(), fc.stringMatching(/^[\d;,=wrtq" .-]{0,40}$/));
  const names = ["ratelimit", "ratelimit-policy", "ratelimit-limit", "ratelimit-remaining", "x-ratelimit-reset"];
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...names), text), (headers) => {
      for (const number of Object.values(rateAllowance(headers, NOW) ?? {})) {
        expect(number).toBeGreaterThanOrEqual(0);
        expect(Number.isFinite(number)).toBe(true);
      }
    }),
  );
});
