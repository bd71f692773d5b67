import type { IncomingHttpHeaders } from "node:http";
import { ownValue } from "../../ownKeys";

/** What a registry says of how many requests it still takes. */
export interface RateAllowance {
  readonly remaining: number;
  /** Milliseconds until there are more, where it says so. */
  readonly resetMs?: number;
  /** Requests in each window, and its length in milliseconds. */
  readonly limit?: number;
  readonly windowMs?: number;
}

/** What is farther away is a date in seconds since 1970. */
const DATE_SECONDS = 1e9;

/**
 * The rate that the headers of an answer tell: Docker Hub's `RateLimit-Remaining: 76;w=21600`
 * ({@link https://docs.docker.com/docker-hub/usage/pulls/}), those of the IETF's drafts, `RateLimit-Remaining: 5` with
 * `RateLimit-Reset: 30`, `RateLimit: limit=40, remaining=5, reset=1` and `RateLimit: "default";r=5;t=30` with
 * `RateLimit-Policy: "default";q=40;w=60`
 * ({@link https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/}), and those with `X-` before them, whose
 * reset may be a date. Undefined where they tell none.
 *
 * @param now milliseconds since 1970
 */
export function rateAllowance(headers: IncomingHttpHeaders, now: number): RateAllowance | undefined {
  const text = (name: string): string => {
    const value = ownValue(headers, name);
    return typeof value === "string" ? value.slice(0, LONGEST_HEADER) : "";
  };
  const combined = text("ratelimit");
  const [own, prefix] =
    text("ratelimit-remaining") || !text("x-ratelimit-remaining") ? ["", "ratelimit"] : ["x-", "x-ratelimit"];
  const remainingText = text(`${prefix}-remaining`);
  if (combined === "" && remainingText === "") return undefined;
  const policy = own === "" ? text("ratelimit-policy") : "";
  const limitText = text(`${prefix}-limit`);
  const remaining = first([parameter(combined, "remaining"), parameter(combined, "r"), leading(remainingText)]);
  if (remaining === undefined) return undefined;
  const reset = first([parameter(combined, "reset"), parameter(combined, "t"), leading(text(`${prefix}-reset`))]);
  const limit = first([parameter(combined, "limit"), parameter(policy, "q"), leading(policy), leading(limitText)]);
  const window = first([parameter(remainingText, "w"), parameter(policy, "w"), parameter(limitText, "w")]);
  const resetMs = reset === undefined ? undefined : reset > DATE_SECONDS ? reset * 1000 - now : reset * 1000;
  return {
    remaining,
    ...(resetMs !== undefined && { resetMs: Math.max(0, resetMs) }),
    ...(limit !== undefined && { limit }),
    ...(window !== undefined && { windowMs: window * 1000 }),
  };
}

const LONGEST_HEADER = 200;

const first = (numbers: readonly (number | undefined)[]): number | undefined =>
  numbers.find((number) => number !== undefined);

/** The number that a value begins with: `100` of `100;w=21600`, and of several the first. */
function leading(value: string): number | undefined {
  const [, digits] = /^\s*(\d{1,12})(?:\.\d{1,12})?\s*(?:[;,]|$)/.exec(value) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

/** A parameter of a list or of an item of one: `w` of `100;w=21600`, `reset` of `limit=40, reset=1`. */
function parameter(value: string, name: string): number | undefined {
  for (const part of value.split(/[;,]/)) {
    const [key = "", number = ""] = part.split("=");
    if (key.trim().toLowerCase() === name) return leading(number);
  }
  return undefined;
}
