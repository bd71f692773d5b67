import { isMap, type JsonObject } from "../../json";
import type { ClusterReader } from "./clusterReader";
import { refusal } from "./clusterReader";
import { at, itemsOf, textOrEmpty } from "./specImages";

/** An object by which another one was made. */
export interface Owner {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  /** As the API server has it; absent where it could not be read. */
  readonly object?: JsonObject;
  /** Why it could not. */
  readonly unread?: string;
}

/** An object's place among others is told by references of few steps; a circle would be none of Kubernetes. */
const DEEPEST = 10;

/** Who made objects, by the references that controllers leave. What was read is kept. */
export class OwnerChains {
  private readonly owners = new Map<string, Promise<Owner>>();
  private readonly resources = new Map<string, Promise<JsonObject[]>>();

  /** @param known objects that were read already, by their `uid`, with `apiVersion` and `kind` */
  constructor(
    private readonly reader: Pick<ClusterReader, "read">,
    private readonly known: ReadonlyMap<string, JsonObject>,
  ) {}

  /** The owner of an object, that one's owner, and so on. */
  async chainOf(object: JsonObject): Promise<Owner[]> {
    const namespace = textOrEmpty(at(object.metadata, "namespace"));
    const chain: Owner[] = [];
    let reference = controllerOf(object);
    while (reference && chain.length < DEEPEST) {
      const owner = await this.ownerOf(reference, namespace);
      chain.push(owner);
      reference = owner.object && controllerOf(owner.object);
    }
    return chain;
  }

  private ownerOf(reference: JsonObject, namespace: string): Promise<Owner> {
    const key = `${namespace} ${textOrEmpty(reference.uid)}`;
    let owner = this.owners.get(key);
    if (!owner) this.owners.set(key, (owner = this.read(reference, namespace)));
    return owner;
  }

  private async read(reference: JsonObject, namespace: string): Promise<Owner> {
    const owner = {
      apiVersion: textOrEmpty(reference.apiVersion),
      kind: textOrEmpty(reference.kind),
      name: textOrEmpty(reference.name),
    };
    const uid = textOrEmpty(reference.uid);
    const known = this.known.get(uid);
    if (known) return { ...owner, object: known };
    // The kubelet makes the pods of its own files, and nodes are not of interest.
    if (owner.kind === "Node") return owner;
    try {
      const answer = await this.readNamed(owner, namespace);
      if (typeof answer === "string") return { ...owner, unread: answer };
      return at(answer.metadata, "uid") === uid ? { ...owner, object: answer } : { ...owner, unread: "it is gone" };
    } catch (error) {
      return { ...owner, unread: error instanceof Error ? error.message : String(error) };
    }
  }

  /** @returns why it could not be read, as a text */
  private async readNamed({ apiVersion, kind, name }: Owner, namespace: string): Promise<JsonObject | string> {
    const base = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    if (!/^\/apis?(\/[a-z0-9.-]+)?\/v[a-z0-9]+$/.test(base)) return `${apiVersion} is no version of an API`;
    let resources = this.resources.get(base);
    if (!resources)
      this.resources.set(base, (resources = this.reader.read(base).then(({ object }) => itemsOf(object, "resources"))));
    const resource = (await resources).find((one) => one.kind === kind && !textOrEmpty(one.name).includes("/"));
    if (!resource) return `the cluster knows no ${kind} of ${apiVersion}`;
    const place = resource.namespaced === true ? `/namespaces/${encodeURIComponent(namespace)}` : "";
    const answer = await this.reader.read(
      `${base}${place}/${encodeURIComponent(textOrEmpty(resource.name))}/${encodeURIComponent(name)}`,
    );
    if (answer.status === 404) return "it is gone";
    return answer.status === 200 && answer.object ? answer.object : refusal(answer);
  }
}

/** The reference to the controller of an object, or to its only owner. */
export function controllerOf({ metadata }: JsonObject): JsonObject | undefined {
  const owners = itemsOf(isMap(metadata) ? metadata : undefined, "ownerReferences");
  return owners.find(({ controller }) => controller === true) ?? owners[0];
}
