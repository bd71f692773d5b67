import { MirrorError } from "../../error";
import type { JobCopy } from "./copyJob";

/** One image that a Job could not copy. `code` is `COPY_JOB_FAILED`. */
export class CopyJobFailedError extends MirrorError {
  override readonly name = "CopyJobFailedError";
  constructor(
    readonly copy: JobCopy,
    /** `namespace/name`; absent when the pod is gone. */
    readonly pod: string | undefined,
    lastLines: string,
  ) {
    const said = lastLines.trim() || "it left no message";
    super(
      "COPY_JOB_FAILED",
      `Copying ${copy.source} to ${copy.target} in the cluster failed: ${pod ? `pod ${pod}` : "its pod"} ended with\n` +
        said.replace(/^/gm, "    "),
      "Check that the pod's login may read the source and write the target, and that both can be reached from the cluster; the next update copies what is missing",
    );
  }
}

/** A Job that ended or stood still for a reason that is not one image's. `code` is `COPY_JOB_STUCK`. */
export function copyJobStuck(job: string, images: number, reason: string, remedy: string): MirrorError {
  return new MirrorError("COPY_JOB_STUCK", `Copying ${images} images with the Job ${job} stopped: ${reason}`, remedy);
}
