import { mkdirSync, readFileSync, readdirSync, rmdirSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ClusterError } from "./clusterError";

/** Below it are all cgroups of the cluster's pods, so that those of a real kubelet on the machine are not touched. */
export const cgroupRoot = "/pulumi-chart-mirror";

const CGROUP2_SUPER_MAGIC = 0x63677270;

/** What kubelet insists on. https://kubernetes.io/docs/concepts/architecture/cgroups/ */
const controllers = ["cpu", "cpuset", "memory", "pids"];

/** Makes the root cgroup of the pods in every hierarchy: one in version 2, one per controller in version 1. */
export function createCgroup(): void {
  const unified = statfsSync("/sys/fs/cgroup").type === CGROUP2_SUPER_MAGIC;
  for (const hierarchy of hierarchies()) mkdirSync(join(hierarchy, cgroupRoot), { recursive: true });
  if (!unified) return;
  for (const parent of ["/sys/fs/cgroup", join("/sys/fs/cgroup", cgroupRoot)]) {
    try {
      writeFileSync(join(parent, "cgroup.subtree_control"), controllers.map((name) => `+${name}`).join(" "));
    } catch (e) {
      const reason = `the cgroup controllers ${controllers.join(", ")} cannot be handed to pods: ${(e as Error).message}`;
      throw new ClusterError(`${reason}. In a container, run it with the machine's cgroup namespace`, { cause: e });
    }
  }
}

/** Removes what `createCgroup` made and everything below, once the processes there have ended. */
export async function removeCgroup(): Promise<void> {
  for (const end = Date.now() + 10_000; ; await sleep(100)) {
    try {
      for (const hierarchy of hierarchies()) removeTree(join(hierarchy, cgroupRoot));
      return;
    } catch (e) {
      if ((e as NodeJS.ErrnoException).code !== "EBUSY" || Date.now() > end) throw e;
    }
  }
}

/** Cgroups are removed one by one: their files cannot be. */
function removeTree(cgroup: string): void {
  let children: string[];
  try {
    children = readdirSync(cgroup, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name);
  } catch (e) {
    if ((e as NodeJS.ErrnoException).code === "ENOENT") return;
    throw e;
  }
  for (const child of children) removeTree(join(cgroup, child));
  rmdirSync(cgroup);
}

/** Mount points of cgroup file systems. https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html */
function hierarchies(): string[] {
  return readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .filter((line) => / - cgroup2? /.test(line))
    .map((line) => line.split(" ")[4] ?? "");
}
