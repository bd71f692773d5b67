import * as pulumi from "@pulumi/pulumi";
import type { RegistryAccessArgs } from "../copy/imageCopy";
import type { PullCredentials } from "../kubernetes/pullSecret";
import type { LayoutOptions, MirrorAddress } from "../plan/layout";

/** Who logs in to an ECR: the `aws` provider of whoever uses the reference. */
export interface EcrReference {
  readonly account: string;
  readonly region: string;
  /** Whether pods get a pull secret. */
  readonly pullSecret: boolean;
}

/** Who logs in to an ACR: the `azure-native` provider of whoever uses the reference. */
export interface AcrReference {
  /** Whether tokens for Resource Manager log in; else their audience is ACR. */
  readonly armTokens: boolean;
  /** Resource Manager of the registry's cloud, and the registry in it, where its resource group is known. */
  readonly resourceManager?: { readonly url: string; readonly registryId: string };
}

/** The logins of a registry of any other kind. */
export interface RegistryLogins {
  /** To write images. */
  readonly push: pulumi.Unwrap<RegistryAccessArgs>;
  /** To ask for images that the registry serves itself. */
  readonly pull: pulumi.Unwrap<RegistryAccessArgs>;
}

/**
 * A registry, told to other stacks: an output of the stack that makes it, and the argument of a `SharedRegistry` in the
 * stacks that use it. Logins that stay are in it, as secrets; those that end are made anew by whoever uses it.
 */
export interface RegistryReference extends MirrorAddress, LayoutOptions {
  readonly ecr?: EcrReference;
  readonly acr?: AcrReference;
  readonly logins?: RegistryLogins;
  /** The login for pull secrets, where it stays. */
  readonly pullCredentials?: pulumi.Unwrap<PullCredentials>;
  /** Logins of the registries that images come from, where the registry has been told them. */
  readonly sourceAccess?: readonly pulumi.Unwrap<RegistryAccessArgs>[];
}

/** The part of a reference with logins that stay. Secret, but for a registry without any. */
export function sharedLogins(
  push: pulumi.Output<pulumi.Unwrap<RegistryAccessArgs>>,
  pull: pulumi.Output<pulumi.Unwrap<RegistryAccessArgs>>,
  pullCredentials: pulumi.Output<pulumi.Unwrap<PullCredentials>> | undefined,
): pulumi.Output<Partial<RegistryReference>> {
  return pulumi
    .all([push, pull, pullCredentials])
    .apply(([write, read, pods]) => ({ logins: { push: write, pull: read }, ...(pods && { pullCredentials: pods }) }));
}
