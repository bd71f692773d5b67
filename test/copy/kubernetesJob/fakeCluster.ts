/* eslint-disable @typescript-eslint/require-await -- the fake answers at once what a cluster answers later */
import type { V1ConfigMap, V1Job, V1Pod, V1Secret } from "@kubernetes/client-node" with { "resolution-mode": "import" };
import type { CopyCluster } from "../../../src/copy/kubernetesJob/copyCluster";

/** The Job controller in small: one look at the Job brings it one pod further, and nothing runs before it is resumed. */
export class FakeCluster implements CopyCluster {
  readonly calls: string[] = [];
  job: V1Job | undefined;
  secret: V1Secret | undefined;
  configMap: V1ConfigMap | undefined;
  pods: V1Pod[] = [];
  /** Last lines of the pods of images that fail, by index. */
  failing = new Map<number, string>();
  /** Digests that only pods can read, by source. */
  sources = new Map<string, string>();
  /** Set where no pod ever runs. */
  waiting: string | undefined;
  /** Errors of the next looks. */
  unreachable = 0;

  createJob = async (job: V1Job): Promise<V1Job> => {
    this.calls.push("create");
    this.job = { ...job, metadata: { ...job.metadata, uid: "uid-1" }, status: {} };
    return this.job;
  };
  resumeJob = async (): Promise<void> => {
    this.calls.push("resume");
    expect(this.secret && this.configMap).toBeDefined();
    this.job!.spec!.suspend = false;
  };
  deleteJob = async (): Promise<void> => {
    this.calls.push("delete");
    this.job = undefined;
    this.pods = [];
  };
  putSecret = async (secret: V1Secret): Promise<void> => void (this.secret = secret);
  putConfigMap = async (configMap: V1ConfigMap): Promise<void> => void (this.configMap = configMap);
  podsOfJob = async (): Promise<readonly V1Pod[]> => this.pods;
  podLog = async (_: string, pod: string): Promise<string> => this.failing.get(Number(pod.split("-").at(-1))) ?? "";
  readJob = async (): Promise<V1Job | undefined> => {
    if (this.unreachable > 0) {
      this.unreachable -= 1;
      throw new Error("connect ECONNREFUSED");
    }
    if (this.job && !this.job.spec?.suspend && !this.ended()) this.step();
    return this.job && structuredClone(this.job);
  };

  /** The lines of the list that pods read. */
  lines(): string[] {
    return this.configMap?.data?.images?.trimEnd().split("\n") ?? [];
  }

  /** What the target holds after the copy: what was planned, else what the source has for the pods. */
  private digestAt(index: number): string {
    const [source = "", , digest] = this.lines()[index]?.split(" ") ?? [];
    return digest === undefined || digest === "-" ? (this.sources.get(source) ?? "") : digest;
  }

  private ended(): boolean {
    return (this.job?.status?.conditions?.length ?? 0) > 0;
  }

  private step(): void {
    const index = this.waiting === undefined ? this.pods.length : 0;
    const metadata = {
      name: `${this.job?.metadata?.name}-${index}`,
      annotations: { "batch.kubernetes.io/job-completion-index": String(index) },
    };
    if (this.waiting !== undefined) {
      const waiting = { reason: "ImagePullBackOff", message: this.waiting };
      this.pods = [{ metadata, status: { containerStatuses: [{ state: { waiting } }] as never } }];
      return;
    }
    const fails = this.failing.has(index);
    const message = fails ? "" : this.digestAt(index);
    const state = { terminated: { exitCode: fails ? 1 : 0, message } };
    this.pods.push({
      metadata,
      status: { phase: fails ? "Failed" : "Succeeded", containerStatuses: [{ state }] as never },
    });
    const failed = [...this.failing.keys()].filter((i) => i < this.pods.length);
    const type = failed.length > 0 ? "Failed" : "Complete";
    this.job!.status = {
      succeeded: this.pods.length - failed.length,
      ...(failed.length > 0 && { failedIndexes: failed.join(",") }),
      ...(this.pods.length === this.lines().length && { conditions: [{ type, status: "True" }] as never }),
    };
  }
}
