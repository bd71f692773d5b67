import * as pulumi from "@pulumi/pulumi";
import { MirrorError } from "../../error";
import { parsePlatform } from "../../image/platform";
import { formatReference, parseReference, type ImageReference } from "../../image/reference";
import { localRegistries } from "../../machine/localRegistries";
import { systemKeychain } from "../../oci/auth/systemKeychain";
import type { Registries } from "../../oci/registries";
import { ownValue } from "../../ownKeys";
import { planFailure } from "../../inputs/planFailure";
import type { ImageCopyArgs } from "../imageCopy";
import { registryAccess, type AccessInput } from "../imageCopyInputs";
import { lookUpDaemonImages, type DaemonImage } from "./daemonImage";
import { daemonLogins, DockerLoginImpossibleError, hostOf, type DaemonLogin } from "./daemonLogins";
import { describeDaemonImages } from "./describeDaemonImages";
import { loadDocker, type DockerSdk } from "./dockerSdk";
import { componentLog } from "../../resource/componentLog";

/** One image that a daemon is to bring. */
export interface DaemonCopy {
  readonly source: string;
  readonly target: string;
  /** Of the source, with all its platforms. */
  readonly digest?: string;
}

/** What the copies of a daemon have in common. */
export interface DockerDaemonArgs {
  readonly copies: readonly DaemonCopy[];
  /** Logins of sources. Secret. */
  readonly sourceAccess: pulumi.Output<AccessInput[]>;
  /** Login of the targets' registry. Secret. */
  readonly pushAccess: pulumi.Output<AccessInput>;
  /** The one platform to bring, as `os/architecture[/variant]`; undefined for the daemon's own. */
  readonly platform: string | undefined;
  readonly parent: pulumi.Resource;
}

/** An image that a daemon has brought. */
export interface DaemonPush {
  /** Of what was pushed: not that of the source, since a daemon packs layers anew. Unknown before. */
  readonly digest: pulumi.Output<string>;
  /** What was to be pushed. */
  readonly image: pulumi.Output<DaemonImage>;
  readonly resource: pulumi.Resource;
}

/**
 * A Docker daemon that brings images into mirrors, through resources of `@pulumi/docker`.
 *
 * It is the daemon of the docker provider that the parent inherits, or else the one of the stack's configuration and of
 * `DOCKER_HOST`, with the logins of these copies.
 */
export class DockerDaemon {
  private readonly sdk: DockerSdk;
  private readonly options: pulumi.CustomResourceOptions;
  private readonly images: pulumi.Output<Record<string, DaemonImage>>;
  /** The addresses of registries that are reached elsewhere than at their own host (`location`). Not secret, unlike the logins. */
  private readonly locations: pulumi.Output<Record<string, string>>;

  /** @throws {MissingPackageError} when `@pulumi/docker` is not installed */
  constructor(
    name: string,
    private readonly args: DockerDaemonArgs,
  ) {
    const { parent, sourceAccess, pushAccess } = args;
    this.sdk = loadDocker();
    this.images = pulumi.unsecret(sourceAccess.apply((access) => lookUp(access, args)));
    const access = pulumi.all([pushAccess, sourceAccess]).apply(([own, others]) => [own, ...others] as AccessInput[]);
    this.locations = pulumi.unsecret(
      access.apply((entries) =>
        Object.fromEntries(entries.flatMap(({ host, location }) => (location === undefined ? [] : [[host, location]]))),
      ),
    );
    const inherited = parent.getProvider("docker:index/remoteImage:RemoteImage");
    // They keep what they have brought, so that a registry's `protect` has nothing to protect in them.
    this.options = { parent, protect: false, ...(!inherited && { provider: this.createProvider(name, access) }) };
  }

  /**
   * Makes the resources that bring one image.
   *
   * @param dependsOn what must be there before the push
   */
  bring(
    name: string,
    { source, target }: Pick<DaemonCopy, "source" | "target">,
    dependsOn: pulumi.Input<pulumi.Resource>[],
  ): DaemonPush {
    const { options, sdk } = this;
    const { platform } = this.args;
    const image = this.images.apply((images) => ownValue(images, source) ?? {});
    const from = this.nameOf(
      image.apply(({ digest }) => {
        const { tag, ...reference } = parseReference(source);
        // By its digest, which means one platform: a daemon that has something under a tag pulls it no more.
        return { ...reference, ...(digest === undefined ? tag !== undefined && { tag } : { digest }) };
      }),
    );
    const to = this.nameOf(pulumi.output(parseReference(target)));
    const pulled = new sdk.RemoteImage(
      name,
      {
        name: from,
        platform,
        pullTriggers: image.apply(({ digest }) => (digest === undefined ? undefined : [digest])),
        // It may be somebody else's too, and the next image shares its layers.
        keepLocally: true,
      },
      options,
    );
    const tag = new sdk.Tag(name, { sourceImage: from, targetImage: to }, { ...options, dependsOn: [pulled] });
    const pushed = new sdk.RegistryImage(
      name,
      {
        name: to,
        // Running pods may still need it.
        keepRemotely: true,
        triggers: image.apply(({ digest }) => (digest === undefined ? undefined : { digest })),
      },
      { ...options, dependsOn: [tag, ...dependsOn] },
    );
    return { digest: pushed.sha256Digest, image, resource: pushed };
  }

  /** The name by which a daemon reaches an image. */
  private nameOf(reference: pulumi.Output<ImageReference>): pulumi.Output<string> {
    return pulumi
      .all([reference, this.locations])
      .apply(([image, locations]) =>
        formatReference({ ...image, registry: ownValue(locations, image.registry) ?? image.registry }),
      );
  }

  private createProvider(name: string, access: pulumi.Output<AccessInput[]>): pulumi.ProviderResource {
    const { parent } = this.args;
    const { host, context, certPath, caMaterial, certMaterial, keyMaterial, sshOpts } = this.sdk.config;
    const registryAuth = access
      .apply((entries) => logins(entries, this.args))
      .apply((own) => withStackLogins(this.sdk, own));
    const daemon = { host, context, certPath, caMaterial, certMaterial, keyMaterial, sshOpts };
    return new this.sdk.Provider(name, { ...daemon, registryAuth: pulumi.secret(registryAuth) }, { parent });
  }
}

/** What an `ImageCopy` is told of an image that a daemon has pushed: digests to compare the mirror with. */
export function daemonCopyArgs({
  digest,
  image,
}: DaemonPush): Pick<ImageCopyArgs, "digest" | "size" | "platforms" | "configs"> {
  // An Output of undefined is no property; the SDK's types do not say so.
  const read = <T>(field: (image: DaemonImage) => T | undefined) => image.apply(field) as pulumi.Output<T>;
  return {
    digest,
    size: read(({ size }) => size),
    platforms: read(({ platforms }) => platforms && [...platforms]),
    configs: read(({ configs }) => configs && [...configs]),
  };
}

async function lookUp(
  access: readonly AccessInput[],
  { copies, platform, parent }: DockerDaemonArgs,
): Promise<Record<string, DaemonImage>> {
  const registries = localRegistries(access.map(registryAccess));
  try {
    const wish = platform === undefined ? undefined : parsePlatform(platform);
    const images = await lookUpDaemonImages(copies, registries, wish);
    if (pulumi.runtime.isDryRun()) await componentLog.info(describeDaemonImages(images), parent);
    return images;
  } catch (error) {
    throw planFailure(error, [], parent);
  } finally {
    registries.close();
  }
}

async function logins(access: readonly AccessInput[], { copies, parent }: DockerDaemonArgs): Promise<DaemonLogin[]> {
  const opened: Registries[] = [];
  const registriesFor = (entries: readonly AccessInput[]): Registries => {
    const registries = localRegistries(entries.map(registryAccess));
    opened.push(registries);
    return registries;
  };
  const hosts = {
    pulledFrom: copies.map(({ source }) => parseReference(source).registry),
    pushedTo: copies.map(({ target }) => parseReference(target).registry),
  };
  try {
    return await daemonLogins(access, hosts, { registriesFor, keychain: systemKeychain(process.env) });
  } catch (error) {
    // A registry that this update is to make exchanges no token yet.
    const later = pulumi.runtime.isDryRun() && error instanceof MirrorError;
    if (later && !(error instanceof DockerLoginImpossibleError)) return pulumi.unknown as unknown as DaemonLogin[];
    throw planFailure(error, [], parent);
  } finally {
    for (const registries of opened) registries.close();
  }
}

/** The logins of the stack's configuration too, for hosts that the program gives none for. */
function withStackLogins({ config }: DockerSdk, own: readonly DaemonLogin[]): DaemonLogin[] {
  const given = new Set(own.flatMap(({ address, password }) => (password === undefined ? [] : [hostOf(address)])));
  const stack = (config.registryAuth ?? []).filter(({ address }) => !given.has(hostOf(address)));
  const inStack = new Set(stack.map(({ address }) => hostOf(address)));
  return [...own.filter(({ address }) => !inStack.has(hostOf(address))), ...stack];
}
