import { askApiServer, objectIn } from "../cluster/apiServer";
import { listPages, RefusedAnswerError, type ClusterAnswer } from "../cluster/apiServerList";
import { connectCluster, type ClusterLogin } from "../cluster/clusterConnection";
import { isMap, type JsonObject } from "../json";
import type { ListedKind, ReadCluster } from "./clusterUses";

/** Milliseconds without a byte, after which a request is given up. */
const TIMEOUT_MS = 60_000;

/** How often a list is begun anew whose continuation has expired, as it does after some minutes. */
const ATTEMPTS = 3;

const PURPOSE = {
  doing: "Finding out what a cluster needs of the mirror",
  cluster: "The cluster that is to be read",
  kubeconfig: "kubeconfig",
};

/** The contexts of a kubeconfig, the current one alone unless all are asked for. @throws {MirrorError} as `connectCluster` does */
export async function contextsOf(
  kubeconfig: string | undefined,
  all: boolean,
  connect = connectCluster,
): Promise<(string | undefined)[]> {
  if (!all) return [undefined];
  const { config } = await connect({ kubeconfig }, PURPOSE);
  return config.getContexts().map(({ name }) => name);
}

/**
 * A real cluster.
 *
 * @param connect reads the kubeconfig
 * @throws {MirrorError} `MISSING_PACKAGE`, `INVALID_KUBECONFIG`
 */
export async function kubernetesReadCluster(login: ClusterLogin, connect = connectCluster): Promise<ReadCluster> {
  const { config } = await connect(login, PURPOSE);
  const read = async (path: string): Promise<ClusterAnswer> => {
    const answer = await askApiServer(config, "GET", path, undefined, TIMEOUT_MS);
    return { status: answer.status, object: objectIn(answer) };
  };

  async function* pages({ path, labelSelector, page }: ListedKind): AsyncGenerator<readonly JsonObject[]> {
    const query = { limit: String(page), ...(labelSelector !== undefined && { labelSelector }) };
    for await (const items of listPages(read, path, query))
      yield items.map((item) => {
        if (!isMap(item)) throw new Error("it answered a list of what are no objects");
        return item;
      });
  }

  return {
    where: `of the context ${config.getCurrentContext()}`,
    async *list(kind) {
      for (let attempt = 1; ; attempt++)
        try {
          // What was told before is told once more: it may have changed, and twice does no harm.
          yield* pages(kind);
          return;
        } catch (error) {
          // The continuation of a list expires with what the API server remembers of the past.
          if (!(error instanceof RefusedAnswerError) || error.code !== 410 || attempt === ATTEMPTS) throw error;
        }
    },
  };
}
