import { identityOf, type Manifest } from "../render/kubernetesManifest";
import { serviceAccountOf, type Pod } from "../find/pods";

/** Service accounts that get a release's pull secret by other means than the chart. */
export interface LinkedAccounts {
  /** `NAME` in the release's namespace, or `NAMESPACE/NAME`. */
  readonly names: readonly string[];
  /** Namespace of the release. */
  readonly namespace: string;
}

/**
 * Whether a pod gets the secret through a linked account. One that the chart itself makes does not count: its pods are
 * made together with it, before anybody can link it.
 */
export function isLinked(pod: Pod, manifests: readonly Manifest[], accounts: LinkedAccounts | undefined): boolean {
  if (!accounts) return false;
  const account = placeOf(serviceAccountOf(pod), pod.object.namespace, accounts);
  return (
    accounts.names.some((name) => placeOfName(name, accounts) === account) && !madeBy(manifests, accounts).has(account)
  );
}

/** Those of the linked accounts that the chart makes, so that they can be linked only after it is deployed. */
export function chartAccounts(manifests: readonly Manifest[], accounts: LinkedAccounts | undefined): string[] {
  if (!accounts) return [];
  const made = madeBy(manifests, accounts);
  return accounts.names.filter((name) => made.has(placeOfName(name, accounts)));
}

function madeBy(manifests: readonly Manifest[], accounts: LinkedAccounts): Set<string> {
  return new Set(
    manifests.flatMap(({ object }) => {
      if (object.kind !== "ServiceAccount") return [];
      const { name, namespace } = identityOf(object);
      return [placeOf(name, namespace, accounts)];
    }),
  );
}

const placeOf = (name: string, namespace: string | undefined, accounts: LinkedAccounts): string =>
  `${namespace ?? accounts.namespace}/${name}`;

const placeOfName = (name: string, accounts: LinkedAccounts): string =>
  name.includes("/") ? name : placeOf(name, undefined, accounts);
