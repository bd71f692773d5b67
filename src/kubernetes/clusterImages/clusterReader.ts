import { apiServerReason } from "../../cluster/apiServerReason";
import { askApiServer, objectIn } from "../../cluster/apiServer";
import { listPages, RefusedAnswerError, type ClusterAnswer } from "../../cluster/apiServerList";
import { connectCluster, type ClusterLogin } from "../../cluster/clusterConnection";
import { MirrorError } from "../../error";
import { isMap, type JsonObject } from "../../json";

/** A cluster of which objects are read. */
export interface ClusterReader {
  /** Namespace of the kubeconfig's context. */
  readonly namespace: string;
  /** Reads an object or a list by its path: `/api/v1/pods`. */
  read(path: string): Promise<ClusterAnswer>;
}

/** The API server refused to tell something, or did not answer. `code` is `CLUSTER_UNREADABLE`. */
export function clusterUnreadable(doing: string, reason: string, options?: ErrorOptions): MirrorError {
  return new MirrorError(
    "CLUSTER_UNREADABLE",
    `${doing} failed: ${reason}`,
    "The kubeconfig's user needs list on pods, in all namespaces or in the one that --namespace names",
    options,
  );
}

/**
 * A real cluster.
 *
 * @param connect reads the kubeconfig
 * @throws {MirrorError} `MISSING_PACKAGE`, `INVALID_KUBECONFIG`
 */
export async function clusterReader(login: ClusterLogin, connect = connectCluster): Promise<ClusterReader> {
  const { config } = await connect(login, {
    doing: "Looking at the pods of a cluster",
    cluster: "The cluster",
    kubeconfig: "kubeconfig",
  });
  return {
    namespace: config.getContextObject(config.getCurrentContext())?.namespace ?? "default",
    async read(path) {
      try {
        const answer = await askApiServer(config, "GET", path);
        return { status: answer.status, object: objectIn(answer) };
      } catch (error) {
        throw clusterUnreadable(`Reading ${path.split("?", 1)[0]}`, apiServerReason(error), { cause: error });
      }
    },
  };
}

/** Objects of one answer: a cluster may have more pods than fit in one. */
const PAGE = 250;

/**
 * The objects of a list, page by page.
 *
 * @throws {MirrorError} `CLUSTER_UNREADABLE`
 */
export async function* listed(
  { read }: Pick<ClusterReader, "read">,
  path: string,
  query: Readonly<Record<string, string>> = {},
): AsyncGenerator<JsonObject> {
  try {
    for await (const items of listPages(read, path, { ...query, limit: String(PAGE) }))
      for (const item of items) if (isMap(item)) yield item;
  } catch (error) {
    if (error instanceof MirrorError) throw error;
    throw clusterUnreadable(`Listing ${path}`, (error as Error).message);
  }
}

/** The reason in an answer that refuses an object. */
export const refusal = (answer: ClusterAnswer): string => new RefusedAnswerError(answer).message;
