import * as pulumi from "@pulumi/pulumi";
import { ImageCopy, type RegistryAccessArgs } from "../copy/imageCopy";
import { CopyMethod } from "../copy/copyMethod";
import type { MirrorError } from "../error";
import { MirrorErrors } from "../error";
import { parseReference } from "../image/reference";
import type { PullCredentials } from "../kubernetes/pullSecret";
import { upstreamOf, type LayoutOptions, type MirrorAddress } from "../plan/layout";
import type { PlannedImage } from "../plan/relocationPlan";
import { TargetCollisionError } from "../plan/targetCollision";
import type { ResolvedImage } from "../plan/resolvedPlan";
import type { TagPolicy } from "../plan/tagPolicy";

/**
 * Where mirrored images live: the contract that every kind of registry fulfils.
 *
 * A registry is a component of its own. Many releases may share it; it creates one repository and one copy for each
 * image, however many of them ask.
 */
export abstract class MirrorRegistry<Data = unknown> extends pulumi.ComponentResource<Data> {
  /** Where it is. Known in every preview, also before anything exists. Rejects when it depends on an unknown. */
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

  /** Who brings images that the registry does not serve through itself. Default: `CopyMethod.Process`. */
  protected readonly copyMethod: CopyMethod | undefined;

  private readonly copies = new Map<string, { source: string; copy: ImageCopy }>();

  /**
   * Images brought into this registry, each by the first release that asks for it.
   *
   * @param access logins of source registries
   * @param tags what happens when a tag of a source registry has moved; default: it is followed
   * @returns one resource for each image, in the same order
   * @throws {TargetCollisionError} when another source has a target already
   */
  mirrorImages(
    images: readonly ResolvedImage[],
    access: pulumi.Input<pulumi.Unwrap<RegistryAccessArgs>[]>,
    tags?: TagPolicy,
  ): ImageCopy[] {
    return images.map((image) => this.mirrorImage(image, access, tags));
  }

  private mirrorImage(
    image: ResolvedImage,
    access: pulumi.Input<pulumi.Unwrap<RegistryAccessArgs>[]>,
    tags: TagPolicy | undefined,
  ): ImageCopy {
    const existing = this.copies.get(image.target);
    if (existing) {
      if (existing.source !== image.source)
        throw new TargetCollisionError(image.target, [existing.source, image.source]);
      return existing.copy;
    }
    // Named by its source, which is the same on every machine; a chart that writes one image in two ways
    // (`nginx`, `library/nginx`) gives it a second target, which the name then tells too.
    const again = [...this.copies.values()].some(({ source }) => source === image.source);
    const path = image.target.slice(image.target.indexOf("/") + 1);
    const upstream = upstreamOf(parseReference(image.source), this.layout);
    const served = upstream !== undefined && !upstream.copied;
    const method = served ? CopyMethod.PullThrough : this.copyMethod;
    const copy = new ImageCopy(
      `${this.resourceName}/${image.source}${again ? ` as ${path}` : ""}`,
      {
        source: image.source,
        target: image.target,
        ...(image.digest !== undefined && { digest: image.digest }),
        ...(image.size !== undefined && { size: image.size }),
        ...(image.platforms !== undefined && { platforms: [...image.platforms] }),
        ...(method !== undefined && { method }),
        ...(tags !== undefined && { tags }),
        access: pulumi
          .all([served ? this.pullThroughAccess() : this.pushAccess, access])
          .apply(([own, others]) => [own, ...others]),
      },
      { parent: this, dependsOn: this.repositoryFor(image.target) },
    );
    this.copies.set(image.target, { source: image.source, copy });
    return copy;
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
  }
}
