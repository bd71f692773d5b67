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
import { DockerApi } from "./dockerApi";
import { dockerResources, type DockerContext, type DockerResource } from "./dockerResources";
import { registryLogins, type RegistryAuthEntry } from "./registryAuth";
import { configFailures, dockerSchema } from "./schema";

/**
 * The double of pulumi-docker: checks and compares as it does, and makes its calls to a real daemon and to registries.
 */
export class DockerProvider implements ResourceProvider {
  readonly version = dockerSchema.providerVersion;
  private context: DockerContext | undefined;

  constructor(private readonly environment: Readonly<Record<string, string | undefined>>) {}

  checkConfig(news: PropertyMap): Promise<Checked> {
    return Promise.resolve({ inputs: news, failures: configFailures(news) });
  }

  diffConfig(olds: PropertyMap, news: PropertyMap): Promise<Diff> {
    const diffs = changedKeys(stripSecrets(olds), stripSecrets(news));
    return Promise.resolve({ changes: diffs.length > 0, diffs });
  }

  configure(config: Readonly<Record<string, string>>): Promise<void> {
    const host = config["host"] ?? this.environment["DOCKER_HOST"] ?? "unix:///var/run/docker.sock";
    const entries = JSON.parse(config["registryAuth"] ?? "[]") as RegistryAuthEntry[];
    this.context = { api: new DockerApi(host), logins: registryLogins(entries, this.environment) };
    return Promise.resolve();
  }

  invoke(token: string): Promise<Invoked> {
    return Promise.reject(new Error(`the double does not play ${token}`));
  }

  check(resource: Resource, _olds: PropertyMap, news: PropertyMap): Promise<Checked> {
    kindOf(resource);
    return Promise.resolve({ inputs: news, failures: dockerSchema.inputFailures(resource.type, news) });
  }

  diff(resource: Resource, { oldInputs = {}, news, ignoreChanges }: DiffRequest): Promise<Diff> {
    const { replaceOn } = kindOf(resource);
    const diffs = changedKeys(stripSecrets(oldInputs), stripSecrets(news)).filter(
      (key) => !ignoreChanges.includes(key),
    );
    return Promise.resolve({
      changes: diffs.length > 0,
      diffs,
      replaces: diffs.filter((key) => replaceOn.includes(key)),
    });
  }

  async create(resource: Resource, inputs: PropertyMap, preview: boolean): Promise<Created> {
    const kind = kindOf(resource);
    if (preview)
      return { id: "", state: { ...inputs, ...Object.fromEntries(kind.computed.map((key) => [key, unknown])) } };
    const { id, outputs } = await kind.create(this.configured(), stripSecrets(inputs));
    return { id, state: withSecretsOf({ ...stripSecrets(inputs), ...outputs }, inputs) };
  }

  update(_resource: Resource, { olds, news }: UpdateRequest): Promise<PropertyMap> {
    return Promise.resolve({ ...olds, ...news });
  }

  async read(resource: Resource, id: string, state: PropertyMap, inputs: PropertyMap): Promise<ReadResult | undefined> {
    const found = await kindOf(resource).read(this.configured(), stripSecrets(state));
    return found && { id, state: { ...state, ...found }, inputs };
  }

  delete(resource: Resource, _id: string, state: PropertyMap): Promise<void> {
    return kindOf(resource).delete(this.configured(), stripSecrets(state));
  }

  private configured(): DockerContext {
    if (!this.context) throw new Error("the provider is not configured");
    return this.context;
  }
}

function kindOf({ type }: Resource): DockerResource {
  const kind = dockerResources[type];
  if (kind === undefined) throw new Error(`the double does not play ${type}`);
  return kind;
}
