import { createHash } from "node:crypto";
import type { V1Job, V1ObjectMeta } from "@kubernetes/client-node" with { "resolution-mode": "import" };
import { parseReference, formatReference } from "../../image/reference";

/** The image that a Job copies with. It has a shell and the credential helpers of the clouds beside `regctl`. */
export const REGCTL_IMAGE = "ghcr.io/regclient/regctl:v0.11.7-alpine";

/** What one pod of a Job copies. */
export interface JobCopy {
  readonly source: string;
  readonly target: string;
  /** Digest of the plan; the pod fails when the target gets another one. Absent when this machine could not ask. */
  readonly digest?: string;
}

/** How a Job copies, with defaults filled in. */
export interface CopyJobSettings {
  readonly namespace: string;
  /** Pods at one time. */
  readonly parallelism: number;
  /** Image with `regctl` and a shell. */
  readonly image: string;
  /** How often one image is tried again. */
  readonly retries: number;
  /** Seconds after which a finished Job and all that it needed are deleted. */
  readonly ttlSeconds: number;
  /** Service account whose identity the pods log in with. */
  readonly serviceAccount?: string;
  /** Secrets to pull `image` with. */
  readonly imagePullSecrets?: readonly string[];
  readonly nodeSelector?: Readonly<Record<string, string>>;
}

/** Images of one Job: its list must fit into a ConfigMap of 1 MiB. */
export const COPIES_PER_JOB = 2_000;

/**
 * Name of the Job for a set of copies. It tells nothing but the set, so that an update that was interrupted finds its
 * Job again.
 */
export function copyJobName(copies: readonly JobCopy[]): string {
  return `chart-mirror-${createHash("sha256").update(copyList(copies)).digest("hex").slice(0, 12)}`;
}

/** The list that pods read: one line each, `SOURCE TARGET DIGEST`, in the order of the Job's indexes. */
export function copyList(copies: readonly JobCopy[]): string {
  return copies.map((copy) => `${sourceOf(copy)} ${targetOf(copy)} ${copy.digest ?? "-"}\n`).join("");
}

/**
 * What each pod runs. The copy reads the source by digest, so that a tag that moves meanwhile changes nothing; what the
 * target holds afterwards is compared and left as the pod's last word, where the update reads it.
 */
const SCRIPT = `set -eu
set -- $(sed -n "$((JOB_COMPLETION_INDEX + 1))p" /copies/images)
echo "copying $1 to $2"
regctl image copy "$1" "$2"
digest=$(regctl image digest "$2")
if [ "$3" != - ] && [ "$digest" != "$3" ]; then
  echo "$2 has the digest $digest, and $3 was planned"
  exit 1
fi
printf %s "$digest" > /dev/termination-log
`;

/**
 * One Indexed Job for a set of copies: one completion for each image, tried again by itself, suspended until what its
 * pods mount is there.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/job/#backoff-limit-per-index
 */
export function copyJob(copies: readonly JobCopy[], settings: CopyJobSettings): V1Job {
  const name = copyJobName(copies);
  const { serviceAccount, imagePullSecrets = [], nodeSelector } = settings;
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name, namespace: settings.namespace, labels: LABELS },
    spec: {
      suspend: true,
      completionMode: "Indexed",
      completions: copies.length,
      parallelism: Math.min(settings.parallelism, copies.length),
      backoffLimitPerIndex: settings.retries,
      ttlSecondsAfterFinished: settings.ttlSeconds,
      template: {
        metadata: { labels: LABELS },
        spec: {
          restartPolicy: "Never",
          // Cloud identities bring their own token; the Kubernetes API is nobody's business here.
          automountServiceAccountToken: false,
          serviceAccountName: serviceAccount,
          ...(imagePullSecrets.length > 0 && {
            imagePullSecrets: imagePullSecrets.map((secret) => ({ name: secret })),
          }),
          ...(nodeSelector && { nodeSelector: { ...nodeSelector } }),
          securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: "RuntimeDefault" } },
          containers: [
            {
              name: "regctl",
              image: settings.image,
              command: ["/bin/sh", "-c", SCRIPT],
              env: [{ name: "REGCTL_CONFIG", value: "/login/regctl.json" }],
              terminationMessagePolicy: "FallbackToLogsOnError",
              resources: { requests: { cpu: "100m", memory: "64Mi" } },
              securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ["ALL"] },
              },
              volumeMounts: [
                { name: "copies", mountPath: "/copies", readOnly: true },
                { name: "login", mountPath: "/login", readOnly: true },
              ],
            },
          ],
          volumes: [
            { name: "copies", configMap: { name } },
            { name: "login", secret: { secretName: name } },
          ],
        },
      },
    },
  };
}

/** Metadata of what a Job's pods mount: named as the Job, and deleted with it. */
export function ownedBy(job: V1Job): V1ObjectMeta {
  const { name, namespace, uid } = job.metadata ?? {};
  return {
    name,
    namespace,
    labels: LABELS,
    ownerReferences: [{ apiVersion: "batch/v1", kind: "Job", name: name ?? "", uid: uid ?? "" }],
  };
}

const LABELS = { "app.kubernetes.io/managed-by": "pulumi-chart-mirror" };

function sourceOf({ source, digest }: JobCopy): string {
  const { registry, repository } = parseReference(source);
  return digest === undefined ? source : `${registry}/${repository}@${digest}`;
}

/** A tag, where the target has one: pushed by digest alone, no tag would name it. */
function targetOf({ target }: JobCopy): string {
  const { digest: _, ...tagged } = parseReference(target);
  return tagged.tag === undefined ? target : formatReference(tagged);
}
