import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { DelayLine, type LineClock } from "../../bench/front/delayLine";
import { startDelayRelay, type Front } from "../../bench/front/delayRelay";

/** A clock that goes on when it is told to. */
class HandClock implements LineClock {
  private time = 1000;
  private calls: { at: number; call: () => void }[] = [];

  now(): number {
    return this.time;
  }

  after(milliseconds: number, call: () => void): void {
    this.calls.push({ at: this.time + milliseconds, call });
  }

  /** @param early by how much timers fire before their time, as real ones may */
  goOn(milliseconds: number, early = 0): void {
    this.time += milliseconds;
    const due = this.calls.filter(({ at }) => at - early <= this.time);
    this.calls = this.calls.filter((one) => !due.includes(one));
    for (const { call } of due) call();
  }
}

describe("DelayLine", () => {
  let clock: HandClock;
  let delivered: string[];
  const sender = (line: DelayLine) => (what: string) => line.send(() => delivered.push(what));
  beforeEach(() => {
    clock = new HandClock();
    delivered = [];
  });

  it("delivers each thing after the delay, however many are under way", () => {
    const send = sender(new DelayLine(clock, 25));
    send("a");
    clock.goOn(10);
    for (const one of ["b", "c", "d"]) send(one);
    clock.goOn(14);
    expect(delivered).toEqual([]);
    clock.goOn(1);
    expect(delivered).toEqual(["a"]);
    clock.goOn(10);
    expect(delivered).toEqual(["a", "b", "c", "d"]);
    send("e");
    clock.goOn(24);
    expect(delivered).toHaveLength(4);
    clock.goOn(1);
    expect(delivered).toHaveLength(5);
  });

  it("delivers nothing early when a timer is, and in order", () => {
    const send = sender(new DelayLine(clock, 25));
    for (const one of ["a", "b"]) send(one);
    clock.goOn(24, 1);
    expect(delivered).toEqual([]);
    clock.goOn(1);
    expect(delivered).toEqual(["a", "b"]);
  });

  it("holds what is sent before it is open at its entrance", () => {
    const send = sender(new DelayLine(clock, 25, clock.now() + 50));
    send("a");
    clock.goOn(74);
    expect(delivered).toEqual([]);
    clock.goOn(1);
    expect(delivered).toEqual(["a"]);
  });
});

describe("startDelayRelay", () => {
  let server: Server;
  let front: Front;
  let clock: HandClock;
  const clients: Socket[] = [];
  const far: Socket[] = [];

  async function start(serve: (socket: Socket) => void, delay = 25): Promise<void> {
    server = createServer({ allowHalfOpen: true }, (socket) => {
      far.push(socket);
      socket.on("error", () => undefined);
      serve(socket);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    clock = new HandClock();
    front = await startDelayRelay({ port: (server.address() as AddressInfo).port, delay, clock });
  }
  const open = (): Socket => {
    const client = connect({ port: front.port, host: "127.0.0.1", allowHalfOpen: true });
    client.on("error", () => undefined);
    clients.push(client);
    return client;
  };
  /** Lets time go on until something has happened. */
  async function until<T>(promise: Promise<T>): Promise<T> {
    const timer = setInterval(() => clock.goOn(1), 1);
    try {
      return await promise;
    } finally {
      clearInterval(timer);
    }
  }
  /** What a number is when it does not change any more. */
  async function standing(read: () => number): Promise<number> {
    for (let last = -1, same = 0; ; last = read()) {
      same = read() === last ? same + 1 : 0;
      if (same === 20) return last;
      await pause(10);
    }
  }
  afterEach(async () => {
    for (const socket of [...clients.splice(0), ...far.splice(0)]) socket.destroy();
    await front.close();
    server.close();
  });

  it("carries all bytes both ways, more than a window, and each side's end", async () => {
    await start((socket) => socket.pipe(socket));
    const sent = randomBytes(12 * 1024 * 1024);
    const client = open();
    const received: Buffer[] = [];
    client.on("data", (chunk: Buffer) => received.push(chunk));
    client.end(sent);
    await until(once(client, "end"));
    expect(Buffer.concat(received).equals(sent)).toBe(true);
  });

  it("answers a first request after four delays, and the next after two", async () => {
    await start((socket) => socket.on("data", (chunk) => socket.write(chunk)));
    const client = open();
    for (const [what, delays] of [
      ["first", 4],
      ["second", 2],
    ] as const) {
      const begin = clock.now();
      client.write(what);
      const [answer] = (await until(once(client, "data"))) as [Buffer];
      expect(answer.toString()).toBe(what);
      expect(clock.now() - begin).toBeGreaterThanOrEqual(delays * 25);
    }
  });

  it("waits for a receiver that does not take what is sent", async () => {
    let taken: Socket | undefined;
    // What is under way of a line has no bound, so this one is short.
    await start((socket) => (taken = socket.pause()), 1);
    const client = open();
    const piece = Buffer.alloc(256 * 1024);
    const pieces = 256;
    let sent = 0;
    function* content(): Generator<Buffer> {
      for (; sent < pieces; sent++) yield piece;
    }
    Readable.from(content()).pipe(client);
    // Nothing moves any more, long before the end.
    expect(await until(standing(() => sent))).toBeLessThan(pieces);
    const receiver = taken as unknown as Socket;
    let count = 0;
    receiver.on("data", (chunk: Buffer) => (count += chunk.length));
    const ended = once(receiver, "end");
    receiver.resume();
    await until(ended);
    expect(count).toBe(pieces * piece.length);
  });

  it("breaks on one side when the other broke", async () => {
    await start((socket) => socket.on("data", () => socket.resetAndDestroy()));
    const client = open();
    client.write("x");
    const closed = new Promise((resolve) => client.on("close", resolve));
    expect(await until(closed)).toBe(true);
  });
});
