import type * as azureRegistry from "@pulumi/azure-native/containerregistry";
import type * as pulumi from "@pulumi/pulumi";
import { answered } from "../../inputs/unknownAnswer";
import { cacheRuleName, everythingBelow, type AcrCacheRule, type AcrUpstreamLogin } from "./acrCacheRule";
import type { AcrPlace } from "./acrPlace";
import type { AzureSdk } from "./azureSdk";

/** What a registry's cache rules are made with. */
export interface AcrCacheRuleContext {
  readonly azure: AzureSdk;
  readonly place: AcrPlace;
  readonly parent: pulumi.Resource;
  readonly dependsOn: readonly pulumi.Input<pulumi.Resource>[];
}

/** A cache rule, with what gives it the login of its upstream. */
export function createCacheRule(
  context: AcrCacheRuleContext,
  name: string,
  { upstream, path, login }: AcrCacheRule,
): azureRegistry.CacheRule {
  const { azure, place, parent, dependsOn } = context;
  const credentials = login && createCredentials(context, name, { upstream, path, login });
  return new azure.registry.CacheRule(
    name,
    {
      ...place.inputs,
      cacheRuleName: cacheRuleName(path),
      sourceRepository: everythingBelow(upstream),
      targetRepository: everythingBelow(path),
      credentialSetResourceId: credentials?.id,
    },
    // Azure changes nothing of a rule but its credentials, and lets no two rules have one target.
    {
      parent,
      dependsOn: [...dependsOn, ...(credentials?.mayRead ?? [])],
      replaceOnChanges: ["sourceRepository", "targetRepository"],
      deleteBeforeReplace: true,
    },
  );
}

function createCredentials(
  { azure, place, parent, dependsOn }: AcrCacheRuleContext,
  name: string,
  { upstream, path, login }: AcrCacheRule & { login: AcrUpstreamLogin },
): { id: pulumi.Output<string>; mayRead: pulumi.Resource[] } {
  const credentials = new azure.registry.CredentialSet(
    name,
    {
      ...place.inputs,
      credentialSetName: cacheRuleName(path),
      loginServer: upstream.split("/")[0],
      identity: { type: "SystemAssigned" },
      authCredentials: [
        {
          name: "Credential1",
          usernameSecretIdentifier: login.usernameSecret,
          passwordSecretIdentifier: login.passwordSecret,
        },
      ],
    },
    { parent, dependsOn: [...dependsOn] },
  );
  const { id, identity } = credentials;
  const principal = identity.apply((own) => answered(own?.principalId));
  const mayRead =
    login.keyVaultId === undefined
      ? []
      : [place.assignRole(`${name}-secrets`, "keyVaultSecretsUser", login.keyVaultId, principal, { parent })];
  return { id, mayRead };
}
