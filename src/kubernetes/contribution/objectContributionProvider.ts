import type * as dynamic from "@pulumi/pulumi/dynamic";
import { isDeepStrictEqual } from "node:util";
import type { EngineLog } from "../../resource/engineLog";
import { isUnknown } from "../../resource/unknownInputs";
import type { JsonObject } from "../../json";
import type { Clock } from "../../oci/transport/clock";
import type { ClusterLogin } from "../../cluster/clusterConnection";
import { isSameLogin, loginOf, type ClusterLoginInput } from "./clusterLoginInput";
import type { Contribution } from "./contribution";
import type { AddedEntries } from "./ledger";
import {
  apiOf,
  describeObject,
  holdsContribution,
  servedReference,
  writeContribution,
  type ObjectClient,
  type ObjectReference,
} from "./sharedObject";

/** What an ObjectContribution's provider receives. The names are part of old states: add, never rename. */
export interface ObjectContributionInputs extends ClusterLoginInput {
  apiVersion: string;
  kind: string;
  namespace?: string;
  name: string;
  contribution: JsonObject;
  create?: boolean;
  contributor: string;
}

/** What it keeps besides. */
interface ObjectContributionState extends ObjectContributionInputs {
  /** The entries that were added, and are not another's. */
  added: AddedEntries;
}

/** What the provider needs from outside. */
export interface ContributionDependencies {
  readonly clientFor: (login: ClusterLogin) => Promise<ObjectClient>;
  readonly log: EngineLog;
  readonly clock: Clock;
}

const IDENTITY = ["apiVersion", "kind", "namespace", "name"] as const;

/**
 * The life of a contribution to an object that others own too: `diff` looks whether the object still has it, so that an
 * entry which somebody took out comes back with the next update; `delete` takes out what was added and nothing else.
 */
export function objectContributionProvider({
  clientFor,
  log,
  clock,
}: ContributionDependencies): dynamic.ResourceProvider {
  const write = async (
    inputs: ObjectContributionInputs,
    wanted: JsonObject,
    added: AddedEntries,
  ): Promise<AddedEntries> => {
    const { contributor, create = false } = inputs;
    const client = await clientFor(loginOf(inputs));
    const contribution: Contribution = { contributor, wanted, added };
    const result = await writeContribution(client, inputs, () => contribution, { create, clock });
    return result.added;
  };

  return {
    check(olds: Partial<ObjectContributionInputs>, news: ObjectContributionInputs) {
      // A program that is renamed is still the one that made the entries.
      const { contributor = news.contributor } = olds;
      return Promise.resolve({
        inputs: { ...news, contributor: isUnknown(contributor) ? news.contributor : contributor },
      });
    },

    async diff(_id, olds: ObjectContributionState, news: ObjectContributionInputs) {
      if (IDENTITY.some((key) => isUnknown(news[key]))) return { changes: true };
      const replaces = IDENTITY.filter((key) => identifying(key, olds) !== identifying(key, news));
      // What may be the same object by another name has one contribution at a time; else none is missing for a while.
      const isAnother = replaces.includes("kind") || replaces.includes("name");
      if (replaces.length > 0) return { changes: true, replaces, deleteBeforeReplace: !isAnother };
      if (olds.apiVersion !== news.apiVersion) return { changes: true };
      if (!isDeepStrictEqual(olds.contribution, news.contribution) || (olds.create ?? false) !== (news.create ?? false))
        return { changes: true };
      if (isUnknown(news.kubeconfig) || isUnknown(news.context)) return { changes: false };
      // The state needs the newest login, by which the entries are taken out again.
      if (!isSameLogin(olds, news)) return { changes: true };
      try {
        const live = await (await clientFor(loginOf(news))).read(news);
        const { contributor, added } = olds;
        if (holdsContribution(news, live, { contributor, wanted: news.contribution, added })) return { changes: false };
        log.warn(`${describeObject(news)} no longer has all that was contributed to it: it will be added again`);
        return { changes: true };
      } catch (error) {
        // A preview may run where the cluster cannot be reached; that must not stop a review. An update still fails loudly.
        log.warn(`Could not look at ${describeObject(news)}: ${(error as Error).message}`);
        return { changes: false };
      }
    },

    async create(inputs: ObjectContributionInputs) {
      const added = await write(inputs, inputs.contribution, {});
      return { id: idOf(inputs), outs: { ...inputs, added } };
    },

    async update(_id, olds: ObjectContributionState, news: ObjectContributionInputs) {
      const { contributor } = olds;
      const added = await write({ ...news, contributor }, news.contribution, olds.added);
      return { outs: { ...news, contributor, added } };
    },

    async read(id, props: ObjectContributionState) {
      try {
        const client = await clientFor(loginOf(props));
        const reference = await servedReference(client, props);
        return reference && (await client.read(reference)) ? { id, props } : {};
      } catch (error) {
        log.warn(`Could not read ${describeObject(props)}: ${(error as Error).message}`);
        return { id, props };
      }
    },

    async delete(_id, props: ObjectContributionState) {
      const reference = await servedReference(await clientFor(loginOf(props)), props);
      if (reference) await write(reference, {}, props.added);
      else log.warn(`The cluster has no ${props.kind} of ${props.apiVersion} any more: nothing is taken out of it`);
    },
  };
}

/** What tells objects apart; the version of an API does not. */
const identifying = (key: (typeof IDENTITY)[number], inputs: ObjectContributionInputs): string | undefined =>
  key === "apiVersion" ? apiOf(inputs.apiVersion) : inputs[key];

/** `ServiceAccount/shop/default`. */
function idOf({ kind, namespace, name }: ObjectReference): string {
  return [kind, ...(namespace === undefined ? [] : [namespace]), name].join("/");
}
