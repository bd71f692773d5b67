import type * as dynamic from "@pulumi/pulumi/dynamic";
import type { EngineLog } from "../../resource/engineLog";
import { MirrorError } from "../../error";
import { RegistryUnreachableError } from "../../oci/errors/errors";
import { ownValue } from "../../ownKeys";
import type { QuayAccessInput, QuayInputs, QuayLifecycle } from "../../quay/lifecycle";
import type { QuayAccess } from "../../quay/api/quayAccess";
import type { QuayClient } from "../../quay/quayClient";
import { QuayTokenRefusedError } from "../../quay/api/quayErrors";
import { isUnknown, UNKNOWN } from "../../resource/unknownInputs";

/** What the providers of Quay's resources need from outside. */
export interface QuayProviderDependencies {
  clientFor: (access: QuayAccess) => QuayClient;
  /** The token of the machine, `QUAY_TOKEN`. */
  machineToken: () => string | undefined;
  log: EngineLog;
}

/** No token was given. `code` is `QUAY_TOKEN_MISSING`. */
class QuayTokenMissingError extends MirrorError {
  override readonly name = "QuayTokenMissingError";
  constructor(host: string) {
    super(
      "QUAY_TOKEN_MISSING",
      `There is no API token for Quay ${host}`,
      "Give the registry a token, or set QUAY_TOKEN",
    );
  }
}

/**
 * The newest token by host. A rotated token is no change, so that states keep the one before, with which a resource
 * could not be deleted; whoever is checked or created in the same run has brought the new one.
 */
export class KnownTokens {
  private readonly byHost = new Map<string, string>();

  learn(host: string, { token }: QuayAccessInput): void {
    if (token !== undefined && token !== UNKNOWN) this.byHost.set(host, token);
  }

  /** Tokens to try, the likeliest first. */
  of(host: string, { token }: QuayAccessInput, machine: string | undefined): string[] {
    const all = [this.byHost.get(host), token, machine];
    return [...new Set(all.filter((text): text is string => text !== undefined && text !== UNKNOWN && text !== ""))];
  }
}

/**
 * A dynamic provider for one kind of object in Quay:
 * - `check` refuses in previews what could not be created;
 * - `diff` ignores how Quay is reached, and asks for an update when the object is gone or not what it was made;
 * - `update` makes anew what is gone.
 */
export function quayProvider<Inputs extends QuayInputs, Outputs extends Inputs>(
  lifecycle: QuayLifecycle<Inputs, Outputs>,
  { clientFor, machineToken, log }: QuayProviderDependencies,
  tokens: KnownTokens,
): dynamic.ResourceProvider {
  const { settings } = lifecycle;
  const identity: (keyof Inputs & string)[] = ["host", "organization", ...lifecycle.identity];
  const changedIn = (keys: readonly (keyof Inputs & string)[], olds: Partial<Inputs>, news: Partial<Inputs>) =>
    keys.filter((key) => JSON.stringify(ownValue(olds, key)) !== JSON.stringify(ownValue(news, key)));

  /** Talks to Quay, with the next token where one is refused. */
  const withQuay = async <T>({ host, access = {} }: QuayInputs, talk: (quay: QuayClient) => Promise<T>): Promise<T> => {
    const { token: _, caCertificate, ...settings } = access;
    let refused: unknown = new QuayTokenMissingError(host);
    for (const token of tokens.of(host, access, machineToken())) {
      const trusted = caCertificate === undefined ? {} : { caCertificates: [caCertificate] };
      try {
        return await talk(clientFor({ host, token, ...settings, ...trusted }));
      } catch (error) {
        if (!(error instanceof QuayTokenRefusedError)) throw error;
        refused = error;
      }
    }
    throw refused;
  };

  return {
    async check(olds: Partial<Inputs>, news: Inputs) {
      if (isUnknown(news.access) || identity.some((key) => isUnknown(ownValue(news, key)))) return { inputs: news };
      tokens.learn(news.host, news.access ?? {});
      const failures = (errors: readonly Error[]) => ({
        failures: errors.map(({ message }) => ({ property: "organization", reason: message })),
      });
      const problems = lifecycle.problems(news);
      if (problems.length > 0) return failures(problems);
      if (changedIn(identity, olds, news).length === 0) return { inputs: news };
      try {
        await withQuay(news, (quay) => lifecycle.refuseNew(quay, news));
      } catch (error) {
        // A Quay that the same program starts cannot be asked yet.
        if (!(error instanceof RegistryUnreachableError)) return failures([error as Error]);
      }
      return { inputs: news };
    },

    async diff(_id, olds: Outputs, news: Inputs) {
      const replaces = changedIn(identity, olds, news);
      if (replaces.length > 0) return { changes: true, replaces };
      if (changedIn(settings, olds, news).length > 0) return { changes: true };
      if (isUnknown(news.access)) return { changes: false };
      const name = lifecycle.name(news);
      try {
        const found = await withQuay(news, (quay) => lifecycle.find(quay, olds));
        const drift =
          found && Object.keys(found).filter((key) => Object.hasOwn(olds, key) && differs(found, olds, key));
        if (drift?.length === 0) return { changes: false };
        log.warn(
          drift
            ? `${drift.join(", ")} of ${name} changed at Quay ${news.host}: it will be as it was`
            : `${name} is missing at Quay ${news.host}: it will be made again`,
        );
        return { changes: true };
      } catch (error) {
        // A preview may run where Quay cannot be reached; that must not stop a review. An update still fails loudly.
        log.warn(`Could not check ${name}: ${(error as Error).message}`);
        return { changes: false };
      }
    },

    async create(inputs: Inputs) {
      tokens.learn(inputs.host, inputs.access ?? {});
      const outs = await withQuay(inputs, (quay) => lifecycle.create(quay, inputs));
      return { id: [inputs.host, ...identity.slice(1).map((key) => String(ownValue(inputs, key)))].join("/"), outs };
    },

    async update(_id, olds: Outputs, news: Inputs) {
      tokens.learn(news.host, news.access ?? {});
      const outs = await withQuay(news, async (quay) => {
        const there = await lifecycle.find(quay, olds);
        return there ? lifecycle.update(quay, olds, news) : lifecycle.create(quay, news);
      });
      return { outs };
    },

    async read(id, props: Outputs) {
      try {
        const found = await withQuay(props, (quay) => lifecycle.find(quay, props));
        return found ? { id, props: { ...props, ...found } } : {};
      } catch (error) {
        log.warn(`Could not read ${lifecycle.name(props)}: ${(error as Error).message}`);
        return { id, props };
      }
    },

    async delete(_id, props: Outputs) {
      await withQuay(props, (quay) => lifecycle.remove(quay, props));
    },
  };
}

const differs = (a: object, b: object, key: string): boolean =>
  JSON.stringify(ownValue(a as Record<string, unknown>, key)) !==
  JSON.stringify(ownValue(b as Record<string, unknown>, key));
