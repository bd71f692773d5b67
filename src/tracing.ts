import type { ClientRequest } from "node:http";
import type { ChildProcess } from "node:child_process";

/**
 * What is told on channels of `node:diagnostics_channel` to whoever listens, such as the command line with `--verbose`. Whoever
 * tells asks first whether somebody listens: otherwise it costs nothing. This file is types alone, so that nothing loads it.
 *
 * @example
 * ```ts
 * const requests = channel("chart-mirror:request" satisfies keyof Traces);
 * if (requests.hasSubscribers) requests.publish({ url, sink } satisfies Traces["chart-mirror:request"]);
 * ```
 */
export interface Traces {
  "chart-mirror:request": TracedRequest;
  "chart-mirror:login": TracedLogin;
  "chart-mirror:wait": TracedWait;
  "chart-mirror:run": TracedRun;
}

/** A request that begins. Its headers and its body may hold logins: whoever tells of it takes them out. */
export interface TracedRequest {
  readonly url: URL;
  readonly sink: ClientRequest;
  /** The body, where it is a form, such as that of a request for a token. */
  readonly form?: string | undefined;
  /** What it is for, where its address does not say it: `for a token`. */
  readonly purpose?: string | undefined;
  /** Host and port of the proxy that it goes through. */
  readonly proxy?: string | undefined;
}

/** Where a login was looked for; never the login. */
export interface TracedLogin {
  readonly host: string;
  /** What has it: a file, a helper; undefined where none has. */
  readonly from: string | undefined;
  /** What was looked at in vain before. */
  readonly without: readonly string[];
}

/** A request is tried again, or a registry asked for a pause. */
export interface TracedWait {
  readonly type: "retry" | "paused";
  readonly host: string;
  readonly doing?: string;
  readonly reason: string;
  readonly delayMs: number;
  /** How many attempts failed so far. */
  readonly failures?: number;
}

/** A program that was started. */
export interface TracedRun {
  readonly program: string;
  /** Without what may be secret. */
  readonly args: readonly string[];
  readonly child: ChildProcess;
}
