import type { RegistryAccess } from "../../oci/transport/access";
import type { UpstreamMapping } from "../../plan/layout";
import type { ChartOptions } from "../analysis/analysis";

/** What to copy, and where to. */
export interface SelectionOptions extends ChartOptions {
  readonly chart?: string;
  readonly keepHost?: boolean;
  /** What the mirror serves through itself, which is not copied. */
  readonly upstream?: readonly UpstreamMapping[];
  readonly ignoreImage: readonly string[];
  readonly confirm?: boolean;
  /** Whether charts get the values that StackState's script gives to each. */
  readonly scriptValues?: boolean;
  /** How registries are reached, such as that of an `oci://` chart. Default: as this machine reaches them. */
  readonly access?: readonly RegistryAccess[];
}
