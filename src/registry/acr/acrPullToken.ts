import * as pulumi from "@pulumi/pulumi";
import type { PullCredentials } from "../../kubernetes/pullSecret";
import { everythingBelow } from "./acrCacheRule";
import { acrResourceManager } from "./acrLogin";
import type { AcrPlace } from "./acrPlace";
import type { AcrPullToken } from "./acrRegistryArgs";
import { AcrTokenPassword } from "./acrTokenPassword";
import type { AzureSdk } from "./azureSdk";

/** What a registry's token for pods is made with. */
export interface AcrPullTokenContext {
  readonly azure: AzureSdk;
  readonly place: AcrPlace;
  /** Name of the registry's component, with which those of the resources begin. */
  readonly name: string;
  readonly host: pulumi.Input<string>;
  /** What the token may read: paths in the registry; all of it where there are none. */
  readonly paths: pulumi.Input<readonly string[]>;
  readonly parent: pulumi.Resource;
  readonly dependsOn: pulumi.Input<pulumi.Resource>[];
}

/** A token of the registry that may read images, and its password, as the login of pods. Secret. */
export function createPullToken(
  { azure, place, name: component, host, paths, parent, dependsOn }: AcrPullTokenContext,
  { name, rotation }: AcrPullToken,
): pulumi.Output<pulumi.Unwrap<PullCredentials>> {
  const { registry } = azure;
  const resourceName = `${component}-pull`;
  const tokenName = name ?? resourceName.replace(/[^a-zA-Z0-9]+/g, "-");
  const scopes = new registry.ScopeMap(
    resourceName,
    {
      ...place.inputs,
      scopeMapName: tokenName,
      actions: pulumi
        .output(paths)
        .apply((below) =>
          (below.length > 0 ? below.map(everythingBelow) : ["*"]).flatMap((repositories) =>
            ["content", "metadata"].map((what) => `repositories/${repositories}/${what}/read`),
          ),
        ),
    },
    { parent, dependsOn },
  );
  const token = new registry.Token(
    resourceName,
    { ...place.inputs, tokenName, scopeMapId: scopes.id, status: "enabled" },
    { parent },
  );
  const { registryId, url } = place;
  const { password } = new AcrTokenPassword(
    resourceName,
    {
      tokenName,
      registryId,
      rotation,
      resourceManager: acrResourceManager(azure, { url, registryId }, parent),
    },
    { parent, dependsOn: [token] },
  );
  return pulumi.secret({ host, username: tokenName, password });
}
