import { ApiError, referenceTo, type KubernetesObject, type ObjectReference } from "../providers/kubernetes/cluster";
import { kindOfObject } from "../providers/kubernetes/objects/kinds";
import type { ApiServer } from "../providers/kubernetes/apiServer";
import { hookEvents } from "../providers/kubernetes/objects/manifests";
import { objectName } from "./outsideImages";

/** Why the API server refuses an object; by {@link keyOf}. */
export type Refusals = ReadonlyMap<string, { readonly object: string; readonly why: string }>;

export interface Answers {
  readonly refused: Refusals;
  /** Of kinds that the server does not have. */
  readonly unknown: number;
  readonly asked: number;
}

/** What the server says of a chart, before and after it was put on the mirror. */
export interface ServerAnswers {
  readonly before: Answers;
  readonly install: Answers;
  /** The mirrored chart over the running release of the chart as it was. */
  readonly upgrade: Answers;
}

export interface ChartRenders {
  readonly before: readonly KubernetesObject[];
  readonly install: readonly KubernetesObject[];
  readonly upgrade: readonly KubernetesObject[];
}

const FIELD_MANAGER = "helm";
/** What would send later requests elsewhere, or refuse them; these are only asked for, never made. */
const INTERCEPTING =
  /WebhookConfiguration$|^APIService$|AdmissionPolicy(?:Binding)?$|^FlowSchema$|^PriorityLevelConfiguration$/;

export function keyOf({ apiVersion, kind, metadata }: KubernetesObject): string {
  return JSON.stringify([apiVersion.replace(/\/.*/, ""), kind, metadata.namespace ?? "", metadata.name]);
}

/**
 * Asks a real API server for every object of a chart by server-side apply with `dryRun=All`: of the chart as it was, of the
 * mirrored one, and of the mirrored one over the objects of the chart as it was, which are really made for that.
 */
export class CorpusCluster {
  readonly #namespaces = new Set<string>(["default", "kube-system", "kube-public", "kube-node-lease"]);

  constructor(private readonly api: ApiServer) {}

  /** @param namespace of the release; new for each chart, since the server keeps what was made in it */
  async judge({ before, install, upgrade }: ChartRenders, namespace: string): Promise<ServerAnswers> {
    const placed = (objects: readonly KubernetesObject[]): Promise<KubernetesObject[]> =>
      this.place(objects, namespace);
    const [old, fresh, next] = [await placed(before), await placed(install), await placed(upgrade)];
    for (const name of [...old, ...fresh, ...next].flatMap(({ kind, metadata }) =>
      kind === "Namespace" ? [metadata.name] : (metadata.namespace ?? []),
    ))
      await this.makeNamespace(name);
    for (const crd of [...old, ...fresh].filter(({ kind }) => kind === "CustomResourceDefinition"))
      await this.makeDefinition(crd);
    // What kinds the definitions brought is known now.
    const [olds, freshs, nexts] = [await placed(before), await placed(install), await placed(upgrade)];
    const answers = { before: await this.dryRun(olds), install: await this.dryRun(freshs) };
    const made = await this.make(olds.filter((object) => !answers.before.refused.has(keyOf(object))));
    // Helm deletes a hook's former objects before it makes them anew.
    const updates = await this.dryRun(nexts.filter((object) => hookEvents(object).length === 0));
    await this.remove(made, namespace);
    return { ...answers, upgrade: updates };
  }

  /** The objects with their namespace, as helm sends them. */
  private async place(objects: readonly KubernetesObject[], namespace: string): Promise<KubernetesObject[]> {
    const placed: KubernetesObject[] = [];
    for (const object of objects) {
      const namespaced = object.metadata.namespace === undefined && (await this.api.isNamespaced(kindOfObject(object)));
      placed.push(namespaced ? { ...object, metadata: { ...object.metadata, namespace } } : object);
    }
    return placed;
  }

  private async dryRun(objects: readonly KubernetesObject[]): Promise<Answers> {
    const refused = new Map<string, { object: string; why: string }>();
    let unknown = 0;
    for (const object of objects) {
      if (!(await this.api.serves(kindOfObject(object)))) {
        unknown++;
        continue;
      }
      const why = await this.refusal(() => this.apply(object, true));
      if (why !== undefined) refused.set(keyOf(object), { object: objectName(object), why });
    }
    return { refused, unknown, asked: objects.length - unknown };
  }

  private async make(objects: readonly KubernetesObject[]): Promise<ObjectReference[]> {
    const made: ObjectReference[] = [];
    for (const object of objects) {
      const { kind } = object;
      if (hookEvents(object).length > 0 || INTERCEPTING.test(kind) || kind === "CustomResourceDefinition") continue;
      if (!(await this.api.serves(kindOfObject(object)))) continue;
      if ((await this.refusal(() => this.apply(object, false))) === undefined)
        made.push(referenceTo(object, kindOfObject(object)));
    }
    return made;
  }

  /** What the next chart could meet: objects of the cluster, and those in namespaces that are not the release's own. */
  private async remove(made: readonly ObjectReference[], own: string): Promise<void> {
    for (const reference of [...made].reverse())
      if (reference.namespace !== own && reference.kind.kind !== "Namespace")
        await this.refusal(() => this.api.requestDeletion(reference)); // A chart may have one object twice.
  }

  private async makeNamespace(name: string): Promise<void> {
    if (this.#namespaces.has(name)) return;
    this.#namespaces.add(name);
    await this.refusal(() => this.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name } }, false));
  }

  /** Without its conversion, since nobody answers that here. */
  private async makeDefinition(crd: KubernetesObject): Promise<void> {
    const spec = { ...(crd["spec"] as Record<string, never>) };
    delete spec["conversion"];
    const made = await this.refusal(() => this.apply({ ...crd, spec }, false));
    if (made === undefined) await this.api.waitUntilReady({ ...crd, spec }).catch(() => undefined);
  }

  private apply(object: KubernetesObject, dryRun: boolean): Promise<unknown> {
    return this.api.apply(object, { dryRun, force: true, fieldManager: FIELD_MANAGER });
  }

  private async refusal(attempt: () => Promise<unknown>): Promise<string | undefined> {
    try {
      await attempt();
      return undefined;
    } catch (error) {
      if (error instanceof ApiError) return error.message;
      throw error;
    }
  }
}
