import * as pulumi from "@pulumi/pulumi";
import { ChartPush, type ChartPushArgs } from "../copy/chartPush";
import { ImageCopy, type ImageCopyArgs, type RegistryAccessArgs } from "../copy/imageCopy";
import { checkCopyChoice, CopyMethodImpossibleError, type CopyChoice } from "../copy/copyChoice";
import { CopyMethod } from "../copy/copyMethod";
import { checkDaemonChoice } from "../copy/docker/daemonChoice";
import { daemonCopyArgs, DockerDaemon } from "../copy/docker/dockerDaemon";
import type { ImageInMirror } from "../copy/imageInMirror";
import { ImageCopyJob } from "../copy/kubernetesJob/imageCopyJob";
import { MirrorError, MirrorErrors } from "../error";
import { formatPlatform } from "../image/platform";
import { parseReference } from "../image/reference";
import type { PullCredentials } from "../kubernetes/pullSecret";
import { upstreamOf, type LayoutOptions, type MirrorAddress } from "../plan/layout";
import { parsePlatforms, subsetImages, taggedTarget } from "../plan/platformChoice";
import type { PlannedImage } from "../plan/relocationPlan";
import { TargetCollisionError } from "../plan/targetCollision";
import type { ResolvedImage } from "../plan/resolvedPlan";
import type { TagPolicy } from "../plan/tagPolicy";
import { UnknownInputError } from "../release/knownNow";
import type { RegistryReference } from "./registryReference";

/** What one release wants of its images. */
export interface MirrorImagesOptions extends CopyChoice {
  /** Name of the release's mirror, for what it makes for all its images together. */
  readonly name?: string;
  /** What happens when a tag of a source registry has moved; default: it is followed. */
  readonly tags?: TagPolicy;
  /** Whether signatures and all else that refers to images come with them. Default: false. */
  readonly referrers?: boolean;
}

/** A chart's archive, and where it goes; see `ChartPushArgs`. */
export type ChartInMirror = Readonly<Record<Exclude<keyof ChartPushArgs, "access">, string>>;

/** Two charts of one name and version that are not the same. `code` is `CHART_COLLISION`. */
export class ChartCollisionError extends MirrorError {
  override readonly name = "ChartCollisionError";
  constructor(target: string) {
    super(
      "CHART_COLLISION",
      `giving two charts places in the mirror failed: both would be ${target}, and they are not the same`,
      "Give one of them another version in its Chart.yaml, or mirror it to another path",
    );
  }
}

const ALL_PLATFORMS = "all platforms";

/** Two releases that want other platforms of one image in one place. `code` is `PLATFORM_COLLISION`. */
export class PlatformCollisionError extends MirrorError {
  override readonly name = "PlatformCollisionError";
  constructor(target: string, wishes: readonly string[]) {
    super(
      "PLATFORM_COLLISION",
      `choosing the platforms of ${target} failed: two releases that share the registry want ${wishes.join(" and ")} of it`,
      "Give both the same platforms, or mirror one of them to another path",
    );
  }
}

/**
 * Where mirrored images live: the contract that every kind of registry fulfils.
 *
 * A registry is a component of its own. Many releases may share it; it creates one repository and one copy for each
 * image, however many of them ask.
 */
export abstract class MirrorRegistry<Data = unknown> extends pulumi.ComponentResource<Data> {
  /**
   * Where it is. Known in every preview, also before anything exists. Rejects when it depends on an unknown. Whatever
   * else is said here is whole once this is known.
   */
  abstract readonly address: Promise<MirrorAddress>;
  /** How targets are named. */
  abstract readonly layout: LayoutOptions;
  /** How this machine reaches the registry to write images. Secret. */
  abstract readonly pushAccess: pulumi.Output<pulumi.Unwrap<RegistryAccessArgs>>;
  /** The login for pull secrets; undefined where nodes pull with an identity or without a login. Secret. */
  abstract readonly pullCredentials: pulumi.Output<pulumi.Unwrap<PullCredentials>> | undefined;

  /** Whether `pullCredentials` is a token that ends by itself, so that somebody has to renew what holds it. */
  readonly pullTokenExpires: boolean = false;

  /** Logins of the registries that images come from, where this registry has been told them. Secret. */
  readonly sourceAccess: readonly pulumi.Input<RegistryAccessArgs>[] = [];

  /** What nodes need before they can pull, besides a pull secret: roles and such. Releases wait for it. */
  readonly pullGrants: readonly pulumi.Resource[] = [];

  /**
   * How Helm speaks to the registry, when it deploys charts from there with `pullCredentials`, or with the login of its
   * machine. Undefined where the login is a token of hours: in a release it would be a change in every update.
   */
  readonly helmReach: Pick<RegistryAccessArgs, "plainHttp" | "caCertificate"> | undefined;

  /** Who brings images that the registry does not serve through itself. Default: `CopyMethod.Process`. */
  protected readonly copyMethod: CopyMethod | undefined;

  /** The ways in which images can come to a registry of this kind. */
  protected readonly copyMethods: readonly CopyMethod[] = [
    CopyMethod.Process,
    CopyMethod.Kubernetes,
    CopyMethod.PullThrough,
    CopyMethod.Docker,
  ];

  /** The component's own `dependsOn`, which the SDK does not hand to children. */
  protected readonly waitsFor: readonly pulumi.Input<pulumi.Resource>[];

  /** What its {@link reference} says besides address, layout and logins of sources. */
  protected abstract readonly shared: pulumi.Input<Partial<RegistryReference>>;

  private readonly copies = new Map<string, { source: string; copy: ImageInMirror }>();
  /** Which platforms each target gets. */
  private readonly wishes = new Map<string, string>();
  private readonly charts = new Map<string, { digest: string; push: ChartPush }>();

  /**
   * All that another stack needs to bring images here and to pull them: export it, and pass it to a `SharedRegistry`
   * there. Secret where it holds logins.
   *
   * @example
   * ```ts
   * export const registry = new EcrRegistry("mirror", { repositories: EcrRepositories.CreateOnPush }).reference;
   * ```
   */
  get reference(): pulumi.Output<RegistryReference> {
    const whole = async () => {
      const { host, path } = await this.address;
      const { keepHost = false, upstreams = [] } = this.layout;
      const sourceAccess = this.sourceAccess.length > 0 ? pulumi.secret([...this.sourceAccess]) : undefined;
      return pulumi.all([this.shared, sourceAccess]).apply(([shared, access]) => ({
        host,
        ...(path !== undefined && { path }),
        keepHost,
        upstreams: [...upstreams],
        ...(access && { sourceAccess: access }),
        ...shared,
      }));
    };
    const unlessUnknown = (error: unknown) => {
      if (error instanceof UnknownInputError) return pulumi.unknown as unknown as RegistryReference;
      throw error;
    };
    return pulumi.output(whole().catch(unlessUnknown));
  }

  /**
   * Images brought into this registry, each by the first release that asks for it.
   *
   * @param access logins of source registries
   * @returns what holds each image, in the same order
   * @throws {TargetCollisionError} when another source has a target already
   * @throws {CopyMethodImpossibleError} when they cannot come in the way that was chosen
   * @throws {PlatformCollisionError} when another release wants other platforms of one of them
   */
  mirrorImages(
    images: readonly ResolvedImage[],
    access: pulumi.Input<pulumi.Unwrap<RegistryAccessArgs>[]>,
    options: MirrorImagesOptions = {},
  ): ImageInMirror[] {
    const { copyWith, copyJob, copyPlatform, referrers } = options;
    const platforms = parsePlatforms(options.platforms)?.map(formatPlatform);
    const served = images.filter((image) => this.serves(image));
    const copied = images.filter((image) => !served.includes(image));
    if (copyWith !== undefined || copyJob !== undefined || copyPlatform !== undefined)
      checkCopyChoice(
        this.resourceName,
        this.copyMethods,
        options,
        copied.map(({ source }) => source),
      );
    const method = copyWith ?? this.copyMethod ?? CopyMethod.Process;
    if (platforms && copied.length > 0)
      checkCopyChoice(this.resourceName, this.copyMethods, { copyWith: method, platforms }, []);
    const subsets = platforms ? subsetImages(images, this.layout) : [];
    for (const image of copied) this.noteWish(image, subsets.includes(image) ? platforms : undefined);
    if (referrers && copied.length > 0 && method !== CopyMethod.Process)
      throw new CopyMethodImpossibleError(
        this.resourceName,
        method,
        "it brings images alone, and their signatures are to come with them",
        "Set copyWith to CopyMethod.Process, or leave referrers out",
      );
    const wanted = copied.filter((image) => !this.existing(image));
    if (copyWith === CopyMethod.Kubernetes && copyJob && wanted.length > 0) this.copyInCluster(wanted, access, options);
    const daemon =
      copyWith === CopyMethod.Docker && wanted.length > 0 ? this.dockerDaemon(wanted, access, options) : undefined;
    return images.map((image) => {
      const own = { ...options, platforms: subsets.includes(image) ? platforms : undefined };
      return this.existing(image) ?? this.mirrorImage(image, access, own, daemon);
    });
  }

  /** @throws {PlatformCollisionError} when another release wants other platforms of what it also pulls */
  private noteWish({ target }: ResolvedImage, platforms: readonly string[] | undefined): void {
    const place = taggedTarget(target);
    const wish = platforms?.join(", ") ?? ALL_PLATFORMS;
    const other = this.wishes.get(place) ?? wish;
    if (other !== wish) throw new PlatformCollisionError(place, [other, wish]);
    this.wishes.set(place, wish);
  }

  /** Whether the registry serves an image through itself, from its upstream. */
  private serves({ source }: ResolvedImage): boolean {
    const upstream = upstreamOf(parseReference(source), this.layout);
    return upstream !== undefined && !upstream.copied;
  }

  private existing({ source, target }: ResolvedImage): ImageInMirror | undefined {
    const existing = this.copies.get(target);
    if (existing && existing.source !== source) throw new TargetCollisionError(target, [existing.source, source]);
    return existing?.copy;
  }

  /** One Job for all images that no other release has asked for. */
  private copyInCluster(
    images: readonly ResolvedImage[],
    access: pulumi.Input<pulumi.Unwrap<RegistryAccessArgs>[]>,
    { name = "images", copyJob, tags }: MirrorImagesOptions,
  ): void {
    if (!copyJob) return;
    const job = new ImageCopyJob(
      `${this.resourceName}/${name}`,
      {
        ...copyJob,
        ...(tags !== undefined && { tags }),
        images: images.map((image) => ({ source: image.source, target: image.target, ...knownOf(image) })),
        access: pulumi.all([this.pushAccess, access]).apply(([own, others]) => [own, ...others]),
      },
      { parent: this, dependsOn: [...this.waitsFor, ...images.flatMap(({ target }) => this.repositoryFor(target))] },
    );
    for (const { source, target } of images) this.copies.set(target, { source, copy: job.image(source, target) });
  }

  private dockerDaemon(
    images: readonly ResolvedImage[],
    access: pulumi.Input<pulumi.Unwrap<RegistryAccessArgs>[]>,
    { name = "images", copyPlatform, tags }: MirrorImagesOptions,
  ): DockerDaemon {
    checkDaemonChoice(this.resourceName, { images, tags, platform: copyPlatform, possible: this.copyMethods });
    return new DockerDaemon(`${this.resourceName}/${name}`, {
      copies: images,
      sourceAccess: pulumi.output(access),
      pushAccess: this.pushAccess,
      platform: copyPlatform,
      parent: this,
    });
  }

  private mirrorImage(
    image: ResolvedImage,
    access: pulumi.Input<pulumi.Unwrap<RegistryAccessArgs>[]>,
    { tags, copyWith, platforms, referrers }: MirrorImagesOptions,
    daemon: DockerDaemon | undefined,
  ): ImageInMirror {
    // Named by its source, which is the same on every machine; a chart that writes one image in two ways
    // (`nginx`, `library/nginx`) gives it a second target, which the name then tells too.
    const again = [...this.copies.values()].some(({ source }) => source === image.source);
    const path = image.target.slice(image.target.indexOf("/") + 1);
    const served = this.serves(image);
    const method = served ? CopyMethod.PullThrough : (copyWith ?? this.copyMethod);
    const name = `${this.resourceName}/${image.source}${again ? ` as ${path}` : ""}`;
    const dependsOn = [...this.waitsFor, ...this.repositoryFor(image.target)];
    const pushed = method === CopyMethod.Docker ? daemon?.bring(name, image, dependsOn) : undefined;
    const copy = new ImageCopy(
      name,
      {
        source: image.source,
        target: image.target,
        ...(pushed ? daemonCopyArgs(pushed) : knownOf(image)),
        ...(platforms && subsetOf(image, platforms)),
        ...(method !== undefined && { method }),
        ...(tags !== undefined && { tags }),
        ...(referrers && !served && { referrers }),
        access: pulumi
          .all([served ? this.pullThroughAccess() : this.pushAccess, access])
          .apply(([own, others]) => [own, ...others]),
      },
      { parent: this, dependsOn: [...dependsOn, ...(pushed ? [pushed.resource] : [])] },
    );
    this.copies.set(image.target, { source: image.source, copy });
    return copy;
  }

  /**
   * A chart pushed into this registry, by the first release that asks for it.
   *
   * @throws {ChartCollisionError} when another chart has its name and version
   */
  mirrorChart({ file, target, version, digest }: ChartInMirror): ChartPush {
    const existing = this.charts.get(target);
    if (existing && existing.digest !== digest) throw new ChartCollisionError(target);
    if (existing) return existing.push;
    const push = new ChartPush(
      `${this.resourceName}/${target.slice(target.indexOf("/") + 1)}`,
      { file, target, version, digest, access: this.pushAccess.apply((own) => [own]) },
      { parent: this, dependsOn: [...this.waitsFor, ...this.repositoryFor(target)] },
    );
    this.charts.set(target, { digest, push });
    return push;
  }

  /**
   * Refuses images that a registry of this kind cannot hold under the names of their targets. Planning asks, before
   * anything is created.
   *
   * @throws {MirrorError} about all of them
   */
  refuseTargets(images: readonly Pick<PlannedImage, "source" | "target">[]): void {
    MirrorErrors.throwIfAny(
      `Images cannot be mirrored to registry ${this.resourceName}`,
      images.flatMap(({ source, target }) => this.targetProblem(source, target) ?? []),
    );
  }

  /** Why an image cannot have that target; undefined when it can. */
  protected targetProblem(_source: string, _target: string): MirrorError | undefined {
    return undefined;
  }

  /**
   * How the address that pods pull from is spoken to, whatever the login: not where images are written, if that is
   * another place, and with none of this machine's logins.
   */
  pullReach(): pulumi.Output<Pick<pulumi.Unwrap<RegistryAccessArgs>, "host" | "plainHttp" | "caCertificate">> {
    return this.pullThroughAccess().apply(({ host, plainHttp, caCertificate }) => ({
      host,
      ...(plainHttp !== undefined && { plainHttp }),
      ...(caCertificate !== undefined && { caCertificate }),
    }));
  }

  /** How this machine asks for images that the registry serves itself. Secret. */
  protected pullThroughAccess(): pulumi.Output<pulumi.Unwrap<RegistryAccessArgs>> {
    return this.pushAccess;
  }

  /**
   * What must exist before an image can be pushed to this target, or pulled through it: its repository or its cache
   * rule, where the registry makes none itself.
   */
  protected abstract repositoryFor(target: string): pulumi.Resource[];

  protected constructor(
    type: string,
    protected readonly resourceName: string,
    args: pulumi.Inputs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super(type, resourceName, args, opts);
    this.waitsFor = [opts?.dependsOn ?? []].flat() as pulumi.Input<pulumi.Resource>[];
  }
}

/** What the plan knows of an image of which some platforms alone are copied. */
function subsetOf(
  { digest, targetDigest }: ResolvedImage,
  platforms: readonly string[],
): Pick<ImageCopyArgs, "onlyPlatforms" | "digest" | "sourceDigest"> {
  return {
    onlyPlatforms: [...platforms],
    ...(digest !== undefined && { digest: targetDigest ?? digest, sourceDigest: digest }),
  };
}

/** What the plan knows of an image, for whoever copies it. */
function knownOf({ digest, size, platforms }: ResolvedImage): { digest?: string; size?: number; platforms?: string[] } {
  return {
    ...(digest !== undefined && { digest }),
    ...(size !== undefined && { size }),
    ...(platforms !== undefined && { platforms: [...platforms] }),
  };
}
