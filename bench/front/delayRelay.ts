import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { DelayLine, SYSTEM_CLOCK, type LineClock } from "./delayLine";

/** Bytes that a receiver has not taken, at which its sender has to wait, as with a full window of TCP. */
const RECEIVER_BEHIND = 4 * 1024 * 1024;

export interface DelayRelayOptions {
  /** Port of loopback that the line leads to. */
  readonly port: number;
  /** Milliseconds each way. */
  readonly delay: number;
  readonly clock?: LineClock;
}

/** What stands before a registry. */
export interface Front {
  /** Port of loopback that it listens on. */
  readonly port: number;
  close(): Promise<void>;
}

/**
 * A TCP relay that makes a port of loopback as far away as a server across a country: each byte, and each end of a
 * stream, arrives `delay` later on either side.
 *
 * The kernel opens connections to the relay at once, where over a long line SYN and its answer take one delay each: what
 * a client sends first is held back for these two as well, so that its first answer comes after four delays, as it would.
 */
export async function startDelayRelay({ port, delay, clock = SYSTEM_CLOCK }: DelayRelayOptions): Promise<Front> {
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    const opened = clock.now() + 2 * delay;
    const far = connect({ port, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
    for (const socket of [near, far]) {
      open.add(socket);
      socket.on("close", () => open.delete(socket));
    }
    carry(near, far, new DelayLine(clock, delay, opened));
    carry(far, near, new DelayLine(clock, delay));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** Carries what one side sends to the other one. */
function carry(from: Socket, to: Socket, line: DelayLine): void {
  from.on("data", (chunk: Buffer) =>
    line.send(() => {
      if (to.destroyed) return;
      to.write(chunk);
      if (to.writableLength < RECEIVER_BEHIND || from.isPaused()) return;
      from.pause();
      to.once("drain", () => from.resume());
    }),
  );
  from.on("end", () => line.send(() => to.end()));
  // What broke on one side breaks on the other; a connection that ended well has had both its ends.
  from.on("error", () => line.send(() => to.resetAndDestroy()));
  from.on("close", () => {
    if (!from.readableEnded) line.send(() => to.resetAndDestroy());
  });
}
