import { isDeepStrictEqual } from "node:util";
import { DEFAULT_SCOPE } from "../../cloud/moto";
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
import { AwsApi } from "./awsApi";
import { ecrRegistryResources } from "./ecrRegistryResources";
import { ecrResources, type AwsResource } from "./ecrResources";
import { iamResources } from "./iamResources";
import { awsFunctions } from "./invokes";
import { secretResources } from "./secretResources";
import { awsSchema } from "./schema";

/** The double of pulumi-aws: checks and compares as it does, and makes what moto plays. */
export class AwsProvider implements ResourceProvider {
  readonly version = awsSchema.providerVersion;
  private api: AwsApi | undefined;

  /** @param endpoint moto's */
  constructor(private readonly endpoint: string) {}

  checkConfig(news: PropertyMap): Promise<Checked> {
    return Promise.resolve({ inputs: news, failures: awsSchema.configFailures(news) });
  }

  diffConfig(olds: PropertyMap, news: PropertyMap): Promise<Diff> {
    const diffs = changedKeys(stripSecrets(olds), stripSecrets(news));
    const replaces = diffs.filter((key) => key === "region");
    return Promise.resolve({ changes: diffs.length > 0, diffs, replaces });
  }

  configure(config: Readonly<Record<string, string>>): Promise<void> {
    const region = config["region"] ?? process.env["AWS_REGION"];
    if (!region) return Promise.reject(new Error("invalid configuration: Missing region configuration"));
    const roles = JSON.parse(config["assumeRoles"] ?? "[]") as { roleArn?: string }[];
    const account = roles.at(-1)?.roleArn?.split(":")[4] ?? DEFAULT_SCOPE.account;
    this.api = new AwsApi(this.endpoint, { account, region });
    return Promise.resolve();
  }

  async invoke(token: string, args: PropertyMap): Promise<Invoked> {
    const known = stripSecrets(args);
    const failures = awsSchema.inputFailures(token, known);
    if (failures.length > 0) return { result: {}, failures };
    const play = awsFunctions[token];
    if (play === undefined) throw new Error(`the double does not play ${token}`);
    return { result: await play(this.apiFor(known), known) };
  }

  check(resource: Resource, _olds: PropertyMap, news: PropertyMap): Promise<Checked> {
    return Promise.resolve({ inputs: news, failures: awsSchema.inputFailures(resource.type, news) });
  }

  diff(resource: Resource, { oldInputs = {}, news, ignoreChanges }: DiffRequest): Promise<Diff> {
    const { defaults, replaceOn, identity } = kindOf(resource);
    const before = { ...defaults, ...stripSecrets(oldInputs) };
    const after = { ...defaults, ...stripSecrets(news) };
    const diffs = changedKeys(before, after).filter((key) => !ignoreChanges.includes(key));
    const replaces = diffs.filter((key) => replaceOn.includes(key));
    // Two of one name cannot be there at once.
    const deleteBeforeReplace = identity === undefined || isDeepStrictEqual(before[identity], after[identity]);
    return Promise.resolve({ changes: diffs.length > 0, diffs, replaces, deleteBeforeReplace });
  }

  async create(resource: Resource, inputs: PropertyMap, preview: boolean): Promise<Created> {
    const kind = kindOf(resource);
    if (preview) {
      const computed = Object.fromEntries(kind.computed.map((key) => [key, unknown]));
      return { id: "", state: { ...computed, ...kind.defaults, ...inputs } };
    }
    const known = stripSecrets(inputs);
    const id = kind.id?.(this.apiFor(known), known) ?? known[kind.identity ?? ""];
    if (typeof id !== "string") throw new Error(`the id of ${resource.name} is not known`);
    await kind.create(this.apiFor(known), { ...kind.defaults, ...known });
    return { id, state: await this.stateOf(kind, id, inputs) };
  }

  async update(resource: Resource, { id, olds, news, preview }: UpdateRequest): Promise<PropertyMap> {
    const kind = kindOf(resource);
    const before = stripSecrets(olds);
    if (preview) return { ...before, ...kind.defaults, ...news };
    const known = stripSecrets(news);
    await kind.update(this.apiFor(known), { ...kind.defaults, ...known }, before);
    return this.stateOf(kind, id, news);
  }

  async read(resource: Resource, id: string, state: PropertyMap, inputs: PropertyMap): Promise<ReadResult | undefined> {
    const kind = kindOf(resource);
    const found = await kind.read(this.apiFor(stripSecrets(state)), id);
    if (found === undefined) return undefined;
    const read = Object.fromEntries(Object.entries(inputs).map(([key, value]) => [key, found[key] ?? value]));
    return { id, state: { ...state, ...found }, inputs: { ...read, ...(kind.identity && { [kind.identity]: id }) } };
  }

  async delete(resource: Resource, id: string, state: PropertyMap): Promise<void> {
    const known = stripSecrets(state);
    await kindOf(resource).delete(this.apiFor(known), id, known);
  }

  private async stateOf(kind: AwsResource, id: string, inputs: PropertyMap): Promise<PropertyMap> {
    const aws = this.apiFor(stripSecrets(inputs));
    const found = await kind.read(aws, id);
    if (found === undefined) throw new Error(`${id} has gone while it was made`);
    const state = { region: aws.scope.region, ...found, ...stripSecrets(inputs) };
    return withSecretsOf(state, inputs);
  }

  /** Every resource and function may name a region of its own. */
  private apiFor({ region }: PropertyMap): AwsApi {
    if (this.api === undefined) throw new Error("the provider is not configured");
    return this.api.in(typeof region === "string" ? region : undefined);
  }
}

const RESOURCES: Readonly<Record<string, AwsResource>> = {
  ...ecrResources,
  ...ecrRegistryResources,
  ...iamResources,
  ...secretResources,
};

function kindOf({ type }: Resource): AwsResource {
  const kind = RESOURCES[type];
  if (kind === undefined) throw new Error(`the double does not play ${type}`);
  return kind;
}
