import type { Service } from "./listener";
import { RegistryError } from "../endpoints/registryError";
import type { Reply } from "./reply";

/** A limit of the rate of requests, with 429 for what is above it. */
export interface RequestRateOptions {
  /** Requests that are taken in each window. */
  readonly limit: number;
  /** Default 1000. */
  readonly windowMs?: number;
  /** In any window of this length, or in each that follows another. Default `sliding`. */
  readonly window?: "sliding" | "fixed";
  /** Counts reads, uploads, blobs and manifests each by itself. Default false: all together. */
  readonly byKind?: boolean;
  /** What answers tell: `Retry-After` of a refusal; beside it, in every answer, what is left, by the IETF's drafts; or nothing. */
  readonly tells?: "retryAfter" | "fields" | "structured" | "nothing";
  /** Milliseconds of any beginning. Default: the machine's clock. */
  readonly now?: () => number;
}

interface Count {
  /** When those were taken that count now, or 0 for the window's beginning. */
  times: number[];
  begin: number;
}

/** Counts requests, and refuses those above the rate. */
export class RequestRate {
  private readonly counts = new Map<string, Count>();

  constructor(private readonly options: RequestRateOptions) {}

  /** A service whose requests are counted before anything else is looked at. */
  before(service: Service): Service {
    return {
      name: (path) => service.name(path),
      admit: (method, url, headers) => {
        this.enter(method, url.pathname);
        return service.admit(method, url, headers);
      },
      handle: async (request) => {
        const reply = await service.handle(request).catch((error: unknown) => {
          if (error instanceof RegistryError) return error.toReply();
          throw error;
        });
        return { ...reply, headers: { ...reply.headers, ...this.left(request.method, request.url.pathname) } };
      },
    };
  }

  private enter(method: string, path: string): void {
    const { limit } = this.options;
    const { count, waitMs } = this.look(method, path);
    if (count.times.length < limit) return void count.times.push(this.now());
    const { tells = "retryAfter" } = this.options;
    throw new RegistryError("TOOMANYREQUESTS", "too many requests", {
      headers: {
        ...(tells !== "nothing" && { "retry-after": String(Math.ceil(waitMs / 1000)) }),
        ...this.left(method, path),
      },
    });
  }

  private left(method: string, path: string): Reply["headers"] {
    const { limit, tells } = this.options;
    const { count, waitMs, windowMs } = this.look(method, path);
    const left = limit - count.times.length;
    const reset = Math.ceil(waitMs / 1000);
    if (tells === "structured") {
      const policy = `"default";q=${limit};w=${windowMs / 1000}`;
      return { "ratelimit-policy": policy, ratelimit: `"default";r=${left};t=${reset}` };
    }
    if (tells !== "fields") return {};
    return {
      "ratelimit-limit": `${limit};w=${windowMs / 1000}`,
      "ratelimit-remaining": String(left),
      "ratelimit-reset": String(reset),
    };
  }

  private look(method: string, path: string): { count: Count; waitMs: number; windowMs: number } {
    const { windowMs = 1000, window = "sliding", byKind = false } = this.options;
    const key = byKind ? kindOf(method, path) : "";
    const count = this.counts.get(key) ?? { times: [], begin: this.now() };
    this.counts.set(key, count);
    const now = this.now();
    if (window === "sliding") {
      count.times = count.times.filter((time) => time > now - windowMs);
      return { count, waitMs: Math.max(1, (count.times[0] ?? now) + windowMs - now), windowMs };
    }
    if (now >= count.begin + windowMs) Object.assign(count, { times: [], begin: now });
    return { count, waitMs: Math.max(1, count.begin + windowMs - now), windowMs };
  }

  private now(): number {
    return (this.options.now ?? (() => performance.now()))();
  }
}

function kindOf(method: string, path: string): string {
  if (method === "HEAD") return "reads";
  if (path.includes("/blobs/uploads")) return "uploads";
  if (method === "GET") return path.includes("/blobs/") ? "blobs" : "reads";
  return "manifests";
}
