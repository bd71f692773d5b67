import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { parseReference, formatReference } from "../image/reference";
import { targetReference } from "../plan/layout";
import type { PlannedImage } from "../plan/relocationPlan";
import type { MirrorRegistry } from "../registry/mirrorRegistry";
import { PullCheck } from "../kubernetes/pullCheck";
import { PullSecret, type PullCredentials } from "../kubernetes/pullSecret";
import { PullSecretRefresher, REFRESHER_IMAGE, type PullSecretRefreshOptions } from "../kubernetes/pullSecretRefresher";
import { linkServiceAccount } from "../kubernetes/serviceAccountLink";

/** How the pods get the login of the mirror. */
export interface PullSecretOptions {
  /** Name of the Secret, which the chart's values get. Default: `<name of the mirror>-pull`. */
  name?: string;
  /** Whether the mirror creates the Secret. With false, a Secret of that name must be there already. Default: true. */
  create?: boolean;
  /** Make no Secret and set no value: nodes pull with their own identity, or without a login. Default: false. */
  disabled?: boolean;
  /**
   * More namespaces that get the Secret, for pods that operators make there. With `createNamespace` those that are
   * missing are created; they stay when the mirror is destroyed.
   */
  namespaces?: string[];
  /** Logins of other registries, for the same Secret. */
  registries?: pulumi.Input<PullCredentials>[];
  /** Secrets of the cluster, as `name` or `namespace/name`, whose logins are put into this one too. */
  include?: string[];
  /**
   * Service accounts that get the Secret, as `NAME` in the release's namespace or `NAMESPACE/NAME`, for pods that
   * operators make later, and in place of a patched chart for pods that no value of the chart reaches. It is added to
   * what they have. They must be there before the release, as `default` is; those that the chart itself makes are
   * linked after it, and its own pods of them get the Secret through the chart.
   */
  serviceAccounts?: string[];
  /** Put the Secret among the secrets that pods of these accounts may mount as well, as on OpenShift. Default: false. */
  mountable?: boolean;
  /** How the login is renewed where it ends by itself, as that of ECR does. */
  refresh?: PullSecretRefreshOptions;
  /** Try the login for each image before the release is touched. Default: true. */
  check?: boolean;
}

/** Arguments that decide how the pods of a release get the mirror's login. */
export interface PullAccessArgs {
  readonly registry: MirrorRegistry;
  readonly options: PullSecretOptions;
  readonly secretName: string;
  /** Namespace of the release. */
  readonly namespace: pulumi.Input<string> | undefined;
  readonly createNamespace: boolean;
  /** Those of the service accounts that the chart makes: they are not there yet. */
  readonly chartAccounts: readonly string[];
  /** What the pods pull. */
  readonly targets: readonly string[];
  /** The copies of those images. */
  readonly copies: readonly pulumi.Resource[];
  /** Logins of source registries. */
  readonly sourceAccess: Parameters<MirrorRegistry["mirrorImages"]>[1];
  /** What renews the login; undefined where nothing does. */
  readonly refresher?: PlannedImage | undefined;
}

/**
 * The image that renews the login of a release, which goes into the mirror as all that the cluster runs; undefined where
 * nothing renews one.
 *
 * @throws {InvalidReferenceError}
 */
export async function refresherImage(
  registry: MirrorRegistry,
  { disabled, create, refresh }: PullSecretOptions,
): Promise<PlannedImage | undefined> {
  if (disabled || create === false || refresh?.enabled === false) return undefined;
  const address = await registry.address;
  if (!registry.pullCredentials || !registry.pullTokenExpires) return undefined;
  const source = parseReference(refresh?.image ?? REFRESHER_IMAGE);
  return { source: formatReference(source), target: targetReference(source, address, registry.layout), locations: [] };
}

/**
 * All that lets the pods of a release pull from a registry with a login: the Secret in their namespaces, its renewal,
 * and the trial of the login.
 *
 * @returns what the release must wait for; nothing where nodes need no login
 */
export function createPullAccess(name: string, args: PullAccessArgs, parent: pulumi.Resource): pulumi.Resource[] {
  const { registry, options, secretName, namespace, refresher, copies } = args;
  const login = registry.pullCredentials;
  if (login === undefined) return [];
  const { namespaces = [], registries = [], include, refresh, mountable } = options;
  const accounts = (options.serviceAccounts ?? []).filter((account) => !args.chartAccounts.includes(account));
  if (options.create === false)
    return accounts.map((account) =>
      linkServiceAccount(
        `${name}-pull/${account}`,
        { secretName, account, namespace, mountable },
        { parent, dependsOn: [...copies] },
      ),
    );
  const where = { ...(namespace !== undefined && { namespace }), namespaces };
  // Nothing in the cluster is touched before the images are there and the login has worked: pods that run meanwhile keep
  // the Secret that they have.
  const checks = options.check === false ? [] : [checkPull(name, args, login, parent)];
  const dependsOn: pulumi.Resource[] = [...copies, ...checks];
  if (args.createNamespace) {
    const opts = { parent, dependsOn: [...dependsOn] };
    if (namespace !== undefined) dependsOn.push(createNamespace(name, namespace, opts));
    for (const other of namespaces) dependsOn.push(createNamespace(`${name}/${other}`, other, opts));
  }
  const secret = new PullSecret(
    `${name}-pull`,
    {
      name: secretName,
      ...where,
      registries: [login, ...registries],
      ...(include && { include }),
      ...(accounts.length > 0 && { serviceAccounts: accounts }),
      ...(mountable !== undefined && { mountable }),
      ...(registry.pullTokenExpires && { expires: true }),
    },
    { parent, dependsOn },
  );
  const ready: pulumi.Resource[] = [...checks, secret];
  if (refresher) {
    // Those two have been read in `refresherImage`.
    const { enabled: _enabled, image: _image, ...schedule } = refresh ?? {};
    const held = registry.mirrorImages([refresher], args.sourceAccess);
    ready.push(
      new PullSecretRefresher(
        `${name}-pull`,
        {
          ...schedule,
          secretName,
          ...where,
          host: login.apply(({ host }) => host),
          registries,
          image: refresher.target,
        },
        { parent, dependsOn: [secret, ...held.map(({ resource }) => resource)] },
      ),
    );
  }
  return ready;
}

/**
 * A patch, since it does both: it creates the namespace and it takes one that is there already. As with `helm install
 * --create-namespace`, the namespace outlives the release.
 */
export function createNamespace(
  name: string,
  namespace: pulumi.Input<string>,
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
  return new kubernetes.core.v1.NamespacePatch(
    `${name}-namespace`,
    { metadata: { name: namespace } },
    { ...opts, retainOnDelete: true },
  );
}

function checkPull(
  name: string,
  { registry, targets, copies }: PullAccessArgs,
  login: pulumi.Output<pulumi.Unwrap<PullCredentials>>,
  parent: pulumi.Resource,
): PullCheck {
  const access = pulumi
    .all([registry.pullReach(), login])
    .apply(([reach, { username, password }]) => ({ ...reach, username, password }));
  return new PullCheck(
    `${name}-pull`,
    { targets: [...new Set(targets)].sort(), access },
    { parent, dependsOn: [...copies] },
  );
}
