import type { ToldUse } from "./auditLog";
import { canonicalImage, type ImageUse } from "./clusterImages";
import { compareTexts } from "../../textOrder";

/** An image, with all that a cluster says of it. */
export interface ClusterImage {
  /** As most pods write it: copies are named by that. */
  readonly reference: string;
  /** Digests of manifests that nodes run for it; several where its tag has moved. */
  readonly digests: readonly string[];
  readonly uses: readonly ImageUse[];
  /** Pods with it that the API server has refused. */
  readonly refused: readonly ToldUse[];
  /** What the audit log has of it. */
  readonly audited: readonly ToldUse[];
}

/** One entry for each image, however it is written, sorted. */
export function imagesByReference(
  uses: readonly ImageUse[],
  refused: readonly ToldUse[],
  audited: readonly ToldUse[],
): ClusterImage[] {
  const names = [...new Set([...uses, ...refused, ...audited].map(({ image }) => canonicalImage(image)))].sort();
  const by = <T extends { readonly image: string }>(all: readonly T[]): Map<string, T[]> => {
    const groups = new Map<string, T[]>();
    for (const one of all) {
      const name = canonicalImage(one.image);
      groups.set(name, [...(groups.get(name) ?? []), one]);
    }
    return groups;
  };
  const [used, denied, told] = [by(uses), by(refused), by(audited)];
  return names.map((name) => {
    const [own = [], no = [], log = []] = [used.get(name), denied.get(name), told.get(name)];
    return {
      reference: mostWritten([
        ...own.map(({ image, pods }) => [image, pods.length || 1] as const),
        ...[...no, ...log].map(({ image }) => [image, 1] as const),
      ]),
      digests: [...new Set(own.flatMap(({ digests }) => digests))].sort(),
      uses: own,
      refused: no,
      audited: log,
    };
  });
}

function mostWritten(forms: readonly (readonly [string, number])[]): string {
  const counts = new Map<string, number>();
  for (const [form, count] of forms) counts.set(form, (counts.get(form) ?? 0) + count);
  const [[form = ""] = []] = [...counts].sort(([a, x], [b, y]) => y - x || compareTexts(a, b));
  return form;
}
