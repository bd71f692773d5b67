import { isDigest } from "../../../../src/image/digest";
import type { Behaviour } from "../behaviour";
import type { RegistryContent } from "./content";
import { MEDIA_TYPES, parseManifest } from "./manifestDocument";
import { RegistryError } from "./registryError";
import { jsonReply, type Reply } from "../transport/reply";
import type { RegistryRequest } from "../transport/request";

/** `/v2/NAME/tags/list`, `/v2/_catalog` and `/v2/NAME/referrers/DIGEST`. */
export class ListEndpoints {
  constructor(
    private readonly content: RegistryContent,
    private readonly behaviour: Behaviour,
  ) {}

  tags(request: RegistryRequest, repository: string): Reply {
    requireGet(request);
    if (!this.content.exists(repository))
      throw new RegistryError("NAME_UNKNOWN", `there is no repository ${repository}`);
    const { page, headers } = paginate(request.url, this.content.tags(repository));
    return jsonReply(200, { name: repository, tags: page }, headers);
  }

  catalog(request: RegistryRequest): Reply {
    requireGet(request);
    const { page, headers } = paginate(request.url, this.content.repositories());
    return jsonReply(200, { repositories: page }, headers);
  }

  referrers(request: RegistryRequest, repository: string, digest: string): Reply {
    requireGet(request);
    if (!this.behaviour.referrers) throw new RegistryError("UNSUPPORTED", "there is no referrers API", { status: 404 });
    if (!isDigest(digest)) throw new RegistryError("DIGEST_INVALID", `${digest} is not a digest`);
    const artifactType = request.url.searchParams.get("artifactType");
    const manifests = this.content.manifests(repository).flatMap((manifest) => {
      const document = parseManifest(manifest.bytes, manifest.mediaType);
      if (document.subject?.digest !== digest) return [];
      if (artifactType !== null && document.artifactType !== artifactType) return [];
      return {
        mediaType: manifest.mediaType,
        digest: manifest.digest,
        size: manifest.bytes.length,
        ...(document.artifactType && { artifactType: document.artifactType }),
        ...(document.annotations && { annotations: document.annotations }),
      };
    });
    const start = Number(request.url.searchParams.get("start") ?? 0);
    const end = start + this.behaviour.referrersPage;
    const page = manifests.slice(start, end);
    const index = { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests: page };
    return jsonReply(200, index, {
      "content-type": MEDIA_TYPES.ociIndex,
      ...(end < manifests.length && { link: `<${request.url.pathname}?start=${end}>; rel="next"` }),
      ...(artifactType !== null && { "oci-filters-applied": "artifactType" }),
    });
  }
}

function requireGet({ method }: RegistryRequest): void {
  if (method !== "GET" && method !== "HEAD")
    throw new RegistryError("UNSUPPORTED", `${method} of a list is not supported`);
}

/** {@link https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-tags `n`, `last` and the Link header} */
function paginate(url: URL, names: readonly string[]): { page: readonly string[]; headers: Record<string, string> } {
  const last = url.searchParams.get("last");
  const rest = last === null ? names : names.filter((name) => name > last);
  const n = url.searchParams.get("n");
  if (n === null) return { page: rest, headers: {} };
  const page = rest.slice(0, Number(n));
  if (page.length === 0 || page.length === rest.length) return { page, headers: {} };
  const next = `${url.pathname}?n=${n}&last=${encodeURIComponent(page.at(-1) as string)}`;
  return { page, headers: { link: `<${next}>; rel="next"` } };
}
