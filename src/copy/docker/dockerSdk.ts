import type * as dockerConfig from "@pulumi/docker/config";
import type * as dockerProvider from "@pulumi/docker/provider";
import type * as dockerRegistryImage from "@pulumi/docker/registryImage";
import type * as dockerRemoteImage from "@pulumi/docker/remoteImage";
import type * as dockerTag from "@pulumi/docker/tag";
import { optionalPackage } from "../../inputs/optionalPackage";

/** The parts of `@pulumi/docker` that a copy by a Docker daemon needs. */
export interface DockerSdk {
  readonly RemoteImage: typeof dockerRemoteImage.RemoteImage;
  readonly Tag: typeof dockerTag.Tag;
  readonly RegistryImage: typeof dockerRegistryImage.RegistryImage;
  readonly Provider: typeof dockerProvider.Provider;
  /** The stack's own configuration of the provider. */
  readonly config: typeof dockerConfig;
}

/** @throws {MissingPackageError} when `@pulumi/docker` is not installed */
export function loadDocker(): DockerSdk {
  /* eslint-disable @typescript-eslint/no-require-imports -- an import would load it for those who do not use it */
  return optionalPackage("CopyMethod.Docker", "@pulumi/docker", () => ({
    ...(require("@pulumi/docker/remoteImage") as typeof dockerRemoteImage),
    ...(require("@pulumi/docker/tag") as typeof dockerTag),
    ...(require("@pulumi/docker/registryImage") as typeof dockerRegistryImage),
    ...(require("@pulumi/docker/provider") as typeof dockerProvider),
    config: require("@pulumi/docker/config") as typeof dockerConfig,
  }));
  /* eslint-enable @typescript-eslint/no-require-imports */
}
