import { isDigest } from "../../image/digest";
import type { StoredManifest } from "../manifest/manifest";
import { MediaType } from "../manifest/mediaTypes";
import type { SessionOptions } from "../registry/session";
import type { ImageLayout } from "./imageLayout";
import { LAYOUT_HOST, LocalSession, type LocalAnswer, type LocalRequest } from "./localSession";

/** Layouts that are read together: the first has the names, and what it lacks of blobs the others may have. */
export type LayoutsOpener = () => Promise<readonly [ImageLayout, ...ImageLayout[]]>;

/** The reading end of copies from an OCI image layout, in place of the registry of its images. */
export class LayoutSession extends LocalSession {
  constructor(
    options: SessionOptions,
    location: string,
    private readonly layouts: LayoutsOpener,
  ) {
    super(options, location);
  }

  protected override async answerTo(request: LocalRequest): Promise<LocalAnswer> {
    const { method, kind, name } = request;
    if (method !== "GET" && method !== "HEAD") return { status: 405 };
    const [layout, ...others] = await this.layouts();
    switch (kind) {
      case "manifests":
        return manifestAnswer(await this.manifest(layout, request));
      case "blobs":
        return isDigest(name) ? blobAnswer([layout, ...others], request) : NOT_FOUND;
      case "referrers":
        return isDigest(name) ? listAnswer(await layout.referrersOf(name)) : NOT_FOUND;
      case "tags":
        return tagsAnswer(layout.tags(this.inLayout(request.repository)));
      case "uploads":
        return { status: 405 };
    }
  }

  private async manifest(layout: ImageLayout, { repository, name }: LocalRequest): Promise<StoredManifest | undefined> {
    if (!isDigest(name)) {
      const found = layout.named(this.inLayout(repository), name);
      return found && layout.manifest(found.digest, found.mediaType);
    }
    const known = layout.entries.find(({ descriptor }) => descriptor.digest === name)?.descriptor;
    return layout.manifest(name, known?.mediaType);
  }

  /** What the layout calls a repository: with its host. */
  private inLayout(repository: string): string {
    return this.registry === LAYOUT_HOST ? repository : `${this.registry}/${repository}`;
  }
}

const NOT_FOUND: LocalAnswer = { status: 404 };

function manifestAnswer(stored: StoredManifest | undefined): LocalAnswer {
  if (!stored) return NOT_FOUND;
  const { digest, mediaType, bytes } = stored;
  const headers = {
    "content-type": mediaType,
    "content-length": String(bytes.length),
    "docker-content-digest": digest,
  };
  return { status: 200, headers, body: bytes };
}

async function blobAnswer(
  layouts: readonly ImageLayout[],
  { method, name, headers }: LocalRequest,
): Promise<LocalAnswer> {
  if (!isDigest(name)) return NOT_FOUND;
  const [, first = "0"] = /^bytes=(\d{1,15})-$/.exec(String(headers.Range ?? "")) ?? [];
  const start = Number(first);
  for (const layout of layouts) {
    const size = await layout.blobSize(name);
    if (size === undefined) continue;
    if (start > size) return { status: 416 };
    const length = { "content-length": String(size - start), "content-type": "application/octet-stream" };
    if (method === "HEAD") return { status: 200, headers: length };
    const body = await layout.blobStream(name, start);
    if (!body) continue;
    return start === 0
      ? { status: 200, headers: length, body }
      : { status: 206, headers: { ...length, "content-range": `bytes ${start}-${size - 1}/${size}` }, body };
  }
  return NOT_FOUND;
}

/** A list of referrers, as a registry answers it. */
export function listAnswer(manifests: readonly object[]): LocalAnswer {
  const body = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: MediaType.OCI_INDEX, manifests }));
  return { status: 200, headers: { "content-type": MediaType.OCI_INDEX }, body };
}

function tagsAnswer(tags: readonly string[]): LocalAnswer {
  if (tags.length === 0) return NOT_FOUND;
  return {
    status: 200,
    headers: { "content-type": "application/json" },
    body: Buffer.from(JSON.stringify({ tags })),
  };
}
