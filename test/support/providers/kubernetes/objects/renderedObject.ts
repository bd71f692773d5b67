import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { dump } from "js-yaml";
import {
  hasUnknowns,
  plain,
  Secret,
  stripSecrets,
  type PropertyMap,
  type PropertyValue,
} from "../../protocol/propertyValue";
import type { Created, Host, ReadResult, Resource, UpdateRequest } from "../../protocol/resourceProvider";
import type { KubernetesObject } from "../cluster";
import { checkpoint, managerOf, normalized, parseCheckpoint } from "./objectState";
import type { PlainObjectResource } from "./plainObject";

/** What the engine asks of an object, wherever it is kept. */
export type ObjectResource = Pick<PlainObjectResource, "check" | "diff" | "create" | "update" | "read" | "delete">;

/**
 * Any object as the real provider has it with `renderYamlToDirectory`: a file for each name, whoever writes it.
 *
 * @see https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/provider/provider.go (renderYaml)
 */
export class RenderedObjectResource implements ObjectResource {
  readonly check: PlainObjectResource["check"];
  readonly diff: PlainObjectResource["diff"];

  constructor(
    objects: PlainObjectResource,
    private readonly directory: string,
    private readonly host: Host,
  ) {
    this.check = (...request) => objects.check(...request);
    this.diff = (...request) => objects.diff(...request);
  }

  async create(resource: Resource, inputs: PropertyMap, preview: boolean): Promise<Created> {
    if (preview) return { id: "", state: inputs };
    const { name, namespace } = objectOf(inputs).metadata;
    const state = await this.render(resource, inputs, {});
    return { id: namespace ? `${namespace}/${name}` : name, state };
  }

  async update(resource: Resource, { olds, news, preview }: UpdateRequest): Promise<PropertyMap> {
    return preview ? news : this.render(resource, news, olds);
  }

  read(_resource: Resource, id: string, state: PropertyMap, inputs: PropertyMap): Promise<ReadResult> {
    return Promise.resolve({ id, state, inputs });
  }

  async delete(_resource: Resource, _id: string, state: PropertyMap): Promise<void> {
    await rm(this.fileOf(plain(parseCheckpoint(state).live) as KubernetesObject), { force: true });
  }

  private async render({ urn }: Resource, inputs: PropertyMap, before: PropertyMap): Promise<PropertyMap> {
    if (hasUnknowns(inputs)) throw new Error("an object with unknown values cannot be rendered");
    const object = objectOf(inputs);
    const file = this.fileOf(object);
    if (holdsSecrets(inputs))
      await this.host.log("warning", urn, `rendered file ${file} contains a secret value in plaintext`);
    for (const folder of ["0-crd", "1-manifest"]) await mkdir(join(this.directory, folder), { recursive: true });
    await writeFile(file, dump(object));
    return checkpoint(object, object, inputs, managerOf(before));
  }

  private fileOf({ apiVersion, kind, metadata }: KubernetesObject): string {
    const [version, name] = [apiVersion.replace(/[/:]/g, "_"), metadata.name];
    const folder = kind === "CustomResourceDefinition" ? "0-crd" : "1-manifest";
    return join(
      this.directory,
      folder,
      `${version}-${kind.toLowerCase()}-${metadata.namespace || "default"}-${name}.yaml`,
    );
  }
}

function objectOf(inputs: PropertyMap): KubernetesObject {
  return plain(normalized(stripSecrets(inputs))) as KubernetesObject;
}

function holdsSecrets(value: PropertyValue): boolean {
  if (value instanceof Secret) return true;
  if (Array.isArray(value)) return value.some(holdsSecrets);
  return typeof value === "object" && value !== null && Object.values(value).some(holdsSecrets);
}
