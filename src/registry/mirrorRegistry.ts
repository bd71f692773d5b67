import * as pulumi from "@pulumi/pulumi";
import { ChartPush, type ChartPushArgs } from "../copy/chartPush";
import { CopyMethod } from "../copy/copyMethod";
import type { RegistryAccessArgs } from "../copy/imageCopy";
import type { ImageInMirror } from "../copy/imageInMirror";
import { MirrorError, MirrorErrors } from "../error";
import type { PullCredentials } from "../kubernetes/pullSecret";
import type { LayoutOptions, MirrorAddress } from "../plan/layout";
import type { PlannedImage } from "../plan/relocationPlan";
import type { ResolvedImage } from "../plan/resolvedPlan";
import { withHiddenKeys } from "../inputs/hiddenKeys";
import { isMade } from "../inputs/isMade";
import { UnknownInputError } from "../inputs/knownNow";
import { planFailure } from "../inputs/planFailure";
import { isPlugin, ownComponent } from "../resource/ownTypes";
import { RegistryCopies, type MirrorImagesOptions } from "./registryCopies";
import type { RegistryReference } from "./registryReference";

export { PlatformCollisionError, type MirrorImagesOptions } from "./registryCopies";

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

  /** Whether the update itself makes the repositories that images are pushed to, and with them the right to do so. */
  readonly makesRepositories: boolean = false;

  /** Who brings images that the registry does not serve through itself. Default: `CopyMethod.Process`. */
  protected readonly copyWith: CopyMethod | undefined;

  /** The ways in which images can come to a registry of this kind. */
  protected readonly copyMethods: readonly CopyMethod[] = [
    CopyMethod.Process,
    CopyMethod.Kubernetes,
    CopyMethod.PullThrough,
    CopyMethod.Docker,
  ];

  /**
   * What children wait for: the component's own `dependsOn`, which the SDK does not hand to them, and the check of its
   * arguments, since an update without a preview begins with them at once.
   */
  protected get waitsFor(): readonly pulumi.Input<pulumi.Resource>[] {
    if (!this.checked) {
      this.checked = this.check();
      // Children report it; without any, a registry that nobody uses must not fail the program.
      this.checked.catch(() => undefined);
    }
    // The SDK takes a list within the list, which its types do not say.
    return [...this.dependencies, this.checked as unknown as Promise<pulumi.Resource>];
  }

  private readonly dependencies: readonly pulumi.Input<pulumi.Resource>[];
  private checked: Promise<readonly pulumi.Resource[]> | undefined;

  /** Ends when the address is known, with which the arguments have been checked. Nothing is to be waited for then. */
  private async check(): Promise<readonly pulumi.Resource[]> {
    try {
      await this.address;
    } catch (error) {
      // What a preview does not know yet, the update does.
      if (!(pulumi.runtime.isDryRun() && error instanceof UnknownInputError)) throw planFailure(error, [], this);
    }
    return [];
  }

  /** What its {@link reference} says besides address, layout and logins of sources. */
  protected abstract readonly shared: pulumi.Input<Partial<RegistryReference>>;

  private copies: RegistryCopies | undefined;
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
      const sourceAccess =
        this.sourceAccess.length > 0
          ? pulumi.secret(this.sourceAccess.map((access) => withHiddenKeys(access)))
          : undefined;
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
   * Registers outputs of the component. In the plugin its {@link reference} is one of them, by which releases that another
   * process of the plugin serves find the registry.
   */
  protected registerWithReference(outputs: pulumi.Inputs): void {
    if (!isPlugin()) return this.registerOutputs(outputs);
    // What is wrong with its address is told by whoever asks for it.
    const told = this.address.then(
      () => this.reference,
      (error: unknown) => (error instanceof UnknownInputError ? this.reference : undefined),
    );
    this.registerOutputs({ ...outputs, reference: pulumi.output(told) });
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
    return this.registryCopies().bring(images, access, options);
  }

  /**
   * A chart pushed into this registry, by the first release that asks for it.
   *
   * @throws {ChartCollisionError} when another chart has its name and version
   */
  mirrorChart({ file, target, version, digest }: ChartInMirror): ChartPush {
    const existing = this.pushOf({ target, digest });
    if (existing) return existing;
    const push = new ChartPush(
      `${this.resourceName}/${target.slice(target.indexOf("/") + 1)}`,
      { file, target, version, digest, access: this.pushAccess.apply((own) => [own]) },
      // As copies of images: what is deleted of it is no chart.
      { parent: this, protect: false, dependsOn: [...this.waitsFor, ...this.repositoryFor(target)] },
    );
    this.charts.set(target, { digest, push });
    return push;
  }

  /**
   * Refuses what {@link mirrorImages} and {@link mirrorChart} would refuse of a release. Asked before any of it is
   * registered, since an update without a preview begins with that at once.
   *
   * @throws as those two
   */
  refuseRelease(
    images: readonly ResolvedImage[],
    charts: readonly ChartInMirror[],
    options: MirrorImagesOptions = {},
  ): void {
    for (const chart of charts) this.pushOf(chart);
    this.registryCopies().check(images, options);
  }

  /**
   * Who brings the images of a release that are not served through the registry: as the release says, or the registry
   * itself.
   *
   * @internal
   */
  copyMethodFor({ copyWith }: Pick<MirrorImagesOptions, "copyWith">): CopyMethod | undefined {
    return copyWith ?? this.copyWith;
  }

  /** Whether the registry is there to be asked: in previews it may be something that the update is going to make. */
  async isThere(): Promise<boolean> {
    return (await Promise.all([...this.waitsFor, ...this.itself].map(isMade))).every(Boolean);
  }

  /** The registry as a resource, where the component makes it. */
  protected get itself(): readonly pulumi.Resource[] {
    return [];
  }

  private registryCopies(): RegistryCopies {
    // Whoever asks for images has awaited the address, with which all else that a registry tells of itself is whole.
    this.copies ??= new RegistryCopies({
      name: this.resourceName,
      parent: this,
      layout: this.layout,
      copyWith: this.copyWith,
      copyMethods: this.copyMethods,
      pushAccess: this.pushAccess,
      pullThroughAccess: () => this.pullThroughAccess(),
      repositoryFor: (target) => this.repositoryFor(target),
      optionsProblem: (options) => this.optionsProblem(options),
      waitsFor: this.waitsFor,
    });
    return this.copies;
  }

  /** The push that another release has asked for. @throws {ChartCollisionError} */
  private pushOf({ target, digest }: Pick<ChartInMirror, "target" | "digest">): ChartPush | undefined {
    const existing = this.charts.get(target);
    if (existing && existing.digest !== digest) throw new ChartCollisionError(target);
    return existing?.push;
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

  /** Why images cannot be mirrored so; undefined when they can. */
  protected optionsProblem(_options: Pick<MirrorImagesOptions, "referrers">): MirrorError | undefined {
    return undefined;
  }

  /** Why an image cannot have that target; undefined when it can. */
  protected targetProblem(_source: string, _target: string): MirrorError | undefined {
    return undefined;
  }

  /**
   * How the address that pods pull from is spoken to, whatever the login: not where images are written, if that is
   * another place, and with none of this machine's logins.
   */
  pullReach(): pulumi.Output<Pick<pulumi.Unwrap<RegistryAccessArgs>, "host" | "kind" | "plainHttp" | "caCertificate">> {
    return this.pullThroughAccess().apply((access) => {
      const { host, kind, plainHttp, caCertificate } = access;
      const { hidden } = access as { readonly hidden?: string[] };
      return { host, kind, plainHttp, caCertificate, ...(hidden && { hidden }) };
    });
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
    kind: string,
    protected readonly resourceName: string,
    args: pulumi.Inputs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    const own = ownComponent(kind, opts);
    super(own.type, resourceName, args, own.opts);
    this.dependencies = [opts?.dependsOn ?? []].flat() as pulumi.Input<pulumi.Resource>[];
  }
}
