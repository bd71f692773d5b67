import { AzureError } from "./azureError";
import { guid } from "./entra";
import type { Shape } from "./shape";

/** A resource as Resource Manager keeps and shows it. */
export interface ArmResource {
  id: string;
  name: string;
  type: string;
  location?: string;
  tags?: Record<string, string>;
  sku?: { name: string; tier?: string };
  identity?: Record<string, unknown>;
  properties: Record<string, unknown>;
}

/** What the rules of a type can ask about everything else. */
export interface Neighbours {
  /** Names of registries of other customers, in lower case. */
  readonly taken: ReadonlySet<string>;
  all(): readonly ArmResource[];
  find(id: string): ArmResource | undefined;
}

/** One type of resource. */
export interface ResourceType {
  readonly apiVersions: readonly string[];
  readonly body: Shape;
  /** What is kept for a body; throws an {@link AzureError} when it is not allowed. */
  put(resource: ArmResource, before: ArmResource | undefined, neighbours: Neighbours): ArmResource;
}

const REGISTRY_VERSIONS = ["2023-01-01-preview", "2023-07-01", "2024-11-01-preview", "2025-04-01"];
const ENABLED = ["Enabled", "Disabled"];
const enabled = ["enabled", "disabled"];
const policy: Shape = { properties: { status: enabled } };
const identity: Shape = {
  properties: {
    type: ["SystemAssigned", "UserAssigned", "SystemAssigned, UserAssigned", "None"],
    userAssignedIdentities: { map: { properties: {} } },
  },
};

/** {@link https://github.com/Azure/azure-rest-api-specs/tree/main/specification/containerregistry/resource-manager} */
const registry: ResourceType = {
  apiVersions: REGISTRY_VERSIONS,
  body: {
    required: ["location", "sku"],
    properties: {
      location: "string",
      tags: { map: "string" },
      sku: { required: ["name"], properties: { name: ["Classic", "Basic", "Standard", "Premium"] } },
      identity,
      properties: {
        properties: {
          adminUserEnabled: "boolean",
          anonymousPullEnabled: "boolean",
          dataEndpointEnabled: "boolean",
          networkRuleSet: {
            required: ["defaultAction"],
            properties: {
              defaultAction: ["Allow", "Deny"],
              ipRules: {
                list: { required: ["value"], properties: { action: ["Allow"], value: "string" } },
              },
            },
          },
          networkRuleBypassOptions: ["AzureServices", "None"],
          policies: {
            properties: {
              azureADAuthenticationAsArmPolicy: policy,
              exportPolicy: policy,
              quarantinePolicy: policy,
              softDeletePolicy: policy,
              trustPolicy: policy,
              retentionPolicy: policy,
            },
          },
          publicNetworkAccess: ENABLED,
          zoneRedundancy: ENABLED,
        },
      },
    },
  },
  put(resource, before, others) {
    const { name, properties } = resource;
    if (!/^[a-zA-Z0-9]{5,50}$/.test(name))
      throw new AzureError(
        400,
        "InvalidResourceName",
        `The resource name '${name}' is invalid: 5 to 50 alphanumeric characters`,
      );
    const taken =
      others.taken.has(name.toLowerCase()) ||
      others
        .all()
        .some(({ id, type, name: other }) => type === resource.type && id !== resource.id && same(other, name));
    if (taken)
      throw new AzureError(
        409,
        "AlreadyInUse",
        `The registry DNS name ${name.toLowerCase()}.azurecr.io is already in use.`,
      );
    const tier = resource.sku?.name ?? "";
    const needs = (feature: string, used: boolean, tiers: readonly string[]): void => {
      if (used && !tiers.includes(tier))
        throw new AzureError(
          400,
          "SkuNotSupported",
          `The ${feature} feature is not supported for the registry SKU ${tier}. Upgrade to ${tiers.join(" or ")}.`,
        );
    };
    needs("anonymous pull", properties["anonymousPullEnabled"] === true, ["Standard", "Premium"]);
    needs("network rules", properties["networkRuleSet"] !== undefined, ["Premium"]);
    needs("private access", properties["publicNetworkAccess"] === "Disabled", ["Premium"]);
    needs("zone redundancy", properties["zoneRedundancy"] === "Enabled", ["Premium"]);
    return {
      ...resource,
      sku: { name: tier, tier },
      properties: {
        ...properties,
        loginServer: `${name.toLowerCase()}.azurecr.io`,
        creationDate: before?.properties["creationDate"] ?? "2026-01-01T00:00:00Z",
        provisioningState: "Succeeded",
      },
    };
  },
};

const CHILD_NAME = /^[a-zA-Z0-9-]{5,50}$/;

function checkChildName({ name }: ArmResource): void {
  if (!CHILD_NAME.test(name)) throw new AzureError(400, "InvalidResourceName", `The name '${name}' is not allowed`);
}

const cacheRule: ResourceType = {
  apiVersions: REGISTRY_VERSIONS.filter((version) => version !== "2023-01-01-preview"),
  body: {
    properties: {
      properties: {
        properties: { credentialSetResourceId: "string", sourceRepository: "string", targetRepository: "string" },
      },
    },
  },
  put(resource, before, others) {
    checkChildName(resource);
    const { sourceRepository, targetRepository, credentialSetResourceId } = resource.properties as Record<
      string,
      string
    >;
    if (sourceRepository === undefined || targetRepository === undefined)
      throw new AzureError(400, "InvalidCacheRule", "source and target repository are required");
    if (!/^[a-z0-9.-]+\.[a-z]+(?:\/[a-z0-9._/-]+)?(?:\/\*)?$/.test(sourceRepository))
      throw new AzureError(400, "InvalidCacheRuleSource", `${sourceRepository} is not a source repository`);
    if (sourceRepository.endsWith("*") !== targetRepository.endsWith("*"))
      throw new AzureError(400, "InvalidCacheRule", "a wildcard must be in the source and in the target");
    if (before && before.properties["targetRepository"] !== targetRepository)
      throw new AzureError(400, "CannotUpdateCacheRule", "the target repository of a cache rule cannot be changed");
    if (credentialSetResourceId !== undefined && !others.find(credentialSetResourceId))
      throw new AzureError(400, "CredentialSetNotFound", `There is no credential set ${credentialSetResourceId}`);
    const parent = resource.id.slice(0, resource.id.lastIndexOf("/"));
    const below = (a: string, b: string) => a.replace(/\*$/, "").startsWith(b.replace(/\*$/, ""));
    const clash = others
      .all()
      .filter(({ id }) => id.startsWith(`${parent}/`) && !same(id, resource.id))
      .find(({ properties }) => {
        const other = properties["targetRepository"] as string;
        return below(other, targetRepository) || below(targetRepository, other);
      });
    if (clash) throw new AzureError(409, "CacheRuleOverlaps", `The rule overlaps the cache rule ${clash.name}`);
    return succeeded(resource);
  },
};

const credentialSet: ResourceType = {
  apiVersions: REGISTRY_VERSIONS,
  body: {
    properties: {
      identity,
      properties: {
        properties: {
          loginServer: "string",
          authCredentials: {
            list: {
              properties: {
                name: ["Credential1"],
                usernameSecretIdentifier: "string",
                passwordSecretIdentifier: "string",
              },
            },
          },
        },
      },
    },
  },
  put(resource, before) {
    checkChildName(resource);
    const principal = before?.identity ?? { principalId: guid(), tenantId: guid() };
    return succeeded({ ...resource, identity: { ...principal, ...resource.identity } });
  },
};

const scopeMap: ResourceType = {
  apiVersions: REGISTRY_VERSIONS,
  body: {
    properties: {
      properties: { required: ["actions"], properties: { actions: { list: "string" }, description: "string" } },
    },
  },
  put(resource) {
    checkChildName(resource);
    const wrong = (resource.properties["actions"] as string[]).find(
      (action) => !/^repositories\/.+\/(?:content|metadata)\/(?:read|write|delete)$/.test(action),
    );
    if (wrong !== undefined) throw new AzureError(400, "ScopeMapInvalid", `The action '${wrong}' is not valid`);
    return succeeded(resource);
  },
};

const token: ResourceType = {
  apiVersions: REGISTRY_VERSIONS,
  body: {
    properties: {
      properties: {
        properties: {
          scopeMapId: "string",
          status: enabled,
          credentials: {
            properties: {
              passwords: { list: { properties: { name: ["password1", "password2"], expiry: "string" } } },
            },
          },
        },
      },
    },
  },
  put(resource, _before, others) {
    checkChildName(resource);
    const id = resource.properties["scopeMapId"] as string | undefined;
    if (id === undefined || !others.find(id))
      throw new AzureError(400, "ScopeMapNotFound", `There is no scope map ${String(id)}`);
    return succeeded(resource);
  },
};

/** {@link https://learn.microsoft.com/rest/api/authorization/role-assignments/create} */
const roleAssignment: ResourceType = {
  apiVersions: ["2022-04-01"],
  body: {
    required: ["properties"],
    properties: {
      properties: {
        required: ["roleDefinitionId", "principalId"],
        properties: {
          roleDefinitionId: "string",
          principalId: "string",
          principalType: ["User", "Group", "ServicePrincipal", "ForeignGroup", "Device"],
          description: "string",
          condition: "string",
          conditionVersion: "string",
        },
      },
    },
  },
  put(resource, before, others) {
    const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
    if (!GUID.test(resource.name))
      throw new AzureError(400, "InvalidRoleAssignmentId", `'${resource.name}' is not a GUID`);
    const { principalId, roleDefinitionId } = resource.properties as Record<string, string>;
    const scope = resource.id.slice(0, resource.id.toLowerCase().lastIndexOf("/providers/microsoft.authorization/"));
    const definition = /^\/subscriptions\/[^/]+\/providers\/Microsoft\.Authorization\/roleDefinitions\/([^/]+)$/.exec(
      roleDefinitionId ?? "",
    );
    if (!definition || !GUID.test(definition[1] as string))
      throw new AzureError(400, "InvalidRoleDefinitionId", `'${roleDefinitionId}' is no role definition`);
    const twin = others
      .all()
      .some(
        ({ id, type, properties }) =>
          type === resource.type &&
          id !== before?.id &&
          id.startsWith(`${scope}/providers/`) &&
          properties["principalId"] === principalId &&
          properties["roleDefinitionId"] === roleDefinitionId,
      );
    if (twin) throw new AzureError(409, "RoleAssignmentExists", "The role assignment already exists.");
    if (before)
      throw new AzureError(400, "RoleAssignmentUpdateNotPermitted", "Tenant, application or scope cannot be updated.");
    return { ...resource, properties: { ...resource.properties, scope } };
  },
};

/** By the type that Resource Manager gives them. */
export const resourceTypes: Readonly<Record<string, ResourceType>> = {
  "Microsoft.ContainerRegistry/registries": registry,
  "Microsoft.ContainerRegistry/registries/cacheRules": cacheRule,
  "Microsoft.ContainerRegistry/registries/credentialSets": credentialSet,
  "Microsoft.ContainerRegistry/registries/scopeMaps": scopeMap,
  "Microsoft.ContainerRegistry/registries/tokens": token,
  "Microsoft.Authorization/roleAssignments": roleAssignment,
};

function succeeded(resource: ArmResource): ArmResource {
  return { ...resource, properties: { ...resource.properties, provisioningState: "Succeeded" } };
}

/** Azure's names differ by more than their case. */
export function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
