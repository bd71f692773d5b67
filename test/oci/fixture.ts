import { parseReference, type ImageReference } from "../../src/image/reference";
import type { Clock, Waker } from "../../src/oci/transport/clock";
import { Registries, type RegistriesOptions } from "../../src/oci/registries";
import type { RegistryAccess } from "../../src/oci/transport/access";
import { startRegistry, type RegistryOptions, type TestRegistry } from "../support/registry";

/** A clock whose sleeps pass a thousand times faster and are noted; `now` keeps pace with them. */
export class FastClock implements Clock {
  readonly slept: number[] = [];
  /** How many sleep now. */
  sleeping = 0;
  private ahead = 0;

  now(): number {
    return Date.now() + this.ahead;
  }

  date(): number {
    return this.now();
  }

  async sleep(milliseconds: number, waker?: Waker): Promise<void> {
    this.slept.push(milliseconds);
    const due = this.now() + milliseconds;
    this.sleeping++;
    const isWoken = await new Promise<boolean>((resolve) => {
      setTimeout(() => resolve(false), Math.min(milliseconds / 1000, 20));
      waker?.onCall(() => resolve(true));
    });
    this.sleeping--;
    if (isWoken) return;
    // Who sleeps at the same time sleeps through the same time.
    this.ahead += Math.max(0, due - this.now());
  }
}

/** Registries and clients of one test file; all are closed after each test. */
export class Fixture {
  private readonly servers: TestRegistry[] = [];
  private readonly clients: Registries[] = [];

  constructor() {
    afterEach(() => this.close());
  }

  async registry(options: RegistryOptions = {}): Promise<TestRegistry> {
    const server = await startRegistry(options);
    this.servers.push(server);
    return server;
  }

  /** A source and a target. */
  async pair(target: RegistryOptions = {}, source: RegistryOptions = {}): Promise<[TestRegistry, TestRegistry]> {
    return [await this.registry(source), await this.registry(target)];
  }

  /** A client that reaches these registries. */
  client(
    servers: readonly TestRegistry[],
    options: RegistriesOptions = {},
    access: (server: TestRegistry) => Partial<RegistryAccess> = () => ({}),
  ): Registries {
    const registries = new Registries({
      access: servers.map((server) => ({ ...reach(server), ...access(server) })),
      clock: new FastClock(),
      stallTimeoutMs: 5000,
      ...options,
    });
    this.clients.push(registries);
    return registries;
  }

  private async close(): Promise<void> {
    for (const client of this.clients.splice(0)) client.close();
    await Promise.all(this.servers.splice(0).map((server) => server.close()));
  }
}

/** How a client reaches a test registry. */
export function reach(server: TestRegistry): RegistryAccess {
  return server.ca === undefined
    ? { host: server.host, plainHttp: true }
    : { host: server.host, caCertificates: [server.ca] };
}

/** `REPOSITORY[:TAG][@DIGEST]` at a registry. */
export const at = (server: TestRegistry, name: string): ImageReference => parseReference(`${server.host}/${name}`);

/** The error that a promise fails with. */
export async function failure(promise: Promise<unknown>): Promise<Error & { code?: string }> {
  try {
    await promise;
  } catch (error) {
    return error as Error & { code?: string };
  }
  throw new Error("it did not fail");
}

/** The error that a function throws. */
export function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error("it did not fail");
}
