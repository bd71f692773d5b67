import { MirrorError } from "../../error";
import { apiServerReason } from "../../cluster/apiServerReason";
import { connectCluster, type ClusterLogin } from "../../cluster/clusterConnection";
import type { CopyCluster } from "./copyCluster";

export type { ClusterLogin };

/** The API server refused something, or did not answer. `code` is `CLUSTER_REFUSED`. */
function clusterRefused(doing: string, reason: string): MirrorError {
  return new MirrorError(
    "CLUSTER_REFUSED",
    `${doing} failed: ${reason}`,
    "The kubeconfig's user needs create, get, patch and delete on jobs, create and update on configmaps and secrets, list on pods and get on pods/log in that namespace, which must exist",
  );
}

/**
 * A real cluster.
 *
 * @throws {MirrorError} `MISSING_PACKAGE`, `INVALID_KUBECONFIG`
 */
export async function kubernetesCopyCluster(login: ClusterLogin): Promise<CopyCluster> {
  const { k8s, config } = await connectCluster(login, {
    doing: "Copying by a Job in the cluster",
    cluster: "The cluster that images are to be copied in",
    kubeconfig: "copyJob.kubeconfig",
  });
  const batch = config.makeApiClient(k8s.BatchV1Api);
  const core = config.makeApiClient(k8s.CoreV1Api);
  const isCode = (error: unknown, code: number): boolean => error instanceof k8s.ApiException && error.code === code;
  const asked = async <T>(doing: string, answer: Promise<T>): Promise<T> => {
    try {
      return await answer;
    } catch (error) {
      throw clusterRefused(doing, apiServerReason(error));
    }
  };
  const unlessMissing = <T>(answer: Promise<T>): Promise<T | undefined> =>
    answer.catch((error: unknown) => {
      if (isCode(error, 404)) return undefined;
      throw error;
    });
  const put = (doing: string, create: Promise<unknown>, replace: () => Promise<unknown>): Promise<void> =>
    asked(
      doing,
      create.then(
        () => undefined,
        async (error: unknown) => {
          if (!isCode(error, 409)) throw error;
          await replace();
        },
      ),
    );

  return {
    createJob: (job) =>
      asked(`Creating the Job ${placeOf(job)}`, batch.createNamespacedJob({ namespace: namespaceOf(job), body: job })),
    readJob: (namespace, name) =>
      asked(`Reading the Job ${namespace}/${name}`, unlessMissing(batch.readNamespacedJob({ namespace, name }))),
    resumeJob: async (namespace, name) => {
      const body = [{ op: "replace", path: "/spec/suspend", value: false }];
      await asked(`Starting the Job ${namespace}/${name}`, batch.patchNamespacedJob({ namespace, name, body }));
    },
    deleteJob: async (namespace, name) => {
      const deletion = batch.deleteNamespacedJob({ namespace, name, propagationPolicy: "Foreground" });
      await asked(`Deleting the Job ${namespace}/${name}`, unlessMissing(deletion));
    },
    putSecret: (secret) => {
      const namespace = namespaceOf(secret);
      return put(
        `Writing the Secret ${placeOf(secret)}`,
        core.createNamespacedSecret({ namespace, body: secret }),
        () => core.replaceNamespacedSecret({ namespace, name: nameOf(secret), body: secret }),
      );
    },
    putConfigMap: (configMap) => {
      const namespace = namespaceOf(configMap);
      return put(
        `Writing the ConfigMap ${placeOf(configMap)}`,
        core.createNamespacedConfigMap({ namespace, body: configMap }),
        () => core.replaceNamespacedConfigMap({ namespace, name: nameOf(configMap), body: configMap }),
      );
    },
    podsOfJob: async (namespace, job) => {
      const labelSelector = `batch.kubernetes.io/job-name=${job}`;
      const pods = core.listNamespacedPod({ namespace, labelSelector });
      return (await asked(`Listing the pods of the Job ${namespace}/${job}`, pods)).items;
    },
    podLog: (namespace, name, lines) =>
      core.readNamespacedPodLog({ namespace, name, tailLines: lines }).catch(() => ""),
  };
}

interface Named {
  readonly metadata?: { readonly name?: string; readonly namespace?: string };
}

function namespaceOf({ metadata }: Named): string {
  return metadata?.namespace ?? "default";
}

function nameOf({ metadata }: Named): string {
  return metadata?.name ?? "";
}

function placeOf(object: Named): string {
  return `${namespaceOf(object)}/${nameOf(object)}`;
}
