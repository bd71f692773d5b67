import type * as pulumi from "@pulumi/pulumi";
import { createNamespace } from "../pullAccess";
import { providerNamespace } from "../../kubernetes/releaseProvider";
import type { AdmissionMode } from "../../kubernetes/admission/admissionMode";
import { MirrorAdmission } from "../../kubernetes/mirrorAdmission";
import { upstreamHosts } from "../../kubernetes/nodeConfiguration/nodeConfiguration";
import type { ResolvedPlan } from "../../plan/resolvedPlan";
import type { MirrorRegistry } from "../../registry/mirrorRegistry";
import type { AdmissionOptions } from "./admissionOptions";

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
