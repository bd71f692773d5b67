import * as pulumi from "@pulumi/pulumi";
import type { AwsSdk } from "./awsSdk";
import { kindToTell, type RegistryKind } from "../../oci/profiles/registryProfiles";
import { ecrHost } from "./awsPartition";

/** A login of ECR. Ends after twelve hours. */
export interface EcrLogin {
  readonly host: string;
  readonly username: string;
  readonly password: string;
  /** Where the host's name does not tell it. */
  readonly kind?: RegistryKind;
}

/** The login by the inherited provider, another one in each run. Secret. */
export function ecrLogin(
  aws: AwsSdk,
  account: pulumi.Input<string>,
  region: pulumi.Input<string>,
  /** Where to ask, where that is not the provider's own region. */
  inRegion: { region?: pulumi.Input<string> },
  parent: pulumi.Resource,
): pulumi.Output<EcrLogin> {
  const token = aws.ecr.getAuthorizationTokenOutput({ registryId: account, ...inRegion }, { parent });
  const host = pulumi.all([account, region]).apply(([of, at]) => ecrHost(of, at));
  const kind = host.apply((at) => kindToTell(at, "ecr"));
  return pulumi.secret({ host, kind, username: token.userName, password: token.password });
}
