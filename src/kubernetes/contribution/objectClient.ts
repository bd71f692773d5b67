import { askApiServer, objectIn, type ApiAnswer as Answer, type ApiRequestBody as Body } from "../../cluster/apiServer";
import { MirrorError } from "../../error";
import { isMap, type JsonObject } from "../../json";
import { connectCluster, type ClusterLogin } from "../../cluster/clusterConnection";
import { apiOf, describeObject, type ObjectClient, type ObjectReference } from "./sharedObject";

/** The API server refused something, or did not answer. `code` is `OBJECT_REFUSED`. */
export function objectRefused(doing: string, reason: string, remedy: string, options?: ErrorOptions): MirrorError {
  return new MirrorError("OBJECT_REFUSED", `${doing} failed: ${reason}`, remedy, options);
}

const PERMISSION = "The kubeconfig's user needs get and patch on it, and create and delete where it is to be made";
const UNREACHED = "See whether kubectl reaches the cluster by that kubeconfig and context, and run the update again";
const UNKNOWN_KIND = "Correct apiVersion and kind, or let this resource depend on what defines them";
const FAILED = "See what the API server says there, and run the update again; it keeps no half of a write";
const INVALID = "Correct what the API server names";

const remedyFor = (status: number): string =>
  status === 401 || status === 403 ? PERMISSION : status === 400 || status === 422 ? INVALID : FAILED;

/** Who owns what is written, in the API server's own records. */
const FIELD_MANAGER = "pulumi-chart-mirror";

/**
 * A real cluster's objects, as the API server writes them: the client's own classes know a fixed set of fields, and what
 * they do not know would be lost from a list that is written back.
 *
 * @param connect reads the kubeconfig
 * @throws {MirrorError} `MISSING_PACKAGE`, `INVALID_KUBECONFIG`
 */
export async function objectClient(login: ClusterLogin, connect = connectCluster): Promise<ObjectClient> {
  const { config } = await connect(login, {
    doing: "Contributing to objects of the cluster",
    cluster: "The cluster whose objects are contributed to",
    kubeconfig: "kubeconfig",
  });
  const defaultNamespace = config.getContextObject(config.getCurrentContext())?.namespace ?? "default";
  const kinds = new Map<string, Promise<Answer>>();

  const ask = async (doing: string, method: string, path: string, body?: Body): Promise<Answer> => {
    try {
      return await askApiServer(config, method, path, body);
    } catch (error) {
      throw objectRefused(doing, (error as Error).message, UNREACHED, { cause: error });
    }
  };

  /** The answer of an API server that is asked what a version of an API has. */
  const listed = async (doing: string, apiVersion: string): Promise<{ base: string; answer: Answer }> => {
    const base = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    let known = kinds.get(base);
    if (!known) kinds.set(base, (known = ask(doing, "GET", base)));
    return { base, answer: await known };
  };
  const resourceOf = (doing: string, answer: Answer, kind: string): KindResource | undefined => {
    // A version that the cluster does not have.
    if (answer.status === 404) return undefined;
    const list = accepted(doing, answer, 200).resources;
    const resources = (Array.isArray(list) ? list.filter(isMap) : []) as KindResource[];
    // Those with a slash are parts of objects, such as `serviceaccounts/token`.
    return resources.find((resource) => resource.kind === kind && !resource.name.includes("/"));
  };
  /** Where objects of a kind are, which only the API server knows. */
  const collection = async (doing: string, { apiVersion, kind, namespace }: ObjectReference): Promise<string> => {
    const { base, answer } = await listed(doing, apiVersion);
    const found = resourceOf(doing, answer, kind);
    if (!found) throw objectRefused(doing, `the cluster knows no ${kind} of ${apiVersion}`, UNKNOWN_KIND);
    const place = found.namespaced ? `/namespaces/${encodeURIComponent(namespace ?? defaultNamespace)}` : "";
    return `${base}${place}/${found.name}`;
  };
  const path = async (doing: string, reference: ObjectReference): Promise<string> =>
    `${await collection(doing, reference)}/${encodeURIComponent(reference.name)}`;

  return {
    async read(reference) {
      const doing = `Reading ${describeObject(reference)}`;
      const answer = await ask(doing, "GET", await path(doing, reference));
      return answer.status === 404 ? undefined : accepted(doing, answer, 200);
    },
    async create(object) {
      const reference = referenceOf(object);
      const doing = `Creating ${describeObject(reference)}`;
      const query = `?fieldManager=${FIELD_MANAGER}`;
      const answer = await ask(doing, "POST", (await collection(doing, reference)) + query, {
        type: "application/json",
        content: object,
      });
      if (answer.status === 409) return false;
      accepted(doing, answer, 201);
      return true;
    },
    async patch(reference, live, patch) {
      const doing = `Writing ${describeObject(reference)}`;
      const metadata = isMap(patch.metadata) ? patch.metadata : {};
      const answer = await ask(doing, "PATCH", `${await path(doing, reference)}?fieldManager=${FIELD_MANAGER}`, {
        type: "application/merge-patch+json",
        // With it the API server refuses to patch anything else than what was read.
        content: { ...patch, metadata: { ...metadata, resourceVersion: versionOf(live) } },
      });
      if (answer.status === 409 || answer.status === 404) return false;
      accepted(doing, answer, 200);
      return true;
    },
    async remove(reference, live) {
      const doing = `Deleting ${describeObject(reference)}`;
      const answer = await ask(doing, "DELETE", await path(doing, reference), {
        type: "application/json",
        content: {
          apiVersion: "v1",
          kind: "DeleteOptions",
          preconditions: { resourceVersion: versionOf(live) },
        },
      });
      if (answer.status === 409) return false;
      if (answer.status !== 404) accepted(doing, answer, 200, 202);
      return true;
    },
    async serves({ apiVersion, kind }) {
      const doing = `Looking whether the cluster has ${kind} of ${apiVersion}`;
      const { answer } = await listed(doing, apiVersion);
      return resourceOf(doing, answer, kind) !== undefined;
    },
    async versions(apiVersion) {
      const api = apiOf(apiVersion);
      if (api === "") return [apiVersion];
      const doing = `Looking for the versions of ${api}`;
      const answer = await ask(doing, "GET", `/apis/${api}`);
      const list = answer.status === 404 ? [] : accepted(doing, answer, 200).versions;
      const versions = Array.isArray(list) ? list.filter((item) => isMap(item)) : [];
      return versions.flatMap(({ groupVersion }) =>
        typeof groupVersion === "string" && apiOf(groupVersion) === api ? [groupVersion] : [],
      );
    },
  };
}

interface KindResource {
  readonly [key: string]: unknown;
  readonly name: string;
}

/** The object in an answer. @throws {MirrorError} `OBJECT_REFUSED` with what the API server said */
function accepted(doing: string, answer: Answer, ...codes: readonly number[]): JsonObject {
  const { status } = answer;
  const read = objectIn(answer);
  if (codes.includes(status) && read) return read;
  throw objectRefused(
    doing,
    `${status} ${typeof read?.message === "string" ? read.message : ""}`.trim(),
    remedyFor(status),
  );
}

function versionOf({ metadata }: JsonObject): string {
  const version = isMap(metadata) ? metadata.resourceVersion : undefined;
  return typeof version === "string" ? version : "";
}

function referenceOf({ apiVersion, kind, metadata }: JsonObject): ObjectReference {
  const { name, namespace } = (metadata ?? {}) as Record<string, string>;
  return {
    apiVersion: apiVersion as string,
    kind: kind as string,
    name: name ?? "",
    ...(namespace !== undefined && { namespace }),
  };
}
