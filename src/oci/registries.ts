import { channel } from "node:diagnostics_channel";
import type { Digest } from "../image/digest";
import type { Platform } from "../image/platform";
import { canonicalHost, manifestName, type ImageReference } from "../image/reference";
import { ownValue } from "../ownKeys";
import type { RegistryAccess } from "./transport/access";
import type { Artifact, NewArtifact } from "./manifest/artifact";
import type { Credentials, Keychain } from "./auth/credentials";
import type { CredentialSource } from "./auth/login";
import type { BlobPlacements } from "./copy/blobPlacements";
import { RegistryClient } from "./registry/client";
import { ClosableClock } from "./transport/closableClock";
import { copyImage } from "./copy/copy";
import type { CopyContext, CopyEnd } from "./copy/copyEnds";
import type { CopyOptions } from "./copy/copyOptions";
import type { CopyPreview } from "./copy/copyPreview";
import type { Descriptor } from "./manifest/descriptor";
import { endpointOf } from "./transport/endpoint";
import { HttpTransport } from "./transport/http";
import type { ProxyEnvironment } from "./transport/httpProxy";
import type { ManifestCache } from "./manifest/manifestCache";
import type { OpenLayouts } from "./layout/openLayouts";
import type { CopyResult } from "./copy/progress";
import type { PlatformSubset, ResolvedManifest } from "./manifest/resolvedManifest";
import { RegistrySession, type SessionOptions } from "./registry/session";
import { Traffic, type TrafficOptions } from "./registry/traffic";
import type { Traces } from "../tracing";

const logins = channel("chart-mirror:login" satisfies keyof Traces);

/**
 * What is loaded with its first use. Most runs find every image in place, and what they do not need would be a good part
 * of their time (`npm run bench`, warm).
 */
const load = {
  artifactTransfer: () => require("./copy/artifactTransfer") as typeof import("./copy/artifactTransfer"),
  blobPlacements: () => require("./copy/blobPlacements") as typeof import("./copy/blobPlacements"),
  credentials: () => require("./auth/credentials") as typeof import("./auth/credentials"),
  copyPreview: () => require("./copy/copyPreview") as typeof import("./copy/copyPreview"),
  layouts: () => require("./layout/openLayouts") as typeof import("./layout/openLayouts"),
  manifestCache: () => require("./manifest/manifestCache") as typeof import("./manifest/manifestCache"),
  listings: () => require("./registry/listings") as typeof import("./registry/listings"),
  resolveImage: () => require("./copy/resolveImage") as typeof import("./copy/resolveImage"),
};

export interface RegistriesOptions extends TrafficOptions {
  /** Registries with settings or credentials of their own; all others are reached by https. */
  readonly access?: readonly RegistryAccess[];
  /** Asked for registries whose access has no credentials. Default: none. */
  readonly keychain?: Keychain;
  /** Limits and pauses shared with other `Registries`; default: own ones, made of these options. */
  readonly traffic?: Traffic;
  /** How long a connection may keep silent, in milliseconds. Default 60 s. */
  readonly stallTimeoutMs?: number;
  /** `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` are read. Default: no proxy. */
  readonly environment?: ProxyEnvironment;
  /** What stands for a registry that is none, such as an archive that images are written into. */
  readonly sessions?: Readonly<Record<string, (options: SessionOptions) => RegistrySession>>;
}

/**
 * The registries that a process talks to: one set of connections, logins, limits and known blobs for all its copies.
 *
 * @example
 * ```ts
 * const registries = new Registries({ access: [{ host: "mirror.example.com", username: "robot", password }] });
 * await registries.copy(parseReference("nginx:1.27"), parseReference("mirror.example.com/nginx:1.27"));
 * ```
 */
export class Registries {
  // Private to JavaScript itself, so that whoever prints registries sees no secret.
  readonly #options: RegistriesOptions;
  readonly #access: ReadonlyMap<string, RegistryAccess>;
  private readonly clock: ClosableClock;
  private readonly traffic: Traffic;
  private readonly transport: HttpTransport;
  private readonly stallTimeoutMs: number;
  private manifests: ManifestCache | undefined;
  private readonly clients = new Map<string, RegistryClient>();
  private placements: BlobPlacements | undefined;
  private layouts: OpenLayouts | undefined;

  constructor(options: RegistriesOptions = {}) {
    this.#options = options;
    this.#access = new Map(options.access?.map((access) => [canonicalHost(access.host), access]));
    const { clock, limits, rates, retrier } = options.traffic ?? new Traffic(options);
    this.clock = new ClosableClock(clock);
    this.traffic = { clock: this.clock, limits, rates, retrier: retrier.withClock(this.clock) };
    this.stallTimeoutMs = options.stallTimeoutMs ?? 60_000;
    this.transport = new HttpTransport(options.environment ?? {});
  }

  /**
   * What a reference stands for: digest, size, platforms; or what a copy of some of its platforms is.
   *
   * @throws ImageNotFoundError, TagNotFoundError, LoginRefusedError and the other errors of `errors.ts`.
   */
  resolve(reference: ImageReference, { platforms }: Pick<CopyOptions, "platforms"> = {}): Promise<ResolvedManifest> {
    return load.resolveImage().resolveImage(this.end(reference), this.cache, platforms);
  }

  /** Which digest a copy of some platforms has; reads one manifest of most images. Errors as with {@link resolve}. */
  subset(reference: ImageReference, platforms: readonly Platform[]): Promise<PlatformSubset> {
    return load.resolveImage().resolveSubset(this.end(reference), this.cache, platforms);
  }

  /** Whether an image is there, by one HEAD request; undefined when it is not. */
  head(reference: ImageReference): Promise<Descriptor | undefined> {
    return this.client(reference.registry).headManifest(reference.repository, manifestName(reference));
  }

  /**
   * Copies an image, with all its platforms unless told otherwise; does nothing when the target has it.
   *
   * @throws the errors of `errors.ts`. Whatever happens, the target's tag names a complete image or is as it was.
   */
  copy(source: ImageReference, target: ImageReference, options: CopyOptions = {}): Promise<CopyResult> {
    return copyImage(this.copyContext(source, target, options));
  }

  /** What {@link copy} would do with these arguments; writes nothing. */
  preview(source: ImageReference, target: ImageReference, options: CopyOptions = {}): Promise<CopyPreview> {
    return load.copyPreview().previewCopy(this.copyContext(source, target, options));
  }

  /** All tags of a reference's repository. */
  listTags(reference: Pick<ImageReference, "registry" | "repository">): Promise<string[]> {
    return load.listings().listTags(this.client(reference.registry), reference.repository);
  }

  /** Reads a small artifact, such as a Helm chart, into memory. */
  pullArtifact(reference: ImageReference): Promise<Artifact> {
    return load.artifactTransfer().pullArtifact(this.end(reference), this.cache);
  }

  /** Stores an artifact; answers what its manifest is. */
  pushArtifact(reference: ImageReference, artifact: NewArtifact): Promise<Descriptor> {
    return load.artifactTransfer().pushArtifact(this.end(reference), this.blobPlacements().transfer, artifact);
  }

  /** Closes all connections; what is under way fails, and what waits for a registry, too. */
  close(): void {
    this.transport.close();
    this.clock.close();
    void this.layouts?.close();
  }

  /** The client of a registry: for what this class has no word for. */
  client(host: string): RegistryClient {
    const registry = canonicalHost(host);
    let client = this.clients.get(registry);
    if (!client) {
      const access = this.#access.get(registry) ?? this.layoutsForAll();
      const { transport, stallTimeoutMs } = this;
      const endpoint = endpointOf(registry, access);
      const { limits, rates, retrier, clock } = this.traffic;
      const options: SessionOptions = {
        endpoint,
        credentials: this.credentialSource(endpoint.loginHost, access),
        tokenServices: access?.tokenServices ?? [],
        transport,
        limits,
        rates,
        retrier,
        clock,
        stallTimeoutMs,
      };
      const session = this.layoutSession(registry, access, options) ?? new RegistrySession(options);
      this.clients.set(registry, (client = new RegistryClient(session)));
    }
    return client;
  }

  /** Notes that a registry has a blob which the source of the next copies may lack: it is mounted from there. */
  noteBlob({ registry, repository }: Pick<ImageReference, "registry" | "repository">, digest: Digest): void {
    this.blobPlacements().at(this.client(registry)).note(repository, digest);
  }

  /** The layouts that stand for every host: a login or a way to reach one is for no host that nobody names. */
  private layoutsForAll(): RegistryAccess | undefined {
    const { host, layouts = [] } = this.#access.get("*") ?? {};
    return host !== undefined && layouts.length > 0 ? { host, layouts } : undefined;
  }

  private layoutSession(
    registry: string,
    access: RegistryAccess | undefined,
    options: SessionOptions,
  ): RegistrySession | undefined {
    const made = ownValue(this.#options.sessions ?? {}, registry);
    if (made) return made(options);
    const [first, ...others] = access?.layouts ?? [];
    if (first === undefined) return undefined;
    return (this.layouts ??= new (load.layouts().OpenLayouts)()).session(options, [first, ...others]);
  }

  private end(reference: ImageReference): CopyEnd {
    return { client: this.client(reference.registry), reference };
  }

  private copyContext(source: ImageReference, target: ImageReference, options: CopyOptions): CopyContext {
    return {
      source: this.end(source),
      target: this.end(target),
      placement: () => this.blobPlacements().at(this.client(target.registry)),
      cache: () => this.cache,
      clock: this.traffic.clock,
      options,
    };
  }

  private get cache(): ManifestCache {
    return (this.manifests ??= new (load.manifestCache().ManifestCache)());
  }

  private blobPlacements(): BlobPlacements {
    return (this.placements ??= new (load.blobPlacements().BlobPlacements)(this.traffic, this.stallTimeoutMs));
  }

  private credentialSource(host: string, access: RegistryAccess | undefined): CredentialSource {
    const given = access && givenCredentials(access);
    if (given)
      return () => {
        if (logins.hasSubscribers)
          logins.publish({ host, from: "what was given for it", without: [] } satisfies Traces["chart-mirror:login"]);
        return Promise.resolve(given);
      };
    return async (repository) => this.#options.keychain?.credentialsFor(host, repository);
  }
}

function givenCredentials(access: RegistryAccess): Credentials | undefined {
  const { username, password, identityToken, azureToken } = access;
  if (azureToken) return { kind: "azureToken", ...azureToken };
  if (identityToken) return { kind: "identityToken", token: identityToken, ...(username && { username }) };
  if (username !== undefined && password !== undefined)
    return load.credentials().fromUserAndPassword(username, password);
  return undefined;
}
