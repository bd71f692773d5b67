import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { digestOf, type Digest } from "../../../src/image/digest";
import { defects } from "./endpoints/completeness";
import type { RegistryContent } from "./endpoints/content";
import type { FaultProgram } from "./faults";
import type { Listener } from "./transport/listener";
import type { Login } from "./access/login";
import { parseManifest } from "./endpoints/manifestDocument";
import type { StoredManifest } from "./options";
import type { RequestLog } from "./transport/requestLog";
import type { TestRegistry } from "./testRegistry";

/** What a running registry is made of. */
export interface Parts {
  content: RegistryContent;
  login: Login;
  faults: FaultProgram;
  requests: RequestLog;
  listener: Listener;
  tokenListener?: Listener;
  storageListener?: Listener;
  ca?: string;
  /** Ends what is still being uploaded. */
  endUploads: () => Promise<void>;
}

/** The handle on a registry that runs in this process. */
export class RunningRegistry implements TestRegistry {
  constructor(private readonly parts: Parts) {}

  get host(): string {
    return this.parts.listener.host;
  }
  get url(): string {
    return this.parts.listener.url;
  }
  get ca(): string | undefined {
    return this.parts.ca;
  }
  get tokenHost(): string | undefined {
    return this.parts.tokenListener?.host;
  }
  get storageHost(): string | undefined {
    return this.parts.storageListener?.host;
  }
  get faults(): FaultProgram {
    return this.parts.faults;
  }
  get requests(): RequestLog {
    return this.parts.requests;
  }

  repositories(): string[] {
    return this.parts.content.repositories();
  }

  createRepository(repository: string): void {
    this.parts.content.create(repository);
  }

  deleteRepository(repository: string): void {
    this.parts.content.deleteRepository(repository);
  }

  has(repository: string, digest: Digest): boolean {
    const { content } = this.parts;
    return content.blobSize(repository, digest) !== undefined || content.manifest(repository, digest) !== undefined;
  }

  tag(repository: string, tag: string): Digest | undefined {
    return this.parts.content.tag(repository, tag);
  }

  tags(repository: string): string[] {
    return this.parts.content.tags(repository);
  }

  manifest(repository: string, tagOrDigest: string): StoredManifest | undefined {
    return this.parts.content.manifest(repository, tagOrDigest);
  }

  async blob(repository: string, digest: Digest): Promise<Buffer | undefined> {
    const { content } = this.parts;
    return content.blobSize(repository, digest) === undefined ? undefined : buffer(content.blobs.read(digest));
  }

  async isComplete(repository: string, tagOrDigest: string): Promise<boolean> {
    return (await this.defects(repository, tagOrDigest)).length === 0;
  }

  defects(repository: string, tagOrDigest: string): Promise<string[]> {
    return defects(this.parts.content, repository, tagOrDigest);
  }

  async putBlob(repository: string, digest: Digest, bytes: Uint8Array | Readable): Promise<void> {
    const { content } = this.parts;
    if (content.blobs.size(digest) === undefined) {
      const draft = content.blobs.draft();
      await draft.append(bytes instanceof Readable ? bytes : Readable.from([Buffer.from(bytes)]));
      if (!(await draft.commit(digest))) {
        await draft.discard();
        throw new Error(`the blob's content has another digest than ${digest}`);
      }
    }
    content.link(repository, digest);
  }

  putManifest(repository: string, mediaType: string, bytes: Uint8Array, tag?: string): Digest {
    const { digest } = this.parts.content.storeManifest(repository, mediaType, Buffer.from(bytes), digestOf(bytes));
    if (tag !== undefined) this.parts.content.setTag(repository, tag, digest);
    return digest;
  }

  deleteTag(repository: string, tag: string): void {
    this.parts.content.deleteTag(repository, tag);
  }

  deleteManifest(repository: string, digest: Digest): void {
    this.parts.content.deleteManifest(repository, digest);
  }

  deleteBlob(repository: string, digest: Digest): void {
    this.parts.content.unlink(repository, digest);
  }

  setPassword(user: string, password: string): void {
    this.parts.login.accounts.setPassword(user, password);
  }

  revokeTokens(): void {
    this.parts.login.tokens?.revoke();
  }

  collectGarbage(): void {
    const { content } = this.parts;
    for (const repository of content.repositories()) {
      const named = content
        .manifests(repository)
        .flatMap(({ bytes, mediaType }) => parseManifest(bytes, mediaType).blobs);
      for (const digest of content.blobsOf(repository))
        if (!named.some((blob) => blob.digest === digest)) content.unlink(repository, digest);
    }
  }

  interrupt(): void {
    for (const listener of this.listeners) listener.interrupt();
    void this.parts.endUploads();
  }

  async connections(): Promise<number> {
    const counts = await Promise.all(this.listeners.map((listener) => listener.connections()));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  async close(): Promise<void> {
    await Promise.all(this.listeners.map((listener) => listener.close()));
    await this.parts.endUploads();
  }

  private get listeners(): Listener[] {
    const { listener, tokenListener, storageListener } = this.parts;
    return [listener, tokenListener, storageListener].filter((one) => one !== undefined);
  }
}
