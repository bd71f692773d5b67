import { canonicalHost } from "../../image/reference";
import { systemClock, type Clock, type Random } from "../transport/clock";
import { HostRates } from "./hostRate";
import { DEFAULT_LIMIT, HostLimits, type HostLimit } from "./limits";
import type { RegistryEvent } from "../transport/registryEvent";
import { DEFAULT_RETRY, Retrier, type RetryPolicy } from "../transport/retry";

export interface TrafficOptions {
  /** How much may happen at one host at once; by host where a number is not enough. */
  readonly limits?: Partial<HostLimit> & { readonly hosts?: Readonly<Record<string, Partial<HostLimit>>> };
  readonly retry?: Partial<RetryPolicy>;
  readonly clock?: Clock;
  readonly random?: Random;
  /** Told of retries and of pauses that registries ask for. */
  readonly onEvent?: (event: RegistryEvent) => void;
}

/**
 * What everyone in a process who talks to a host has to keep to, whatever the login: how much may happen there at once and
 * how often, and the pauses that it asked for.
 */
export class Traffic {
  readonly clock: Clock;
  readonly limits: HostLimits;
  readonly rates = new HostRates();
  readonly retrier: Retrier;

  constructor(options: TrafficOptions = {}) {
    this.clock = options.clock ?? systemClock;
    const { hosts = {}, ...everywhere } = options.limits ?? {};
    const own = new Map(Object.entries(hosts).map(([host, limit]) => [canonicalHost(host), limit]));
    this.limits = new HostLimits((host) => ({ ...DEFAULT_LIMIT, ...everywhere, ...own.get(host) }), this.clock);
    this.retrier = new Retrier(
      this.clock,
      options.random ?? Math.random,
      { ...DEFAULT_RETRY, ...options.retry },
      options.onEvent ?? (() => undefined),
    );
  }
}
