import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import {
  authsOfSecret,
  DOCKER_CONFIG_KEY,
  DOCKER_CONFIG_TYPE,
  dockerConfigJson,
  NO_LOGINS,
} from "../cluster/dockerConfigSecret";
import { renderedTo } from "./providerSetting";
import { linkServiceAccount, parseAccount } from "./serviceAccountLink";
import { pullSecretFields } from "./argumentShapes";
import { checkArguments } from "../inputs/checkArguments";
import { ownComponent } from "../resource/ownTypes";
import type { PullCredentials } from "./pullCredentials";

export type { PullCredentials } from "./pullCredentials";

/** What components were given, by what they register of it: the SDK hands only that on to `initialize`. */
const GIVEN = new WeakMap<pulumi.Inputs, PullSecretArgs>();

function registered(args: PullSecretArgs): pulumi.Inputs {
  const shown = {};
  GIVEN.set(shown, args);
  return shown;
}

/** Arguments of {@link PullSecret}. */
export interface PullSecretArgs {
  /** Name of the Secret in the cluster. Stable, because the charts' values name it. */
  name: pulumi.Input<string>;
  /** Namespace of the Secret; the provider's default namespace when absent. A pod finds only secrets of its own. */
  namespace?: pulumi.Input<string>;
  /** More namespaces that get the same Secret, for pods that an operator makes there. They must exist. */
  namespaces?: string[];
  /** The logins. Passwords may be tokens or the JSON key of a `_json_key` user. */
  registries: pulumi.Input<pulumi.Input<PullCredentials>[]>;
  /**
   * Secrets of the cluster, as `name` or `namespace/name`, whose logins are put into this one too, for charts that take
   * one name only. They stay as they are.
   */
  include?: string[];
  /**
   * The logins are tokens that end by themselves, such as those of ECR: they are written when the Secret is created,
   * and left to whoever renews them ({@link PullSecretRefresher}), so that a new token is no change. Default: false.
   */
  expires?: boolean;
  /**
   * Service accounts whose pods get the Secret, for pods that no chart makes: `default` or `NAMESPACE/NAME`, in a
   * namespace of the Secret. It is added to the `imagePullSecrets` that they have, and taken out again alone. Accounts
   * that are missing are waited for, two minutes at most. It needs the package `@kubernetes/client-node`.
   */
  serviceAccounts?: string[];
  /**
   * Put the Secret among the `secrets` of these accounts too, as `oc secrets link --for=pull,mount` does: OpenShift's
   * builds find it there, and pods of accounts that may mount no others may mount it. Default: false.
   */
  mountable?: boolean;
}

/**
 * A docker-registry secret for one or several registries, in one or several namespaces.
 *
 * A changed login changes the Secret in place: at no moment is it missing.
 *
 * @example
 * ```ts
 * new PullSecret("pull", {
 *   name: "containerregistry",
 *   namespace: "appcircle",
 *   registries: [{ host: "registry.spacetech.com:8083", username: "robot", password: config.requireSecret("password") }],
 * });
 * ```
 */
export class PullSecret extends pulumi.ComponentResource<pulumi.Output<string>> {
  /** Name of the Secret, for `imagePullSecrets`. */
  readonly secretName: pulumi.Output<string>;

  constructor(name: string, args: PullSecretArgs, opts?: pulumi.ComponentResourceOptions) {
    checkArguments({ type: "PullSecret", name }, args, pullSecretFields);
    const own = ownComponent("PullSecret", opts);
    super(own.type, name, registered(args), own.opts);
    // The SDK resolves an Output inside a promise; its types do not know.
    this.secretName = pulumi.output(this.getData());
    this.registerOutputs({ secretName: this.secretName });
  }

  /** @internal */
  protected override async initialize(
    given: pulumi.Inputs,
    _opts: pulumi.ComponentResourceOptions,
    name: string,
  ): Promise<pulumi.Output<string>> {
    const args = GIVEN.get(given) ?? (given as unknown as PullSecretArgs);
    const { namespace, namespaces = [] } = args;
    const config = this.config(name, args);
    const whole = (await renderedTo(this)) !== undefined;
    const write = (as: string, where: pulumi.Input<string> | undefined) =>
      whole ? this.writeWhole(as, args, where, config) : this.write(as, args, where, config);
    // One after the other, and the release after all of them by its dependency on this component.
    const first = write(name, namespace);
    const written = new Map(namespaces.map((other) => [other, write(`${name}/${other}`, other)]));
    const { serviceAccounts = [], mountable } = args;
    for (const account of serviceAccounts) {
      const secret = written.get(parseAccount(account).namespace ?? "") ?? first;
      linkServiceAccount(
        `${name}/${account}`,
        { secretName: args.name, account, namespace: namespace ?? secret.metadata.namespace, mountable },
        // Once the Secret has its logins.
        { parent: this, dependsOn: secret },
      );
    }
    return first.metadata.name;
  }

  /** The logins, those of other Secrets among them. */
  private config(name: string, { registries, include = [], namespace }: PullSecretArgs): pulumi.Output<string> {
    const others = include.map((secret) => {
      const id = secret.includes("/") ? secret : pulumi.interpolate`${namespace ?? "default"}/${secret}`;
      const { data } = kubernetes.core.v1.Secret.get(`${name}/${secret}`, id, { parent: this });
      return data.apply((texts) => authsOfSecret(secret, texts ?? {}));
    });
    return pulumi.secret(
      pulumi.all([pulumi.output(registries), pulumi.all(others)]).apply(([own, auths]) => dockerConfigJson(own, auths)),
    );
  }

  /**
   * Two resources for one object: the provider replaces a Secret whose data changes, and since the name stays the same
   * it deletes it first, whereas a Patch is always applied in place. So the Secret owns the object's life, with data
   * that never change, and the patch owns the data.
   *
   * @see https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/provider/diff.go (forceNewProperties)
   */
  private write(
    name: string,
    args: PullSecretArgs,
    namespace: pulumi.Input<string> | undefined,
    config: pulumi.Output<string>,
  ): kubernetes.core.v1.SecretPatch {
    const metadata = { name: args.name, ...(namespace !== undefined && { namespace }) };
    const secret = new kubernetes.core.v1.Secret(
      name,
      { metadata, type: DOCKER_CONFIG_TYPE, data: { [DOCKER_CONFIG_KEY]: NO_LOGINS } },
      // Of a Secret made before there were two resources, whose data are a login: they stay what the state says.
      { parent: this, ignoreChanges: ["data"] },
    );
    return new kubernetes.core.v1.SecretPatch(
      `${name}-logins`,
      {
        metadata: { ...metadata, annotations: { "pulumi.com/patchForce": "true" } },
        type: DOCKER_CONFIG_TYPE,
        data: { [DOCKER_CONFIG_KEY]: config },
      },
      {
        parent: this,
        dependsOn: secret,
        // To give the field up would leave a Secret without what its type requires, which the API server refuses; the
        // Secret itself is deleted right after.
        retainOnDelete: true,
        ...(args.expires && { ignoreChanges: ["data"] }),
      },
    );
  }

  /**
   * One Secret with all that is in it, for a provider that writes objects into files: two resources for one object would be
   * one file, and the last of them all that is in it.
   */
  private writeWhole(
    name: string,
    args: PullSecretArgs,
    namespace: pulumi.Input<string> | undefined,
    config: pulumi.Output<string>,
  ): kubernetes.core.v1.Secret {
    const metadata = { name: args.name, ...(namespace !== undefined && { namespace }) };
    return new kubernetes.core.v1.Secret(
      name,
      { metadata, type: DOCKER_CONFIG_TYPE, data: { [DOCKER_CONFIG_KEY]: config } },
      { parent: this },
    );
  }
}
