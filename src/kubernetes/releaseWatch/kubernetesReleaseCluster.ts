import type { V1Secret } from "@kubernetes/client-node" with { "resolution-mode": "import" };
import { MirrorError } from "../../error";
import { apiServerReason } from "../../cluster/apiServerReason";
import { connectCluster, type ClusterLogin } from "../../cluster/clusterConnection";
import { readHelmRelease } from "./helmRelease";
import type { ReleaseCluster, ReleaseQuery } from "./releaseCluster";

/** The API server refused to tell something, or did not answer. `code` is `RELEASE_UNREADABLE`. */
export function releaseUnreadable(doing: string, reason: string, options?: ErrorOptions): MirrorError {
  return new MirrorError(
    "RELEASE_UNREADABLE",
    `${doing} failed: ${reason}`,
    "The kubeconfig's user needs list on secrets, where helm keeps releases, on pods and on events",
    options,
  );
}

/** What a random ending of a release's name is, as Pulumi's provider makes it. */
const ENDING = /^-[0-9a-f]{8}$/;

/** Milliseconds. */
const LONGEST_REQUEST = 30_000;

/**
 * A real cluster.
 *
 * @param patience milliseconds after which a request is given up: one that is never answered keeps a program from its end
 * @throws {MirrorError} `MISSING_PACKAGE`, `INVALID_KUBECONFIG`
 */
export async function kubernetesReleaseCluster(
  login: ClusterLogin,
  patience: number = LONGEST_REQUEST,
): Promise<ReleaseCluster> {
  const { k8s, config } = await connectCluster(login, {
    doing: "Looking why the pods of a release do not run",
    cluster: "The cluster of the release",
    kubeconfig: "the Kubernetes provider's kubeconfig",
  });
  // What `makeApiClient` makes, with an end to each request.
  const core = new k8s.CoreV1Api(
    k8s.createConfiguration({
      baseServer: new k8s.ServerConfiguration(config.getCurrentCluster()?.server ?? "", {}),
      authMethods: { default: config },
      promiseMiddleware: [
        {
          pre: (request) => {
            request.setSignal(AbortSignal.timeout(patience));
            return Promise.resolve(request);
          },
          post: (response) => Promise.resolve(response),
        },
      ],
    }),
  );
  const reasonOf = (error: unknown): string =>
    error instanceof Error && error.name === "AbortError"
      ? `it has not answered in ${patience / 1000} seconds`
      : apiServerReason(error);
  const asked = async <T>(doing: string, answer: Promise<{ items: T[] }>): Promise<T[]> => {
    try {
      return (await answer).items;
    } catch (error) {
      throw releaseUnreadable(doing, reasonOf(error), { cause: error });
    }
  };
  const secretsNamed = (namespace: string, name: string): Promise<V1Secret[]> =>
    asked(
      `Looking for the Secret ${namespace}/${name}`,
      core.listNamespacedSecret({ namespace, fieldSelector: `metadata.name=${name}` }),
    );
  return {
    namespace: config.getContextObject(config.getCurrentContext())?.namespace ?? "default",

    releases: async (namespace, query) => {
      const list = core.listNamespacedSecret({ namespace, labelSelector: selectorOf(query) });
      const newest = new Map<string, V1Secret>();
      for (const secret of await asked(`Reading the releases of the namespace ${namespace}`, list)) {
        const { name = "" } = secret.metadata?.labels ?? {};
        if (!isMeant(name, query)) continue;
        const known = newest.get(name);
        if (!known || revisionOf(secret) > revisionOf(known)) newest.set(name, secret);
      }
      return [...newest.values()].map(({ data }) => readHelmRelease(data?.release ?? ""));
    },

    pods: (namespace) => asked(`Listing the pods of the namespace ${namespace}`, core.listNamespacedPod({ namespace })),

    warnings: (namespace, pod) =>
      asked(
        `Reading the events of the pod ${namespace}/${pod}`,
        core.listNamespacedEvent({ namespace, fieldSelector: `involvedObject.name=${pod},type=Warning` }),
      ),

    hasSecret: async (namespace, name) => (await secretsNamed(namespace, name)).length > 0,

    secretWritten: async (namespace, name) => {
      const [secret] = await secretsNamed(namespace, name);
      return secret && lastWrite(secret);
    },
  };
}

/** {@link https://github.com/helm/helm/blob/v3.19.5/pkg/storage/driver/secrets.go helm labels its Secrets} */
function selectorOf({ name, anyEnding, pending }: ReleaseQuery): string {
  const status = pending ? "status in (pending-install,pending-upgrade)" : "status!=superseded";
  return `owner=helm,${anyEnding ? "" : `name=${name},`}${status}`;
}

function isMeant(name: string, query: ReleaseQuery): boolean {
  return query.anyEnding
    ? name.startsWith(query.name) && ENDING.test(name.slice(query.name.length))
    : name === query.name;
}

/** Every writer leaves its time ({@link https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management}). */
export function lastWrite({ metadata }: V1Secret): number | undefined {
  const times = [metadata?.creationTimestamp, ...(metadata?.managedFields ?? []).map(({ time }) => time)];
  const known = times.flatMap((time) => (time === undefined ? [] : [new Date(time).getTime()]));
  return known.length === 0 ? undefined : Math.max(...known);
}

function revisionOf({ metadata }: V1Secret): number {
  return Number(metadata?.labels?.version ?? 0);
}
