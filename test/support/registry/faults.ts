/** Which requests a fault meets. */
export interface FaultMatch {
  /** `GET`, or several; any when absent. */
  method?: string | readonly string[];
  /** Searched in path and query; any when absent. */
  path?: RegExp;
  /** First request, of those that match, that is met; 1 is the first. Default 1. */
  nth?: number;
  /** How many requests are met. Default 1; `Infinity` for all. */
  times?: number;
}

/** What happens instead of handling a request. */
export type Interception =
  /** Answered so; the request's body is read first. */
  | { kind: "answer"; status: number; headers?: Record<string, string>; body?: string }
  /** Answered with these bytes, which are said to be encoded so. */
  | { kind: "bytes"; bytes: Buffer; coding: string }
  /** 307 (or `status`) to a URL. */
  | { kind: "redirect"; to: string; status?: number }
  /** The connection ends without an answer, once so many bytes of the request's body were read. Default 0. */
  | { kind: "close"; afterRequestBytes?: number }
  /** The storage is full: 507 (or 500) with an error body, once so many bytes were read; nothing is kept. */
  | { kind: "noSpace"; status?: 500 | 507; afterRequestBytes?: number };

/** What happens to the bytes of a request that is handled, or of its answer. Offsets count bytes of the body. */
export type Distortion =
  /** The request is carried out, but the connection ends before the client hears of it. */
  | { kind: "loseAnswer" }
  /** The connection breaks after so many bytes of the answer. */
  | { kind: "cut"; after: number }
  /** The answer ends orderly, but short, without or with (`contentLength`) a length that says so. */
  | { kind: "truncate"; after: number; contentLength?: boolean }
  /** The registry keeps so many bytes of what it receives, and says so where the specification has it say (Range). */
  | { kind: "keepPart"; bytes: number }
  /** The answer's body is encoded, and said to be so; `lies` says so of what is not. */
  | { kind: "encode"; coding: string; lies?: boolean; chunked?: boolean }
  /** Headers of the answer are other ones; undefined takes one away. */
  | { kind: "headers"; headers: Readonly<Record<string, string | undefined>> }
  /** One byte is changed, of the answer or (`in: "request"`) of what the registry receives. */
  | { kind: "flip"; at: number; in?: "response" | "request" }
  /** Content-Length is wrong by so many bytes. */
  | { kind: "wrongLength"; by: number }
  /** Nothing more comes after so many bytes (default 0: not even headers), and the connection stays open. */
  | { kind: "stall"; after?: number }
  /** The answer's body comes at this pace. */
  | { kind: "slow"; bytesPerSecond: number }
  /** Something else happens at the registry first: a cleanup, a restart, tokens that die. */
  | { kind: "meanwhile"; happen: () => void };

/** What happens to a request that is met. */
export type FaultAction = Interception | Distortion;

/** Whether a fault takes the place of the service. */
export function isInterception(action: FaultAction): action is Interception {
  return ["answer", "bytes", "redirect", "close", "noSpace"].includes(action.kind);
}

/** A fault to add to a registry. */
export interface Fault {
  match?: FaultMatch;
  action: FaultAction;
}

/**
 * The faults of a registry, its token service and its storage host, in the order of adding; the first whose turn it is
 * meets a request. Requests that are refused for lack of a login are not counted, so that `nth` means real ones.
 */
export class FaultProgram {
  readonly #faults: { fault: Fault; seen: number }[] = [];
  #met = 0;

  add(fault: Fault): void {
    this.#faults.push({ fault, seen: 0 });
  }

  /** Forgets all faults; connections that stall stay so until they close. */
  clear(): void {
    this.#faults.length = 0;
  }

  /** How many requests were met so far. */
  get met(): number {
    return this.#met;
  }

  /** The fault that meets this request. Every fault that it matches counts it. */
  meet(method: string, path: string): FaultAction | undefined {
    let action: FaultAction | undefined;
    for (const entry of this.#faults) {
      const { match = {} } = entry.fault;
      if (!matches(match, method, path)) continue;
      entry.seen++;
      const { nth = 1, times = 1 } = match;
      if (entry.seen >= nth && entry.seen < nth + times) action ??= entry.fault.action;
    }
    if (action) this.#met++;
    return action;
  }
}

function matches(match: FaultMatch, method: string, path: string): boolean {
  const methods = typeof match.method === "string" ? [match.method] : match.method;
  return (!methods || methods.includes(method)) && (!match.path || path.search(match.path) >= 0);
}
