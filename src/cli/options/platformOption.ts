import { formatPlatform, type Platform } from "../../image/platform";
import type { LayoutOptions } from "../../plan/layout";
import { parsePlatforms, type PlatformChoice } from "../../plan/platformChoice";

/** The option of the commands that copy, or plan for mirrors that hold, some platforms alone. */
export interface PlatformOption {
  readonly platform?: readonly Platform[];
}

/** The platforms that alone are copied; undefined where the command line asks for all. */
export function platformChoice(
  { platform = [] }: PlatformOption,
  layout: Pick<LayoutOptions, "upstreams">,
): Pick<PlatformChoice, "platforms" | "layout"> | undefined {
  const platforms = parsePlatforms(platform.map(formatPlatform));
  return platforms && { platforms, layout };
}
