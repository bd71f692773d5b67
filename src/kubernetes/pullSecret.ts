import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { DEFAULT_REGISTRY } from "../image/reference";

/** Login of one registry inside a pull secret. */
export interface PullCredentials {
  /** `host[:port]`, without scheme and path: the kubelet compares it with the image's host. */
  host: pulumi.Input<string>;
  username: pulumi.Input<string>;
  password: pulumi.Input<string>;
}

/** Arguments of {@link PullSecret}. */
export interface PullSecretArgs {
  /** Name of the Secret in the cluster. Stable, because the charts' values name it. */
  name: pulumi.Input<string>;
  /** Namespace of the Secret; the provider's default namespace when absent. A pod finds only secrets of its own. */
  namespace?: pulumi.Input<string>;
  /** One entry for each registry. */
  registries: pulumi.Input<pulumi.Input<PullCredentials>[]>;
}

/**
 * A Secret of type `kubernetes.io/dockerconfigjson`, what `kubectl create secret docker-registry` makes by hand.
 *
 * @see https://kubernetes.io/docs/concepts/configuration/secret/#docker-config-secrets
 * @example
 * ```ts
 * new PullSecret("pull", {
 *   name: "containerregistry",
 *   namespace: "appcircle",
 *   registries: [{ host: "registry.spacetech.com:8083", username: "robot", password: config.requireSecret("password") }],
 * });
 * ```
 */
export class PullSecret extends pulumi.ComponentResource {
  /** Name of the Secret, for `imagePullSecrets`. */
  readonly secretName: pulumi.Output<string>;

  constructor(name: string, args: PullSecretArgs, opts?: pulumi.ComponentResourceOptions) {
    super("pulumi-chart-mirror:index:PullSecret", name, args, opts);
    const secret = new kubernetes.core.v1.Secret(
      name,
      {
        metadata: { name: args.name, ...(args.namespace !== undefined && { namespace: args.namespace }) },
        type: "kubernetes.io/dockerconfigjson",
        data: { ".dockerconfigjson": pulumi.secret(pulumi.output(args.registries).apply(dockerConfigJson)) },
      },
      { parent: this },
    );
    this.secretName = secret.metadata.name;
    this.registerOutputs({ secretName: this.secretName });
  }
}

/** Docker Hub's historic key, the one that every client looks for. */
const DOCKER_HUB_KEY = "https://index.docker.io/v1/";

/** The base64 text of a docker config with these logins; entries sorted by host, so that order makes no diff. */
export function dockerConfigJson(registries: readonly pulumi.Unwrap<PullCredentials>[]): string {
  const auths = [...registries]
    .sort((a, b) => (a.host < b.host ? -1 : 1))
    .map(({ host, username, password }) => [
      host === DEFAULT_REGISTRY ? DOCKER_HUB_KEY : host,
      { username, password, auth: Buffer.from(`${username}:${password}`).toString("base64") },
    ]);
  return Buffer.from(JSON.stringify({ auths: Object.fromEntries(auths) as unknown })).toString("base64");
}
