import type * as pulumi from "@pulumi/pulumi";
import { createNamespace } from "./pullAccess";
import { providerNamespace } from "../kubernetes/releaseProvider";
import type { AdmissionExceptions } from "../kubernetes/admission/admissionExceptions";
import type { AdmissionMode } from "../kubernetes/admission/admissionMode";
import { MirrorAdmission } from "../kubernetes/mirrorAdmission";
import { upstreamHosts } from "../kubernetes/nodeConfiguration/nodeConfiguration";
import type { ResolvedPlan } from "../plan/resolvedPlan";
import type { MirrorRegistry } from "../registry/mirrorRegistry";

/** How the API server keeps pods on the mirror that no chart shows. */
export interface AdmissionOptions {
  /** What happens to pods whose images are not there. */
  mode: AdmissionMode;
  /** The namespaces that it is for. Default: the release's, and those of its pull secret. */
  namespaces?: string[];
  /** What is left alone, besides `ignoreImages`. Default: nothing. */
  exceptions?: AdmissionExceptions;
  /**
   * With `AdmissionMode.Rewrite`, name the mirror for every image of the hosts that the plan's images come from, whether the
   * mirror is known to have it or not. Default: false.
   */
  rewriteAll?: boolean;
}

/** What decides how a release is kept on the mirror. */
export interface ReleaseAdmission {
  readonly admission: AdmissionMode | AdmissionOptions;
  readonly registry: MirrorRegistry;
  readonly plan: ResolvedPlan;
  /** Images that may stay outside, as the release was told. */
  readonly ignoreImages: readonly string[];
  /** Namespace of the release. */
  readonly namespace: pulumi.Input<string> | undefined;
  /** Whether namespaces are to be made here. */
  readonly createNamespaces: boolean;
  /** More namespaces that have the pull secret. */
  readonly pullNamespaces: readonly string[];
  readonly pullSecretName: string | undefined;
}

/** Keeps the namespaces of a release on the mirror, once the images and the login are there. */
export async function createAdmission(
  name: string,
  args: ReleaseAdmission,
  parent: pulumi.Resource,
  after: readonly pulumi.Resource[],
): Promise<MirrorAdmission> {
  const { admission, registry, plan, ignoreImages, namespace, pullNamespaces, pullSecretName } = args;
  const dependsOn = [...after];
  if (args.createNamespaces && namespace !== undefined)
    dependsOn.push(createNamespace(name, namespace, { parent, dependsOn: [...after] }));
  const { mode, namespaces, exceptions, rewriteAll }: AdmissionOptions =
    typeof admission === "string" ? { mode: admission } : admission;
  const { images: excepted = [], namespaces: left } = exceptions ?? {};
  return new MirrorAdmission(
    `${name}-admission`,
    {
      registry: { address: registry.address, layout: registry.layout },
      mode,
      namespaces: namespaces ?? [namespace ?? (await providerNamespace(parent)), ...pullNamespaces],
      exceptions: { images: [...ignoreImages, ...excepted], ...(left && { namespaces: left }) },
      images: plan.images.map(({ source, target, digest, targetDigest }) => ({
        source,
        target,
        ...(digest !== undefined && { digest }),
        ...(targetDigest !== undefined && { targetDigest }),
      })),
      ...(rewriteAll && { upstreams: upstreamHosts(plan, await registry.address) }),
      ...(pullSecretName !== undefined && { pullSecret: pullSecretName }),
    },
    { parent, dependsOn },
  );
}
