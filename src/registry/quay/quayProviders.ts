import type * as dynamic from "@pulumi/pulumi/dynamic";
import { defaultPermissionLifecycle } from "../../quay/defaultPermissionLifecycle";
import { organizationLifecycle } from "../../quay/organizationLifecycle";
import { proxyCacheLifecycle } from "../../quay/proxyCacheLifecycle";
import { repositoryLifecycle } from "../../quay/repositoryLifecycle";
import { robotLifecycle } from "../../quay/robotLifecycle";
import { teamLifecycle } from "../../quay/teamLifecycle";
import { KnownTokens, quayProvider, type QuayProviderDependencies } from "./quayProvider";

/** The names under which `pulumi-chart-mirror/provider` exports the providers. Frozen: states load them by these. */
export type QuayProviderName =
  "quayOrganization" | "quayProxyCache" | "quayRobot" | "quayTeam" | "quayDefaultPermission" | "quayRepository";

/** The dynamic providers of Quay's resources, which share what they know of tokens. */
export function quayProviders(
  dependencies: QuayProviderDependencies,
): Record<QuayProviderName, dynamic.ResourceProvider> {
  const tokens = new KnownTokens();
  return {
    quayOrganization: quayProvider(organizationLifecycle, dependencies, tokens),
    quayProxyCache: quayProvider(proxyCacheLifecycle, dependencies, tokens),
    quayRobot: quayProvider(robotLifecycle, dependencies, tokens),
    quayTeam: quayProvider(teamLifecycle, dependencies, tokens),
    quayDefaultPermission: quayProvider(defaultPermissionLifecycle, dependencies, tokens),
    quayRepository: quayProvider(repositoryLifecycle, dependencies, tokens),
  };
}
