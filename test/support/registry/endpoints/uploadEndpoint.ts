import { randomUUID } from "node:crypto";
import { isDigest, type Digest } from "../../../../src/image/digest";
import { allows } from "../access/access";
import type { Behaviour } from "../behaviour";
import type { BlobDraft } from "../storage/blobStore";
import type { RegistryContent } from "./content";
import { parseManifest } from "./manifestDocument";
import type { RepositoryCatalogue } from "../options";
import { RegistryError } from "./registryError";
import { emptyReply, type Reply } from "../transport/reply";
import type { RegistryRequest } from "../transport/request";

interface Session {
  readonly id: string;
  readonly repository: string;
  readonly draft: BlobDraft;
  /** A chunk below the minimum came: nothing may follow it. */
  short: boolean;
  /** Settles when the last request to this session is done; a client may retry before the server noticed the break. */
  idle: Promise<unknown>;
}

/** `/v2/NAME/blobs/uploads/`: uploads, chunks and mounts. */
export class UploadEndpoint {
  readonly #sessions = new Map<string, Session>();

  constructor(
    private readonly content: RegistryContent,
    private readonly behaviour: Behaviour,
    private readonly catalogue: RepositoryCatalogue,
  ) {}

  /** POST: mounts a blob, takes a whole one, or starts an upload. */
  async start(request: RegistryRequest, repository: string): Promise<Reply> {
    if (request.method !== "POST")
      throw new RegistryError("UNSUPPORTED", `${request.method} of uploads is not supported`);
    const query = request.url.searchParams;
    const mount = query.get("mount");
    if (mount !== null && this.behaviour.mount === "refused")
      throw new RegistryError("UNSUPPORTED", "mounts are not supported");
    if (mount !== null && (await this.#mounted(request, repository, mount, query.get("from"))))
      return this.#created(request, repository, mount as Digest);
    const session: Session = {
      id: randomUUID(),
      repository,
      draft: this.content.blobs.draft(),
      short: false,
      idle: Promise.resolve(),
    };
    this.#sessions.set(session.id, session);
    const digest = this.behaviour.singlePost ? query.get("digest") : null;
    return digest === null ? this.#progress(request, session, 202) : this.#finish(request, session, digest);
  }

  /** PATCH, PUT, GET and DELETE of an upload. */
  async resume(request: RegistryRequest, repository: string, id: string): Promise<Reply> {
    const session = this.#sessions.get(id);
    if (session?.repository !== repository) throw new RegistryError("BLOB_UPLOAD_UNKNOWN", `there is no upload ${id}`);
    const turn = session.idle.then(() => this.#resume(request, session));
    session.idle = turn.catch(() => undefined);
    return turn;
  }

  /** Throws away what was not finished. */
  async close(): Promise<void> {
    for (const session of [...this.#sessions.values()]) await this.#end(session);
  }

  async #resume(request: RegistryRequest, session: Session): Promise<Reply> {
    switch (request.method) {
      case "GET":
        return this.#progress(request, session, 204);
      case "DELETE":
        await this.#end(session);
        return emptyReply(204);
      case "PATCH":
        await this.#append(request, session);
        return this.#progress(request, session, 202);
      case "PUT":
        return this.#finish(request, session, request.url.searchParams.get("digest") ?? "");
      default:
        throw new RegistryError("UNSUPPORTED", `${request.method} of an upload is not supported`);
    }
  }

  async #append(request: RegistryRequest, session: Session): Promise<void> {
    const { chunks, chunkNeedsLength, minimumChunk } = this.behaviour;
    if (chunks === "refused") throw new RegistryError("UNSUPPORTED", "chunked uploads are not supported");
    if (chunkNeedsLength && request.headers["content-length"] === undefined)
      throw new RegistryError("BLOB_UPLOAD_INVALID", "a chunk needs a Content-Length");
    this.#checkOffset(request, session);
    if (chunks === "overwritten") await session.draft.restart();
    const before = session.draft.size;
    await this.#receive(request, session);
    session.short = session.draft.size - before < minimumChunk;
  }

  async #finish(request: RegistryRequest, session: Session, digest: string): Promise<Reply> {
    if (!isDigest(digest)) throw new RegistryError("DIGEST_INVALID", `${JSON.stringify(digest)} is not a digest`);
    const { maximumMonolithic, emptyBlobs } = this.behaviour;
    if (Number(request.headers["content-length"] ?? 0) > maximumMonolithic)
      throw new RegistryError("SIZE_INVALID", `more than ${maximumMonolithic} bytes in one request`);
    this.#checkOffset(request, session);
    await this.#receive(request, session);
    if (!emptyBlobs && session.draft.size === 0)
      throw new RegistryError("BLOB_UPLOAD_INVALID", "an upload must contain at least one part");
    if (!(await session.draft.commit(digest))) {
      await this.#end(session);
      throw new RegistryError("DIGEST_INVALID", `the content of the upload has another digest than ${digest}`);
    }
    this.#sessions.delete(session.id);
    this.content.link(session.repository, digest);
    return this.#created(request, session.repository, digest);
  }

  /** Takes the body; after a chunk below the minimum it must be empty. */
  async #receive(request: RegistryRequest, session: Session): Promise<void> {
    const { size } = session.draft;
    await session.draft.append(request.body);
    if (session.short && session.draft.size > size)
      throw new RegistryError(
        "BLOB_UPLOAD_INVALID",
        `a chunk before the last has under ${this.behaviour.minimumChunk} bytes`,
      );
  }

  /** A chunk must start where the last one ended, and name the Location that was answered last. */
  #checkOffset(request: RegistryRequest, { draft, id }: Session): void {
    const contentRange = request.headers["content-range"];
    const start = /^(?:bytes[ =])?(\d+)-\d+(?:\/.*)?$/.exec(contentRange ?? "")?.[1];
    const state = request.url.searchParams.get("_state");
    const unnamed = contentRange === undefined && this.behaviour.chunks === "ordered" && request.method === "PATCH";
    if (
      (contentRange !== undefined && Number(start) !== draft.size) ||
      (unnamed && draft.size > 0) ||
      (state !== null && Number(state) !== draft.size)
    )
      throw new RegistryError("RANGE_INVALID", `upload ${id} has ${draft.size} bytes`, {
        headers: { range: receivedRange(draft.size) },
      });
  }

  async #mounted(request: RegistryRequest, repository: string, digest: string, from: string | null): Promise<boolean> {
    if (from === null || !isDigest(digest)) return false;
    const { mount, mountNeedsManifest } = this.behaviour;
    if (!((await this.catalogue.mayMount?.(repository, from)) ?? mount === "mounted")) return false;
    if (mountNeedsManifest && !this.#isInManifest(from, digest)) return false;
    if (this.content.blobSize(from, digest) === undefined || !allows(request.access, from, "pull")) return false;
    this.content.link(repository, digest);
    return true;
  }

  #isInManifest(repository: string, digest: Digest): boolean {
    return this.content
      .manifests(repository)
      .some(({ bytes, mediaType }) => parseManifest(bytes, mediaType).blobs.some((blob) => blob.digest === digest));
  }

  #progress(request: RegistryRequest, { repository, id, draft }: Session, status: number): Reply {
    return emptyReply(status, {
      // The state makes every Location differ: a client that keeps an old one is told.
      location: this.#location(
        request,
        `/v2/${repository}/blobs/uploads/${id}${this.behaviour.uploadStates ? `?_state=${draft.size}` : ""}`,
      ),
      range: receivedRange(draft.size),
      "docker-upload-uuid": id,
    });
  }

  #created(request: RegistryRequest, repository: string, digest: Digest): Reply {
    return emptyReply(201, {
      location: this.#location(request, `/v2/${repository}/blobs/${digest}`),
      "docker-content-digest": digest,
    });
  }

  #location(request: RegistryRequest, path: string): string {
    return this.behaviour.locations === "url" ? `${request.url.origin}${path}` : path;
  }

  async #end(session: Session): Promise<void> {
    this.#sessions.delete(session.id);
    await session.draft.discard();
  }
}

/** `0-0` stands for no byte as well as for one ({@link https://github.com/opencontainers/distribution-spec/issues/317}). */
function receivedRange(size: number): string {
  return `0-${Math.max(size - 1, 0)}`;
}
