import { digestOf } from "../../src/image/digest";
import { lockContent, LOCK_VERSION, type LockedImage, type LockFile } from "../../src/plan/lock/lockFile";
import type { ResolvedImage, ResolvedPlan } from "../../src/plan/resolvedPlan";

/** An image of the registry quay.io, with what its registry says of it. */
export function image(name: string, content = name): ResolvedImage & LockedImage {
  return {
    source: `quay.io/${name}`,
    target: `mirror.test/team/${name}`,
    digest: digestOf(content),
    size: 1000 + content.length,
    platforms: ["linux/amd64", "linux/arm64"],
    locations: [
      {
        apiVersion: "apps/v1",
        kind: "Deployment",
        namespace: "shop",
        name: "web",
        path: ["spec", "template", "spec", "containers", 0, "image"],
        evidence: "container",
      },
    ],
  };
}

/** The plan of a small chart, in which every kind of entry stands. */
export function shopPlan(change: Partial<ResolvedPlan> = {}): ResolvedPlan {
  return {
    chart: { name: "shop", version: "1.2.3" },
    images: [image("shop/api:1"), image("shop/web:1")],
    overrides: [
      { path: ["global", "imageRegistry"], previous: "quay.io", value: "mirror.test/team", reason: "moves 2 images" },
      {
        path: ["sidecars"],
        previous: [{ image: "quay.io/shop/log:1", env: [{ name: "TOKEN", value: "hunter2!" }] }],
        value: [{ image: "mirror.test/team/shop/log:1", env: [{ name: "TOKEN", value: "hunter2!" }] }],
        reason: "moves 1 image",
      },
    ],
    values: { global: { imageRegistry: "mirror.test/team" } },
    patches: [
      { file: "templates/job.yaml", line: 7, before: "image: quay.io/a:1", after: "image: mirror.test/team/a:1" },
    ],
    pods: [{ kind: "Deployment", namespace: "shop", name: "web", serviceAccount: "web", via: "pod" }],
    findings: [
      { severity: "warning", code: "POD_WITHOUT_PULL_SECRET", message: "the pods of Job init get no pull secret" },
      { severity: "info", code: "ALREADY_IN_MIRROR", message: "mirror.test/team/x:1 already stands in the mirror" },
    ],
    renders: 4,
    ...change,
  };
}

export const MIRROR = "mirror.test/team";
export const CHART_DIGEST = digestOf("chart");

/** The lock file of a plan. */
export function lockOf(plan: ResolvedPlan, chartDigest: string = CHART_DIGEST): LockFile {
  const content = lockContent(plan, MIRROR, chartDigest);
  return {
    ...content,
    lockVersion: LOCK_VERSION,
    tool: "pulumi-chart-mirror 0.1.0",
    images: content.images as readonly LockedImage[],
  };
}
