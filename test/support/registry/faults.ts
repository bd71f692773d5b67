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

/** What happens to a request that is met. Offsets count bytes of the body. */
export type FaultAction =
  /** Answered so, without being handled; the request's body is read first. */
  | { kind: "answer"; status: number; headers?: Record<string, string>; body?: string }
  /** 307 (or `status`) to a URL. */
  | { kind: "redirect"; to: string; status?: number }
  /** The connection ends without an answer, once so many bytes of the request's body were read. Default 0. */
  | { kind: "close"; afterRequestBytes?: number }
  /** The storage is full: 507 (or 500) with an error body, once so many bytes were read; nothing is kept. */
  | { kind: "noSpace"; status?: 500 | 507; afterRequestBytes?: number }
  /** The request is carried out, but the connection ends before the client hears of it. */
  | { kind: "loseAnswer" }
  /** The connection breaks after so many bytes of the answer. */
  | { kind: "cut"; after: number }
  /** The answer ends orderly, but short, without or with (`contentLength`) a length that says so. */
  | { kind: "truncate"; after: number; contentLength?: boolean }
  /** One byte is changed, of the answer or (`in: "request"`) of what the registry receives. */
  | { kind: "flip"; at: number; in?: "response" | "request" }
  /** Content-Length is wrong by so many bytes. */
  | { kind: "wrongLength"; by: number }
  /** Nothing more comes after so many bytes (0: not even headers), and the connection stays open. */
  | { kind: "stall"; after?: number }
  /** The answer's body comes at this pace. */
  | { kind: "slow"; bytesPerSecond: number };

/** A fault to add to a registry. */
export interface Fault {
  match?: FaultMatch;
  action: FaultAction;
}

/** The faults of a registry, in the order of adding; the first that matches a request meets it. */
export interface FaultProgram {
  add(fault: Fault): void;
  /** Forgets all faults; connections that stall stay so until they close. */
  clear(): void;
  /** How many requests were met so far. */
  readonly met: number;
}
