import type * as dynamic from "@pulumi/pulumi/dynamic";
import type { AccessInput } from "../copy/imageCopyInputs";
import { redact } from "../inputs/redact";
import type { EngineLog } from "../resource/engineLog";

/**
 * What this process has been told to hide of logins, see `hiddenKeys`: a user's name is no secret to a registry's errors,
 * but it is one where the program says so.
 */
export class HiddenTexts {
  readonly #texts = new Set<string>();

  learn(access: readonly AccessInput[]): void {
    for (const entry of access)
      for (const [key, value] of Object.entries(entry))
        if (entry.hidden?.includes(key) && typeof value === "string") this.#texts.add(value);
  }

  hide(text: string): string {
    return this.#texts.size === 0 ? text : redact(text, [...this.#texts]);
  }

  /** A log that shows none of it. */
  log(log: EngineLog): EngineLog {
    return {
      ...log,
      info: (message) => log.info(this.hide(message)),
      warn: (message) => log.warn(this.hide(message)),
      status: (message) => log.status(this.hide(message)),
    };
  }

  /** A provider whose errors show none of it. */
  provider(provider: dynamic.ResourceProvider): dynamic.ResourceProvider {
    const { check, diff, create, update, read, delete: remove } = provider;
    return {
      ...provider,
      create: this.guarded(create.bind(provider)),
      ...(check && {
        check: this.guarded(async (olds, news) => {
          const result = await check.call(provider, olds, news);
          const failures = result.failures?.map(({ property, reason }) => ({ property, reason: this.hide(reason) }));
          return failures ? { ...result, failures } : result;
        }),
      }),
      ...(diff && { diff: this.guarded(diff.bind(provider)) }),
      ...(update && { update: this.guarded(update.bind(provider)) }),
      ...(read && { read: this.guarded(read.bind(provider)) }),
      ...(remove && { delete: this.guarded(remove.bind(provider)) }),
    };
  }

  private guarded<Args extends unknown[], Result>(
    call: (...args: Args) => Promise<Result>,
  ): (...args: Args) => Promise<Result> {
    return async (...args) => {
      try {
        return await call(...args);
      } catch (error) {
        if (error instanceof Error)
          for (const key of ["message", "stack"] as const) {
            const value = this.hide(error[key] ?? "");
            // From Node.js 21 on a stack is an accessor: what becomes of it has to be said to be writable.
            if (value !== error[key]) Object.defineProperty(error, key, { value, writable: true, configurable: true });
          }
        throw error;
      }
    };
  }
}
