/** How many things may happen at one host at once. */
export interface HostLimit {
  /** Blobs on their way from or to it. Default 4. */
  readonly transfers: number;
  /** Small requests, such as those for manifests. Default 16. */
  readonly requests: number;
}

export const DEFAULT_LIMIT: HostLimit = { transfers: 4, requests: 16 };

/** A place at a host that a task needs. */
export interface Claim {
  readonly host: string;
  readonly kind: keyof HostLimit;
}

/**
 * Places at hosts, shared by all copies of a process.
 *
 * A task takes all its places at once or waits with none, so that two copies in opposite directions never wait for each
 * other (as regclient's pqueue does). Who came first is served first: the places that a waiting task needs are kept
 * from those behind it.
 *
 * The first request to a host goes alone, and each one that is done makes room for one more, until the limit is reached:
 * what the first learns, such as the login, serves the others, and where answers are quick a few connections, with their
 * TLS handshakes, do for many requests.
 */
export class HostLimits {
  private readonly used = new Map<string, number>();
  private readonly done = new Map<string, number>();
  private waiting: { claims: readonly string[]; start: () => void }[] = [];

  constructor(private readonly limitOf: (host: string) => HostLimit) {}

  /** Takes the places, runs the task, gives them back. */
  async with<T>(claims: readonly Claim[], task: () => Promise<T>): Promise<T> {
    const keys = [...new Set(claims.map(({ host, kind }) => `${kind} ${host}`))];
    await this.take(keys);
    try {
      return await task();
    } finally {
      for (const key of keys) {
        this.used.set(key, (this.used.get(key) ?? 1) - 1);
        this.done.set(key, (this.done.get(key) ?? 0) + 1);
      }
      this.serve();
    }
  }

  private take(claims: readonly string[]): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.push({ claims, start: resolve });
      this.serve();
    });
  }

  private serve(): void {
    const kept = new Set<string>();
    this.waiting = this.waiting.filter(({ claims, start }) => {
      if (claims.some((key) => kept.has(key) || this.isFull(key))) {
        for (const key of claims) kept.add(key);
        return true;
      }
      for (const key of claims) this.used.set(key, (this.used.get(key) ?? 0) + 1);
      start();
      return false;
    });
  }

  private isFull(key: string): boolean {
    const space = key.indexOf(" ");
    const kind = key.slice(0, space) as keyof HostLimit;
    const limit = Math.max(1, this.limitOf(key.slice(space + 1))[kind]);
    const places = kind === "requests" ? Math.min(limit, 1 + (this.done.get(key) ?? 0)) : limit;
    return (this.used.get(key) ?? 0) >= places;
  }
}
