import type { PropertyMap } from "../protocol/propertyValue";
import { splitName, type DockerApi, type RegistryLogin } from "./dockerApi";
import { registryDigest } from "./registryDigest";

/** What a provider that is configured can do. */
export interface DockerContext {
  readonly api: DockerApi;
  /** Logins by host. */
  readonly logins: ReadonlyMap<string, RegistryLogin>;
}

/** One type of resource, as the real provider manages it. */
export interface DockerResource {
  /** Inputs whose change replaces it. */
  readonly replaceOn: readonly string[];
  readonly computed: readonly string[];
  create(context: DockerContext, inputs: PropertyMap): Promise<{ readonly id: string; readonly outputs: PropertyMap }>;
  /** What is there now; undefined when it has gone. */
  read(context: DockerContext, state: PropertyMap): Promise<PropertyMap | undefined>;
  delete(context: DockerContext, state: PropertyMap): Promise<void>;
}

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

/** The host of a name, as the provider reads it. */
export function registryOf(name: string): string {
  const first = name.split("/", 1)[0] ?? "";
  const parts = name.split("/").length;
  return parts > 2 || (parts === 2 && (/[.:]/.test(first) || first === "localhost")) ? first : "registry-1.docker.io";
}

/** {@link https://github.com/kreuzwerker/terraform-provider-docker/blob/v4.5.0/internal/provider/resource_docker_image_funcs.go} */
const remoteImage: DockerResource = {
  replaceOn: ["name", "platform", "pullTriggers", "triggers"],
  computed: ["imageId", "repoDigest"],
  async create({ api, logins }, inputs) {
    const name = textOf(inputs["name"]);
    // What a daemon has under the name, it does not pull.
    if (!(await api.image(name))) await api.pull(name, textOf(inputs["platform"]), logins.get(registryOf(name)) ?? {});
    const found = await api.image(name);
    if (!found) throw new Error(`Unable to read Docker image into resource: unable to find or pull image ${name}`);
    return { id: `${found.Id}${name}`, outputs: { imageId: found.Id, repoDigest: found.RepoDigests?.[0] ?? "" } };
  },
  async read({ api }, state) {
    const found = await api.image(textOf(state["name"]));
    return found && { imageId: found.Id, repoDigest: found.RepoDigests?.[0] ?? "" };
  },
  async delete({ api }, state) {
    if (state["keepLocally"] === true) return;
    await api.remove(textOf(state["name"]), state["forceRemove"] === true);
  },
};

/** {@link https://github.com/kreuzwerker/terraform-provider-docker/blob/v4.5.0/internal/provider/resource_docker_tag_funcs.go} */
const tag: DockerResource = {
  replaceOn: ["sourceImage", "targetImage", "tagTriggers"],
  computed: ["sourceImageId"],
  async create({ api }, inputs) {
    const [source, target] = [textOf(inputs["sourceImage"]), textOf(inputs["targetImage"])];
    await api.tag(source, target);
    const found = await api.image(source);
    return { id: `${source}.${target}`, outputs: { sourceImageId: found?.Id ?? "" } };
  },
  // The real one looks at nothing.
  read: () => Promise.resolve({}),
  delete: () => Promise.resolve(),
};

/** {@link https://github.com/kreuzwerker/terraform-provider-docker/blob/v4.5.0/internal/provider/resource_docker_registry_image_funcs.go} */
const registryImage: DockerResource = {
  replaceOn: ["name", "triggers"],
  computed: ["sha256Digest"],
  async create(context, inputs) {
    const name = textOf(inputs["name"]);
    const login = loginFor(context, name);
    await context.api.push(name, login);
    const digest = await digestOf(name, login);
    if (digest === undefined) throw new Error("Got error getting registry image digest: unable to get digest");
    return { id: digest, outputs: { sha256Digest: digest } };
  },
  async read(context, state) {
    const name = textOf(state["name"]);
    const digest = await digestOf(name, loginFor(context, name));
    return digest === undefined ? undefined : { sha256Digest: digest };
  },
  delete: (_, state) =>
    state["keepRemotely"] === true
      ? Promise.resolve()
      : Promise.reject(new Error("the double deletes nothing from registries")),
};

function loginFor({ logins }: DockerContext, name: string): RegistryLogin {
  const login = logins.get(registryOf(name));
  if (!login) throw new Error(`Unable to get authConfig for registry: no auth config found for ${registryOf(name)}`);
  return login;
}

function digestOf(name: string, login: RegistryLogin): Promise<string | undefined> {
  const [repository, reference] = splitName(name);
  return registryDigest(repository.slice(repository.indexOf("/") + 1), reference, login);
}

export const dockerResources: Readonly<Record<string, DockerResource>> = {
  "docker:index/remoteImage:RemoteImage": remoteImage,
  "docker:index/tag:Tag": tag,
  "docker:index/registryImage:RegistryImage": registryImage,
};
