import { isDeepStrictEqual } from "node:util";
import { changedKeys } from "../changedKeys";
import { stripSecrets, unknown, withSecretsOf, type PropertyMap } from "../protocol/propertyValue";
import type {
  Checked,
  Created,
  Diff,
  DiffRequest,
  Invoked,
  ReadResult,
  Resource,
  ResourceProvider,
  UpdateRequest,
} from "../protocol/resourceProvider";
import { ArmClient, ArmFailure } from "./armClient";
import { azureResources, type AzureResource } from "./azureResources";
import { apiVersionOf, azureSchema } from "./schema";

/** A resource as Resource Manager shows it. */
interface Shown {
  id: string;
  name: string;
  type: string;
  properties?: PropertyMap;
  [key: string]: unknown;
}

/** The double of pulumi-azure-native: checks and compares as it does, and makes what the played Azure takes. */
export class AzureNativeProvider implements ResourceProvider {
  readonly version = azureSchema.providerVersion;
  private api: ArmClient | undefined;

  /** @param endpoint of Resource Manager and Entra ID */
  constructor(private readonly endpoint: string) {}

  checkConfig(news: PropertyMap): Promise<Checked> {
    return Promise.resolve({ inputs: news, failures: azureSchema.configFailures(news) });
  }

  diffConfig(olds: PropertyMap, news: PropertyMap): Promise<Diff> {
    const diffs = changedKeys(stripSecrets(olds), stripSecrets(news));
    const replaces = diffs.filter((key) => key === "subscriptionId" || key === "tenantId");
    return Promise.resolve({ changes: diffs.length > 0, diffs, replaces });
  }

  configure(config: Readonly<Record<string, string>>): Promise<void> {
    const read = (key: string, variable: string): string => config[key] ?? process.env[variable] ?? "";
    this.api = new ArmClient(this.endpoint, {
      subscriptionId: read("subscriptionId", "ARM_SUBSCRIPTION_ID"),
      tenantId: read("tenantId", "ARM_TENANT_ID"),
      clientId: read("clientId", "ARM_CLIENT_ID"),
      clientSecret: read("clientSecret", "ARM_CLIENT_SECRET"),
    });
    return Promise.resolve();
  }

  async invoke(token: string, args: PropertyMap): Promise<Invoked> {
    const known = stripSecrets(args);
    const failures = azureSchema.inputFailures(token, known);
    if (failures.length > 0) return { result: {}, failures };
    const { login } = this.arm;
    if (token === "azure-native:authorization:getClientToken")
      return { result: { token: await this.arm.token(known["endpoint"] as string | undefined) } };
    if (token === "azure-native:authorization:getClientConfig")
      return {
        result: {
          clientId: login.clientId,
          objectId: login.clientId,
          subscriptionId: login.subscriptionId,
          tenantId: login.tenantId,
        },
      };
    throw new Error(`the double does not play ${token}`);
  }

  check(resource: Resource, olds: PropertyMap, news: PropertyMap): Promise<Checked> {
    const kind = kindOf(resource);
    const names = Object.entries(kind.autoname?.() ?? {}).map(([key, value]) => [key, olds[key] ?? value] as const);
    const inputs = { ...Object.fromEntries(names), ...news };
    return Promise.resolve({ inputs, failures: azureSchema.inputFailures(resource.type, inputs) });
  }

  diff(resource: Resource, { oldInputs = {}, news, ignoreChanges }: DiffRequest): Promise<Diff> {
    const { path, replaceOn = [] } = kindOf(resource);
    const before = stripSecrets(oldInputs);
    const after = stripSecrets(news);
    const diffs = changedKeys(before, after).filter((key) => !ignoreChanges.includes(key));
    const replaces = diffs.filter((key) => path.includes(key) || replaceOn.includes(key));
    // Two of one name cannot be there at once.
    const deleteBeforeReplace = replaces.length > 0 && path.every((key) => isDeepStrictEqual(before[key], after[key]));
    return Promise.resolve({ changes: diffs.length > 0, diffs, replaces, deleteBeforeReplace });
  }

  async create(resource: Resource, inputs: PropertyMap, preview: boolean): Promise<Created> {
    const kind = kindOf(resource);
    if (preview) {
      const computed = Object.fromEntries(kind.computed.map((key) => [key, unknown]));
      return { id: "", state: { ...computed, ...inputs } };
    }
    const id = this.idOf(kind, inputs);
    // The real provider asks as well, and refuses to take over what it has not made.
    if ((await this.arm.find(id, apiVersionOf(resource.type))) !== undefined)
      throw new Error(`cannot create already existing resource '${id}'`);
    return { id, state: await this.put(resource, kind, id, inputs) };
  }

  async update(resource: Resource, { id, olds, news, preview }: UpdateRequest): Promise<PropertyMap> {
    if (preview) return { ...stripSecrets(olds), ...news };
    return this.put(resource, kindOf(resource), id, news);
  }

  async read(resource: Resource, id: string, state: PropertyMap, inputs: PropertyMap): Promise<ReadResult | undefined> {
    const found = await this.arm.find<Shown>(id, apiVersionOf(resource.type));
    return found && { id, state: { ...state, ...outputs(found) }, inputs };
  }

  async delete(resource: Resource, id: string): Promise<void> {
    try {
      await this.arm.call("DELETE", id, apiVersionOf(resource.type));
    } catch (error) {
      if (!(error instanceof ArmFailure && error.status === 404)) throw error;
    }
  }

  private async put(resource: Resource, kind: AzureResource, id: string, inputs: PropertyMap): Promise<PropertyMap> {
    const known = stripSecrets(inputs);
    const own = Object.entries(known).filter(([key]) => !kind.path.includes(key));
    const top = new Set(kind.topLevel);
    const properties = Object.fromEntries(own.filter(([key]) => !top.has(key)));
    const location = kind.located ? await this.location(known) : {};
    const apiVersion = apiVersionOf(resource.type);
    const shown = await this.arm.call<Shown>("PUT", id, apiVersion, {
      ...location,
      ...Object.fromEntries(own.filter(([key]) => top.has(key))),
      properties: kind.properties?.(properties) ?? properties,
    });
    return withSecretsOf({ ...outputs(shown), ...known, azureApiVersion: apiVersion }, inputs);
  }

  /** The resource group's, where the program gives none. */
  private async location({ location, resourceGroupName }: PropertyMap): Promise<PropertyMap> {
    if (typeof location === "string") return {};
    const group = `/subscriptions/${this.arm.login.subscriptionId}/resourceGroups/${resourceGroupName as string}`;
    return { location: (await this.arm.call<{ location: string }>("GET", group, "2021-04-01")).location };
  }

  private idOf(kind: AzureResource, inputs: PropertyMap): string {
    const known = stripSecrets(inputs) as Readonly<Record<string, string>>;
    for (const key of kind.path) if (typeof known[key] !== "string") throw new Error(`${key} is not known`);
    return kind.id(known, this.arm.login.subscriptionId);
  }

  private get arm(): ArmClient {
    if (this.api === undefined) throw new Error("the provider is not configured");
    return this.api;
  }
}

function kindOf({ type }: Resource): AzureResource {
  const kind = azureResources[type];
  if (kind === undefined) throw new Error(`the double does not play ${type}`);
  return kind;
}

/** What a resource is shown as, without the fold of `properties`. */
function outputs({ id: _id, properties, ...rest }: Shown): PropertyMap {
  return { ...(rest as PropertyMap), ...properties };
}
