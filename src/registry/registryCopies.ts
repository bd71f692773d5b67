import * as pulumi from "@pulumi/pulumi";
import { checkCopyChoice, CopyMethodImpossibleError } from "../copy/copyChoice";
import { CopyMethod } from "../copy/copyMethod";
import { checkDaemonChoice } from "../copy/docker/daemonChoice";
import { daemonCopyArgs, DockerDaemon } from "../copy/docker/dockerDaemon";
import { loadDocker } from "../copy/docker/dockerSdk";
import { ImageCopy, type ImageCopyArgs, type RegistryAccessArgs } from "../copy/imageCopy";
import type { ImageCopyOptions } from "../copy/imageCopyOptions";
import type { ImageInMirror } from "../copy/imageInMirror";
import { ImageCopyJob } from "../copy/kubernetesJob/imageCopyJob";
import { MirrorError } from "../error";
import { ForeignLayers } from "../oci/copy/copyOptions";
import { formatPlatform } from "../image/platform";
import { parseReference } from "../image/reference";
import { servingUpstream, upstreamOf, type LayoutOptions } from "../plan/layout";
import { parsePlatforms, subsetImages, taggedTarget } from "../plan/platformChoice";
import type { ResolvedImage } from "../plan/resolvedPlan";
import { TargetCollisionError } from "../plan/targetCollision";
import { withoutStackTraces } from "../resource/withoutStackTraces";
import { copyWish, wishCollision, type CopyWish } from "./copyWish";

/** What one release wants of its images. */
export interface MirrorImagesOptions extends ImageCopyOptions {
  /** Name of the release's mirror, for what it makes for all its images together. */
  readonly name?: string;
  /** The name that the release had first, for what brings all of its images at once. Default: `name`. */
  readonly firstName?: string;
  /** A lock file says what its images are. */
  readonly locked?: boolean;
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

/** What a registry tells of itself to whoever brings images to it. */
export interface CopyDestination {
  /** Of its component, which is the parent of what is made. */
  readonly name: string;
  readonly parent: pulumi.Resource;
  readonly layout: LayoutOptions;
  /** Who brings images unless a release chooses, and who could. */
  readonly copyWith: CopyMethod | undefined;
  readonly copyMethods: readonly CopyMethod[];
  /** How this machine writes images there, and how it asks for those that the registry serves itself. Secret. */
  readonly pushAccess: pulumi.Output<pulumi.Unwrap<RegistryAccessArgs>>;
  readonly pullThroughAccess: () => pulumi.Output<pulumi.Unwrap<RegistryAccessArgs>>;
  /** What must exist before an image has this target. */
  readonly repositoryFor: (target: string) => pulumi.Resource[];
  /** Why images that are copied cannot be mirrored so; undefined when they can. */
  readonly optionsProblem: (options: Pick<MirrorImagesOptions, "referrers">) => MirrorError | undefined;
  /** What all that is made waits for. */
  readonly waitsFor: readonly pulumi.Input<pulumi.Resource>[];
}

/** What one release's wishes come to. */
interface CopyDecision {
  /** The platforms that alone are copied; undefined for all. */
  readonly platforms: string[] | undefined;
  /** The images that this concerns. */
  readonly subsets: readonly ResolvedImage[];
  /** Which platforms each target gets, in words. */
  readonly wishes: ReadonlyMap<string, string>;
  /** The images that nobody has brought yet, and that the registry does not serve itself. */
  readonly wanted: readonly ResolvedImage[];
}

/** The copies in one registry: one of each image, however many releases ask for it. */
export class RegistryCopies {
  private readonly copies = new Map<string, { source: string; copy: ImageInMirror }>();
  /** How the images that were copied have been asked for, by their targets. */
  private readonly asked = new Map<string, CopyWish>();
  /** Which platforms each target gets. */
  private readonly wishes = new Map<string, string>();

  /**
   * A registry's `protect` is for what its deletion would lose. A copy's deletes no image, and would only keep releases
   * from going on to other images.
   */
  private readonly child: pulumi.CustomResourceOptions;

  constructor(private readonly registry: CopyDestination) {
    this.child = { parent: registry.parent, protect: false };
  }

  /**
   * Refuses what {@link bring} would refuse, and makes nothing.
   *
   * @throws as `MirrorRegistry.mirrorImages`
   */
  check(images: readonly ResolvedImage[], options: MirrorImagesOptions): void {
    this.decide(images, options);
  }

  /** See `MirrorRegistry.mirrorImages`. */
  bring(
    images: readonly ResolvedImage[],
    access: pulumi.Input<pulumi.Unwrap<RegistryAccessArgs>[]>,
    options: MirrorImagesOptions,
  ): ImageInMirror[] {
    const { copyWith, copyJob } = options;
    const { platforms, subsets, wishes, wanted } = this.decide(images, options);
    for (const [place, wish] of wishes) this.wishes.set(place, wish);
    const own = copyWish(options);
    if (own) for (const { target } of wanted) this.asked.set(target, own);
    if (copyWith === CopyMethod.Kubernetes && copyJob && wanted.length > 0) this.copyInCluster(wanted, access, options);
    const daemon =
      copyWith === CopyMethod.Docker && wanted.length > 0 ? this.dockerDaemon(wanted, access, options) : undefined;
    return images.map((image) => {
      const own = { ...options, platforms: subsets.includes(image) ? platforms : undefined };
      return this.existing(image) ?? this.mirrorImage(image, access, own, daemon);
    });
  }

  /**
   * What becomes of each image. All that can be refused is refused here, before anything is registered: an update without
   * a preview begins with that at once.
   */
  private decide(images: readonly ResolvedImage[], options: MirrorImagesOptions): CopyDecision {
    const { name: registry, copyMethods: possible, layout } = this.registry;
    const { copyWith, copyJob, copyPlatform, referrers, foreignLayers, tags } = options;
    const platforms = parsePlatforms(options.platforms)?.map(formatPlatform);
    const copied = images.filter((image) => !this.serves(image));
    if (copyWith !== undefined || copyJob !== undefined || copyPlatform !== undefined)
      checkCopyChoice(
        registry,
        possible,
        options,
        copied.map(({ source }) => source),
      );
    const problem = copied.length > 0 ? this.registry.optionsProblem(options) : undefined;
    if (problem) throw problem;
    const method = copyWith ?? this.registry.copyWith ?? CopyMethod.Process;
    if (platforms && copied.length > 0) checkCopyChoice(registry, possible, { copyWith: method, platforms }, []);
    if (referrers && copied.length > 0 && method !== CopyMethod.Process)
      throw new CopyMethodImpossibleError(
        registry,
        method,
        "it brings images alone, and their signatures are to come with them",
        "Set copyWith to CopyMethod.Process, or leave referrers out",
      );
    const looksAtLayers = foreignLayers !== undefined && foreignLayers !== ForeignLayers.Skip;
    if (looksAtLayers && copied.length > 0 && method !== CopyMethod.Process)
      throw new CopyMethodImpossibleError(
        registry,
        method,
        `foreignLayers is ${JSON.stringify(foreignLayers)}, and it does with foreign layers as it likes`,
        "Set copyWith to CopyMethod.Process, or leave foreignLayers out",
      );
    const subsets = platforms ? subsetImages(images, layout) : [];
    const wishes = this.wishesOf(copied, (image) => (subsets.includes(image) ? platforms : undefined));
    const missing = images.filter((image) => !this.existing(image));
    const own = copyWish(options);
    if (own) this.refuseOtherWishes(copied, own);
    const wanted = missing.filter((image) => copied.includes(image));
    if (copyWith === CopyMethod.Docker && wanted.length > 0) {
      checkDaemonChoice(registry, { images: wanted, tags, platform: copyPlatform, possible });
      loadDocker();
    }
    return { platforms, subsets, wishes, wanted };
  }

  /** @throws {PlatformCollisionError} when another release wants other platforms of what it also pulls */
  private wishesOf(
    images: readonly ResolvedImage[],
    platformsOf: (image: ResolvedImage) => readonly string[] | undefined,
  ): Map<string, string> {
    const wishes = new Map<string, string>();
    for (const image of images) {
      const place = taggedTarget(image.target);
      const wish = platformsOf(image)?.join(", ") ?? ALL_PLATFORMS;
      const other = wishes.get(place) ?? this.wishes.get(place) ?? wish;
      if (other !== wish) throw new PlatformCollisionError(place, [other, wish]);
      wishes.set(place, wish);
    }
    return wishes;
  }

  /** @throws {MirrorError} when another release wants one of the images otherwise */
  private refuseOtherWishes(images: readonly ResolvedImage[], wish: CopyWish): void {
    for (const { target } of images) {
      const other = this.asked.get(target);
      const collision = other && wishCollision(target, other, wish);
      if (collision) throw collision;
    }
  }

  /** Whether the registry serves an image through itself, from its upstream. */
  private serves({ source }: ResolvedImage): boolean {
    return servingUpstream(parseReference(source), this.registry.layout) !== undefined;
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
    { name = "images", firstName = name, copyJob, tags }: MirrorImagesOptions,
  ): void {
    if (!copyJob) return;
    const job = new ImageCopyJob(
      `${this.registry.name}/${firstName}`,
      {
        ...copyJob,
        tags,
        images: images.map((image) => ({ source: image.source, target: image.target, ...knownOf(image) })),
        access: pulumi.all([this.registry.pushAccess, access]).apply(([own, others]) => [own, ...others]),
      },
      {
        ...this.child,
        dependsOn: [...this.registry.waitsFor, ...images.flatMap(({ target }) => this.registry.repositoryFor(target))],
      },
    );
    for (const { source, target } of images) this.copies.set(target, { source, copy: job.image(source, target) });
  }

  private dockerDaemon(
    images: readonly ResolvedImage[],
    access: pulumi.Input<pulumi.Unwrap<RegistryAccessArgs>[]>,
    { name = "images", firstName = name, copyPlatform }: MirrorImagesOptions,
  ): DockerDaemon {
    return new DockerDaemon(`${this.registry.name}/${firstName}`, {
      copies: images,
      sourceAccess: pulumi.output(access),
      pushAccess: this.registry.pushAccess,
      platform: copyPlatform,
      parent: this.registry.parent,
    });
  }

  private mirrorImage(
    image: ResolvedImage,
    access: pulumi.Input<pulumi.Unwrap<RegistryAccessArgs>[]>,
    { tags, copyWith, platforms, referrers, foreignLayers }: MirrorImagesOptions,
    daemon: DockerDaemon | undefined,
  ): ImageInMirror {
    const served = this.serves(image);
    const method = served ? CopyMethod.PullThrough : (copyWith ?? this.registry.copyWith);
    const name = `${this.registry.name}/${copyName(image, this.registry.layout)}`;
    const dependsOn = [...this.registry.waitsFor, ...this.registry.repositoryFor(image.target)];
    const pushed = method === CopyMethod.Docker ? daemon?.bring(name, image, dependsOn) : undefined;
    const args: ImageCopyArgs = {
      source: image.source,
      target: image.target,
      ...(pushed ? daemonCopyArgs(pushed) : knownOf(image)),
      ...(platforms && subsetOf(image, platforms)),
      method,
      tags,
      referrers: served ? undefined : referrers,
      foreignLayers: served ? undefined : foreignLayers,
      access: pulumi
        .all([served ? this.registry.pullThroughAccess() : this.registry.pushAccess, access])
        .apply(([own, others]) => [own, ...others]),
    };
    const opts = { ...this.child, dependsOn: [...dependsOn, ...(pushed ? [pushed.resource] : [])] };
    const copy = withoutStackTraces(() => new ImageCopy(name, args, opts));
    this.copies.set(image.target, { source: image.source, copy });
    return copy;
  }
}

/**
 * The name of an image's copy: its source, which is the same on every machine. Charts write an official image of Docker Hub in
 * two ways, which have two targets: one that is written with `library/` has its path in the name as well, whichever release
 * asks first.
 */
function copyName({ source, target }: ResolvedImage, layout: LayoutOptions): string {
  const { registry, repository } = parseReference(source);
  const path = target.slice(target.indexOf("/") + 1);
  const isOfficial = registry === "docker.io" && repository.startsWith("library/");
  // What the registry serves itself has one target, however it is written.
  if (!isOfficial || upstreamOf(parseReference(source), layout)) return source;
  return `/${parseReference(target).repository}`.endsWith(`/${repository}`) ? `${source} as ${path}` : source;
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
  return { digest, size, platforms: platforms && [...platforms] };
}
