import { isDigest, matchesDigest, type Digest } from "../../../src/image/digest";
import type { RegistryContent } from "./endpoints/content";
import { MEDIA_TYPES } from "./endpoints/manifestDocument";
import type { RepositoryCatalogue, UpstreamOptions } from "./options";
import { readBody } from "./transport/request";
import { Upstream } from "./endpoints/upstream";

const ACCEPT = Object.values(MEDIA_TYPES).join(", ");

/** Fetches what is missing from other registries, and keeps it. */
export class PullThroughCache {
  /** By their options: an upstream remembers its logins. */
  readonly #upstreams = new Map<string, Upstream>();
  /** One transfer per blob, however many ask at once. */
  readonly #running = new Map<string, Promise<void>>();

  constructor(
    private readonly content: RegistryContent,
    private readonly catalogue: RepositoryCatalogue,
    private readonly rules: () => Promise<readonly UpstreamOptions[]>,
  ) {}

  /** Fetches a manifest if an upstream has it, and tags it as it was asked for. */
  async fetchManifest(repository: string, reference: string): Promise<void> {
    const rule = await this.#rule(repository);
    if (!rule) return;
    const answer = await rule.upstream.get(rule.source, `manifests/${reference}`, { accept: ACCEPT });
    if (answer.statusCode !== 200) return void answer.resume();
    const bytes = await readBody(answer as AsyncIterable<Buffer>, Infinity);
    if (!bytes || (isDigest(reference) && !matchesDigest(reference, bytes))) return;
    if (!(await this.#ready(repository))) return;
    const digest = isDigest(reference) ? reference : undefined;
    const manifest = this.content.storeManifest(repository, answer.headers["content-type"] ?? "", bytes, digest);
    const tag = digest === undefined ? reference : undefined;
    if (tag !== undefined) this.content.setTag(repository, tag, manifest.digest);
    await this.catalogue.manifestStored?.(repository, manifest, tag);
  }

  /** Fetches a blob if an upstream has it. */
  async fetchBlob(repository: string, digest: Digest): Promise<void> {
    const key = `${repository}@${digest}`;
    const running =
      this.#running.get(key) ?? this.#transfer(repository, digest).finally(() => this.#running.delete(key));
    this.#running.set(key, running);
    return running;
  }

  async #transfer(repository: string, digest: Digest): Promise<void> {
    const rule = await this.#rule(repository);
    if (!rule || !(await this.catalogue.exists(repository))) return;
    const answer = await rule.upstream.get(rule.source, `blobs/${digest}`);
    if (answer.statusCode !== 200) return void answer.resume();
    const draft = this.content.blobs.draft();
    await draft.append(answer as AsyncIterable<Buffer>);
    if (await draft.commit(digest)) this.content.link(repository, digest);
    else await draft.discard();
  }

  async #ready(repository: string): Promise<boolean> {
    return (await this.catalogue.exists(repository)) || this.catalogue.create(repository, "pullThrough");
  }

  async #rule(repository: string): Promise<{ upstream: Upstream; source: string } | undefined> {
    for (const rule of await this.rules()) {
      const prefix = rule.prefix === undefined ? "" : `${rule.prefix}/`;
      if (!repository.startsWith(prefix)) continue;
      const key = JSON.stringify(rule);
      const upstream = this.#upstreams.get(key) ?? new Upstream(rule);
      this.#upstreams.set(key, upstream);
      const path = rule.path === undefined ? "" : `${rule.path}/`;
      return { upstream, source: path + repository.slice(prefix.length) };
    }
    return undefined;
  }
}
