import type * as dynamic from "@pulumi/pulumi/dynamic";
import type { EngineLog } from "../../resource/engineLog";
import { lifecycleProvider } from "../../resource/lifecycleProvider";
import { defaultPermissionLifecycle } from "../lifecycle/defaultPermissionLifecycle";
import { organizationLifecycle } from "../lifecycle/organizationLifecycle";
import { proxyCacheLifecycle } from "../lifecycle/proxyCacheLifecycle";
import type { QuayInputs, QuayLifecycle } from "../lifecycle/quayLifecycle";
import { repositoryLifecycle } from "../lifecycle/repositoryLifecycle";
import { robotLifecycle } from "../lifecycle/robotLifecycle";
import { teamLifecycle } from "../lifecycle/teamLifecycle";
import { quayService, type QuayServiceDependencies } from "./quayService";

/** The names under which `pulumi-chart-mirror/provider` exports the providers. Frozen: states load them by these. */
export type QuayProviderName =
  "quayOrganization" | "quayProxyCache" | "quayRobot" | "quayTeam" | "quayDefaultPermission" | "quayRepository";

/** The dynamic providers of Quay's resources, which share what they know of tokens. */
export function quayProviders({
  log,
  ...dependencies
}: QuayServiceDependencies & { log: EngineLog }): Record<QuayProviderName, dynamic.ResourceProvider> {
  const service = quayService(dependencies);
  const provider = <Inputs extends QuayInputs, Outputs extends Inputs>(lifecycle: QuayLifecycle<Inputs, Outputs>) =>
    lifecycleProvider(lifecycle, service, log);
  return {
    quayOrganization: provider(organizationLifecycle),
    quayProxyCache: provider(proxyCacheLifecycle),
    quayRobot: provider(robotLifecycle),
    quayTeam: provider(teamLifecycle),
    quayDefaultPermission: provider(defaultPermissionLifecycle),
    quayRepository: provider(repositoryLifecycle),
  };
}
