import { systemClock, Waker, type Clock } from "../transport/clock";
import { isRateRefusal } from "../transport/retry";

/** How many requests or copies may run at one host at once. */
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
 * An answer that takes longer than this comes from afar, where each turn costs more than a connection does: whoever waits
 * need not wait for it.
 */
const FAR_MS = 12;

/**
 * The wait for it goes in parts: while this process is at work itself, as it is when it starts, it sees no answer, and one part
 * is all that counts of that time.
 */
const PARTS = 12;

/** Places that are never too many. */
const ENOUGH_NEARBY = 4;

/** The places of one kind at one host. */
interface Places {
  readonly host: string;
  readonly limit: number;
  used: number;
  /** How many may be used by now, at most `limit`. */
  open: number;
  /** As many as do where answers are quick. */
  readonly enough: number;
  /** Until the first refusal each task that is done opens one more; then as many as are open do so together. */
  cautious: boolean;
  /** Tasks that were begun before a refusal say nothing new when they are refused, too. */
  refusals: number;
  /** Kept for one who waits before all others. */
  kept: boolean;
  watched: boolean;
  /** Ends the wait for the first answer. */
  watch?: Waker;
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
 * TLS handshakes, do for many requests: half of the limit then. Where the first answer is not there at once, all go.
 *
 * A host that refuses for its load has half of its places closed; they open again one by one (AIMD, as TCP does).
 */
export class HostLimits {
  private readonly places = new Map<string, Places>();
  private waiting: { places: readonly Places[]; start: () => void }[] = [];

  constructor(
    private readonly limitOf: (host: string) => HostLimit,
    private readonly clock: Clock = systemClock,
  ) {}

  /** Takes the places, runs the task, gives them back. */
  async with<T>(claims: readonly Claim[], task: () => Promise<T>): Promise<T> {
    const places = [...new Set(claims.map((claim) => this.placesFor(claim)))];
    await this.take(places);
    const before = places.map(({ refusals }) => refusals);
    const begin = this.clock.now();
    const isSlow = (): boolean => this.clock.now() - begin > FAR_MS;
    try {
      const result = await task();
      for (const place of places) grow(place, isSlow());
      return result;
    } catch (error) {
      places.forEach((place, i) => {
        if (!isRateRefusal(error, place.host)) grow(place, isSlow());
        else if (before[i] === place.refusals) shrink(place);
      });
      throw error;
    } finally {
      for (const place of places) {
        place.used--;
        place.watch?.call();
      }
      this.serve();
    }
  }

  private placesFor({ host, kind }: Claim): Places {
    const key = `${kind} ${host}`;
    let places = this.places.get(key);
    if (!places) {
      const limit = Math.max(1, this.limitOf(host)[kind]);
      const open = kind === "requests" ? 1 : limit;
      const enough = Math.max(Math.min(limit, ENOUGH_NEARBY), Math.ceil(limit / 2));
      // Else there is nothing to open.
      const watched = open === limit;
      places = { host, limit, open, enough, used: 0, cautious: false, refusals: 0, kept: false, watched };
      this.places.set(key, places);
    }
    return places;
  }

  private take(places: readonly Places[]): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.push({ places, start: resolve });
      this.serve();
    });
  }

  private serve(): void {
    if (this.waiting.length === 0) return;
    const kept: Places[] = [];
    this.waiting = this.waiting.filter(({ places, start }) => {
      if (places.some((place) => place.kept || place.used >= Math.floor(place.open))) {
        for (const place of places)
          if (!place.kept) {
            place.kept = true;
            kept.push(place);
          }
        return true;
      }
      for (const place of places) place.used++;
      start();
      return false;
    });
    for (const place of kept) {
      place.kept = false;
      if (!place.watched) void this.openIfFar(place);
    }
  }

  /** Waits for the first answer of a host, but not long. */
  private async openIfFar(places: Places): Promise<void> {
    places.watched = true;
    const waker = (places.watch = new Waker());
    const isAnswered = (): boolean => places.open > 1 || places.cautious;
    for (let i = 0; i < PARTS && !isAnswered(); i++) await this.clock.sleep(FAR_MS / PARTS, waker);
    if (isAnswered()) return;
    places.open = places.limit;
    this.serve();
  }
}

function grow(places: Places, isSlow: boolean): void {
  const most = isSlow ? places.limit : Math.max(places.open, places.enough);
  places.open = Math.min(most, places.open + (places.cautious ? 1 / places.open : 1));
}

function shrink(places: Places): void {
  places.refusals++;
  places.cautious = true;
  places.open = Math.max(1, Math.floor(places.open / 2));
}
