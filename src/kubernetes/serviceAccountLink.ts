import * as pulumi from "@pulumi/pulumi";
import type { JsonObject } from "../json";
import { ObjectContribution } from "./contribution/objectContribution";

/** A pull secret in a service account. */
export interface ServiceAccountLink {
  /** Name of the Secret. */
  readonly secretName: pulumi.Input<string>;
  /** `NAME` or `NAMESPACE/NAME`. */
  readonly account: string;
  /** Namespace of an account that is named without one; that of the kubeconfig's context when absent. */
  readonly namespace: pulumi.Input<string> | undefined;
  /** Put it among the secrets that pods of the account may mount as well. */
  readonly mountable?: boolean | undefined;
}

/** Adds a Secret to the ones that a service account gives its pods to pull with. */
export function linkServiceAccount(
  name: string,
  { secretName, account, namespace, mountable = false }: ServiceAccountLink,
  opts: pulumi.CustomResourceOptions,
): ObjectContribution {
  const { name: accountName, namespace: own = namespace } = parseAccount(account);
  const contribution = pulumi.output(secretName).apply((name): JsonObject => {
    const item = { name };
    return { imagePullSecrets: [item], ...(mountable && { secrets: [item] }) };
  });
  return new ObjectContribution(
    name,
    {
      apiVersion: "v1",
      kind: "ServiceAccount",
      name: accountName,
      namespace: own,
      contribution,
    },
    opts,
  );
}

/** Reads `NAME` or `NAMESPACE/NAME`. */
export function parseAccount(account: string): { name: string; namespace?: string } {
  const slash = account.indexOf("/");
  return slash < 0 ? { name: account } : { namespace: account.slice(0, slash), name: account.slice(slash + 1) };
}
