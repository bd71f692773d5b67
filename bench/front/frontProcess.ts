import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { DelayRelayOptions, Front } from "./delayRelay";
import type { LimitingProxyOptions, RequestCounts } from "./limitingProxy";

/** What a process is to put before a registry. */
export type FrontOrder =
  ({ readonly kind: "delay" } & Omit<DelayRelayOptions, "clock">) | ({ readonly kind: "limit" } & LimitingProxyOptions);

/** What such a process says: where it listens, and then, whenever it is asked, what came. */
export type FrontMessage = { readonly port: number } | { readonly counts: RequestCounts };

/** Something before a registry, in a process of its own: what it costs is not counted to the copiers or to the bench. */
export class FrontProcess implements Front {
  private constructor(
    readonly port: number,
    private readonly child: ChildProcess,
  ) {}

  static async start(order: FrontOrder): Promise<FrontProcess> {
    const execArgv = ["--require", join(__dirname, "../../test/support/typescript.js")];
    const child = fork(join(__dirname, "frontMain.ts"), { execArgv });
    child.send(order);
    const message = await answer(child);
    if (!("port" in message)) throw new Error("a front told counts before it was asked");
    return new FrontProcess(message.port, child);
  }

  /** What came since it began; nothing where it does not limit. */
  async counts(): Promise<RequestCounts> {
    this.child.send("counts");
    const message = await answer(this.child);
    if (!("counts" in message)) throw new Error("a front did not tell what came");
    return message.counts;
  }

  async close(): Promise<void> {
    const ended = once(this.child, "exit");
    this.child.kill("SIGKILL");
    await ended;
  }
}

/** The next thing that the process says; it may end instead. */
async function answer(child: ChildProcess): Promise<FrontMessage> {
  const waiting = new AbortController();
  const { signal } = waiting;
  try {
    const ended = once(child, "exit", { signal }).then(() => {
      throw new Error("what stands before a registry has ended");
    });
    const [message] = (await Promise.race([once(child, "message", { signal }), ended])) as [FrontMessage];
    return message;
  } finally {
    waiting.abort();
  }
}
