import { isDigest } from "../../../../src/image/digest";
import type { Behaviour } from "../behaviour";
import { BlobEndpoint, type StorageUrl } from "./blobEndpoint";
import type { RegistryContent } from "./content";
import { ListEndpoints } from "./listEndpoints";
import { ManifestEndpoint } from "./manifestEndpoint";
import type { RepositoryCatalogue } from "../options";
import type { PullThroughCache } from "../pullThroughCache";
import { RegistryError } from "./registryError";
import { jsonReply, type Reply } from "../transport/reply";
import type { RegistryRequest } from "../transport/request";
import type { Route } from "./route";
import { UploadEndpoint } from "./uploadEndpoint";

/** {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests} */
const REPOSITORY = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;

/** The distribution API over some content, without transport and login. */
export class RegistryService {
  readonly #blobs: BlobEndpoint;
  readonly #uploads: UploadEndpoint;
  readonly #manifests: ManifestEndpoint;
  readonly #lists: ListEndpoints;

  constructor(
    private readonly content: RegistryContent,
    private readonly behaviour: Behaviour,
    private readonly catalogue: RepositoryCatalogue,
    private readonly cache?: PullThroughCache,
    storageUrl?: StorageUrl,
  ) {
    this.#blobs = new BlobEndpoint(content, behaviour, storageUrl);
    this.#uploads = new UploadEndpoint(content, behaviour, catalogue);
    this.#manifests = new ManifestEndpoint(content, behaviour, catalogue);
    this.#lists = new ListEndpoints(content, behaviour);
  }

  async handle(route: Route, request: RegistryRequest): Promise<Reply> {
    if (route.endpoint === "base") return jsonReply(200, {});
    if (route.endpoint === "catalog") return this.#lists.catalog(request);
    if (!REPOSITORY.test(route.repository))
      throw new RegistryError("NAME_INVALID", `${route.repository} is not a name`);
    await this.#prepare(route, request);
    switch (route.endpoint) {
      case "blob":
        return this.#blobs.handle(request, route.repository, route.digest);
      case "uploads":
        return this.#uploads.start(request, route.repository);
      case "upload":
        return this.#uploads.resume(request, route.repository, route.id);
      case "manifest":
        return this.#manifests.handle(request, route.repository, route.reference);
      case "tags":
        return this.#lists.tags(request, route.repository);
      case "referrers":
        return this.#lists.referrers(request, route.repository, route.digest);
    }
  }

  close(): Promise<void> {
    return this.#uploads.close();
  }

  /** Fetches what a pull lacks, and makes or refuses a repository that is not there. */
  async #prepare(route: Exclude<Route, { endpoint: "base" | "catalog" }>, { method }: RegistryRequest): Promise<void> {
    const { repository } = route;
    const pull = method === "GET" || method === "HEAD";
    if (pull && this.cache) await this.#fill(this.cache, route);
    if (await this.catalogue.exists(repository)) return;
    const push = method === "POST" || method === "PUT";
    if (push ? await this.catalogue.create(repository, "push") : this.behaviour.createOnPush) return;
    throw new RegistryError("NAME_UNKNOWN", `The repository with name '${repository}' does not exist in the registry`);
  }

  async #fill(cache: PullThroughCache, route: Exclude<Route, { endpoint: "base" | "catalog" }>): Promise<void> {
    const { repository } = route;
    if (route.endpoint === "blob") {
      if (isDigest(route.digest) && this.content.blobSize(repository, route.digest) === undefined)
        await cache.fetchBlob(repository, route.digest);
    } else if (route.endpoint === "manifest") {
      const { reference } = route;
      const byDigest =
        isDigest(reference) && !this.behaviour.fillsByDigest && !(await this.catalogue.exists(repository));
      if (!byDigest && !this.content.manifest(repository, reference)) await cache.fetchManifest(repository, reference);
    }
  }
}
