import type { RegistryEvent } from "../transport/registryEvent";

/** Milliseconds that a wait must last beyond those that were told of already. */
const NEWS_AFTER_MS = 5000;

/**
 * Which waits for registries are worth a line. Many copies wait for the same registry side by side: that is told once by
 * all of them, and again when it lasts.
 */
export class RegistryWaits {
  private readonly toldUntil = new Map<string, number>();

  /** @param now milliseconds, of any beginning */
  constructor(private readonly now: () => number) {}

  /** Whether to tell of this one; it counts as told then. */
  isNews({ host, delayMs }: RegistryEvent): boolean {
    const end = this.now() + delayMs;
    if (end - (this.toldUntil.get(host) ?? -Infinity) < NEWS_AFTER_MS) return false;
    this.toldUntil.set(host, end);
    return true;
  }
}
