import type { RelocationPlan } from "../../plan/relocationPlan";

/**
 * A plan in which what lies in the release's own namespace names none. Whether a render names it is by chance: the
 * Kubernetes provider's Helm writes it into objects that name none, except into those of lists; the command does not.
 */
export function withoutReleaseNamespace(plan: RelocationPlan, namespace: string | undefined): RelocationPlan {
  if (namespace === undefined) return plan;
  const elsewhere = <T extends { readonly namespace?: string }>(named: T): T => {
    if (named.namespace !== namespace) return named;
    const { namespace: _, ...rest } = named;
    return rest as T;
  };
  const { images, pods, findings, hooks } = plan;
  return {
    ...plan,
    images: images.map((image) => ({ ...image, locations: image.locations.map(elsewhere) })),
    pods: pods.map(elsewhere),
    findings: findings.map((finding) =>
      finding.location ? { ...finding, location: elsewhere(finding.location) } : finding,
    ),
    ...(hooks && { hooks: hooks.map(elsewhere) }),
  };
}
