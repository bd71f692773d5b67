import { isDigest, type Digest } from "../../../src/image/digest";
import type { TestRegistry, UpstreamOptions } from "../registry";
import { MEDIA_TYPES } from "../registry/endpoints/manifestDocument";
import { Upstream } from "../registry/endpoints/upstream";
import { readBody } from "../registry/transport/request";
import { AzureError } from "./azureError";
import type { ArmReply } from "./resourceManager";
import { checkShape, type Shape } from "./shape";

/** The body of `importImage`, as the REST API describes it. */
interface ImportRequest {
  source: {
    registryUri?: string;
    resourceId?: string;
    sourceImage: string;
    credentials?: { username?: string; password: string };
  };
  targetTags?: string[];
  untaggedTargetRepositories?: string[];
  mode?: "NoForce" | "Force";
}

/** {@link https://learn.microsoft.com/rest/api/container-registry/registries/import-image} */
const BODY: Shape = {
  required: ["source"],
  properties: {
    source: {
      required: ["sourceImage"],
      properties: {
        resourceId: "string",
        registryUri: "string",
        credentials: { required: ["password"], properties: { username: "string", password: "string" } },
        sourceImage: "string",
      },
    },
    targetTags: { list: "string" },
    untaggedTargetRepositories: { list: "string" },
    mode: ["NoForce", "Force"],
  },
};

/** Where the registries that are imported from really are, by the names that requests give them. */
export type ImportSources = Readonly<Record<string, Pick<UpstreamOptions, "url" | "ca">>>;

/** An import that goes on after its request was accepted. */
export interface RunningImport {
  readonly reply: (location: string) => ArmReply;
  readonly done: Promise<void>;
}

/**
 * Imports an image into a registry, as its own engine does.
 *
 * @param held the copying itself waits for it
 * @throws {AzureError} at once for requests that are refused; later failures are those of `done`
 */
export function startImport(
  body: unknown,
  target: TestRegistry,
  sources: ImportSources,
  held: Promise<void>,
): RunningImport {
  checkShape(BODY, body, "the body");
  const { source, targetTags = [], untaggedTargetRepositories = [], mode = "NoForce" } = body as ImportRequest;
  if ((source.registryUri === undefined) === (source.resourceId === undefined))
    throw new AzureError(400, "InvalidParameters", "Either registryUri or resourceId of the source must be given");
  if (source.registryUri !== undefined && /[:/]{2}|\//.test(source.registryUri))
    throw new AzureError(400, "InvalidParameters", `The registry URI '${source.registryUri}' is no host name`);
  if (targetTags.length + untaggedTargetRepositories.length === 0)
    throw new AzureError(400, "InvalidParameters", "A target is required");
  const tags = targetTags.map(parseTag);
  for (const { repository, tag } of tags)
    if (mode === "NoForce" && target.tag(repository, tag) !== undefined)
      throw new AzureError(
        409,
        "Conflict",
        `Tag ${repository}:${tag} already exists in target registry. If you want to overwrite it, set the mode to Force.`,
      );
  const host = source.registryUri ?? `${(source.resourceId as string).split("/").at(-1) as string}.azurecr.io`;
  const from = sources[host];
  const run = async (): Promise<void> => {
    await held;
    if (!from) throw new AzureError(400, "InvalidSourceRegistry", `The registry ${host} cannot be reached`);
    const [repository = "", reference = ""] = splitImage(source.sourceImage);
    const { credentials } = source;
    const upstream = new Upstream({
      ...from,
      ...(credentials && { username: credentials.username ?? "", password: credentials.password }),
    });
    const repositories = [...new Set([...tags.map((one) => one.repository), ...untaggedTargetRepositories])];
    for (const into of repositories) {
      const wanted = tags.filter((one) => one.repository === into).map(({ tag }) => tag);
      await importManifest(upstream, repository, reference, target, into, wanted);
    }
  };
  return { done: run(), reply: (location) => ({ status: 202, headers: { location, "retry-after": "1" } }) };
}

const ACCEPT = Object.values(MEDIA_TYPES).join(", ");

async function importManifest(
  upstream: Upstream,
  repository: string,
  reference: string,
  target: TestRegistry,
  into: string,
  tags: readonly string[],
): Promise<void> {
  const answer = await upstream.get(repository, `manifests/${reference}`, { accept: ACCEPT });
  if (answer.statusCode !== 200) {
    answer.resume();
    const [status, code] = answer.statusCode === 404 ? [404, "ManifestNotFound"] : [401, "Unauthorized"];
    throw new AzureError(status, code, `Failed to read ${repository}: status ${String(answer.statusCode)}`);
  }
  const bytes = (await readBody(answer as AsyncIterable<Buffer>, Infinity)) ?? Buffer.alloc(0);
  const manifest = JSON.parse(bytes.toString()) as {
    manifests?: { digest: Digest }[];
    config?: { digest: Digest };
    layers?: { digest: Digest }[];
  };
  for (const { digest } of manifest.manifests ?? [])
    await importManifest(upstream, repository, digest, target, into, []);
  for (const { digest } of [...(manifest.config ? [manifest.config] : []), ...(manifest.layers ?? [])]) {
    const blob = await upstream.get(repository, `blobs/${digest}`);
    const content = (await readBody(blob as AsyncIterable<Buffer>, Infinity)) ?? Buffer.alloc(0);
    await target.putBlob(into, digest, content);
  }
  const mediaType = answer.headers["content-type"] ?? "";
  for (const tag of tags.length > 0 ? tags : [undefined]) target.putManifest(into, mediaType, bytes, tag);
}

/** `repository:tag`, `repository@digest`. */
function splitImage(image: string): [repository: string, reference: string] {
  const at = image.indexOf("@");
  if (at >= 0) {
    const digest = image.slice(at + 1);
    if (!isDigest(digest)) throw new AzureError(400, "InvalidParameters", `'${digest}' is no digest`);
    const repository = image.slice(0, at);
    if (repository.includes(":")) throw new AzureError(400, "InvalidParameters", `'${image}' has a tag and a digest`);
    return [repository, digest];
  }
  const { repository, tag } = parseTag(image);
  return [repository, tag];
}

function parseTag(text: string): { repository: string; tag: string } {
  const [, repository = "", tag = "latest"] = /^([a-z0-9._/-]+)(?::([\w.-]{1,128}))?$/.exec(text) ?? [];
  if (!repository) throw new AzureError(400, "InvalidParameters", `'${text}' is not of the form repo[:tag]`);
  return { repository, tag };
}
