import type { IncomingHttpHeaders } from "node:http";
import { Allowance } from "./allowance";
import type { Pace } from "./pace";
import { RecentAnswers } from "./recentAnswers";
import type { RequestKind } from "./requestKind";

/** So often in a row one kind alone is refused beside others before the limit is taken to be its own. */
const OWN_LIMIT_AFTER = 3;
/** So much of what goes has to be of other kinds, that their being taken says something. */
const OTHERS_SHARE = 0.3;
const SHARE_MS = 1000;

/** Loaded with the first refusal. */
const loadPace = () => require("./pace") as typeof import("./pace");

/** What was taken, and the {@link Pace} that is kept from the first refusal on. */
class Rate {
  private readonly answers = new RecentAnswers();
  private pace: Pace | undefined;

  pausedMs(now: number): number {
    return this.pace?.pausedMs(now) ?? 0;
  }

  take(now: number): number {
    return this.pace?.take(now) ?? 0;
  }

  answered(now: number): void {
    this.answers.note(now);
  }

  answeredSince(from: number): number {
    return this.answers.since(from);
  }

  refused(...refusal: Parameters<Pace["refused"]>): boolean {
    this.pace ??= new (loadPace().Pace)(this.answers);
    return this.pace.refused(...refusal);
  }

  forget(): void {
    this.pace?.forget();
  }
}

/** Of one kind of requests. */
class KindRate {
  readonly pace = new Rate();
  readonly allowance = new Allowance();
}

/** A request that is under way. */
export interface SentRequest {
  readonly kind: RequestKind;
  readonly at: number;
}

/** The head of an answer. */
export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
}

/** Whether an answer shows that the rate was allowed; of other refusals the words alone may tell. */
const wasTaken = (status: number): boolean => status < 400 || status === 401 || status === 404;

/** When a request may go. One that has no turn yet asks again then. */
export interface Turn {
  readonly waitMs: number;
  readonly isTaken: boolean;
}

/**
 * The rate of requests to one host, whatever their login. Most registries count all requests of a client together; some
 * count each kind by itself, which is known of them or found out: then the others go on while one waits.
 */
export class HostRate {
  private readonly all = new Rate();
  private readonly kinds = new Map<RequestKind, KindRate>();
  private readonly allowance = new Allowance();
  private readonly ownLimits = new Set<RequestKind>();
  /** Kinds that the last refusal of all met. */
  private lastRefused = new Set<RequestKind>();
  /** Which kind was the only one that was refused, and in how many refusals in a row. */
  private alone: { readonly kind?: RequestKind; readonly times: number } = { times: 0 };

  /** @param byKind whether the host is known to count each kind by itself */
  constructor(private readonly byKind = false) {}

  /** Takes the next turn of a kind, or tells when to ask again. */
  take(kind: RequestKind, now: number): Turn {
    const { pace } = this.of(kind);
    const allowance = this.allowanceOf(kind);
    const waitMs = Math.max(this.all.pausedMs(now), pace.pausedMs(now), allowance.pausedMs(now));
    if (waitMs > 0) return { waitMs, isTaken: false };
    allowance.take();
    return { waitMs: Math.max(this.all.take(now), pace.take(now)), isTaken: true };
  }

  /** Whether whoever took a turn has to take another: the registry asked to wait since then. */
  isPaused(kind: RequestKind, now: number): boolean {
    return this.all.pausedMs(now) > 0 || this.of(kind).pace.pausedMs(now) > 0;
  }

  /** Milliseconds for which the host as a whole takes nothing, by its own word. */
  emptyMs(now: number): number {
    return this.byKind ? 0 : this.allowance.emptyMs(now);
  }

  /** A request has its answer, or will have none, or was not sent after all. @param date milliseconds since 1970 */
  ended(kind: RequestKind, answer: Answered | undefined, now: number, date: number): void {
    this.allowanceOf(kind).ended(answer?.headers, now, date);
    if (!answer || !wasTaken(answer.status)) return;
    this.of(kind).pace.answered(now);
    this.all.answered(now);
  }

  /**
   * A request was refused for the rate.
   *
   * @returns whether requests of its kind alone have to wait
   */
  refused({ kind, at }: SentRequest, now: number, pauseMs: number): boolean {
    const { pace } = this.of(kind);
    if (this.byKind || this.ownLimits.has(kind)) {
      pace.refused(now, at, pauseMs);
      return true;
    }
    const isNew = this.all.refused(now, at, pauseMs);
    if (isNew) this.lastRefused.clear();
    this.lastRefused.add(kind);
    if (!isNew) {
      if (this.lastRefused.size > 1) this.alone = { times: 0 };
      return false;
    }
    const before = now - SHARE_MS;
    const share = 1 - pace.answeredSince(before) / Math.max(1, this.all.answeredSince(before));
    const times = share < OTHERS_SHARE ? 0 : this.alone.kind === kind ? this.alone.times + 1 : 1;
    this.alone = { kind, times };
    if (times < OWN_LIMIT_AFTER) return false;
    this.ownLimits.add(kind);
    this.all.forget();
    pace.refused(now, at, pauseMs);
    return true;
  }

  private of(kind: RequestKind): KindRate {
    let rate = this.kinds.get(kind);
    if (!rate) this.kinds.set(kind, (rate = new KindRate()));
    return rate;
  }

  private allowanceOf(kind: RequestKind): Allowance {
    return this.byKind ? this.of(kind).allowance : this.allowance;
  }
}

/** The rates of all hosts that a process talks to. */
export class HostRates {
  private readonly byHost = new Map<string, HostRate>();

  /** @param byKind whether the host is known to count each kind of requests by itself */
  at(host: string, byKind: boolean): HostRate {
    let rate = this.byHost.get(host);
    if (!rate) this.byHost.set(host, (rate = new HostRate(byKind)));
    return rate;
  }
}
