import { MirrorError } from "../../error";
import { explain, waitingOf } from "../../kubernetes/releaseWatch/findFailures";
import { kubernetesReleaseCluster } from "../../kubernetes/releaseWatch/kubernetesReleaseCluster";
import { describeFailures, type PodFailure } from "../../kubernetes/releaseWatch/podFailures";
import { EXIT } from "../output/exitCodes";
import { formatReport } from "../output/output";
import type { OutputFormat } from "../output/outputFormat";
import type { Streams } from "../output/streams";

/** The options of `chart-mirror why`. */
export interface WhyOptions {
  readonly namespace?: string;
  /** Path of a kubeconfig. */
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly output?: OutputFormat;
}

/** Helm keeps no release of that name in the namespace. `code` is `RELEASE_NOT_FOUND`. */
export function releaseNotFound(release: string, namespace: string): MirrorError {
  return new MirrorError(
    "RELEASE_NOT_FOUND",
    `Looking for the release ${release} in the namespace ${namespace} failed: helm keeps none of that name there`,
    "Name its namespace (--namespace) and its cluster (--context, --kubeconfig); helm list --all-namespaces shows them all",
  );
}

function failureReport(failures: readonly PodFailure[], output: OutputFormat): string {
  const data = failures.map(({ pod, container, image, reason, problem, words, remedy }) => ({
    pod,
    container,
    image,
    reason,
    problem,
    words,
    remedy,
  }));
  const rows = data.map(({ pod, container, image, reason, words }) => [pod, container, image, reason, words]);
  return formatReport({ headings: ["pod", "container", "image", "reason", "words"], rows, data }, output);
}

/**
 * `chart-mirror why RELEASE`: which pods of a release cannot pull their image, in the words of the cluster's events, and
 * what to do about each.
 *
 * @param connect the cluster; tests give one of theirs
 * @returns 0 when no pod waits for an image, 1 when one does
 */
export async function whyCommand(
  name: string,
  { namespace, kubeconfig, context, output }: WhyOptions,
  streams: Streams,
  connect = kubernetesReleaseCluster,
): Promise<number> {
  const cluster = await connect({
    kubeconfig,
    context,
  });
  const where = namespace ?? cluster.namespace;
  const [release] = await cluster.releases(where, { name });
  if (!release) throw releaseNotFound(name, where);
  const failures = await explain(await waitingOf(release, cluster), cluster);
  streams.err(`release ${where}/${name}, revision ${release.revision}: ${release.status}\n`);
  if (output === undefined) for (const text of describeFailures(failures)) streams.out(`${text}\n`);
  else streams.out(failureReport(failures, output));
  if (failures.length > 0) return EXIT.failed;
  streams.err("none of its pods waits for an image\n");
  return EXIT.whole;
}
