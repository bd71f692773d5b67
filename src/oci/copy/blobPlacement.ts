import { withAdmission, type Admission } from "../registry/admission";
import type { Digest } from "../../image/digest";
import type { BlobCopy, BlobTransfer } from "./blobTransfer";
import type { UploadSession } from "../registry/blobRequests";
import type { RegistryProfile } from "../profiles/registryProfile";
import type { BlobOutcome } from "./progress";
import { RetryableFailure } from "../transport/retry";

/**
 * A manifest under way, as those see it who want to mount its blobs.
 *
 * ECR mounts only what a stored manifest names. Waiting for one another could be a circle, so a manifest waits only for
 * those that were begun before it.
 */
export class ManifestTicket {
  private static count = 0;
  private readonly order = ++ManifestTicket.count;
  private settle!: (isStored: boolean) => void;
  /** Whether the manifest was stored in the end; never fails. */
  readonly stored = new Promise<boolean>((resolve) => (this.settle = resolve));

  done(isStored: boolean): void {
    this.settle(isStored);
  }

  mayWaitFor(other: ManifestTicket): boolean {
    return other.order < this.order;
  }
}

/** A blob that a manifest under way needs in its repository. */
export interface BlobWish extends BlobCopy {
  readonly ticket: ManifestTicket;
}

/** A repository that has a blob; without a ticket it was there before. */
interface Holder {
  readonly repository: string;
  readonly ticket?: ManifestTicket;
}

/** Mounts that were refused in a row before a registry is taken to know none. */
const MAX_REFUSED_MOUNTS = 4;

/** How often a mount waits as the registry asks: there is another way. */
const MAX_MOUNT_WAITS = 3;

/**
 * Which blobs are where at one target registry, and how more get there.
 *
 * Each blob goes over the network once, however many images share it: the first that needs it uploads it, the others
 * wait and then mount it from there. What cannot be mounted is uploaded after all.
 */
export class BlobPlacement {
  private readonly holders = new Map<Digest, Holder[]>();
  private readonly uploads = new Map<Digest, Promise<void>>();
  private readonly arrivals = new Map<string, Promise<BlobOutcome>>();
  private refusedMounts = 0;
  /** Whether only blobs of stored manifests can be mounted; learnt from the first refusal. */
  private mountsNeedManifest: boolean;

  constructor(
    { mountsNeedManifest }: Pick<RegistryProfile, "mountsNeedManifest">,
    private readonly transfer: BlobTransfer,
    private readonly admission: Admission,
  ) {
    this.mountsNeedManifest = mountsNeedManifest;
  }

  /** Notes that a repository has a blob. */
  note(repository: string, digest: Digest, ticket?: ManifestTicket): void {
    const holders = this.holders.get(digest) ?? [];
    if (!holders.some((holder) => holder.repository === repository))
      holders.push({ repository, ...(ticket && { ticket }) });
    this.holders.set(digest, holders);
  }

  /** Forgets who has a blob, after the registry said that it misses it: also a mount may have been no more than a word. */
  forget(digest: Digest): void {
    this.holders.delete(digest);
  }

  /** Makes sure that a repository has a blob. */
  ensure(wish: BlobWish): Promise<BlobOutcome> {
    const { target, blob } = wish;
    if (this.has(target.repository, blob.digest)) return Promise.resolve("present");
    const key = `${target.repository}@${blob.digest}`;
    const arrival = this.arrivals.get(key);
    // Another image of the same repository brings it; if that fails, this one tries itself.
    if (arrival)
      return arrival.then(
        () => "present",
        () => this.ensure(wish),
      );
    const own = this.place(wish).finally(() => this.arrivals.delete(key));
    this.arrivals.set(key, own);
    return own;
  }

  private async place(wish: BlobWish): Promise<BlobOutcome> {
    const { target, blob, ticket } = wish;
    for (;;) {
      const holder = this.holders.get(blob.digest)?.[0];
      if (holder && this.refusedMounts < MAX_REFUSED_MOUNTS) {
        const mounted = await this.mount(wish, holder);
        // A refused mount says nothing about the repository itself, which may have the blob from an earlier run.
        if (mounted !== "mounted") return this.uploadIfMissing(wish, mounted);
        this.note(target.repository, blob.digest, ticket);
        return "mounted";
      }
      const upload = this.uploads.get(blob.digest);
      if (!upload || holder) break;
      // The leader's failure is its own to report.
      await upload.catch(() => undefined);
    }
    return this.lead(wish);
  }

  private lead(wish: BlobWish): Promise<BlobOutcome> {
    const { blob } = wish;
    const outcome = this.uploadIfMissing(wish, undefined);
    const upload = outcome.then(() => undefined);
    this.uploads.set(blob.digest, upload);
    const clear = (): void => {
      if (this.uploads.get(blob.digest) === upload) this.uploads.delete(blob.digest);
    };
    upload.then(clear, clear);
    return outcome;
  }

  private async uploadIfMissing(wish: BlobWish, session: UploadSession | undefined): Promise<BlobOutcome> {
    const { target, blob, ticket } = wish;
    if (await target.client.hasBlob(target.repository, blob.digest, blob.size)) {
      this.note(target.repository, blob.digest);
      return "present";
    }
    await this.transfer.copy(wish, session);
    this.note(target.repository, blob.digest, ticket);
    return "uploaded";
  }

  /** @returns `mounted`, or what to upload with: the session that the registry opened instead, or none. */
  private async mount(wish: BlobWish, holder: Holder): Promise<"mounted" | UploadSession | undefined> {
    const { ticket } = wish;
    const { ticket: leader } = holder;
    const mayWait = leader !== undefined && ticket.mayWaitFor(leader);
    if (this.mountsNeedManifest && leader) {
      if (!mayWait) return undefined;
      if (!(await leader.stored)) return undefined;
    }
    const first = await this.tryMount(wish, holder);
    if (first === "mounted") {
      this.refusedMounts = 0;
      return first;
    }
    if (!this.mountsNeedManifest && mayWait && (await leader.stored)) {
      const second = await this.tryMount(wish, holder);
      if (second === "mounted") {
        this.mountsNeedManifest = true;
        return second;
      }
      this.refusedMounts++;
      return second;
    }
    this.refusedMounts++;
    return first;
  }

  private async tryMount(
    { target, blob }: BlobWish,
    { repository }: Holder,
  ): Promise<"mounted" | UploadSession | undefined> {
    const { client } = target;
    const { retrier } = this.admission;
    let waits = 0;
    try {
      return await retrier.run(`mounting the blob ${blob.digest}`, () =>
        withAdmission(this.admission, [{ host: client.registry, kind: "requests" }], () =>
          client.mount(target.repository, blob.digest, repository).catch((error: unknown) => {
            if (error instanceof RetryableFailure && error.asksToWait && ++waits <= MAX_MOUNT_WAITS) throw error;
            retrier.pauseIfAsked(error);
            // Any other answer but a mount means an upload, which reports what is really wrong
            // (https://github.com/google/go-containerregistry/issues/1404, 1679).
            return undefined;
          }),
        ),
      );
    } catch {
      return undefined;
    }
  }

  private has(repository: string, digest: Digest): boolean {
    return this.holders.get(digest)?.some((holder) => holder.repository === repository) ?? false;
  }
}
