import type * as dynamic from "@pulumi/pulumi/dynamic";
import type { Lifecycle } from "../lifecycle";
import { addressed } from "../machine/errorAddress";
import { RegistryUnreachableError } from "../oci/errors/errors";
import { ownValue } from "../ownKeys";
import type { EngineLog } from "./engineLog";
import { isUnknown } from "./unknownInputs";

/** What every object of a service receives. */
export interface ServiceInputs {
  host: string;
  /** How the service is reached: no change of an object when it changes. */
  access?: unknown;
}

/** The service that keeps objects, as their providers reach it. */
export interface ServiceConnection<Client, Inputs extends ServiceInputs> {
  /** As it stands before a host: `Quay`. */
  readonly name: string;
  /** What names the place of every object in it, besides `host`: an organization. A problem is told as one of the first. */
  readonly places: readonly (keyof Inputs & string)[];
  /** Takes note of the newest login, which states may lack. */
  learn(inputs: Inputs): void;
  /** Talks to the service. */
  talk<T>(inputs: Inputs, talk: (client: Client) => Promise<T>): Promise<T>;
}

/**
 * A dynamic provider for one kind of object of a service:
 * - `check` refuses in previews what could not be created;
 * - `diff` ignores how the service is reached, and asks for an update when the object is gone or not what it was made;
 * - `update` makes anew what is gone.
 */
export function lifecycleProvider<
  Client,
  Service extends ServiceInputs,
  Inputs extends Service,
  Outputs extends Inputs = Inputs,
>(
  lifecycle: Lifecycle<Client, Inputs, Outputs>,
  service: ServiceConnection<Client, Service>,
  log: EngineLog,
): dynamic.ResourceProvider {
  type Key = keyof Inputs & string;
  const { settings } = lifecycle;
  const identity: Key[] = ["host", ...service.places, ...lifecycle.identity];
  const changedIn = (keys: readonly Key[], olds: Partial<Inputs>, news: Partial<Inputs>) =>
    keys.filter((key) => JSON.stringify(ownValue(olds, key)) !== JSON.stringify(ownValue(news, key)));
  const at = ({ host }: Inputs): string => `${service.name} ${host}`;

  return {
    async check(olds: Partial<Inputs>, news: Inputs) {
      if (isUnknown(news.access) || identity.some((key) => isUnknown(ownValue(news, key)))) return { inputs: news };
      service.learn(news);
      const failures = (errors: readonly Error[]) => ({
        failures: errors.map((error) => ({ property: service.places[0] ?? "host", reason: addressed(error).message })),
      });
      const problems = lifecycle.problems(news);
      if (problems.length > 0) return failures(problems);
      if (changedIn(identity, olds, news).length === 0) return { inputs: news };
      try {
        await service.talk(news, (client) => lifecycle.refuseNew(client, news));
      } catch (error) {
        // A service that the same program starts cannot be asked yet.
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
        const found = await service.talk(news, (client) => lifecycle.find(client, olds));
        const drift =
          found && Object.keys(found).filter((key) => Object.hasOwn(olds, key) && differs(found, olds, key));
        if (drift?.length === 0) return { changes: false };
        log.warn(
          drift
            ? `${drift.join(", ")} of ${name} changed at ${at(news)}: it will be as it was`
            : `${name} is missing at ${at(news)}: it will be made again`,
        );
        return { changes: true };
      } catch (error) {
        // A preview may run where the service cannot be reached; that must not stop a review. An update still fails loudly.
        log.warn(`Could not check ${name}: ${(error as Error).message}`);
        return { changes: false };
      }
    },

    async create(inputs: Inputs) {
      service.learn(inputs);
      const outs = await service.talk(inputs, (client) => lifecycle.create(client, inputs));
      return { id: identity.map((key) => String(ownValue(inputs, key))).join("/"), outs };
    },

    async update(_id, olds: Outputs, news: Inputs) {
      service.learn(news);
      const outs = await service.talk(news, async (client) => {
        const there = await lifecycle.find(client, olds);
        return there ? lifecycle.update(client, olds, news) : lifecycle.create(client, news);
      });
      return { outs };
    },

    async read(id, props: Outputs) {
      try {
        const found = await service.talk(props, (client) => lifecycle.find(client, props));
        return found ? { id, props: { ...props, ...found } } : {};
      } catch (error) {
        log.warn(`Could not read ${lifecycle.name(props)}: ${(error as Error).message}`);
        return { id, props };
      }
    },

    async delete(_id, props: Outputs) {
      await service.talk(props, (client) => lifecycle.remove(client, props));
    },
  };
}

const differs = (a: object, b: object, key: string): boolean =>
  JSON.stringify(ownValue(a as Record<string, unknown>, key)) !==
  JSON.stringify(ownValue(b as Record<string, unknown>, key));
