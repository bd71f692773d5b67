import type { Readable } from "node:stream";
import type { Digest } from "../../../src/image/digest";
import type { FaultProgram } from "./faults";
import type { StoredManifest } from "./options";
import type { RequestLog } from "./transport/requestLog";

/** A registry that runs in this process. */
export interface TestRegistry {
  /** `127.0.0.1:PORT`, as image references name it. */
  readonly host: string;
  /** `http://127.0.0.1:PORT` or https. */
  readonly url: string;
  /** PEM certificate authority of an https registry. */
  readonly ca?: string;
  /** `host:port` of the token service and of the storage host, where they have an address of their own. */
  readonly tokenHost?: string;
  readonly storageHost?: string;

  readonly faults: FaultProgram;
  /** Requests of the registry, its token service and its storage host. */
  readonly requests: RequestLog;

  /** Names of the repositories that hold something or were created, sorted. */
  repositories(): string[];
  createRepository(repository: string): void;
  /** Deletes a repository with all that it holds. */
  deleteRepository(repository: string): void;
  /** Whether a repository has this manifest or blob. */
  has(repository: string, digest: Digest): boolean;
  /** The digest that a tag names. */
  tag(repository: string, tag: string): Digest | undefined;
  /** Tags of a repository, sorted. */
  tags(repository: string): string[];
  manifest(repository: string, tagOrDigest: string): StoredManifest | undefined;
  blob(repository: string, digest: Digest): Promise<Buffer | undefined>;
  /** Whether a tag or digest names a manifest with all children and blobs in the repository, each with the right bytes. */
  isComplete(repository: string, tagOrDigest: string): Promise<boolean>;
  /** What keeps a manifest from being complete, in words; empty when it is. */
  defects(repository: string, tagOrDigest: string): Promise<string[]>;

  /** Stores a blob without HTTP; a stream is not read when the registry has the blob already. */
  putBlob(repository: string, digest: Digest, bytes: Uint8Array | Readable): Promise<void>;
  /** Stores a manifest without HTTP and without checks. */
  putManifest(repository: string, mediaType: string, bytes: Uint8Array, tag?: string): Digest;
  deleteTag(repository: string, tag: string): void;
  /** Deletes a manifest and the tags that name it. */
  deleteManifest(repository: string, digest: Digest): void;
  /** Takes a blob out of a repository. */
  deleteBlob(repository: string, digest: Digest): void;

  /** Changes or adds a login; tokens that were given out stay valid. */
  setPassword(user: string, password: string): void;
  /** Makes every token that was given out invalid, as if it had expired. */
  revokeTokens(): void;

  /** Takes away every blob that no manifest of its repository names, as a registry's garbage collection does. */
  collectGarbage(): void;
  /** Ends all connections and forgets what was not finished, as a restart does. */
  interrupt(): void;
  /** How many connections clients keep open, to the registry, its token service and its storage host. */
  connections(): Promise<number>;

  /** Ends all connections and frees the port. A folder's content stays. */
  close(): Promise<void>;
}
