import * as pulumi from "@pulumi/pulumi";
import type { ResourceManagerArgs } from "../../copy/imageCopy";
import { ownResource } from "../../resource/ownResource";

/** Arguments of {@link AcrTokenPassword}. */
export interface AcrTokenPasswordArgs {
  /** Name of the token in the registry, which is the user to log in as. */
  tokenName: pulumi.Input<string>;
  /** Resource id of the registry. */
  registryId: pulumi.Input<string>;
  /** Another text makes another password. The one before stays good until the next change after that. */
  rotation?: pulumi.Input<string>;
  /** A login in Azure; another one is no change. */
  resourceManager: pulumi.Input<ResourceManagerArgs>;
}

/**
 * A password of a token of an Azure Container Registry. Azure tells it once, when it is made, so it is kept in the
 * state, encrypted.
 *
 * @internal
 */
export class AcrTokenPassword extends pulumi.CustomResource {
  // Declared, not defined: a class field would overwrite what the SDK's constructor has set.
  /** Secret. */
  declare readonly password: pulumi.Output<string>;

  constructor(name: string, args: AcrTokenPasswordArgs, opts?: pulumi.CustomResourceOptions) {
    const own = ownResource("AcrTokenPassword", pulumi.mergeOptions({ additionalSecretOutputs: ["password"] }, opts));
    super(
      own.type,
      name,
      {
        tokenName: args.tokenName,
        registryId: args.registryId,
        rotation: args.rotation,
        resourceManager: pulumi.secret(args.resourceManager),
        password: undefined,
        passwordName: undefined,
        ...own.inputs,
      },
      own.opts,
    );
  }
}
