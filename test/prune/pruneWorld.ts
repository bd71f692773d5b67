import { gzipSync } from "node:zlib";
import { digestOf, type Digest } from "../../src/image/digest";
import type { JsonObject } from "../../src/json";
import { LOCK_VERSION, type LockFile } from "../../src/plan/lock/lockFile";
import type { ReadCluster } from "../../src/prune/clusterUses";
import type { TestRegistry } from "../support/registry";
import { Choices } from "../oci/copy/choices";

export const DAY = 24 * 60 * 60_000;
export const NOW = Date.UTC(2026, 10, 1);
export const MIRROR_PATH = "platform";

/** A manifest that the world has put into a repository. */
export interface WorldManifest {
  readonly repository: string;
  readonly digest: Digest;
  readonly children: readonly Digest[];
  readonly subject?: Digest;
  readonly config?: Digest;
}

/** What something in the world pulls, in the form in which it is pulled. */
interface Pull {
  readonly repository?: string;
  readonly tag?: string;
  readonly digest?: Digest;
}

/** A mirror, what was brought into it over time, and who needs it: made of a seed. */
export class World {
  readonly manifests: WorldManifest[] = [];
  /** By `repository:tag`. */
  readonly tags = new Map<string, Digest>();
  readonly pulls: Pull[] = [];
  readonly locks: { file: string; lock: LockFile }[] = [];
  readonly versions: { lock: LockFile; heldUntil: number }[] = [];
  readonly clusters: ReadCluster[] = [];
  readonly keepDays: number;
  readonly ownsAll: boolean;
  private readonly choices: Choices;
  private readonly objects: JsonObject[][] = [[], []];
  private readonly releases: JsonObject[][] = [[], []];
  private count = 0;
  /** The repository that is being filled. */
  private filling = "";
  /** Tags and what they were given, by the repository's name upstream. */
  private readonly brought = new Map<string, [string, Digest][]>();

  constructor(
    seed: number,
    private readonly registry: TestRegistry,
    private readonly hasReferrersApi: boolean,
  ) {
    this.choices = new Choices(seed);
    this.keepDays = this.choices.one([0, 10, 30]);
    this.ownsAll = this.chance(0.2);
  }

  /** Fills the mirror, and has clusters and lock files that need some of it. */
  async make(): Promise<void> {
    const repositories = ["team/app", "team/db", "nginx"].slice(0, this.upTo(3));
    for (const repository of repositories) await this.fill(`${MIRROR_PATH}/${repository}`, repository);
    await this.fill("elsewhere/app", "elsewhere/app");
    this.makeLocks(repositories);
    for (let i = this.upTo(4); i > 1; i--) this.addPod(repositories);
    for (let i = this.upTo(3); i > 1; i--) this.addRelease(repositories);
    for (const [i, objects] of this.objects.entries())
      this.clusters.push(clusterOf(`of the context c${i}`, objects, this.releases[i] as JsonObject[]));
  }

  private upTo(most: number): number {
    return 1 + this.choices.below(most);
  }

  private chance(of: number): boolean {
    return this.choices.random() < of;
  }

  private async blob(seed: string): Promise<{ digest: Digest; size: number }> {
    const bytes = Buffer.from(`blob ${seed}`);
    const digest = digestOf(bytes);
    await this.registry.putBlob(this.filling, digest, bytes);
    return { digest, size: bytes.length };
  }

  private put(repository: string, document: object, tag?: string): Digest {
    const { mediaType } = document as { mediaType: string };
    const bytes = Buffer.from(JSON.stringify(document));
    const digest = this.registry.putManifest(repository, mediaType, bytes, tag);
    if (tag !== undefined) this.tags.set(`${repository}:${tag}`, digest);
    const {
      manifests = [],
      subject,
      config,
    } = document as {
      manifests?: { digest: Digest }[];
      subject?: { digest: Digest };
      config?: { digest: Digest };
    };
    if (!this.manifests.some((one) => one.repository === repository && one.digest === digest))
      this.manifests.push({
        repository,
        digest,
        children: manifests.map((child) => child.digest),
        ...(subject && { subject: subject.digest }),
        ...(config && { config: config.digest }),
      });
    return digest;
  }

  private async image(repository: string, tag?: string, subject?: object): Promise<Digest> {
    this.filling = repository;
    const layers = [`shared${this.upTo(3)}`, `own${this.count++}`];
    return this.put(
      repository,
      {
        schemaVersion: 2,
        mediaType: "application/vnd.oci.image.manifest.v1+json",
        config: { mediaType: "application/vnd.oci.image.config.v1+json", ...(await this.blob(`config${this.count}`)) },
        layers: await Promise.all(
          layers.map(async (layer) => ({
            mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
            ...(await this.blob(layer)),
          })),
        ),
        ...subject,
      },
      tag,
    );
  }

  private descriptor(repository: string, digest: Digest): object {
    const stored = this.registry.manifest(repository, digest);
    if (!stored) throw new Error(`${repository} lacks ${digest}`);
    return { mediaType: stored.mediaType, digest, size: stored.bytes.length };
  }

  private index(repository: string, children: readonly Digest[], tag?: string): Digest {
    return this.put(
      repository,
      {
        schemaVersion: 2,
        mediaType: "application/vnd.oci.image.index.v1+json",
        manifests: children.map((child) => this.descriptor(repository, child)),
        annotations: { number: String(this.count++) },
      },
      tag,
    );
  }

  /** What one repository was given over time: images, indexes that share images, signatures, and what others put there. */
  private async fill(repository: string, name: string): Promise<void> {
    const { choices } = this;
    const singles: Digest[] = [];
    for (let i = 1 + this.upTo(4); i > 0; i--) singles.push(await this.image(repository));
    const tops: Digest[] = [];
    for (let i = 2 + this.upTo(5); i > 0; i--) {
      const children = singles.filter(() => this.chance(0.4));
      tops.push(children.length > 0 ? this.index(repository, children) : choices.one(singles));
    }
    const brought: [string, Digest][] = [];
    for (const [i, top] of tops.entries()) {
      // Tags move: a later image takes the tag of an earlier one.
      const tag = this.chance(0.3) ? "stable" : `1.${i}`;
      this.tag(repository, tag, top);
      brought.push([tag, top]);
    }
    this.brought.set(name, brought);
    for (const subject of [...tops, ...singles]) {
      if (this.chance(0.25)) await this.sign(repository, subject);
      if (this.chance(0.15)) await this.cosign(repository, subject);
    }
    // Somebody else's.
    if (this.chance(0.2)) this.tag(repository, "theirs", choices.one([...tops, ...singles]));
    if (this.chance(0.2)) this.index(repository, [choices.one(singles)], "their-index");
    if (this.chance(0.2)) await this.image(repository, "their-image");
  }

  private tag(repository: string, tag: string, digest: Digest): void {
    const stored = this.registry.manifest(repository, digest);
    if (!stored) throw new Error(`${repository} lacks ${digest}`);
    this.registry.putManifest(repository, stored.mediaType, stored.bytes, tag);
    this.tags.set(`${repository}:${tag}`, digest);
  }

  private async sign(repository: string, subject: Digest): Promise<void> {
    const descriptor = this.descriptor(repository, subject);
    const signature = await this.image(repository, undefined, {
      artifactType: "application/vnd.example.signature",
      subject: descriptor,
    });
    if (this.hasReferrersApi) return;
    const tag = subject.replace(":", "-");
    const listed =
      this.manifests.find(({ digest }) => digest === this.tags.get(`${repository}:${tag}`))?.children ?? [];
    this.index(repository, [...listed, signature], tag);
  }

  private async cosign(repository: string, subject: Digest): Promise<void> {
    await this.image(repository, `${subject.replace(":", "-")}.${this.choices.one(["sig", "att"])}`);
  }

  /** One or two lock files, each with versions that named more and more of what was brought. */
  private makeLocks(repositories: readonly string[]): void {
    const { choices } = this;
    for (let file = this.upTo(2); file > 0; file--) {
      let heldUntil = NOW;
      for (let version = 1 + this.upTo(4); version > 0; version--) {
        const images = repositories.flatMap((name) =>
          (this.brought.get(name) ?? [])
            .filter(() => this.chance(heldUntil === NOW ? 0.2 : 0.7))
            .map(([tag, digest]) => ({
              source: `${upstreamOf(name)}:${tag}`,
              target: `${this.registry.host}/${MIRROR_PATH}/${name}:${tag}`,
              digest,
              size: 1,
              platforms: [],
            })),
        );
        const lock: LockFile = {
          lockVersion: LOCK_VERSION,
          tool: "test",
          mirror: `${this.registry.host}/${MIRROR_PATH}`,
          chart: { name: "shop", version: "1.0.0", digest: digestOf("chart") },
          images,
          overrides: {},
          patches: [],
        };
        if (heldUntil === NOW) {
          this.locks.push({ file: `${file}.lock.yaml`, lock });
          for (const { target, digest } of images) {
            const [repository = "", tag = ""] = target.slice(this.registry.host.length + 1).split(":");
            this.pulls.push({ repository, tag }, { repository, digest });
          }
        }
        this.versions.push({ lock, heldUntil });
        heldUntil -= DAY * choices.one([1, 9, 11, 40]);
      }
    }
  }

  /** A reference as somebody pulls something, and what that needs. */
  private reference(repositories: readonly string[]): string | undefined {
    const { choices, registry } = this;
    const name = choices.one(repositories);
    const brought = this.brought.get(name) ?? [];
    if (brought.length === 0) return undefined;
    const [tag, digest] = choices.one(brought);
    const repository = `${MIRROR_PATH}/${name}`;
    const there = `${registry.host}/${repository}`;
    switch (this.upTo(3)) {
      case 1:
        this.pulls.push({ repository, tag });
        return `${there}:${tag}`;
      case 2:
        this.pulls.push({ repository, digest });
        return `${there}:${tag}@${digest}`;
      default:
        // By the name that it has upstream, as nodes with a mirror take it.
        this.pulls.push({ repository, tag });
        return `${upstreamOf(name)}:${tag}`;
    }
  }

  private addPod(repositories: readonly string[]): void {
    const { choices } = this;
    const image = this.reference(repositories);
    if (image === undefined) return;
    const running = choices.one(this.manifests.filter(({ repository }) => repository.startsWith(MIRROR_PATH)));
    const { repository, digest } = running;
    const imageID = this.chance(0.5) ? `10.0.0.9:5000/any/${repository.split("/").at(-1)}@${digest}` : "";
    if (imageID !== "") this.pulls.push({ digest }, { repository, digest });
    const list = choices.one(["containers", "initContainers", "ephemeralContainers"]);
    choices.one(this.objects).push({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "pod", namespace: "shop" },
      spec: { [list]: [{ name: "main", image }] },
      status: { [`${list.slice(0, -1)}Statuses`]: [{ name: "main", imageID }] },
    });
  }

  private addRelease(repositories: readonly string[]): void {
    const [ofManifest, ofHook] = [this.reference(repositories), this.reference(repositories)];
    if (ofManifest === undefined || ofHook === undefined) return;
    const workload = (kind: string, image: string): string =>
      JSON.stringify({
        apiVersion: "apps/v1",
        kind,
        spec: { template: { spec: { containers: [{ name: "a", image }] } } },
      });
    const release = {
      name: "shop",
      namespace: "shop",
      version: this.upTo(9),
      manifest: `---\n${workload("Deployment", ofManifest)}\n`,
      hooks: [{ kind: "Job", name: "hook", manifest: workload("Job", ofHook) }],
    };
    const once = gzipSync(JSON.stringify(release)).toString("base64");
    this.choices.one(this.releases).push({
      metadata: { name: `sh.helm.release.v1.shop.v${release.version}`, namespace: "shop", labels: { owner: "helm" } },
      data: { release: Buffer.from(once).toString("base64") },
    });
  }
}

const upstreamOf = (name: string): string => (name.includes("/") ? `quay.io/${name}` : `docker.io/library/${name}`);

function clusterOf(where: string, objects: readonly JsonObject[], secrets: readonly JsonObject[]): ReadCluster {
  return {
    where,
    // eslint-disable-next-line @typescript-eslint/require-await -- a real cluster is waited for
    async *list({ path }) {
      if (path === "/api/v1/pods") for (const object of objects) yield [object];
      if (path === "/api/v1/secrets") yield secrets;
    },
  };
}
